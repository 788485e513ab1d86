"""The options memo as an attorney fills it in. Nothing is chosen beforehand."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.models import Request
from documents.options import ASKED_OF_A_DISMISSAL, Answer, Way, YesNo

UNDER_TWO_YEARS = _("Is the client in the US under two years, or unable to prove longer?")
CLOSURE = _("Was administrative closure considered instead?")


class OptionsForm(forms.Form):
    """May be saved half done: what is still missing, the page says. A way that is not available needs its reason."""

    work_permit = forms.CharField(
        label=_("What a yes does to the client's work permit"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, request: Request, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for way in Way:
            self.fields[way.value] = _choice(way.label, Answer.choices)
            self.fields[f"{way.value}_note"] = forms.CharField(label=_("Short note"), required=False, max_length=300)
        self.screens = request.form == ASKED_OF_A_DISMISSAL
        if self.screens:
            self.fields["two_years"] = _choice(UNDER_TWO_YEARS, YesNo.choices)
            self.fields["closure"] = _choice(CLOSURE, YesNo.choices)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        for way in Way:
            if typed.get(way.value) == Answer.NOT_AVAILABLE and not typed.get(f"{way.value}_note"):
                self.add_error(f"{way.value}_note", _("Say in a few words why it is not available."))
        return typed

    @property
    def said(self) -> dict[str, str]:
        """The answers alone."""
        return {name: words for name, words in self.cleaned_data.items() if name != "seen"}

    def ways(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """Each way with its note."""
        for way in Way:
            yield self[way.value], self[f"{way.value}_note"]

    def screen(self) -> list[forms.BoundField]:
        return [self["two_years"], self["closure"]] if self.screens else []


def _choice(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, widget=forms.RadioSelect)
