"""What a page draws, and where: every picture and every form, also those within forms."""

from collections.abc import Iterator
from typing import Any

import pikepdf

from documents.preparing.geometry import Matrix, multiply
from documents.preparing.words import Reason, Refused

_DEEPEST, _MOST = 12, 50_000
_UNIT: Matrix = (1, 0, 0, 1, 0, 0)

Drawn = Iterator[tuple[pikepdf.Stream, Matrix]]


def drawn(page: pikepdf.Page) -> Drawn:
    """Each time something is drawn: the picture or form, and the matrix from its space (of a picture: the unit square) to
    points of the page. Refused(TOO_COMPLEX) where that does not end."""
    return _drawn(page.obj, page.obj, _UNIT, [_MOST], _DEEPEST)


def _drawn(content: Any, holder: Any, at: Matrix, left: list[int], depth: int) -> Drawn:
    things = entry(entry(holder, "/Resources"), "/XObject")
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
                now = multiply(matrix(operands), now)
            case "Do":
                yield from _done(things.get(str(operands[0])), now, left, depth)


def _done(thing: Any, at: Matrix, left: list[int], depth: int) -> Drawn:
    if not isinstance(thing, pikepdf.Stream):
        return
    left[0] -= 1
    if left[0] < 0 or not depth:
        raise Refused(Reason.TOO_COMPLEX, "It draws drawings in drawings without an end.")
    if thing.get("/Subtype") == "/Image":
        yield thing, at
    elif thing.get("/Subtype") == "/Form":
        inner = multiply(matrix(thing.get("/Matrix", _UNIT)), at)
        yield thing, inner
        yield from _drawn(thing, thing, inner, left, depth - 1)


def matrix(numbers: Any) -> Any:
    """Numbers of a PDF as numbers of ours."""
    return tuple(float(number) for number in numbers)


def entry(holder: Any, key: str) -> Any:
    """What a dictionary or a stream has under `key`; None of anything else."""
    return holder.get(key) if isinstance(holder, pikepdf.Dictionary | pikepdf.Stream) else None
