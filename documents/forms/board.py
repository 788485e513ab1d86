"""What is said of a factor, its place on the board, and a factor of one matter. Whether it may be done, the rules decide."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.forms.review import one_line
from documents.models import Factor, Matter
from documents.packets import lineup


class ClaimForm(forms.Form):
    """That the factor counts, or that it does not apply and why."""

    factor = forms.ModelChoiceField(Factor.objects.none())
    do = forms.ChoiceField(choices=[("claim", "claim"), ("set_aside", "set_aside")])
    why = forms.CharField(label=_("Does not apply, because"), required=False, max_length=500)

    def __init__(self, *args: Any, matter: Matter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Any = self.fields["factor"]
        known.queryset = Factor.everything.of(matter.pk)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        typed["why"] = one_line(typed.get("why", ""))
        if typed.get("do") == "set_aside" and not typed["why"]:
            self.add_error("why", ValidationError(_("Write why it does not apply. The attorney reads this.")))
        return typed


class LineUpForm(forms.Form):
    """Every factor that the board shows, in order, and the one that goes up or down; or all of them as they were dragged."""

    order = forms.RegexField(r"^[A-Z_]{3,40}( [A-Z_]{3,40}){0,199}\Z")
    up = forms.CharField(required=False, max_length=40)
    down = forms.CharField(required=False, max_length=40)
    seen = forms.CharField(max_length=16)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        codes = typed.get("order", "").split()
        step = typed.get("up") or typed.get("down")
        if len(set(codes)) != len(codes) or (step and step not in codes):
            raise ValidationError(_("That order could not be read. Nothing was changed."))
        return typed

    @property
    def moved(self) -> str:
        """The code of what went up or down."""
        return self.cleaned_data["up"] or self.cleaned_data["down"]

    @property
    def wanted(self) -> list[str]:
        codes: list[str] = self.cleaned_data["order"].split()
        if not self.moved:
            return codes
        return lineup.moved(codes, self.moved, -1 if self.cleaned_data["up"] else 1)


class OwnFactorForm(forms.Form):
    """A factor of one matter. Its code is the portal's to make."""

    polarity = forms.ChoiceField(
        label=_("Polarity"),
        choices=[choice for choice in Factor.Polarity.choices if choice[0] != Factor.Polarity.PROCEDURAL],
        help_text=_("A document under a negative factor waits for an attorney."),
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    name_es = forms.CharField(label=_("Name in Spanish"), max_length=200)
    reveals = forms.BooleanField(label=_("An attorney looks at its papers first"), required=False)

    def clean_name_en(self) -> str:
        return printable(self.cleaned_data["name_en"])

    def clean_name_es(self) -> str:
        return printable(self.cleaned_data["name_es"])


def printable(text: str) -> str:
    if name := one_line(text):
        return name
    raise ValidationError(_("Write a name that can be printed."))
