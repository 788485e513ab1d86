"""Which paper is the translation of which, and where the certificate stands."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.forms.review import PageField
from documents.models import Document


class PaperField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number}. {obj.exhibit_title}"


class PairForm(forms.Form):
    """On the page of an original: its translation. On the page of a translation: its original. The rest is the same."""

    original = PaperField(Document.objects.none(), label=_("Original"), empty_label=_("Choose a document"))
    translation = PaperField(
        Document.objects.none(), label=_("English translation"), empty_label=_("Choose a document")
    )
    certificate = PaperField(
        Document.objects.none(),
        label=_("Certificate"),
        required=False,
        empty_label=_("It is a page of the translation"),
    )
    first_page = PageField(label=_("From page"), required=False, min_value=1)
    last_page = PageField(label=_("to page"), required=False, min_value=1)

    def __init__(self, data: Mapping[str, Any] | None = None, *, document: Document, as_: str) -> None:
        super().__init__(data, prefix="pair")
        self.document, self.as_ = document, as_
        others = document.matter.documents.filter(state=Document.State.READY).exclude(pk=document.pk)
        for field in ("original", "translation", "certificate"):
            self.fields[field].queryset = others.select_related("item")  # type: ignore[attr-defined]  # of a PaperField
        del self.fields[as_]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors and (typed.get("first_page") is None) != (typed.get("last_page") is None):
            raise ValidationError(_("Give the first and the last page, or leave both empty."))
        return typed

    @property
    def papers(self) -> tuple[Document, Document, Document | None]:
        """Original, translation, certificate."""
        known = {**self.cleaned_data, self.as_: self.document}
        return known["original"], known["translation"], known["certificate"]

    @property
    def pages(self) -> tuple[int, int] | None:
        first, last = self.cleaned_data["first_page"], self.cleaned_data["last_page"]
        return None if first is None else (first, last)


class LikenessForm(forms.Form):
    """What two documents that look alike are: `leave_out` is the one that is not filed, of the same paper."""

    said = forms.ChoiceField(choices=[("same", ""), ("different", "")])
    leave_out = forms.UUIDField(required=False)
