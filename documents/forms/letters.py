"""What is written for a letter: the firm's own paragraphs, and which of its versions are compared."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.forms.review import grouped, one_line
from documents.models import Factor, LetterVersion, Snippet
from documents.packets import letter


class SnippetForm(forms.Form):
    """A paragraph and the factor it argues. `instead`: the one it replaces."""

    factor = forms.ModelChoiceField(
        Factor.objects.exclude(polarity=Factor.Polarity.PROCEDURAL), label=_("For which factor")
    )  # fmt: skip
    title = forms.CharField(label=_("Short name"), max_length=120)
    text = forms.CharField(
        label=_("The paragraph"),
        max_length=10_000,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("{client} becomes the client's name, {tab:EDUCATION} the strongest paper behind that factor."),
    )
    instead = forms.ModelChoiceField(Snippet.objects.filter(put_away_at=None), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["factor"].choices = [("", _("Choose a factor")), *_choices()]  # type: ignore[attr-defined]  # of a ChoiceField

    def clean_title(self) -> str:
        return one_line(self.cleaned_data["title"])

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").strip()
        try:
            letter.citations(text)
        except letter.TooDeep:
            raise ValidationError(_("The marks in this text are nested too deep. Take some away.")) from None
        return text


class CompareForm(forms.Form):
    """Two versions of a letter, by number."""

    old = forms.TypedChoiceField(label=_("From"), coerce=int)
    new = forms.TypedChoiceField(label=_("to"), coerce=int)

    def __init__(self, *args: Any, versions: Iterable[LetterVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(each.number, _("Version %(n)d") % {"n": each.number}) for each in versions]
        for field in (self.fields["old"], self.fields["new"]):
            field.choices = choices  # type: ignore[attr-defined]  # of a ChoiceField


def _choices() -> list[tuple[Promise, list[tuple[str, str]]]]:
    weighed = Factor.objects.exclude(polarity=Factor.Polarity.PROCEDURAL)
    return [(name, [(each.code, str(each)) for each in group]) for name, group in grouped(weighed)]
