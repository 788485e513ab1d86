"""Which tag goes where."""

from typing import Any

from django import forms

from documents import tagging
from documents.models import Document, Factor


class MoveForm(forms.Form):
    """A factor that the document is tagged to, and another one that it may be tagged to."""

    to = forms.ModelChoiceField(Factor.objects.none())

    def __init__(self, *args: Any, document: Document, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = tagging.offered(document)
        self.fields["from"] = forms.ModelChoiceField(offered)
        to: Any = self.fields["to"]
        to.queryset = offered
