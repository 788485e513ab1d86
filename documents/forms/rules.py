from django import forms
from django.utils.translation import gettext_lazy as _


class WordsForm(forms.Form):
    """An attorney's words on one rule, and which finding they are about, as the page showed it."""

    words = forms.CharField(
        label=_("Your words, for the record"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    rule = forms.RegexField(r"V\d\d", widget=forms.HiddenInput)
    about = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    mark = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class WarningsForm(forms.Form):
    """One reason for all the warnings that were on the page."""

    words = forms.CharField(label=_("One reason for all of them"), max_length=2000, widget=forms.Textarea({"rows": 2}))
    seen = forms.CharField(max_length=50_000, widget=forms.HiddenInput)

    def clean_seen(self) -> list[str]:
        """A line a warning: rule, what it is about, and its mark."""
        return [line.strip() for line in self.cleaned_data["seen"].split("|")]
