"""A photo or a scan → Letter pages. Decoded in full, turned the way it was taken, on white, and nothing but pixels.

Only the decoders named in _DECODERS ever see a byte: Pillow's others (PSD, EPS, JPEG 2000, …) had the bad bugs.
A photo stays upright even when it is wide. A JPEG that needs no change keeps its very pixels (jpeg.py).
"""

import io
import struct
from collections.abc import Iterator

from PIL import Image

from documents.preparing import encoding, endings, geometry, jpeg, pixels, proof, tiff, writer
from documents.preparing.made import PRINT_READY, Made
from documents.preparing.words import Job, Kind, Limits, Reason, Refused, Warning_

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
_SCREENS = {Kind.PNG, Kind.TIFF, Kind.WEBP, Kind.GIF, Kind.BMP}  # may hold drawn letters: their edges are kept
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {_TURNS[orientation] for orientation in (5, 6, 7, 8)}
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, TypeError, KeyError, IndexError, struct.error)
_PICTURES, _MORE_PICTURES = 0xB002, "Multi-Frame"  # a JPEG's list of pictures, and how Pillow calls parts of a panorama
_SQUARE = 1.1  # how far apart two resolutions of one scan may be before it is pulled straight
_MORE_PIXELS = 40  # all pages of one file together: so many times the pixels that one picture may have

Image.MAX_IMAGE_PIXELS = None  # our own limit comes before the first pixel, and is a refusal instead of a warning


def prepare(job: Job, kind: Kind) -> Made:
    """Writes the print-ready PDF of a picture, or of all pages of a TIFF, and tells what to warn of."""
    made = Made(set(), [])
    data = job.source.read_bytes()
    pages = _scanned(data, job.limits) if kind is Kind.TIFF else _first(data, kind, job.limits, made)
    writer.write(_pictures(pages, data, kind, made), job.into / PRINT_READY)
    return made


def _pictures(pages: Iterator[Image.Image], data: bytes, kind: Kind, made: Made) -> Iterator[writer.Picture]:
    """What is printed, page by page; `made` is told of each."""
    for image in pages:
        exact = _exact(data, image) if kind is Kind.JPEG else None
        decoded = _decoded(image, data, kind)
        if _dpi(decoded.size) < geometry.LEAST_DPI:
            made.warnings.add(Warning_.LOW_RESOLUTION)
        if exact:
            made.spreads.append(proof.spread(decoded))
            yield exact
            continue
        for picture, spread in encoding.pictures(decoded, fine=kind in _SCREENS):
            made.spreads.append(spread)
            yield picture


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
    except _UNREADABLE:
        return False


def _scanned(data: bytes, limits: Limits) -> Iterator[Image.Image]:
    """Each page of a TIFF. A smaller copy of a page is none. Refused before the first pixel where one is missing."""
    pages = _tiff_pages(data)
    whole = [number for number, page in enumerate(pages) if not page.is_reduced] or range(len(pages))
    if len(whole) > limits.pages:
        raise Refused(Reason.TOO_LARGE, f"It has {len(whole)} pages.")
    if sum(pages[number].width * pages[number].height for number in whole) > _MORE_PIXELS * limits.pixels:
        raise Refused(Reason.TOO_LARGE, "Its pages have too many pixels together.")
    image = _open(data, Kind.TIFF, limits.pixels)
    for number in whole:
        try:
            image.seek(number)
        except _UNREADABLE:
            raise Refused(Reason.DAMAGED, f"Page {number + 1} cannot be read.") from None
        _demand_size(image, limits.pixels)
        yield image


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
    except _UNREADABLE:
        raise Refused(endings.why(data, kind), "Its header cannot be read.") from None
    _demand_size(image, most)
    return image


def _demand_size(image: Image.Image, most: int) -> None:
    if image.width * image.height > most:
        raise Refused(Reason.TOO_LARGE, f"It has {image.width} × {image.height} pixels.")


def _exact(data: bytes, image: Image.Image) -> writer.Picture | None:
    """The JPEG's own compressed pixels, where they can be printed as they are; None where they must be made anew."""
    dpi, profile = _dpi(image.size), pixels.profile(image)
    if _turn(image) is not None or image.mode not in pixels.DIRECT or dpi > geometry.KEPT_DPI or profile is not None:
        return None
    if geometry.is_tall(image.width, image.height):
        return None
    stripped = jpeg.strip(data)
    if stripped is None:
        return None
    entries = f"{encoding.colours(image.mode)} /Filter /DCTDecode"
    return writer.Picture(image.width, image.height, dpi, entries, stripped)


def _decoded(image: Image.Image, data: bytes, kind: Kind) -> Image.Image:
    """All pixels: upright, grey or RGB, in sRGB, on white. Refused(TRUNCATED) or DAMAGED where they do not all come."""
    profile, turn, size = pixels.profile(image), _turn(image), _printed_size(image)
    if kind is Kind.JPEG and image.mode in pixels.DIRECT:
        # Lets the decoder halve a photo far above the printed resolution; every coefficient is still read.
        image.draft(image.mode, size[::-1] if turn in _SIDEWAYS else size)
    try:
        image.load()
    except _UNREADABLE as error:
        raise Refused(endings.why(data, kind), f"Its pixels cannot be read: {type(error).__name__}.") from None
    if kind is Kind.JPEG and jpeg.strip(data) is None and jpeg.ends_in_zeros(data):
        raise Refused(Reason.TRUNCATED, "It ends in zeros.")
    if kind is Kind.TIFF:
        image = image.copy()  # the file's next page takes the place of this one
    return pixels.plain(image if turn is None else image.transpose(turn), size, profile)


def _printed_size(image: Image.Image) -> tuple[int, int]:
    """Width and height, upright, no finer than needed for print: above KEPT_DPI it is reduced to TARGET_DPI."""
    width, height = _pulled_straight(image)
    if _turn(image) in _SIDEWAYS:
        width, height = height, width
    dpi = _dpi((width, height))
    if dpi <= geometry.KEPT_DPI:
        return width, height
    factor = geometry.TARGET_DPI / dpi
    return max(1, round(width * factor)), max(1, round(height * factor))


def _pulled_straight(image: Image.Image) -> tuple[int, int]:
    """Its size with square dots. A fax has twice as many across as down, and would be printed squashed."""
    width, height = image.size
    across, down = map(float, image.info.get("dpi", (1, 1)) if image.format == "TIFF" else (1, 1))
    if not (across > 0 and down > 0 and _SQUARE < max(across, down) / min(across, down) <= 4):
        return width, height
    return (width, round(height * across / down)) if across > down else (round(width * down / across), height)


def _dpi(size: tuple[int, int]) -> float:
    return geometry.picture_dpi(*size)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How to turn the picture upright, by its EXIF orientation; unreadable EXIF says nothing. TIFF's decoder turns."""
    if image.format == "TIFF":
        return None
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return None
