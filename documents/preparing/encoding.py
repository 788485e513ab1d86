"""Plain pixels → the compressed pictures that pages are made of, one a page."""

import io
from collections.abc import Iterator
from dataclasses import replace

from PIL import Image

from documents.preparing import geometry, proof
from documents.preparing.pixels import DIRECT
from documents.preparing.writer import Picture

_QUALITY = 85
_FEW_COLOURS = 256


def pictures(image: Image.Image, *, fine: bool) -> Iterator[tuple[Picture, int]]:
    """One picture a page, with proof.spread of what it shows: a tall one is cut into slices that overlap.

    `fine` keeps letters sharp: lossless where the colours are few (drawn, not photographed), else no colour is thinned.
    """
    dpi = geometry.picture_dpi(*image.size)
    few = fine and image.getcolors(_FEW_COLOURS) is not None
    for top, bottom in geometry.slices(image.width, image.height, dpi):
        part = image.crop((0, top, image.width, bottom)) if bottom - top < image.height else image
        picture = _deflated(part) if few else _compressed(part, fine=fine)
        yield replace(picture, dpi=dpi), proof.spread(part)


def smallest(image: Image.Image) -> Picture:
    """Lossless where that is not larger: writing is, and a photo is not."""
    return min(_deflated(image), _compressed(image, fine=True), key=lambda picture: len(picture.data))


def colours(mode: str) -> str:
    """The PDF image dictionary entries that say how the pixels of a mode are stored."""
    return f"/ColorSpace {DIRECT[mode]} /BitsPerComponent 8"


def _compressed(image: Image.Image, *, fine: bool) -> Picture:
    buffer = io.BytesIO()
    image.info.clear()  # Pillow would write comments and profiles it finds there
    image.save(buffer, "JPEG", quality=_QUALITY, subsampling=0 if fine else 2)
    return Picture(*image.size, 0, f"{colours(image.mode)} /Filter /DCTDecode", buffer.getvalue())


def _deflated(image: Image.Image) -> Picture:
    """Lossless, in the one form PNG and PDF share: the compressed rows of a PNG are a PDF stream as they are."""
    buffer = io.BytesIO()
    image.info.clear()
    image.save(buffer, "PNG")
    rows = b"".join(_chunks(buffer.getvalue(), b"IDAT"))
    channels = len(image.getbands())
    decode = f"<< /Predictor 15 /Colors {channels} /BitsPerComponent 8 /Columns {image.width} >>"
    return Picture(*image.size, 0, f"{colours(image.mode)} /Filter /FlateDecode /DecodeParms {decode}", rows)


def _chunks(png: bytes, kind: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] == kind:
            yield png[at + 8 : at + 8 + length]
        at += length + 12
