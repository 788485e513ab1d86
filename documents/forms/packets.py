from django import forms
from django.utils.translation import gettext_lazy as _


class LetterForm(forms.Form):
    """The request letter, in Markdown."""

    letter = forms.CharField(
        label=_("Request letter"),
        required=False,
        max_length=200_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true"}),
    )


class ReturnForm(forms.Form):
    """Why a bound packet goes back."""

    why = forms.CharField(
        label=_("What should change?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
