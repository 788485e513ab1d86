"""What a client answers to what they read, or somebody records for them."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.agreeing import Paper
from documents.forms.messages import PlainText
from documents.forms.review import one_line

AGREE: Final = "agree"
ASK: Final = "ask"
LONGEST_REASON: Final = 200


class AnswerForm(forms.Form):
    """Two buttons: yes, or a question in words. Nothing is ticked beforehand. `papers`: those that may be left out."""

    do = forms.ChoiceField(
        choices=[(AGREE, ""), (ASK, "")], error_messages={"required": _("Press one of the two buttons.")}
    )
    words = PlainText(label=_("Your question"), required=False, max_length=1000)
    seen = forms.CharField(max_length=64)

    def __init__(self, *args: Any, papers: Iterable[Paper] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.papers = list(papers)
        for paper in self.papers:
            self.fields[f"no-{paper.pk}"] = forms.BooleanField(required=False, label=_("Do not send this one"))
            self.fields[f"why-{paper.pk}"] = forms.CharField(
                required=False, label=_("Why not?"), max_length=LONGEST_REASON
            )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("do") == ASK and not typed.get("words") and not self.has_error("words"):
            self.add_error("words", _("Write your question first."))
        for paper in self.papers:
            if typed.get(f"why-{paper.pk}") and not typed[f"no-{paper.pk}"]:
                self.add_error(f"no-{paper.pk}", _("You wrote why not. Tick the box too, or take the words away."))
        return typed

    @property
    def said(self) -> dict[str, Any]:
        """As `agreeing.answer` takes it."""
        typed = self.cleaned_data
        unwanted = [paper.pk for paper in self.papers if typed[f"no-{paper.pk}"]]
        return {
            "agreed": typed["do"] == AGREE,
            "seen": typed["seen"],
            "words": typed["words"],
            "objections": {pk: one_line(typed[f"why-{pk}"]) for pk in unwanted},
        }

    def lines(self) -> list[tuple[Paper, forms.BoundField, forms.BoundField]]:
        """Each paper with its box and its reason."""
        return [(paper, self[f"no-{paper.pk}"], self[f"why-{paper.pk}"]) for paper in self.papers]


class RemindForm(forms.Form):
    """`token`: made for one form, so that the button pressed twice is one message."""

    token = forms.UUIDField()
