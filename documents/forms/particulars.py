"""What somebody of the team read on a paper. Only what was changed on the page is sent on: a colleague's note of
meanwhile stays."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from documents import particulars
from documents.forms.review import one_line
from documents.models import Document
from documents.particulars import Answer
from documents.questions import LANGUAGES, Question, asked_of

NOT_NOTED: Final = ("", _("Not noted yet"))
YES: Final = {"yes": True, "no": False}


class ParticularsForm(forms.Form):
    """The questions of one paper; empty means not noted yet."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, document: Document) -> None:
        kept = {code: _shown(answer) for code, answer in document.particulars.items()}
        super().__init__(data, prefix="says", initial=kept)
        self.questions = {question.code: question for question in asked_of(document)}
        self.fields |= {code: _field(question) for code, question in self.questions.items()}

    @property
    def answers(self) -> dict[str, Answer]:
        """What was changed on the page."""
        return {code: self._answer(self.questions[code]) for code in self.changed_data}

    @property
    def empty(self) -> int:
        """How many questions wait for an answer."""
        return sum(not self.initial.get(code) for code in self.questions)

    def _answer(self, question: Question) -> Answer:
        typed = self.cleaned_data[question.code]
        if question.kind == "yes":
            return YES.get(typed)
        return one_line(typed) if question.kind == "text" else typed


class LanguageForm(forms.Form):
    """The language of all papers of which it is not noted yet."""

    language = forms.ChoiceField(choices=LANGUAGES)


def _shown(kept: Any) -> Any:
    return ("yes" if kept else "no") if isinstance(kept, bool) else kept


def _field(question: Question) -> forms.Field:
    known: dict[str, Any] = {"label": question.label, "required": False, "show_hidden_initial": True}
    if question.kind == "date":
        return forms.DateField(**known, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    if question.kind == "text":
        return forms.CharField(**known, max_length=particulars.LONGEST)
    words = question.choices or (("yes", _("Yes, it is there")), ("no", _("No")))
    key = forms.Select({"data-key": "s"} if question.code == "language" else {})
    return forms.ChoiceField(**known, choices=[NOT_NOTED, *words], widget=key)
