"""What a person asked of the pages of a file: in what order, and how turned. Data only.

Photos may be straightened, cropped and left out besides. Of any other file every page is there, once.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_TURNS = (0, 90, 180, 270)
_LEAST_SIDE = 0.05  # of the photo: less is no page but a slip of the finger
_MOST_TILT = 45.0


class Misplaced(ValueError):
    """An arrangement that does not fit the file: pages that are not there, one of them twice, or missing; a crop of nothing."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One photo as a page, or one page of any other file; `photo` is its 1-based place in the file.

    Of a page that is no photo, `turn` alone counts: from how it comes unasked, clockwise.
    A photo stands upright as its camera says. It is turned by `tilt` degrees, clockwise, about its centre, and keeps its
    size where there is a `crop`: left, top, right, bottom as fractions of that. Then it is turned by `turn`, clockwise.
    """

    photo: int
    turn: int = 0  # degrees: 0, 90, 180 or 270
    crop: tuple[float, float, float, float] | None = None  # None: all of it, also the corners that a tilt moves out
    tilt: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"crop": list(self.crop) if self.crop else None}

    @classmethod
    def from_json(cls, value: Any) -> "Placed":
        """Raises Misplaced for what `to_json` cannot have made."""
        match value:
            case {"photo": int(photo), "turn": int(turn), "crop": None, "tilt": int() | float() as tilt}:
                return cls(photo, turn, None, float(tilt))
            case {"photo": int(photo), "turn": int(turn), "crop": [*sides], "tilt": int() | float() as tilt}:
                return cls(photo, turn, _sides(sides), float(tilt))
        raise Misplaced("It is no placed photo.")

    @property
    def is_sound(self) -> bool:
        """Whether there is such a page of any photo. What is no number is not."""
        left, top, right, bottom = self.crop or (0, 0, 1, 1)
        inside = 0 <= left <= right <= 1 and 0 <= top <= bottom <= 1
        large = inside and right - left >= _LEAST_SIDE and bottom - top >= _LEAST_SIDE
        return large and self.turn in _TURNS and abs(self.tilt) <= _MOST_TILT

    @property
    def changes(self) -> bool:
        """Whether the page differs from the photo."""
        return bool(self.turn or self.tilt or self.crop)


def _sides(sides: list[Any]) -> tuple[float, float, float, float]:
    if len(sides) != 4 or not all(isinstance(side, int | float) and math.isfinite(side) for side in sides):
        raise Misplaced("It has no four sides.")
    left, top, right, bottom = map(float, sides)
    return left, top, right, bottom


def arranged(arrangement: Sequence[Placed], photos: int) -> tuple[Placed, ...]:
    """The pages to make of so many photos; of an empty arrangement, every photo as it is. Raises Misplaced."""
    numbers = [placed.photo for placed in arrangement]
    if len({*numbers}) < len(numbers) or not {*numbers} <= {*range(1, photos + 1)}:
        raise Misplaced(f"The file has {photos} photos, each of them once.")
    if not all(placed.is_sound for placed in arrangement):
        raise Misplaced("A photo cannot be turned or cropped like that.")
    return tuple(arrangement) or tuple(map(Placed, range(1, photos + 1)))


def every(arrangement: Sequence[Placed], pages: int) -> tuple[Placed, ...]:
    """As `arranged`, of a file that is no photos: none of its pages is left out, and none is cut. Raises Misplaced."""
    placed = arranged(arrangement, pages)
    if len(placed) != pages or any(each.crop or each.tilt for each in placed):
        raise Misplaced(f"Each of its {pages} pages is there once, and whole.")
    return placed
