"""What a page looks like, in a few bytes, and whether two pages look alike. The numbers are measured: docs/measurements.md.

Two steps: the coarse look (64 bits, dHash) finds candidates among thousands; pages of one form share it, so the fine one (a
small picture in greys) decides: where any small spot differs, something else is written there.
"""

import base64
import zlib
from dataclasses import dataclass
from typing import Final, Self

from PIL import Image, ImageChops

COLUMNS, ROWS = 9, 8  # of the coarse look: each spot is compared with the one to its right
FINE: Final = (100, 130)
SPOT = 4  # of the fine look, across and down
NEAR = 8  # bits of 64 in which two coarse looks may differ
SAME = 34  # grey values, of 255, by which the worst spot of two fine looks may differ
_STEP = 0b11111000  # of grey values: what is coarser than noise


@dataclass(frozen=True, slots=True)
class Look:
    """`coarse`: 16 hexadecimal digits; `fine`: the greys, packed, in base64."""

    coarse: str
    fine: str

    @classmethod
    def of(cls, page: Image.Image) -> Self:
        """Of the picture of a page, of any size."""
        grey = page.convert("L")
        return cls(_coarse(grey), _packed(_fine(grey)))


def apart(one: int, other: int) -> int:
    """In how many of their 64 bits two coarse looks differ."""
    return (one ^ other).bit_count()


def same(one: Image.Image, other: Image.Image) -> bool:
    """Whether two fine looks are of one page: copied, made smaller, lighter or darker, but not of another page of its form."""
    return worst(one, other) <= SAME


def worst(one: Image.Image, other: Image.Image) -> int:
    """By how many grey values the two differ at most, in any spot."""
    return max(ImageChops.difference(one, other).reduce(SPOT).tobytes())


def opened(fine: str) -> Image.Image:
    return Image.frombytes("L", FINE, zlib.decompress(base64.b64decode(fine)))


def _coarse(grey: Image.Image) -> str:
    spots = grey.resize((COLUMNS, ROWS), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(ROWS):
        for at in range(row * COLUMNS, (row + 1) * COLUMNS - 1):
            bits = bits << 1 | (spots[at] > spots[at + 1])
    return f"{bits:016x}"


def _fine(grey: Image.Image) -> Image.Image:
    """From the darkest spot to the lightest: light and contrast of a photo do not count."""
    small = grey.resize(FINE, Image.Resampling.BOX)
    greys = small.tobytes()
    low, span = min(greys), max(1, max(greys) - min(greys))
    return small.point([max(0, min(255, (value - low) * 255 // span)) & _STEP for value in range(256)])


def _packed(greys: Image.Image) -> str:
    return base64.b64encode(zlib.compress(greys.tobytes(), 9)).decode()


def is_look(coarse: object, fine: object) -> bool:
    """Whether a process that read a hostile file may have meant these as a look."""
    if not isinstance(coarse, str) or not isinstance(fine, str) or len(coarse) != ROWS * (COLUMNS - 1) // 4:
        return False
    try:
        int(coarse, 16)
        opened = zlib.decompressobj()
        greys = opened.decompress(base64.b64decode(fine, validate=True), FINE[0] * FINE[1] + 1)
    except (ValueError, zlib.error):
        return False
    return len(greys) == FINE[0] * FINE[1] and opened.eof
