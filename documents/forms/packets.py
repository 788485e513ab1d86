from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from documents.models import Request
from documents.packets import arranging, letter

MOST_TABS = 5_000


class LetterForm(forms.Form):
    """The request letter, in Markdown."""

    letter = forms.CharField(
        label=_("Request letter"),
        required=False,
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true"}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_letter(self) -> str:
        text: str = self.cleaned_data["letter"].replace("\r\n", "\n")
        try:
            letter.citations(text)
        except letter.TooDeep:
            raise ValidationError(_("The marks in this text are nested too deep. Take some away.")) from None
        return text


class ReturnForm(forms.Form):
    """Why a bound packet goes back."""

    why = forms.CharField(label=_("What should change?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class TabsForm(forms.Form):
    """A new order of the tabs: all ids with spaces between, one tab a place up or down, or the usual order again."""

    order = forms.CharField(required=False, max_length=MOST_TABS * 37)
    up = forms.UUIDField(required=False)
    down = forms.UUIDField(required=False)
    usual = forms.BooleanField(required=False)
    seen = forms.CharField(required=False, max_length=64)

    def clean_order(self) -> list[UUID]:
        try:
            return [UUID(word) for word in self.cleaned_data["order"].split()]
        except ValueError:
            raise ValidationError("not ids") from None

    def wanted(self, request: Request) -> list[UUID]:
        """The order this asks for. CannotArrange for a tab that is not there."""
        typed = self.cleaned_data
        if typed["usual"]:
            return arranging.usual(request)
        for way, step in (("up", -1), ("down", 1)):
            if typed[way]:
                return arranging.moved(request, typed[way], step)
        order: list[UUID] = typed["order"]
        return order
