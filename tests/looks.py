"""How a prepared page looks: rendered by a reader that is not ours, and measured."""

from collections.abc import Callable

import pypdfium2
from PIL import Image

from documents.preparing import Prepared

Prepare = Callable[..., Prepared]


def shown(made: Prepared, page: int = 1) -> Image.Image:
    """A prepared page, one pixel a point, as a reader that is not ours shows it."""
    image: Image.Image = pypdfium2.PdfDocument(made.pdf)[page - 1].render(scale=1).to_pil()
    return image.convert("RGB")


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    """The box (left, top, right, bottom) around everything that is not white."""
    box = image.convert("L").point(lambda value: 255 * (value < 200)).getbbox()
    assert box
    return box


def at(made: Prepared, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place given in points from the top left."""
    return colour(shown(made), round(x), round(y))


def colour(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """One dot's red, green and blue."""
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two colours look the same, after compression."""
    return all(abs(a - b) < 40 for a, b in zip(one, other, strict=True))


def differs(one: Image.Image, other: Image.Image) -> float:
    """How far apart the inked boxes of two pictures of one size are, in pixels."""
    return max(abs(a - b) for a, b in zip(ink(one), ink(other), strict=True))
