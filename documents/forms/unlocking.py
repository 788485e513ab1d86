"""The password of a file that came locked, as somebody types it."""

from django import forms
from django.utils.translation import gettext_lazy as _

TOO_LONG = _("That is too long for a password. Type it again.")


class UnlockForm(forms.Form):
    """What was typed counts, blanks too. It is never shown again."""

    password = forms.CharField(
        label=_("Password of the file"),
        max_length=500,
        strip=False,
        error_messages={
            "required": _("Type the password of the file first."),
            "max_length": TOO_LONG,
            "null_characters_not_allowed": _("That is no password we can use. Type it again."),
        },
        widget=forms.PasswordInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
