"""What a file really is, told by its content. The name helps only where content cannot tell."""

import re

import magic

from documents.preparing import album, compound, texts, zipped
from documents.preparing.made import PICTURES
from documents.preparing.words import Job, Kind, Reason, Refused

_HEAD = 4096
_STARTS = {
    b"\xff\xd8\xff": Kind.JPEG,
    b"\x89PNG\r\n\x1a\n": Kind.PNG,
    b"II*\0": Kind.TIFF,
    b"MM\0*": Kind.TIFF,
    b"II+\0": Kind.TIFF,  # BigTIFF
    b"MM\0+": Kind.TIFF,
    b"GIF87a": Kind.GIF,
    b"GIF89a": Kind.GIF,
    b"{\\rtf": Kind.RTF,
}
_ZIP, _RIFF, _WEBP = b"PK\x03\x04", b"RIFF", b"WEBP"
_BMP, _BMP_HEADERS = b"BM", {12, 16, 40, 52, 56, 64, 108, 124}  # the length of its second header tells its version
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_SUFFIXES = {
    *(".pdf", ".jpg", ".jpeg", ".png", ".heic", ".heif", ".avif", ".tif", ".tiff", ".webp", ".gif", ".bmp"),
    *(".docx", ".doc", ".odt", ".rtf"),
}
_TELLS_NOTHING = {"application/octet-stream", "text/plain"}
_OTHER_STARTS = (_ZIP, b"GIF8", _RIFF, b"II*\0", b"MM\0*", b"\xd0\xcf\x11\xe0", b"<")


def sniff(job: Job) -> str:
    """The Kind of `job.source`. Refused(EMPTY), WRONG_TYPE, or what is certain at first sight (LOCKED, TRUNCATED, …)."""
    return kind_of(job)


def kind_of(job: Job) -> Kind:
    """As `sniff`: what the first bytes say decides, so that a file that is two things at once is the first."""
    with job.source.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise Refused(Reason.EMPTY, "It has no bytes.")
    kind = _by_start(head) or _by_brand(head) or _by_container(job, head) or _by_pdf_header(head) or _by_name(job)
    if kind is None:
        raise _unknown(job, head)
    return kind


def _unknown(job: Job, head: bytes) -> Refused:
    mime = magic.from_file(str(job.source), mime=True)
    if mime in _TELLS_NOTHING and job.suffix in _SUFFIXES and not head.startswith(_OTHER_STARTS):
        return Refused(Reason.DAMAGED, "Its name says what it should be; its content has no sign of it.")
    return Refused(Reason.WRONG_TYPE, f"Its content is {mime}.")


def _by_start(head: bytes) -> Kind | None:
    if head.startswith(_RIFF) and head[8:12] == _WEBP:
        return Kind.WEBP
    if head.startswith(_BMP) and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return Kind.BMP
    return next((kind for start, kind in _STARTS.items() if head.startswith(start)), None)


def _by_container(job: Job, head: bytes) -> Kind | None:
    """Documents that are small file systems: what lies inside tells them from spreadsheets and plain zips."""
    if head.startswith(_ZIP):
        return zipped.kind_of(job, head) or _album(job)
    return compound.kind_of(job) if head.startswith(compound.START) else None


def _album(job: Job) -> Kind | None:
    """Photos in a row and nothing else. Refused(TOO_LARGE) where they are more than one paper has."""
    photos = album.members(job.source)
    if not photos or any(picture_kind(photo.read(_HEAD)) is None for photo in photos[: album.MOST_PHOTOS]):
        return None
    if len(photos) > album.MOST_PHOTOS or sum(photo.size for photo in photos) > job.limits.inflated:
        raise Refused(Reason.TOO_LARGE, f"It has {len(photos)} photos.")
    return Kind.PHOTOS


def picture_kind(head: bytes) -> Kind | None:
    """Which kind of picture a file is that begins like this; None for what is no picture."""
    kind = _by_start(head[:_HEAD]) or _by_brand(head[:_HEAD])
    return kind if kind in PICTURES else None


def _by_name(job: Job) -> Kind | None:
    """Plain text has no sign of its own. Only the name tells that a person meant it as such, never content alone."""
    return Kind.TXT if job.suffix == ".txt" and texts.is_text(job) else None


def _by_brand(head: bytes) -> Kind | None:
    """HEIC or AVIF by the brands of its first box (ISO/IEC 23008-12): a video in the same container has others."""
    if head[4:8] != b"ftyp":
        return None
    size = min(int.from_bytes(head[:4]), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    if brands & _AVIF_BRANDS:
        return Kind.AVIF
    return Kind.HEIC if brands & _HEIC_BRANDS else None


def _by_pdf_header(head: bytes) -> Kind | None:
    """PDF readers accept anything before the header, mail headers for instance, in the first 1024 bytes."""
    if head.startswith(_OTHER_STARTS) or not re.search(rb"%PDF-\d", head[:1024]):
        return None
    return Kind.PDF
