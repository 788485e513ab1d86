"""A message as somebody types it: plain text, and sent once however often the button is pressed."""

from typing import Any
from unicodedata import category

from django import forms
from django.utils.translation import gettext_lazy as _

from documents.messages import LONGEST


class PlainText(forms.CharField):
    """Lines end as browsers count them against `maxlength`, in one character; control characters are left out, and what
    shows nothing is nothing."""

    widget = forms.Textarea({"rows": 4, "dir": "auto"})

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")
        text = "".join(letter for letter in text if category(letter) != "Cc" or letter in "\n\t")
        return text if any(letter.isprintable() and not letter.isspace() for letter in text) else ""


class MessageForm(forms.Form):
    text = PlainText(
        label=_("Your message"),
        max_length=LONGEST,
        error_messages={
            "required": _("Write something first."),
            "max_length": _("This is too long. Send it as two messages."),
        },
    )
    token = forms.UUIDField()
