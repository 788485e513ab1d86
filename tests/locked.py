"""PDFs that came locked, and the way through the door for them."""

import io
from collections.abc import Mapping
from typing import Final, Literal

import pikepdf

from accounts.models import User
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.intake.unlocking import unlock
from documents.models import Document
from tests.conftest import simple_pdf

PASSWORD = "secreto de tia 77"  # nothing in it that could be written in two ways: tests look for it everywhere
LOCKS: Final[dict[str, tuple[Literal[2, 3, 4, 6], bool]]] = {
    "RC4, 40 bits": (2, False), "RC4, 128 bits": (3, False), "AES-128": (4, True), "AES-256": (6, True),
}  # fmt: skip


def locked(
    content: bytes = b"",
    *,
    user: str = PASSWORD,
    owner: str = "la oficina",
    lock: str = "AES-256",
    attached: Mapping[str, bytes] | None = None,
    says: str = "",
    linearize: bool = False,
) -> bytes:
    """A PDF under a lock. `attached`: files inside it; `says`: what its properties say. `linearize`: made for the web,
    with its lock at the beginning."""
    revision, aes = LOCKS[lock]
    pdf, into = pikepdf.open(io.BytesIO(content or simple_pdf(2))), io.BytesIO()
    for name, file in (attached or {}).items():
        pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, file)
    pdf.docinfo["/Subject"] = says
    encryption = pikepdf.Encryption(user=user, owner=owner, R=revision, aes=aes, metadata=aes)
    pdf.save(into, encryption=encryption, linearize=linearize)
    return into.getvalue()


def opened(document: Document, password: str, actor: User) -> Document:
    """The password given, and everything done that follows."""
    unlock(document, password, actor=actor)
    check(document)
    prepare(document)
    document.refresh_from_db()
    return document
