"""What somebody looks for in a matter."""

from django import forms
from django.utils.translation import gettext_lazy as _

from documents import blind
from documents.blind import Term

MOST = 12  # words of one search


class WordsForm(forms.Form):
    q = forms.CharField(
        label=_("Words on the pages"),
        max_length=100,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
        error_messages={"required": _("Write a word that stands on the page.")},
    )

    def clean(self) -> dict[str, list[Term]]:
        """What is left to look for: `wanted`."""
        wanted = blind.terms(self.cleaned_data.get("q", ""))
        if sum(len(term.words) for term in wanted) > MOST:
            self.add_error("q", _("These are many words. Use fewer, the rarest ones."))
        elif not wanted and "q" in self.cleaned_data:
            self.add_error("q", _("Such words stand on every page. Add a rarer one."))
        return {**self.cleaned_data, "wanted": wanted}
