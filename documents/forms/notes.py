"""A note as somebody types it, and for whom it is: only layers that its writer reads are offered."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from documents import access
from documents.forms.messages import PlainText
from documents.models import Note
from documents.noting import LONGEST, Line

TOO_LONG = _("This is too long. Write it as two notes.")


class NoteForm(forms.Form):
    text = PlainText(
        label=_("Note"),
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 2, "dir": "auto", "data-key": "n"}),
        error_messages={"required": _("Write something first."), "max_length": TOO_LONG},
    )
    layer = forms.ChoiceField(label=_("Who reads it"), initial=Note.Layer.TEAM)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User, **known: Any) -> None:
        super().__init__(data, prefix="note", **known)
        mine = access.layers(user)
        self.fields["layer"].choices = [choice for choice in Note.Layer.choices if choice[0] in mine]  # type: ignore[attr-defined]


class ChangeForm(NoteForm):
    """The same, of a note that is there. `seen`: the version that was changed."""

    token = None  # type: ignore[assignment]
    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, label=_("Yes: more people may read it from now on"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, user: User, line: Line) -> None:
        kept = {"text": line.now.text, "layer": line.now.layer, "seen": line.now.number}
        super().__init__(data, user=user, initial=kept)
