"""Where things stand on a print-ready page: US Letter, portrait, a clear band at the bottom. All lengths are points.

The packet stamps its page number in the lowest 36 points (domain rule: the stamp never covers content, a page is
scaled to 92 % if needed). So everything is placed in BOX, which is 92 % of Letter: a full Letter page shrinks to it
exactly. A matrix is the six numbers of the PDF operator `cm`.
"""

import math
from dataclasses import dataclass

from documents.preparing.words import Reason, Refused

LETTER = (612.0, 792.0)
BAND = 36.0
SCALE = 0.92
LEFT = LETTER[0] * (1 - SCALE) / 2
WIDTH, HEIGHT = LETTER[0] * SCALE, LETTER[1] * SCALE
TOP = BAND + HEIGHT

SMALLEST = 288.0  # what is smaller in both directions (a photo of an ID) is enlarged to 4 inches
TURN_BELOW = 0.9  # a wide page is turned once it would have to shrink further than this to stay upright
OVERLAP = 18.0  # of two slices of one tall page, so that no line of text is lost at a cut
MOST_SLICES = 40
KEPT_DPI, TARGET_DPI, LEAST_DPI = 300, 200, 150  # kept as it is up to; reduced to when above; legible from

Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """One Letter page's view of some content: where `matrix` puts it, and the rectangle (x, y, w, h) it shows in."""

    matrix: Matrix
    clip: tuple[float, float, float, float]


def multiply(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does `first`, then `then`."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def upright(box: tuple[float, float, float, float], rotate: int, unit: float) -> tuple[Matrix, float, float]:
    """How a viewer shows a page: the matrix from its own space to (0, 0, width, height), and that width and height.

    `box` is the visible box (left, bottom, right, top), `rotate` clockwise degrees, `unit` the page's UserUnit.
    """
    left, bottom, right, top = box
    width, height = (right - left) * unit, (top - bottom) * unit
    moved: Matrix = (unit, 0, 0, unit, -left * unit, -bottom * unit)
    turn = rotate % 360
    if turn not in (90, 180, 270):
        return moved, width, height
    matrix, across, down = turned(turn, width, height)
    return multiply(moved, matrix), across, down


def turned(turn: int, width: float, height: float) -> tuple[Matrix, float, float]:
    """The matrix that turns (0, 0, width, height) by 0, 90, 180 or 270 degrees, clockwise; its width and height then."""
    turns: dict[int, Matrix] = {
        0: (1, 0, 0, 1, 0, 0),
        90: (0, -1, 1, 0, 0, width),
        180: (-1, 0, 0, -1, width, height),
        270: (0, 1, -1, 0, height, 0),
    }
    return turns[turn], *((height, width) if turn in (90, 270) else (width, height))


def lies(width: float, height: float, turn: int = 0) -> int:
    """How a page of this visible size is turned in all, in degrees clockwise, where a person asked for `turn`.

    One that is too wide is turned a quarter unasked, its top to the left; a person turns it from there.
    """
    too_wide = width > height and WIDTH / width < TURN_BELOW
    return ((270 if too_wide else 0) + turn) % 360


def is_letter(width: float, height: float) -> bool:
    """Whether a page of this visible size covers a Letter page at full size, give or take a rounding error."""
    short, long = sorted((width, height))
    return abs(short - LETTER[0]) <= 2 and abs(long - LETTER[1]) <= 2


def place(width: float, height: float, *, full_size: bool, turn: int = 0) -> list[Frame]:
    """The pages that show content of (0, 0, width, height): one, or several slices where one would be illegible.

    `turn` is what a person asked for, clockwise.
    `full_size` is the caller's word that it is a Letter page whose lowest band is empty: it is not scaled then.
    Refused(TOO_LARGE) where even slices would not end.
    """
    matrix, width, height = turned(lies(width, height, turn), width, height)
    if full_size:
        return [Frame(multiply(matrix, (1, 0, 0, 1, 0, LETTER[1] - height)), (0, 0, *LETTER))]
    across = min(_largest(width, height), WIDTH / width)
    scale = min(across, HEIGHT / height)
    if scale >= across / 2:
        return [_frame(matrix, scale, width, height, 0)]
    step = HEIGHT - OVERLAP
    count = math.ceil((height * across - OVERLAP) / step)
    if count > MOST_SLICES:
        raise Refused(Reason.TOO_LARGE, f"One page of it would take {count} Letter pages.")
    return [_frame(matrix, across, width, height, slice_ * step) for slice_ in range(count)]


def _frame(turn: Matrix, scale: float, width: float, height: float, skipped: float) -> Frame:
    """Centred across, its top at the top of BOX with `skipped` points of it above."""
    left = LEFT + (WIDTH - width * scale) / 2
    bottom = TOP - height * scale + skipped
    shown = min(HEIGHT, height * scale - skipped)
    matrix = multiply(turn, (scale, 0, 0, scale, left, bottom))
    return Frame(matrix, (left, TOP - shown, width * scale, shown))


def _largest(width: float, height: float) -> float:
    return max(1.0, SMALLEST / max(width, height))


def picture_dpi(width: int, height: int) -> float:
    """Pixels per inch at which a picture of this size is printed: as large as BOX allows, yet not coarser than
    LEAST_DPI unless it would come out smaller than 4 inches. A tall screenshot counts by its width alone: it is cut.
    """
    fits = width / WIDTH * 72
    if not is_tall(width, height):
        fits = max(fits, height / HEIGHT * 72)
    return max(fits, min(LEAST_DPI, max(width, height) / SMALLEST * 72))


def is_tall(width: int, height: int) -> bool:
    """Whether a picture is so tall that one page would make it illegible: a screenshot of a whole conversation."""
    return height > 3 * width


def slices(width: int, height: int, dpi: float) -> list[tuple[int, int]]:
    """The rows (from, below) of a picture that go onto one page each, in order; neighbours overlap."""
    rows = math.floor(HEIGHT / 72 * dpi)
    if height <= rows + 1:
        return [(0, height)]
    step = rows - round(OVERLAP / 72 * dpi)
    count = math.ceil((height - rows) / step) + 1
    if count > MOST_SLICES:
        raise Refused(Reason.TOO_LARGE, f"This picture would take {count} Letter pages.")
    return [(first * step, min(height, first * step + rows)) for first in range(count)]
