"""What a few bytes of a PDF may stand for: a wall of pixels, a gigabyte of zeros, drawings that draw drawings.

Looked at before anything decodes or draws it: a renderer out of memory dies, and then nobody knows of what.
"""

from typing import Any

import pikepdf

from documents.preparing.objects import listed
from documents.preparing.words import Limits, Reason, Refused

_MOST_DRAWN = 1_000_000  # drawings that one page may draw, those within others included
_MOST_NOTES = 5_000  # annotations of one page
_GROWTH = 1032  # times its size: the most that one filter makes of a byte (deflate)
_PACKING = {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}


def demand_small(thing: Any, limits: Limits) -> None:
    """Refused(TOO_LARGE) for a picture of too many pixels, TOO_COMPLEX for a stream that grows past all reason."""
    is_picture = thing.get("/Subtype") == "/Image"
    if is_picture:
        _demand_few_pixels(thing, limits)
    if not isinstance(thing, pikepdf.Stream):
        return
    filters = thing.get("/Filter")
    packings = sum(str(each) in _PACKING for each in listed(filters) or [filters])
    if packings > is_picture and len(thing.read_raw_bytes()) * _GROWTH**packings > limits.memory // 8:
        _demand_bounded(thing, limits)


def _demand_few_pixels(picture: Any, limits: Limits) -> None:
    """Four colours are assumed, as in print."""
    width, height, bits = (picture.get(key) for key in ("/Width", "/Height", "/BitsPerComponent"))
    if not (isinstance(width, int) and isinstance(height, int)):
        return
    grown = width * height * (bits if isinstance(bits, int) else 1) // 2  # bytes
    if width * height > 4 * limits.pixels or grown > limits.memory // 2:
        raise Refused(Reason.TOO_LARGE, f"A picture in it has {width} × {height} pixels.")


def _demand_bounded(stream: pikepdf.Stream, limits: Limits) -> None:
    try:
        size = len(stream.read_bytes())
    except pikepdf.DataDecodingError as error:
        size = limits.memory if "limit" in str(error) else 0
    except pikepdf.PdfError:
        size = 0  # a filter that is not packing: what it makes of the rest is no stream of bytes
    if size > limits.memory // 8:
        raise Refused(Reason.TOO_COMPLEX, "A part of it grows past all reason.")


def demand_few_drawings(pdf: pikepdf.Pdf) -> None:
    """Refused(TOO_COMPLEX) naming the first page (1-based) that would draw too much. Estimates, never too low."""
    known: dict[tuple[int, int], int] = {}
    for number, page in enumerate(pdf.pages, 1):
        contents, notes = page.obj.get("/Contents"), listed(page.obj.get("/Annots"))
        drawn = _weight(page.obj, listed(contents) or [contents], None, known)
        drawn += sum(_form_weight(look, None, known) for note in notes for look in _looks(note))
        if drawn > _MOST_DRAWN or len(notes) > _MOST_NOTES:
            raise Refused(Reason.TOO_COMPLEX, f"Page {number} draws more than any page does.")


def _weight(holder: Any, contents: list[Any], inherited: Any, known: dict[tuple[int, int], int]) -> int:
    """How many drawings one use of `holder` comes to. Its content is read only where drawings nest at all."""
    resources = holder.get("/Resources", inherited)
    drawings = resources.get("/XObject") if isinstance(resources, pikepdf.Dictionary) else None
    forms = [form for form in drawings.values() if _is_form(form)] if isinstance(drawings, pikepdf.Dictionary) else []
    heaviest = max((_form_weight(form, resources, known) for form in forms), default=0)
    if heaviest <= 1:
        return 1 + heaviest
    uses = sum(stream.read_bytes().count(b"Do") for stream in contents if isinstance(stream, pikepdf.Stream))
    return 1 + uses * heaviest


def _form_weight(form: Any, inherited: Any, known: dict[tuple[int, int], int]) -> int:
    if form.objgen not in known:
        known[form.objgen] = 1  # what it is within itself: readers stop there
        known[form.objgen] = _weight(form, [form], inherited, known)
    return known[form.objgen]


def _looks(note: Any) -> list[Any]:
    """The drawings of an annotation, whichever of them is shown."""
    shown = note.get("/AP") if isinstance(note, pikepdf.Dictionary) else None
    look = shown.get("/N") if isinstance(shown, pikepdf.Dictionary) else None
    several = list(look.values()) if isinstance(look, pikepdf.Dictionary) else [look]
    return [each for each in several if isinstance(each, pikepdf.Stream)]


def _is_form(thing: Any) -> bool:
    return isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Form"
