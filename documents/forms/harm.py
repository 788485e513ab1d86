"""What somebody says of what may harm: of a hold, of what was found on a page, of a compartment."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.models import Compartment, Disclosure, Document, Finding

Ranges = list[tuple[int, int]]
LONGEST = 1000


class PagesField(forms.CharField):
    """Page numbers as people write them, “1-3, 5”, as ranges: 1-based, inclusive. Nothing is no range."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=200, **kwargs)

    def clean(self, value: Any) -> Ranges:
        return [self._range(each) for each in re.split(r"[,;]", super().clean(value)) if each.strip()]

    def _range(self, typed: str) -> tuple[int, int]:
        found = re.fullmatch(r"\s*([0-9]{1,6})\s*(?:[-\u2013]\s*([0-9]{1,6})\s*)?", typed)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 1 <= first <= last:
            raise ValidationError(_("Write pages like this: 1-3, 5."))
        return first, last


def why(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=LONGEST, widget=forms.Textarea({"rows": 2})
    )  # fmt: skip


class LiftForm(forms.Form):
    why = why(_("Why it may go forward"))
    pages = PagesField(label=_("Pages"))


class SettleForm(forms.Form):
    """Findings of one kind, each as it was on the page, and what somebody says they are."""

    kind = forms.ChoiceField(choices=Finding.Kind.choices)
    found = forms.MultipleChoiceField(
        label=_("Pages"),
        error_messages={
            "required": _("Choose at least one page."),
            "invalid_choice": _("This changed meanwhile. Here is what is found now."),
        },
    )
    settled_as = forms.ChoiceField(label=_("What it is"), choices=[("", _("Choose what it is")), *Finding.As.choices])
    why = why(_("In words"), required=False)

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_ = [each for each in document.findings.all() if each.is_open]
        self.fields["found"].choices = [(f"{each.pk}:{each.mark}", each.page) for each in open_]  # type: ignore[attr-defined]  # of a ChoiceField

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("settled_as") == Finding.As.OTHER and not typed.get("why"):
            self.add_error("why", _("Say in words what it is."))
        return typed

    @property
    def seen(self) -> dict[int, str]:
        """The marks of the findings, by their ids."""
        return {int(pk): mark for pk, mark in (each.split(":") for each in self.cleaned_data["found"])}


class CompartmentForm(forms.Form):
    compartment = forms.ChoiceField(
        label=_("It tells of"), choices=[("", _("Choose a compartment")), *Compartment.choices]
    )


class TakeOutForm(forms.Form):
    compartment = forms.ChoiceField(choices=Compartment.choices)
    why = why(_("Why it tells nothing of this"))


class DisclosureForm(forms.Form):
    """A decision, its reason, and the pages it is about."""

    compartment = forms.ChoiceField(choices=Compartment.choices)
    seen = forms.RegexField(r"[0-9a-f]{64}\Z", widget=forms.HiddenInput)
    decision = forms.ChoiceField(label=_("Decision"), choices=[("", _("Choose")), *Disclosure.Decision.choices])
    why = why(_("Why"))


class PointForm(forms.Form):
    """A point to check, and whether somebody looked at it."""

    prompt = forms.CharField(max_length=200, strip=False)
    looked = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
