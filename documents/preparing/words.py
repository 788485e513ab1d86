"""The closed vocabularies of preparing: what a file is, why it is refused, what a person should know about it."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from documents.preparing.placing import Placed


class Reason(StrEnum):
    """Why a file did not become ready. The list is closed: people, scripts and translations rely on it."""

    WRONG_TYPE = "wrong_type"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    LOCKED = "locked"
    TOO_LARGE = "too_large"
    TOO_COMPLEX = "too_complex"
    ACTIVE_CONTENT = "active_content"
    INFECTED = "infected"
    DUPLICATE = "duplicate"
    SCANNER_UNAVAILABLE = "scanner_unavailable"
    TIMEOUT = "timeout"
    NOT_REDACTED = "not_redacted"


class Warning_(StrEnum):  # the underscore: `Warning` is Python's own
    """What was changed or noticed on the way to a ready file. The list is closed."""

    REPAIRED = "repaired"
    RESTRICTIONS_REMOVED = "restrictions_removed"
    FORMS_FLATTENED = "forms_flattened"
    ATTACHMENTS_SET_ASIDE = "attachments_set_aside"
    FIRST_FRAME_ONLY = "first_frame_only"
    ACTIVE_CONTENT_REMOVED = "active_content_removed"
    LOW_RESOLUTION = "low_resolution"
    BLANK_PAGES = "blank_pages"
    BLURRED = "blurred"  # a photo whose letters run together
    DARK = "dark"  # a photo on which nothing can be made out


class Kind(StrEnum):
    """An accepted type of file, told by its content. A type is accepted exactly when it is listed here."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    HEIC = "heic"
    AVIF = "avif"
    TIFF = "tiff"
    WEBP = "webp"
    GIF = "gif"
    BMP = "bmp"
    PHOTOS = "photos"  # several of the above, in order, in one file (album.py)
    DOCX = "docx"
    DOC = "doc"
    ODT = "odt"
    RTF = "rtf"
    TXT = "txt"

    @property
    def mime(self) -> str:
        """The registered media type, such as `image/jpeg`."""
        return _MIME.get(self, f"image/{self}")


_MIME = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.DOC: "application/msword",
    Kind.ODT: "application/vnd.oasis.opendocument.text",
    Kind.RTF: "application/rtf",
    Kind.TXT: "text/plain",
    Kind.PHOTOS: "application/zip",
}


class Refused(Exception):
    """The file itself cannot be taken: trying again with the same bytes gives the same answer.

    `detail` is for staff; it names structures and limits and never quotes what is in the file.
    """

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


class PreparingFailed(Exception):
    """The sandboxed process crashed, was killed, or ran past its deadline. It says nothing certain about the file."""

    def __init__(self, detail: str, *, timed_out: bool = False, ours: bool = False) -> None:
        """`ours`: this machine failed (no space, no file handle), so it is not counted against the file."""
        super().__init__(detail)
        self.timed_out = timed_out
        self.ours = ours


class NotBurnt(Exception):
    """Black boxes could not be burnt in, or it is not proved that what was under them is gone. No page is shown then."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one sandboxed run; a file beyond them is refused or its process is ended."""

    pages: int = 2_000  # of one document, after tall pages are cut
    pixels: int = 100_000_000  # of one picture: 100 MP decode to 300 MB
    seconds: float = 180  # wall clock, then the whole process group is killed
    cpu_seconds: int = 170
    memory: int = 1 << 30  # bytes of writable memory of each process
    output: int = 1 << 29  # bytes of any one file written
    attachments: int = 100  # embedded files, in all depths together
    attachment_bytes: int = 1 << 29  # of all embedded files together, decoded
    objects: int = 500_000  # that a PDF is made of
    parts: int = 5_000  # of a document that is a zip
    part_bytes: int = 100 << 20  # of one of them, inflated: a scanner looks no further into it
    inflated: int = 256 << 20  # of all of them together


@dataclass(frozen=True, slots=True)
class Job:
    """One task for a sandboxed process: read `source`, write into `into` and nowhere else."""

    source: Path
    into: Path
    suffix: str  # of the name the file came with, lower case with its dot; the name itself stays outside
    limits: Limits
    secret: str = field(default="", repr=False)  # the password of a file that came locked
    wish: Any = None  # what else the task was asked for, as JSON

    @property
    def arrangement(self) -> tuple[Placed, ...]:
        """How its pages are to lie, where that is what was asked for. Raises Misplaced."""
        return tuple(map(Placed.from_json, self.wish or ()))
