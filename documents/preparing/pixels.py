"""Pixels of any mode → upright greys or colours on white, as a person saw them."""

import io
import math
from typing import Any, cast

from PIL import Image, ImageCms

from documents.preparing.placing import Placed

DIRECT = {"L": "/DeviceGray", "RGB": "/DeviceRGB"}  # the modes that a PDF image can have as they are
_QUARTERS = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns the other way
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N")


def plain(image: Image.Image, size: tuple[int, int], profile: bytes | None) -> Image.Image:
    """Grey or RGB of `size` without transparency; the costly steps come after the reduction."""
    if image.mode in (*_SIXTEEN_BITS, "I", "F"):
        image = _eight_bits(image)
    if image.mode in ("P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if image.size != size:
        image = (image.convert("L") if image.mode == "1" else image).resize(size, Image.Resampling.LANCZOS)
    if image.mode in ("LA", "La", "RGBA", "RGBa"):
        image = _on_white(image.convert("RGBA"))
    if image.mode == "LAB":
        image = _changed(image, ImageCms.createProfile("LAB"))
    elif profile is not None:
        image = _in_srgb(image, profile)
    return image if image.mode in DIRECT else image.convert("L" if image.mode == "1" else "RGB")


def placed(image: Image.Image, placed: Placed) -> Image.Image:
    """Straightened, cropped, turned; the corners that a tilt brings in are white."""
    if placed.tilt:
        whole = placed.crop is None  # then nothing is cut off
        image = image.rotate(-placed.tilt, Image.Resampling.BICUBIC, expand=whole, fillcolor="white")
    if placed.crop:
        image = image.crop(_box(*image.size, placed.crop))
    return image.transpose(_QUARTERS[placed.turn]) if placed.turn else image


def placed_size(width: int, height: int, placed: Placed) -> tuple[int, int]:
    """What `placed` leaves of an upright picture of this size, before its tilt moves corners out."""
    if placed.crop:
        left, top, right, bottom = _box(width, height, placed.crop)
        width, height = right - left, bottom - top
    return (height, width) if placed.turn in (90, 270) else (width, height)


def _box(width: int, height: int, crop: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """In pixels, never empty."""
    left, top = min(width - 1, math.floor(crop[0] * width)), min(height - 1, math.floor(crop[1] * height))
    return left, top, max(left + 1, math.ceil(crop[2] * width)), max(top + 1, math.ceil(crop[3] * height))


def profile(image: Image.Image) -> bytes | None:
    """Its colour profile, where it has one that is not plain sRGB or grey."""
    found = image.info.get("icc_profile")
    if not found or image.mode not in ("RGB", "RGBA", "CMYK") or b"sRGB" in found or b"s\0R\0G\0B" in found:
        return None
    return bytes(found)


def _eight_bits(image: Image.Image) -> Image.Image:
    """16 bits by their upper half; longer numbers, whose range no file says, by the darkest and lightest there are."""
    whole = image.convert("F")
    low, high = cast(tuple[float, float], whole.getextrema())  # of a picture with one channel
    if image.mode in _SIXTEEN_BITS or (image.mode == "I" and low >= 0 and 255 < high <= 65535):
        low, high = 0.0, 65535.0
    scale = 255 / ((high - low) or 1)
    return whole.point(lambda value: value * scale - low * scale).convert("L")


def _on_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """The colours a person saw. A profile that cannot be used says nothing, and the numbers are taken as they are."""
    try:
        return _changed(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _changed(image: Image.Image, source: Any) -> Image.Image:
    return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
