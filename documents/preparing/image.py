"""A photo or a scan → Letter pages. Decoded in full, turned the way it was taken, on white, and nothing but pixels.

Only the decoders named in _DECODERS ever see a byte: Pillow's others (PSD, EPS, JPEG 2000, …) had the bad bugs.
A photo stays upright even when it is wide. A JPEG that needs no change keeps its very pixels (jpeg.py).
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import replace

from PIL import Image, ImageCms

from documents.preparing import geometry, jpeg, proof, writer
from documents.preparing.made import PRINT_READY, Made
from documents.preparing.words import Job, Kind, Reason, Refused, Warning_

_DECODERS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.HEIC: "HEIF"}
_QUALITY = 85
_FEW_COLOURS = 256
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
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, struct.error)
_DIRECT = {"L": "/DeviceGray", "RGB": "/DeviceRGB"}

Image.MAX_IMAGE_PIXELS = None  # our own limit comes before the first pixel, and is a refusal instead of a warning


def prepare(job: Job, kind: Kind) -> Made:
    """Writes the print-ready PDF of a picture and tells what to warn of."""
    data = job.source.read_bytes()
    image = _open(data, _DECODERS[kind], job.limits.pixels)
    exact = _exact(data, image) if kind is Kind.JPEG else None
    decoded = _decoded(image, data, kind)
    warnings = {Warning_.LOW_RESOLUTION} if _dpi(decoded.size) < geometry.LEAST_DPI else set()
    pictures = [exact] if exact else list(_pictures(decoded, lossless=kind is Kind.PNG))
    writer.write(pictures, job.into / PRINT_READY)
    return Made(warnings, [proof.spread(decoded)] * len(pictures))


def _open(data: bytes, decoder: str, pixels: int) -> Image.Image:
    """The picture, not decoded yet. Refused without a readable header, and (TOO_LARGE) past `pixels`."""
    try:
        image = Image.open(io.BytesIO(data), formats=[decoder])
    except _UNREADABLE:
        raise Refused(_why(data, decoder), "Its header cannot be read.") from None
    if image.width * image.height > pixels:
        raise Refused(Reason.TOO_LARGE, f"It has {image.width} × {image.height} pixels.")
    return image


def _exact(data: bytes, image: Image.Image) -> writer.Picture | None:
    """The JPEG's own compressed pixels, where they can be printed as they are; None where they must be made anew."""
    dpi = _dpi(image.size)
    if _turn(image) is not None or image.mode not in _DIRECT or dpi > geometry.KEPT_DPI or _profile(image) is not None:
        return None
    if geometry.is_tall(image.width, image.height):
        return None
    stripped = jpeg.strip(data)
    if stripped is None:
        return None
    return writer.Picture(image.width, image.height, dpi, f"{_colours(image.mode)} /Filter /DCTDecode", stripped)


def _decoded(image: Image.Image, data: bytes, kind: Kind) -> Image.Image:
    """All pixels: upright, grey or RGB, in sRGB, on white. Refused(TRUNCATED) or DAMAGED where they do not all come."""
    profile, turn, size = _profile(image), _turn(image), _printed_size(image)
    if kind is Kind.JPEG and image.mode in _DIRECT:
        # Lets the decoder halve a photo far above the printed resolution; every coefficient is still read.
        image.draft(image.mode, size[::-1] if turn in _SIDEWAYS else size)
    try:
        image.load()
    except _UNREADABLE as error:
        raise Refused(_why(data, _DECODERS[kind]), f"Its pixels cannot be read: {type(error).__name__}.") from None
    if kind is Kind.JPEG and jpeg.strip(data) is None and jpeg.ends_in_zeros(data):
        raise Refused(Reason.TRUNCATED, "It ends in zeros.")
    return _plain(image if turn is None else image.transpose(turn), size, profile)


def _printed_size(image: Image.Image) -> tuple[int, int]:
    """Width and height, upright, no finer than needed for print: above KEPT_DPI it is reduced to TARGET_DPI."""
    width, height = image.size[::-1] if _turn(image) in _SIDEWAYS else image.size
    dpi = _dpi((width, height))
    if dpi <= geometry.KEPT_DPI:
        return width, height
    factor = geometry.TARGET_DPI / dpi
    return max(1, round(width * factor)), max(1, round(height * factor))


def _plain(image: Image.Image, size: tuple[int, int], profile: bytes | None) -> Image.Image:
    """Grey or RGB of `size` without transparency; the costly steps come after the reduction."""
    if image.mode in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        image = _eight_bits(image)
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if image.width > size[0]:
        image = (image.convert("L") if image.mode == "1" else image).resize(size, Image.Resampling.LANCZOS)
    if image.mode in ("LA", "La", "RGBA", "RGBa"):
        image = _on_white(image.convert("RGBA"))
    if profile is not None:
        image = _in_srgb(image, profile)
    return image if image.mode in _DIRECT else image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    return image.convert("F").point(lambda value: value * (1 / 256) + 0).convert("L")


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The colours a person saw. A profile that cannot be used says nothing, and the numbers are taken as they are."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return changed or image


def _profile(image: Image.Image) -> bytes | None:
    """Its colour profile, where it has one that is not plain sRGB or grey."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK") or b"sRGB" in profile or b"s\0R\0G\0B" in profile:
        return None
    return bytes(profile)


def _pictures(image: Image.Image, *, lossless: bool) -> Iterator[writer.Picture]:
    """One picture a page: a tall one is cut into slices that overlap."""
    dpi = _dpi(image.size)
    few = lossless and image.getcolors(_FEW_COLOURS) is not None  # drawn, not photographed
    for top, bottom in geometry.slices(image.width, image.height, dpi):
        part = image.crop((0, top, image.width, bottom)) if bottom - top < image.height else image
        picture = _deflated(part) if few else _compressed(part, fine=lossless)
        yield replace(picture, dpi=dpi)


def _compressed(image: Image.Image, *, fine: bool) -> writer.Picture:
    """As JPEG; `fine` keeps coloured letters sharp."""
    buffer = io.BytesIO()
    image.info.clear()  # Pillow would write comments and profiles it finds there
    image.save(buffer, "JPEG", quality=_QUALITY, subsampling=0 if fine else 2)
    return writer.Picture(*image.size, 0, f"{_colours(image.mode)} /Filter /DCTDecode", buffer.getvalue())


def _deflated(image: Image.Image) -> writer.Picture:
    """Lossless, in the one form PNG and PDF share: the compressed rows of a PNG are a PDF stream as they are."""
    buffer = io.BytesIO()
    image.info.clear()
    image.save(buffer, "PNG")
    rows = b"".join(_chunks(buffer.getvalue(), b"IDAT"))
    channels = len(image.getbands())
    decode = f"<< /Predictor 15 /Colors {channels} /BitsPerComponent 8 /Columns {image.width} >>"
    return writer.Picture(*image.size, 0, f"{_colours(image.mode)} /Filter /FlateDecode /DecodeParms {decode}", rows)


def _chunks(png: bytes, kind: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == kind:
            yield png[at + 8 : at + 8 + length]
        at += length + 12


def _colours(mode: str) -> str:
    return f"/ColorSpace {_DIRECT[mode]} /BitsPerComponent 8"


def _dpi(size: tuple[int, int]) -> float:
    return geometry.picture_dpi(*size)


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How to turn the picture upright, by its EXIF orientation; unreadable EXIF says nothing."""
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return None


def _why(data: bytes, decoder: str) -> Reason:
    """Whether an unreadable picture was cut short on its way or is broken in itself."""
    cut = {
        "JPEG": lambda: data.rfind(b"\xff\xd9") < len(data) // 2,
        "PNG": lambda: b"IEND" not in data[-64:],
        "HEIF": lambda: _boxes_end(data) > len(data),
    }
    return Reason.TRUNCATED if cut[decoder]() else Reason.DAMAGED


def _boxes_end(data: bytes) -> int:
    """Where the top-level boxes of an ISO media file say it ends."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size < 8:
            return len(data) if size == 0 else at
        at += size
    return at
