"""What a person wants blacked out of print-ready pages. Data only."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Any

from documents.preparing.geometry import LETTER

WIDTH, HEIGHT = map(int, LETTER)


class Misboxed(ValueError):
    """A box that is on no page, or holds nothing of one."""


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """Whole points from the left and from the top of a 1-based Letter page, as people look at it."""

    page: int
    left: int
    top: int
    right: int
    bottom: int

    def to_json(self) -> list[int]:
        return list(astuple(self))

    @classmethod
    def from_json(cls, value: Any) -> "Box":
        """Raises Misboxed for what is no box of a Letter page."""
        if not isinstance(value, list) or len(value) != 5 or not all(type(number) is int for number in value):
            raise Misboxed("It is no box.")
        box = cls(*value)
        if not (box.page >= 1 and 0 <= box.left < box.right <= WIDTH and 0 <= box.top < box.bottom <= HEIGHT):
            raise Misboxed("It is outside of its page.")
        return box


def by_page(boxes: Iterable[Box]) -> dict[int, list[Box]]:
    """The boxes of each page that has some, in an order that does not depend on how they came."""
    found: dict[int, list[Box]] = {}
    for box in sorted(set(boxes)):
        found.setdefault(box.page, []).append(box)
    return found
