"""A photo or a scan → Letter pages. Decoded in full, turned the way it was taken, on white, and nothing but pixels.

A photo stays upright even when it is wide. A JPEG that needs no change keeps its very pixels (jpeg.py). What a person
asked for (placing.py) is done to the pixels last.
"""

import struct
from collections.abc import Iterator

from PIL import Image

from documents.preparing import edges, encoding, endings, frames, geometry, jpeg, noticing, pixels, proof, writer
from documents.preparing.made import PRINT_READY, Made
from documents.preparing.placing import Placed, arranged, every
from documents.preparing.words import Job, Kind, Limits, Reason, Refused, Warning_

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
_SQUARE = 1.1  # how far apart two resolutions of one scan may be before it is pulled straight


def prepare(job: Job, kind: Kind) -> Made:
    """Writes the print-ready PDF of a picture, or of all pages of a TIFF, and tells what to warn of.

    Raises Misplaced where the job asks for pages that it has not, or not for all pages of a scan.
    """
    data = job.source.read_bytes()
    pages = frames.count(data, kind)
    made = Made(set(), [], photos=int(pages == 1), of=pages)
    if made.photos:
        [placed] = arranged(job.arrangement, 1)
        printed = pictures(data, kind, job.limits, placed, made)
    else:
        printed = _scan(data, job.limits, every(job.arrangement, pages), made)
    writer.write(printed, job.into / PRINT_READY)
    return made


def _scan(data: bytes, limits: Limits, pages: tuple[Placed, ...], made: Made) -> Iterator[writer.Picture]:
    """What is printed of a TIFF of several pages, each placed by itself."""
    numbers = [placed.photo for placed in pages]
    for placed, image in zip(pages, frames.scanned(data, limits, numbers), strict=True):
        _count(image, limits, made)
        upright = _decoded(image, data, Kind.TIFF, placed)
        yield from _printed(pixels.placed(upright, placed), None, Kind.TIFF, made, placed.photo)


def pictures(data: bytes, kind: Kind, limits: Limits, placed: Placed, made: Made) -> Iterator[writer.Picture]:
    """What is printed of one file, page by page; `made` is told of each. A suggestion is made of a file with one page."""
    suggested = []
    for image in frames.frames(data, kind, limits, made):
        _count(image, limits, made)
        exact = _exact(data, image) if kind is Kind.JPEG and not placed.changes else None
        upright = _decoded(image, data, kind, placed)
        suggested.append(edges.suggestion(upright, placed.photo))
        yield from _printed(pixels.placed(upright, placed), exact, kind, made, placed.photo)
    made.suggestions += [only for only in suggested if only and len(suggested) == 1]


def _count(image: Image.Image, limits: Limits, made: Made) -> None:
    made.pixels += image.width * image.height
    if made.pixels > frames.MORE_PIXELS * limits.pixels:
        raise Refused(Reason.TOO_LARGE, "Its pictures have too many pixels together.")


def _printed(
    decoded: Image.Image, exact: writer.Picture | None, kind: Kind, made: Made, leaf: int
) -> Iterator[writer.Picture]:
    """The pages that show these pixels: `exact` where the file's own can be printed."""
    noticed = noticing.noticed(decoded)
    made.warnings |= noticed
    if _dpi(decoded.size) < geometry.LEAST_DPI:
        made.warnings.add(Warning_.LOW_RESOLUTION)
    pages = [(exact, proof.spread(decoded))] if exact else encoding.pictures(decoded, fine=kind in _SCREENS)
    for picture, spread in pages:
        made.spreads.append(spread)
        made.leaves.append(leaf)
        made.noticed.append(noticed)
        yield picture


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


def _decoded(image: Image.Image, data: bytes, kind: Kind, placed: Placed) -> Image.Image:
    """All pixels: upright, grey or RGB, in sRGB, on white. Refused(TRUNCATED) or DAMAGED where they do not all come."""
    profile, turn, size = pixels.profile(image), _turn(image), _printed_size(image, placed)
    if kind is Kind.JPEG and image.mode in pixels.DIRECT:
        # Lets the decoder halve a photo far above the printed resolution; every coefficient is still read.
        image.draft(image.mode, size[::-1] if turn in _SIDEWAYS else size)
    try:
        image.load()
    except frames.UNREADABLE as error:
        raise Refused(endings.why(data, kind), f"Its pixels cannot be read: {type(error).__name__}.") from None
    if kind is Kind.JPEG and jpeg.strip(data) is None and jpeg.ends_in_zeros(data):
        raise Refused(Reason.TRUNCATED, "It ends in zeros.")
    if kind is Kind.TIFF:
        image = image.copy()  # the file's next page takes the place of this one
    return pixels.plain(image if turn is None else image.transpose(turn), size, profile)


def _printed_size(image: Image.Image, placed: Placed) -> tuple[int, int]:
    """Width and height, upright, no finer than needed for print: above KEPT_DPI it is reduced to TARGET_DPI.

    What is left of it by a crop is what is printed.
    """
    width, height = _pulled_straight(image)
    if _turn(image) in _SIDEWAYS:
        width, height = height, width
    dpi = _dpi(pixels.placed_size(width, height, placed))
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
