"""Which other pages draw the very thing that a box covers, and would keep what was under it.

A tall page becomes several Letter pages of one drawing, each with the whole of its text, and pages may share pictures.
What is shared and stands clear of every box (a letterhead) takes nothing along.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf

from documents.preparing.boxes import HEIGHT, Box, by_page
from documents.preparing.drawing import drawn, matrix
from documents.preparing.geometry import Matrix

Place = tuple[float, float, float, float]  # left, bottom, right, top, in points
Id = tuple[int, int]
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
    for thing, at in drawn(page):
        box = (0, 0, 1, 1) if thing.get("/Subtype") == "/Image" else matrix(thing.get("/BBox", (0, 0, 0, 0)))[:4]
        places.setdefault(thing.objgen, []).append(_bounds(at, box))
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


def _bounds(at: Matrix, box: Sequence[float]) -> Place:
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    across = [at[0] * x + at[2] * y + at[4] for x, y in corners]
    up = [at[1] * x + at[3] * y + at[5] for x, y in corners]
    return min(across), min(up), max(across), max(up)
