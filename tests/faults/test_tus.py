"""The resumable door, spoken to by a client of the protocol that knows nothing of us."""

import io
from uuid import uuid4

from tusclient.client import TusClient
from tusclient.uploader.uploader import Uploader

from tests import fixtures
from tests.faults.conftest import Case
from tests.visitor import CSRF

PIECE = 1 << 20


def uploader(case: Case, content: bytes, *, url: str = "", file_id: str = "") -> Uploader:
    sender = case.sender
    headers = {"Cookie": sender.cookie(), "X-CSRFToken": sender.cookies[CSRF]}
    client = TusClient(f"{case.stack.url}/uploads/", headers=headers)
    told = {"matter": case.matter, "id": file_id or str(uuid4()), "filename": "carta.jpg"}
    more = {"url": url} if url else {"metadata": told}
    return client.uploader(file_stream=io.BytesIO(content), chunk_size=PIECE, upload_checksum=True, **more)


def photo() -> bytes:
    """A few pieces of a photo that is like no other."""
    return fixtures.jpeg(2000, 1500) + uuid4().bytes + bytes(3 * PIECE)


def test_it_sends_a_file_and_the_file_is_made_ready(marias: Case) -> None:
    content = photo()
    uploader(marias, content).upload()
    marias.becomes("ready", content)


def test_it_goes_on_where_another_stopped(marias: Case) -> None:
    content = photo()
    first = uploader(marias, content)
    first.upload_chunk()
    first.upload_chunk()
    second = uploader(marias, content, url=str(first.url))
    assert second.offset == 2 * PIECE
    second.upload()
    assert len(marias.documents(content)) == 1


def test_it_begins_the_same_file_again_and_is_told_where(marias: Case) -> None:
    content, file_id = photo(), str(uuid4())
    first = uploader(marias, content, file_id=file_id)
    first.upload_chunk()
    second = uploader(marias, content, file_id=file_id)
    assert second.create_url() == first.url
