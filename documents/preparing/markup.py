"""How an annotation looks that leaves drawing to the viewer: highlights, lines, shapes, ink, typed notes.

ISO 32000-2, 12.5.6. Most programs store the drawing with the annotation; what is made here is for the others.
"""

import textwrap
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pikepdf

from documents.preparing.objects import listed

_MULTIPLY = "/M gs"
_CURVE = 0.5523  # of a quarter circle's control points
_FONT_SIZE = 11.0
_LETTER_WIDTH = 0.5  # of the font size, on average: good enough to break lines
Points = list[tuple[float, float]]


def draw(pdf: pikepdf.Pdf, note: Any) -> None:
    """Gives an annotation without a drawing one; a kind that shows nothing by itself is left as it is."""
    look = _LOOKS.get(str(note.get("/Subtype")))
    rect = _numbers(note.get("/Rect"))
    if look is None or len(rect) != 4:
        return
    form = pdf.make_stream(f"{_colours(note)} {_width(note):g} w {look(note)}".encode("cp1252", "replace"))
    form["/Type"], form["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Form
    form["/BBox"] = pikepdf.Array([min(rect[0], rect[2]), min(rect[1], rect[3]), max(rect[::2]), max(rect[1::2])])
    multiply = pikepdf.Dictionary(Type=pikepdf.Name.ExtGState, BM=pikepdf.Name.Multiply)
    helvetica = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )
    form["/Resources"] = pikepdf.Dictionary(
        ExtGState=pikepdf.Dictionary(M=multiply), Font=pikepdf.Dictionary(H=helvetica)
    )
    note["/AP"] = pikepdf.Dictionary(N=form)


def _highlight(note: Any) -> str:
    return " ".join([_MULTIPLY, *(f"{_path([a, b, d, c])} f" for a, b, c, d in _quads(note))])


def _underline(note: Any) -> str:
    return " ".join(f"{_path([c, d])} S" for _, _, c, d in _quads(note))


def _strike_out(note: Any) -> str:
    return " ".join(f"{_path([_middle(a, c), _middle(b, d)])} S" for a, b, c, d in _quads(note))


def _rectangle(note: Any) -> str:
    left, bottom, right, top = _numbers(note.get("/Rect"))
    edge = _width(note) / 2
    inside = f"{left + edge:g} {bottom + edge:g} {right - left - 2 * edge:g} {top - bottom - 2 * edge:g} re"
    return f"{inside} {_paint(note)}"


def _ellipse(note: Any) -> str:
    left, bottom, right, top = _numbers(note.get("/Rect"))
    x, y = (left + right) / 2, (bottom + top) / 2
    a, b = (right - left) / 2 - _width(note), (top - bottom) / 2 - _width(note)
    c, d = a * _CURVE, b * _CURVE
    curves = [
        (x + a, y + d, x + c, y + b, x, y + b),
        (x - c, y + b, x - a, y + d, x - a, y),
        (x - a, y - d, x - c, y - b, x, y - b),
        (x + c, y - b, x + a, y - d, x + a, y),
    ]
    drawn = " ".join(" ".join(f"{number:g}" for number in curve) + " c" for curve in curves)
    return f"{x + a:g} {y:g} m {drawn} {_paint(note)}"


def _ink(note: Any) -> str:
    strokes = [_pairs(_numbers(stroke)) for stroke in listed(note.get("/InkList"))]
    return " ".join(f"{_path(stroke)} S" for stroke in strokes if len(stroke) > 1)


def _line(note: Any) -> str:
    ends = _pairs(_numbers(note.get("/L")) or _numbers(note.get("/Vertices")))
    return f"{_path(ends)} S" if len(ends) > 1 else ""


def _polygon(note: Any) -> str:
    corners = _pairs(_numbers(note.get("/Vertices")))
    return f"{_path(corners)} h {_paint(note)}" if len(corners) > 1 else ""


def _typed(note: Any) -> str:
    left, _, right, top = _numbers(note.get("/Rect"))
    columns = max(1, int((right - left - 4) / (_FONT_SIZE * _LETTER_WIDTH)))
    lines = [part for line in str(note.get("/Contents", "")).splitlines() for part in _wrapped(line, columns)]
    shown = " ".join(f"({_escaped(line)}) Tj T*" for line in lines)
    return f"BT 0 g /H {_FONT_SIZE:g} Tf {_FONT_SIZE * 1.2:g} TL {left + 2:g} {top - _FONT_SIZE - 2:g} Td {shown} ET"


_LOOKS: dict[str, Callable[[Any], str]] = {
    "/Highlight": _highlight,
    "/Underline": _underline,
    "/Squiggly": _underline,
    "/StrikeOut": _strike_out,
    "/Square": _rectangle,
    "/Circle": _ellipse,
    "/Ink": _ink,
    "/Line": _line,
    "/PolyLine": _line,
    "/Polygon": _polygon,
    "/FreeText": _typed,
}


def _colours(note: Any) -> str:
    """Its colour for strokes and fills (a highlight fills with it), and its inner colour where it has one."""
    outer = _numbers(note.get("/C")) or [0.0]
    inner = _numbers(note.get("/IC")) or outer
    strokes, fills = {1: "G", 3: "RG", 4: "K"}, {1: "g", 3: "rg", 4: "k"}
    if len(outer) not in strokes or len(inner) not in fills:
        return "0 G 0 g"
    stroke, fill = (" ".join(f"{number:g}" for number in colour) for colour in (outer, inner))
    return f"{stroke} {strokes[len(outer)]} {fill} {fills[len(inner)]}"


def _paint(note: Any) -> str:
    return "B" if _numbers(note.get("/IC")) else "S"


def _width(note: Any) -> float:
    style = note.get("/BS")
    width = style.get("/W", 1) if isinstance(style, pikepdf.Dictionary) else 1
    return float(width) if isinstance(width, int | Decimal) else 1.0


def _quads(note: Any) -> list[Points]:
    """Groups of four corners: upper left, upper right, lower left, lower right, as programs really write them."""
    points = _pairs(_numbers(note.get("/QuadPoints")))
    return [points[at : at + 4] for at in range(0, len(points) - 3, 4)]


def _numbers(value: object) -> list[float]:
    try:
        return [float(number) for number in listed(value)]
    except (TypeError, ValueError):
        return []


def _pairs(numbers: list[float]) -> Points:
    return list(zip(numbers[::2], numbers[1::2], strict=False))


def _path(points: Points) -> str:
    first, *others = points
    return " ".join([f"{first[0]:g} {first[1]:g} m", *(f"{x:g} {y:g} l" for x, y in others)])


def _middle(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2


def _wrapped(line: str, columns: int) -> list[str]:
    return textwrap.wrap(line, columns) or [""]


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
