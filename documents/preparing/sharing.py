"""Which other pages draw the very thing that a box covers, and would keep what was under it.

A tall page becomes several Letter pages of one drawing, each with the whole of its text, and pages may share pictures.
What is shared and stands clear of every box (a letterhead) takes nothing along.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf

from documents.preparing.boxes import HEIGHT, Box, by_page
from documents.preparing.geometry import Matrix, multiply
from documents.preparing.words import Reason, Refused

Place = tuple[float, float, float, float]  # left, bottom, right, top, in points
Id = tuple[int, int]
_DEEPEST, _MOST = 12, 50_000
_UNIT: Matrix = (1, 0, 0, 1, 0, 0)
# What pages share without a word of theirs in it: fonts, tables of letters, profiles, functions; and the way up.
_DRAWS_NOTHING = {
    *("/Parent", "/FontDescriptor", "/ToUnicode", "/Encoding", "/CIDToGIDMap", "/ColorSpace"),
    *("/Function", "/TR", "/TR2", "/HT", "/UCR", "/UCR2", "/BG", "/BG2"),
}


def pages_with(pdf: pikepdf.Pdf, boxes: Sequence[Box]) -> set[int]:
    """The 1-based pages that hold what is under the boxes: those of the boxes, and those that share something with them."""
    boxed = by_page(boxes)
    touched = {thing for number, some in boxed.items() for thing in _touched(pdf.pages[number - 1], some)}
    holders = {number for number, page in enumerate(pdf.pages, 1) if touched & {*_reached(page.obj)}}
    return {*boxed} | holders


def _touched(page: pikepdf.Page, boxes: list[Box]) -> set[Id]:
    """What draws on the page, but for pictures and drawings that lie clear of every box wherever they are drawn."""
    places: dict[Id, list[Place]] = {}
    for thing, place in _drawn(page.obj, page.obj, _UNIT, [_MOST], _DEEPEST):
        places.setdefault(thing, []).append(place)
    return {
        thing
        for thing in _reached(page.obj)
        if thing not in places or any(_meet(place, box) for place in places[thing] for box in boxes)
    }


def _meet(place: Place, box: Box) -> bool:
    left, bottom, right, top = place
    return left < box.right and right > box.left and bottom < HEIGHT - box.top and top > HEIGHT - box.bottom


def _reached(start: Any) -> Iterator[Id]:
    """Every stream that can draw and hangs on a page: pictures, drawings, patterns, letters made of drawings."""
    pending, seen = [start], pikepdf.ObjectSet()
    while pending:
        thing = pending.pop()
        if isinstance(thing, pikepdf.Array):
            pending += list(thing)
        elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            if thing.is_indirect and not seen.add(thing):
                continue
            if isinstance(thing, pikepdf.Stream):
                yield thing.objgen
            pending += [value for key, value in thing.items() if key not in _DRAWS_NOTHING]


def _drawn(content: Any, holder: Any, at: Matrix, left: list[int], depth: int) -> Iterator[tuple[Id, Place]]:
    """Every picture and drawing that a page draws, and where. Refused(TOO_COMPLEX) where that does not end."""
    things = _entry(_entry(holder, "/Resources"), "/XObject")
    if not isinstance(things, pikepdf.Dictionary):
        return
    stack: list[Matrix] = []
    now = at
    for step in pikepdf.parse_content_stream(content, "q Q cm Do"):
        operands: Any = step.operands
        match str(step.operator):
            case "q":
                stack.append(now)
            case "Q":
                now = stack.pop() if stack else at
            case "cm":
                now = multiply(_matrix(operands), now)
            case "Do":
                yield from _done(things.get(str(operands[0])), now, left, depth)


def _done(thing: Any, at: Matrix, left: list[int], depth: int) -> Iterator[tuple[Id, Place]]:
    if not isinstance(thing, pikepdf.Stream):
        return
    left[0] -= 1
    if left[0] < 0 or not depth:
        raise Refused(Reason.TOO_COMPLEX, "It draws drawings in drawings without an end.")
    if thing.get("/Subtype") == "/Image":
        yield thing.objgen, _bounds(at, (0, 0, 1, 1))
    elif thing.get("/Subtype") == "/Form":
        inner = multiply(_matrix(thing.get("/Matrix", _UNIT)), at)
        yield thing.objgen, _bounds(inner, _matrix(thing.get("/BBox", (0, 0, 0, 0)))[:4])
        yield from _drawn(thing, thing, inner, left, depth - 1)


def _bounds(at: Matrix, box: Sequence[float]) -> Place:
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across = [at[0] * x + at[2] * y + at[4] for x, y in corners]
    up = [at[1] * x + at[3] * y + at[5] for x, y in corners]
    return min(across), min(up), max(across), max(up)


def _matrix(numbers: Any) -> Any:
    return tuple(float(number) for number in numbers)


def _entry(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, pikepdf.Dictionary | pikepdf.Stream) else None
