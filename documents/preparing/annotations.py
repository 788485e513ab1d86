"""Forms and annotations drawn into their pages, so that nothing a person could see is lost with them."""

import re
from typing import Any

import pikepdf
from pikepdf.form import ExtendedAppearanceStreamGenerator

from documents.preparing import lettering, markup
from documents.preparing.objects import listed
from documents.preparing.words import Reason, Refused

_NOT_DRAWN = {"/Link", "/Popup"}
_HIDDEN = 0b11  # the flags Invisible and Hidden


def flatten(pdf: pikepdf.Pdf) -> bool:
    """Draws every form field and visible annotation into its page; tells whether there was any.

    Hidden ones stay hidden. One that is shown only on screen, or only in print, counts as visible.
    """
    some = any(_is_visible(note) for page in pdf.pages for note in listed(page.obj.get("/Annots")))
    if some:
        _fill_in(pdf)
        _draw_markup(pdf)
        pdf.flatten_annotations("all")
    return some


def _is_visible(note: Any) -> bool:
    if not isinstance(note, pikepdf.Dictionary) or note.get("/Subtype") in _NOT_DRAWN:
        return False
    flags = note.get("/F", 0)
    return not (isinstance(flags, int) and flags & _HIDDEN)


def _draw_markup(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        for note in listed(page.obj.get("/Annots")):
            if _is_visible(note) and "/AP" not in note:
                markup.draw(pdf, note)


def _fill_in(pdf: pikepdf.Pdf) -> None:
    """Gives fields a picture of their value where the file leaves drawing it to the viewer."""
    form: Any = pdf.acroform
    if not form.exists:
        return
    generator = ExtendedAppearanceStreamGenerator(pdf, form)
    for field in form.fields:
        notes = [note.obj for note in form.get_annotations_for_field(field)]
        bare = any("/AP" not in note for note in notes)
        if not (field.is_text or field.is_choice) or not (bare or form.needs_appearances):
            continue
        if lettering.is_western(field.value_as_string):
            (generator.generate_text if field.is_text else generator.generate_choice)(field)
        elif not all(lettering.letter(pdf, note, field.value_as_string, _font_size(field)) for note in notes):
            raise Refused(Reason.TOO_COMPLEX, "A form field has letters for which there is no font.")
    form.needs_appearances = False


def _font_size(field: Any) -> float:
    """In points, from the field's default appearance; 0 where it is to fit the field."""
    found = re.search(rb"([\d.]+)\s+Tf", bytes(field.default_appearance))
    return float(found[1]) if found else 0.0
