"""What a page draws, as pdfium reads it: pictures with the resolution they are seen in, and whatever can hide a word."""

import ctypes
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

MOST, DEEPEST = 2000, 8  # objects of a page that are looked at; forms in forms
COVER = 4.0  # points: a shape smaller than that in either direction covers no word
WHITE = 240  # of 255: ink that light on paper does not show

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points
Matrix = tuple[float, float, float, float, float, float]
UPRIGHT: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: where it is, in pixels an inch of its coarser direction, and whether it was turned a quarter."""

    box: Box
    dpi: float
    turned: bool


@dataclass(slots=True)
class Sights:
    """`covers`: filled shapes, pictures and text without ink, as boxes; the whole page where there is too much to look
    at one by one."""

    pictures: list[Picture] = field(default_factory=list)
    covers: list[Box] = field(default_factory=list)


def sights(page: pypdfium2.PdfPage) -> Sights:
    """Of one page."""
    found = Sights()
    for many, (thing, matrix) in enumerate(_drawn(page), 1):
        if many > MOST:
            found.covers.append((0, 0, *page.get_size()))
            break
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            found.pictures.append(_picture(thing, matrix))
            found.covers.append(found.pictures[-1].box)
        elif (kind == pdfium.FPDF_PAGEOBJ_PATH and _filled(thing)) or (kind == pdfium.FPDF_PAGEOBJ_TEXT and _bare(thing)):
            box = _box(thing, matrix)
            if min(box[2] - box[0], box[3] - box[1]) >= COVER:
                found.covers.append(box)
    return found


def matrix_of(read: Callable[..., Any], *thing: Any) -> Matrix:
    """The matrix that one of pdfium's functions tells of a thing."""
    told = pdfium.FS_MATRIX()
    return (told.a, told.b, told.c, told.d, told.e, told.f) if read(*thing, told) else UPRIGHT


def _drawn(page: pypdfium2.PdfPage) -> Iterator[tuple[Any, Matrix]]:
    """Everything the page's first form draws: the page as it was prepared; what comes after it is the stamp."""
    first = pdfium.FPDFPage_GetObject(page, 0)
    if first and pdfium.FPDFPageObj_GetType(first) == pdfium.FPDF_PAGEOBJ_FORM:
        yield from _inside(first, UPRIGHT, DEEPEST)


def _inside(form: Any, above: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
    here = _multiply(matrix_of(pdfium.FPDFPageObj_GetMatrix, form), above)
    for at in range(pdfium.FPDFFormObj_CountObjects(form)):
        thing = pdfium.FPDFFormObj_GetObject(form, at)
        if depth and pdfium.FPDFPageObj_GetType(thing) == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _inside(thing, here, depth - 1)
        else:
            yield thing, here


def _picture(thing: Any, above: Matrix) -> Picture:
    a, b, c, d, e, f = _multiply(matrix_of(pdfium.FPDFPageObj_GetMatrix, thing), above)
    width, height = ctypes.c_uint(), ctypes.c_uint()
    pdfium.FPDFImageObj_GetImagePixelSize(thing, width, height)
    across, down = max(math.hypot(a, b), 1e-6), max(math.hypot(c, d), 1e-6)
    dpi = min(width.value / across, height.value / down) * 72
    return Picture(_around((0, 0, 1, 1), (a, b, c, d, e, f)), dpi, abs(b) > abs(a))


def _filled(path: Any) -> bool:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(pdfium.FPDFPath_GetDrawMode(path, mode, stroke)) and mode.value != pdfium.FPDF_FILLMODE_NONE


def _bare(text: Any) -> bool:
    """Drawn without ink, or as white as paper."""
    if pdfium.FPDFTextObj_GetTextRenderMode(text) in (
        pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP,
    ):  # fmt: skip
        return True
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(text, red, green, blue, alpha):
        return False
    return min(red.value, green.value, blue.value) >= WHITE or alpha.value < 16


def _box(thing: Any, above: Matrix) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium.FPDFPageObj_GetBounds(thing, left, bottom, right, top)
    return _around((left.value, bottom.value, right.value, top.value), above)


def _around(box: Box, matrix: Matrix) -> Box:
    """The box around a box that a matrix moves."""
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in box[::2] for y in box[1::2]]
    across, down = [x for x, _y in corners], [y for _x, y in corners]
    return min(across), min(down), max(across), max(down)


def _multiply(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does `first`, then `then`."""
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)
