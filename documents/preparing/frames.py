"""A picture file's pages, not decoded yet: one of a photo, all of a TIFF. Too many pixels are refused before the first.

Only the decoders named in _DECODERS ever see a byte: Pillow's others (PSD, EPS, JPEG 2000, …) had the bad bugs.
"""

import io
import struct
from collections.abc import Iterator, Sequence

from PIL import Image

from documents.preparing import endings, tiff
from documents.preparing.made import Made
from documents.preparing.words import Kind, Limits, Reason, Refused, Warning_

UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, TypeError, KeyError, IndexError, struct.error)
MORE_PIXELS = 40  # all pages of one file together: so many times the pixels that one picture may have
_DECODERS = {
    Kind.JPEG: "JPEG",
    Kind.PNG: "PNG",
    Kind.HEIC: "HEIF",
    Kind.AVIF: "AVIF",
    Kind.TIFF: "TIFF",
    Kind.WEBP: "WEBP",
    Kind.GIF: "GIF",
    Kind.BMP: "BMP",
}
_PICTURES, _MORE_PICTURES = 0xB002, "Multi-Frame"  # a JPEG's list of pictures, and how Pillow calls parts of a panorama

Image.MAX_IMAGE_PIXELS = None  # our own limit comes before the first pixel, and is a refusal instead of a warning


def frames(data: bytes, kind: Kind, limits: Limits, made: Made) -> Iterator[Image.Image]:
    """Each page in order; `made` is told where there is more in the file than that."""
    return scanned(data, limits) if kind is Kind.TIFF else _first(data, kind, limits, made)


def count(data: bytes, kind: Kind) -> int:
    """How many pages the file has: one of a photo. Refused where that cannot be told."""
    return len(_whole(_tiff_pages(data))) if kind is Kind.TIFF else 1


def _first(data: bytes, kind: Kind, limits: Limits, made: Made) -> Iterator[Image.Image]:
    """The picture of a file that has one; the first, with a warning, where it has more."""
    if _has_more(_open(data, kind, limits.pixels), kind):
        made.warnings.add(Warning_.FIRST_FRAME_ONLY)
    yield _open(data, kind, limits.pixels)  # anew: looking for more has moved on


def _has_more(image: Image.Image, kind: Kind) -> bool:
    """Whether a person would see more than this: a film, several photos; not a camera's previews and depth maps."""
    try:
        if kind is Kind.JPEG:
            parts = getattr(image, "mpinfo", {}).get(_PICTURES, [])
            return any(part["Attribute"]["MPType"].startswith(_MORE_PICTURES) for part in parts)
        return bool(getattr(image, "is_animated", False))
    except UNREADABLE:
        return False


def scanned(data: bytes, limits: Limits, order: Sequence[int] = ()) -> Iterator[Image.Image]:
    """Each page of a TIFF, or those of `order`, counted from 1.

    A smaller copy of a page is none. Refused before the first pixel where one is missing.
    """
    pages = _tiff_pages(data)
    whole = _whole(pages)
    if len(whole) > limits.pages:
        raise Refused(Reason.TOO_LARGE, f"It has {len(whole)} pages.")
    if sum(pages[number].width * pages[number].height for number in whole) > MORE_PIXELS * limits.pixels:
        raise Refused(Reason.TOO_LARGE, "Its pages have too many pixels together.")
    image = _open(data, Kind.TIFF, limits.pixels)
    for number in [whole[place - 1] for place in order] or whole:
        try:
            image.seek(number)
        except UNREADABLE:
            raise Refused(Reason.DAMAGED, f"Page {number + 1} cannot be read.") from None
        _demand_size(image, limits.pixels)
        yield image


def _whole(pages: list[tiff.Directory]) -> list[int]:
    """Which of them are pages of their own."""
    return [number for number, page in enumerate(pages) if not page.is_reduced] or list(range(len(pages)))


def _tiff_pages(data: bytes) -> list[tiff.Directory]:
    try:
        pages = tiff.directories(data)
    except tiff.CutShort:
        raise Refused(Reason.TRUNCATED, "Its list of pages ends before its end.") from None
    except tiff.Broken:
        raise Refused(Reason.DAMAGED, "Its list of pages makes no sense.") from None
    if any(page.is_raw for page in pages):
        raise Refused(Reason.WRONG_TYPE, "It is a camera's raw file.")
    if any(page.end > len(data) + tiff.SLACK for page in pages):
        raise Refused(Reason.TRUNCATED, "A page ends after the file's end.")
    return pages


def _open(data: bytes, kind: Kind, most: int) -> Image.Image:
    """The picture, not decoded yet. Refused without a readable header, and (TOO_LARGE) past `most` pixels."""
    if kind is Kind.WEBP and endings.webp_pixels(data) > most:  # its decoder takes the memory before it tells the size
        raise Refused(Reason.TOO_LARGE, f"It has {endings.webp_pixels(data)} pixels.")
    try:
        image = Image.open(io.BytesIO(data), formats=[_DECODERS[kind]])
    except UNREADABLE:
        raise Refused(endings.why(data, kind), "Its header cannot be read.") from None
    _demand_size(image, most)
    return image


def _demand_size(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        raise Refused(Reason.TOO_LARGE, f"It has {image.width} × {image.height} pixels.")
