"""Albums of plain photos, for the tests of preparing them."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from documents.preparing import (
    Prepared,
    Reason,
)
from tests import fixtures, photographs
from tests.looks import colour, ink, near, shown
from tests.photographs import album

pytest_plugins = ["tests.prepared"]
Refusal = Callable[..., Reason]
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
COLOURS = {"red": fixtures.RED, "green": fixtures.GREEN, "blue": fixtures.BLUE}


def plain(name: str, width: int = 640, height: int = 480) -> bytes:
    """A photo of one colour."""
    return photographs.jpeg(Image.new("RGB", (width, height), COLOURS[name]))


THREE = album([plain("red"), plain("green"), plain("blue")])


def middle(made: Prepared, number: int) -> tuple[int, ...]:
    """The colour in the middle of what is on a page."""
    image = shown(made, number)
    left, top, right, bottom = ink(image)
    return colour(image, (left + right) // 2, (top + bottom) // 2)


def order(made: Prepared) -> list[str]:
    """Which photo is on each page."""
    seen = [middle(made, page.number) for page in made.pages]
    return [name for dot in seen for name, wanted in COLOURS.items() if near(dot, wanted)]
