"""The criminal history chart as the legal team fills it in."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from documents.arrests import FIELDS
from documents.forms.review import one_line
from documents.models import Document


class LineField(forms.CharField):
    def clean(self, value: Any) -> str:
        return one_line(super().clean(value))


class PaperForm(forms.Form):
    """Which paper of the matter says how it ended."""

    disposition = forms.ModelChoiceField(
        Document.objects.none(), label=_("Paper that says how it ended"), required=False, empty_label=_("None yet")
    )

    def __init__(self, *args: Any, papers: QuerySet[Document], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["disposition"].queryset = papers  # type: ignore[attr-defined]  # a ModelChoiceField


class ArrestForm(PaperForm):
    """One line more."""

    date = LineField(label=_("Date, as far as it is known"), max_length=60, required=False)
    place = LineField(label=_("Place and agency"), max_length=120, required=False)
    charge = LineField(label=_("What it was for"), max_length=300)
    outcome = LineField(label=_("How it ended"), max_length=300, required=False)

    field_order = [*FIELDS, "disposition"]

    @property
    def about(self) -> dict[str, str]:
        return {field: self.cleaned_data[field] for field in FIELDS}


class NoteForm(forms.Form):
    """An attorney's, where no paper says how it ended; empty takes it away."""

    note = forms.CharField(
        label=_("Attorney's note"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
    )
