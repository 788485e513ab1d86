"""Several photos become one paper: a file that holds each of them as it came, in order (preparing.album)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from documents import lifecycle, vault
from documents.intake.receiving import NotKept, NotTaken, Receipt, keep, shown_name
from documents.models import ChecklistItem, Document, DocumentType, Matter, Upload
from documents.preparing import Placed, Reason, album

HEAD = 32  # bytes that tell a picture
_BEGINNINGS = {
    b"\xff\xd8\xff": "jpg",
    b"\x89PNG\r\n": "png",
    b"GIF8": "gif",
    b"II*\0": "tiff",
    b"MM\0*": "tiff",
    b"BM": "bmp",
}
_OF_A_BOX = {b"avif": "avif", b"avis": "avif"}  # whatever else is in an ISO box is HEIC, for a name


@dataclass(frozen=True, slots=True)
class Part:
    """One photo of a paper. `read` gives its bytes; `turn` is in degrees, clockwise."""

    name: str
    size: int
    read: Callable[[], bytes]
    upload: Upload | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """What the photos become a document of."""

    matter: Matter
    actor: User
    item: DocumentType | None = None
    asked: ChecklistItem | None = None
    replaces: Document | None = None
    arrangement: Sequence[Placed] = ()  # of its photos; empty: all in order, turned as each part says
    for_team: bool = False  # what staff send for the legal team alone; nobody else can

    @property
    def on_behalf(self) -> bool:
        """Sent in the client's name, who sees it then."""
        return not self.actor.is_client and not self.for_team


def fits(parts: Sequence[Part]) -> bool:
    """Whether the photos become one file and not several."""
    return len(list(_shares(parts))) == 1


def of_upload(upload: Upload, turn: int = 0) -> Part:
    """A page that came in pieces and waits for the others."""
    key, under = vault.pieces_key(upload.prefix, upload.size), bytes(upload.matter.key)
    return Part(upload.name, upload.size, lambda: _read(vault.Area.INTAKE, key, under), upload, turn)


def of_sealed(sealed: vault.Sealed, name: str, matter: Matter) -> Part:
    """A file of a form."""
    return Part(name, sealed.size, lambda: _read(sealed.area, sealed.key, bytes(matter.key)))


def picture(head: bytes) -> str:
    """The ending for the name of a picture that begins so; empty for what is no picture."""
    for beginning, ending in _BEGINNINGS.items():
        if head.startswith(beginning):
            return ending
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return _OF_A_BOX.get(head[8:12], "heic") if head[4:8] == b"ftyp" else ""


def compose(parts: Sequence[Part], paper: Paper) -> list[Receipt]:
    """The photos as one document, in their order; as several where one would be larger than a file may be.

    Bytes first: what was put together is read back, then one transaction makes the document and ends the uploads.
    Raises NotTaken, NotKept, vault.Missing or Tampered, lifecycle.LostRace where somebody else was first; then nothing
    of that document was done.
    """
    return [_compose(some, paper) for some in _shares(parts)]


def _shares(parts: Sequence[Part]) -> Iterator[list[Part]]:
    share: list[Part] = []
    for part in parts:
        full = len(share) == album.MOST_PHOTOS or sum(one.size for one in share) + part.size > _most()
        if share and full:
            yield share
            share = []
        share.append(part)
    if share:
        yield share


def _most() -> int:
    return int(settings.UPLOAD_LIMIT) - 200 * album.MOST_PHOTOS  # bytes; what the album itself needs


def _compose(parts: list[Part], paper: Paper) -> Receipt:
    digests: list[str] = []
    photos = (_named(part, digests) for part in parts)
    alone = len(parts) == 1
    chunks = (photo for _ending, photo in photos) if alone else album.pack(photos)
    under = bytes(paper.matter.key)
    sealed = vault.seal(chunks, vault.Area.INTAKE, under=under)
    kept = vault.fingerprint(vault.Area.INTAKE, sealed.key, under=under)
    if (kept.sha256, kept.size) != (sealed.sha256, sealed.size):
        raise NotKept(f"{sealed.size} bytes were put together, {kept.size} are stored")
    stored = vault.chunks(vault.Area.INTAKE, sealed.key, under=under)
    if digests != ([kept.sha256] if alone else list(album.digests(stored))):
        raise NotKept(f"the {len(parts)} photos are not stored as they came")
    return _receive(sealed, parts, paper)


def _named(part: Part, digests: list[str]) -> tuple[str, bytes]:
    """The ending for its name and its bytes, of which `digests` keeps the SHA-256."""
    photo = part.read()
    if not photo:
        raise NotTaken(Reason.EMPTY)
    digests.append(sha256(photo).hexdigest())
    return picture(photo[:HEAD]) or "bin", photo


def _receive(sealed: vault.Sealed, parts: list[Part], paper: Paper) -> Receipt:
    sent = [Placed(number, turn=part.turn) for number, part in enumerate(parts, 1)]
    placed = list(paper.arrangement) or (sent if any(part.turn for part in parts) else [])
    with transaction.atomic():
        receipt = keep(
            sealed,
            matter=paper.matter,
            name=_name(parts),
            item=paper.item,
            asked=paper.asked,
            replaces=paper.replaces,
            arrangement=[each.to_json() for each in placed],
            on_behalf=paper.on_behalf,
            actor=paper.actor,
        )
        about: dict[str, Any] = {"document": receipt.document, "duplicate": receipt.duplicate}
        for part in parts:
            if part.upload:
                lifecycle.move(part.upload, Upload.State.RECEIVED, actor=paper.actor, **about)
    return receipt


def _name(parts: list[Part]) -> str:
    first = shown_name(parts[0].name)
    return first if len(parts) == 1 else f"{PurePosixPath(first).stem} ({len(parts)}).zip"


def _read(area: vault.Area, key: str, under: bytes) -> bytes:
    return b"".join(vault.chunks(area, key, under=under))
