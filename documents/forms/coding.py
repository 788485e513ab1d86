"""What a reviewer fills in beside a tag: whether a suggestion is right, why a document waits for an attorney."""

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.models import Factor


class GuessForm(forms.Form):
    factor = forms.ModelChoiceField(Factor.objects.all())
    do = forms.ChoiceField(choices=[("confirm", "confirm"), ("reject", "reject")])


class HoldForm(forms.Form):
    reason = forms.CharField(
        label=_("What the attorney should look at"), max_length=1000, widget=forms.Textarea({"rows": 2})
    )
