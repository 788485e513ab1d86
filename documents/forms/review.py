"""What a reviewer fills in. Each form checks what was typed; whether it may be done, the rules decide."""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from documents import tagging
from documents.models import Disposition, Document, Factor, Tag

# What the client reads, in the client's own language. A code is what the form sends.
REASONS: Final[dict[str, Promise]] = {
    "blurry": _("The photo is blurry. Put the paper on a table, in good light."),
    "dark": _("The photo is too dark. Take it near a window."),
    "cut_off": _("Part of the paper is cut off. Show all four corners."),
    "pages_missing": _("Some pages are missing. Send all of them, front and back."),
    "wrong_paper": _("This is another paper. Send the one on your list."),
    "wrong_person": _("This paper has another person's name. Send yours."),
    "too_old": _("This paper is out of date. Send a newer one."),
    "not_signed": _("The signature is missing. Sign it and send it again."),
}
GROUPS: Final[dict[str, Promise]] = {
    "seed-positive": _("Main positive factors"),
    "seed-negative": _("Main negative factors"),
    "positive": _("Further positive factors"),
    "negative": _("Further negative factors"),
    "context": _("Context"),
    "procedural": _("Papers that are no factor"),
    "firm": _("Added by the firm"),
}


def group_of(factor: Factor) -> str:
    if factor.origin == Factor.Origin.FIRM:
        return "firm"
    return f"seed-{factor.polarity}" if factor.origin == Factor.Origin.SEED else factor.polarity


def grouped(factors: Iterable[Factor]) -> list[tuple[Promise, list[Factor]]]:
    """In the order people look for them: the main ones first, then the rest, the firm's own last."""
    places = list(GROUPS)
    ordered = sorted(factors, key=lambda factor: (places.index(group_of(factor)), factor.position))
    return [(GROUPS[name], list(group)) for name, group in groupby(ordered, group_of)]


def one_line(text: str) -> str:
    """What can be printed on one line: no line breaks, and nothing that hides or turns the letters around it."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


class PageField(forms.IntegerField):
    """A page number in figures 0 to 9, at most six of them."""

    def to_python(self, value: Any) -> int | None:
        if value not in self.empty_values and not re.fullmatch(r"\s*[0-9]{1,6}\s*", str(value)):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class TagForm(forms.Form):
    """A factor, the pages that support it (both empty: the whole document), how strongly, and a note for the team."""

    factor = forms.ModelChoiceField(Factor.objects.none(), label=_("Add a factor"))
    first_page = PageField(label=_("From page"), required=False, min_value=1)
    last_page = PageField(label=_("to page"), required=False, min_value=1)
    strength = forms.ChoiceField(label=_("It is"), choices=Tag.Strength.choices, initial=Tag.Strength.DIRECT)
    note = forms.CharField(label=_("Note for the legal team"), required=False, max_length=1000)

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.document = document
        known: Any = self.fields["factor"]
        known.queryset = tagging.offered(document)

    def groups(self) -> list[tuple[Promise, list[Factor]]]:
        return grouped(tagging.offered(self.document))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        given = {typed.get("first_page") is None, typed.get("last_page") is None}
        if not self.has_error("first_page") and not self.has_error("last_page") and len(given) == 2:
            raise ValidationError(_("Give the first and the last page, or leave both empty."))
        return typed

    @property
    def pages(self) -> tuple[int, int] | None:
        """1-based, inclusive; None for the whole document, also when it was written out."""
        first, last = self.cleaned_data["first_page"], self.cleaned_data["last_page"]
        return None if first is None or (first, last) == (1, self.document.pages) else (first, last)


class FactorOf(forms.Form):
    """Which tag to take away."""

    factor = forms.ModelChoiceField(Factor.everything.all())


class TitleForm(forms.Form):
    title = forms.CharField(label=_("Exhibit title"), required=False, max_length=200)

    def clean_title(self) -> str:
        return one_line(self.cleaned_data["title"])


class AskAgainForm(forms.Form):
    """Why the client is asked again: a sentence we have in the client's language, words of one's own, or both."""

    reason = forms.ChoiceField(label=_("What the client reads"), required=False)
    words = forms.CharField(
        label=_("In your own words"), required=False, max_length=500, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language
        self.fields["reason"].choices = [("", _("Choose a reason")), *REASONS.items()]  # type: ignore[attr-defined]  # of a ChoiceField

    def reasons(self) -> list[tuple[str, Promise, str]]:
        """For each its code, what the reviewer reads, and the same as the client reads it."""
        with override(self.language):
            told = {code: str(words) for code, words in REASONS.items()}
        return [(code, words, told[code]) for code, words in REASONS.items()]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors and not typed["reason"] and not typed["words"]:
            raise ValidationError(_("Choose a reason or write one. The client needs to know what to do."))
        return typed

    @property
    def why(self) -> str:
        """In the client's language."""
        with override(self.language):
            sentence = str(REASONS.get(self.cleaned_data["reason"], ""))
        return f"{sentence} {self.cleaned_data['words']}".strip()


class DispositionForm(forms.Form):
    """What is to become of a quarantined document, and why."""

    kind = forms.ChoiceField(label=_("What should become of it"), choices=Disposition.Kind.choices)
    why = forms.CharField(
        label=_("Why"),
        max_length=1000,
        help_text=_("Whoever decides reads this, the administrator too. Write nothing about the case."),
        widget=forms.Textarea({"rows": 2}),
    )


class CodeField(forms.RegexField):
    def to_python(self, value: Any) -> str:
        return "_".join((super().to_python(value) or "").upper().split())


class FactorForm(forms.Form):
    """A factor of the firm's own."""

    code = CodeField(
        r"^[A-Z][A-Z_]{1,38}[A-Z]\Z",
        label=_("Code"),
        help_text=_("3 to 40 capital letters and _. It can never be changed."),
        error_messages={"invalid": _("Use 3 to 40 letters A to Z, and _ between words.")},
        widget=forms.TextInput({"autocapitalize": "characters", "spellcheck": "false"}),
    )
    polarity = forms.ChoiceField(
        label=_("Polarity"),
        choices=Factor.Polarity.choices,
        help_text=_("A document under a negative factor waits for an attorney."),
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=200)
    name_es = forms.CharField(label=_("Name in Spanish"), max_length=200)
    reveals = forms.BooleanField(label=_("An attorney looks at its papers first"), required=False)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Factor.everything.filter(pk=code).exists():
            raise ValidationError(_("There is a factor with this code already."))
        return code

    def clean_name_en(self) -> str:
        return self._name("name_en")

    def clean_name_es(self) -> str:
        return self._name("name_es")

    def _name(self, field: str) -> str:
        if name := one_line(self.cleaned_data[field]):
            return name
        raise ValidationError(_("Write a name that can be printed."))
