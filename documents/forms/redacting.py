"""A box as somebody draws it, or types where it is."""

import math
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.models import Redaction
from documents.preparing import Box
from documents.preparing.geometry import LETTER

POINTS: Final = 72  # in an inch
CHOOSE: Final = ("", _("Choose a reason"))


class Inches(forms.FloatField):
    """Inches, with a point or a comma. Never out of all proportion to a page."""

    def __init__(self, label: Any, initial: float, **limits: float) -> None:
        step = forms.NumberInput({"step": "0.02", "inputmode": "decimal"})
        super().__init__(label=label, initial=initial, widget=step, min_value=limits.get("least", -20), max_value=40)

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}  # a box may begin outside of the page, and no number is wrong for its last figure


class BoxForm(forms.Form):
    """Where it is, from the left and the top of the page, and why. What of it lies outside of the page is cut off."""

    left = Inches(_("From the left"), 1)
    top = Inches(_("From the top"), 1)
    width = Inches(_("Wide"), 3, least=0)
    height = Inches(_("High"), 0.3, least=0)
    why = forms.ChoiceField(label=_("Why"), choices=[CHOOSE, *Redaction.Why.choices])
    words = forms.CharField(label=_("In your words"), required=False, max_length=300)

    def __init__(self, *args: Any, page: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page = page

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        sides = [typed[name] for name in ("left", "top", "width", "height") if name in typed]
        if len(sides) == 4 and not _inside(*sides):
            raise ValidationError(_("This box covers nothing of the page. Draw it on the page."))
        if typed.get("why") == Redaction.Why.OTHER and not typed.get("words"):
            self.add_error("words", _("Say why it is covered."))
        return typed

    @property
    def box(self) -> Box:
        """In whole points, never smaller than it was drawn."""
        typed = self.cleaned_data
        return Box(self.page, *_within(typed["left"], typed["top"], typed["width"], typed["height"]))


def _within(left: float, top: float, width: float, height: float) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in points, as far as they are on the page."""
    right, bottom = math.ceil((left + width) * POINTS), math.ceil((top + height) * POINTS)
    across, down = map(int, LETTER)
    return (
        max(0, math.floor(left * POINTS)),
        max(0, math.floor(top * POINTS)),
        min(across, right),
        min(down, bottom),
    )


def _inside(left: float, top: float, width: float, height: float) -> bool:
    x, y, right, bottom = _within(left, top, width, height)
    return width > 0 and height > 0 and x < right and y < bottom
