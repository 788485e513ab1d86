"""What happened to a packet after it left, as somebody tells it."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from documents.models import Circumstance, Document, Filing, Request
from portal import hours

DAY = "%Y-%m-%d"
MINUTE = "%Y-%m-%dT%H:%M"


def a_day() -> forms.DateInput:
    """A date no later than today."""
    return forms.DateInput({"type": "date", "max": hours.today().strftime(DAY)}, format=DAY)


def _words(rows: int) -> forms.Textarea:
    return forms.Textarea({"rows": rows})


class FilingForm(forms.ModelForm):
    class Meta:
        model = Filing
        fields = ["channel", "filed_at", "words"]
        help_texts = {"words": _("For example the receipt number, or who took it.")}
        widgets = {"filed_at": forms.DateTimeInput({"type": "datetime-local"}, format=MINUTE), "words": _words(2)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].max_length = 2000  # type: ignore[attr-defined]  # a CharField
        self.fields["channel"].choices = [("", _("Choose one")), *Filing.Channel.choices]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["filed_at"].widget.attrs["max"] = timezone.localtime().strftime(MINUTE)


class ReplyForm(forms.ModelForm):
    class Meta:
        model = Filing
        fields = ["replied_on", "pages_confirmed", "reply"]
        help_texts = {"pages_confirmed": _("If the reply names them. We compare them with what was sent.")}
        widgets = {"reply": _words(3)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["replied_on"].widget = a_day()
        self.fields["replied_on"].required = True

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or {}
        if not typed.get("reply", "").strip() and typed.get("pages_confirmed") is None and not self.errors:
            self.add_error("reply", _("Write what the office said, or how many pages it counted."))
        return typed


class DecisionForm(forms.ModelForm):
    outcome = forms.ChoiceField(
        label=_("The office"),
        choices=[(Request.State.GRANTED, _("granted it")), (Request.State.DENIED, _("denied it"))],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Request
        fields = ["decided_on", "decision"]
        help_texts = {"decision": _("What exactly, and with which conditions.")}
        widgets = {"decision": _words(3)}

    field_order = ("outcome", "decided_on", "decision")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decided_on"].widget = a_day()
        self.fields["decided_on"].required = True
        self.fields["decision"].required = True


class TransmittalForm(forms.Form):
    text = forms.CharField(
        label=_("Text of the mail"),
        max_length=20_000,
        widget=_words(10),
        help_text=_("Write no link: the files are attached. The case, the files and counsel are added below it."),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n")


class CircumstanceForm(forms.ModelForm):
    class Meta:
        model = Circumstance
        fields = ["kind", "happened_on", "words", "document"]
        labels = {"document": _("The paper that shows it")}
        help_texts = {
            "words": _("The letter says it in these words."),
            "document": _("Accepted, and received since the denial."),
        }
        widgets = {"words": _words(2)}

    def __init__(self, *args: Any, papers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["happened_on"].widget = a_day()
        paper = self.fields["document"]
        assert isinstance(paper, forms.ModelChoiceField)
        paper.queryset, paper.required, paper.empty_label = papers, False, str(_("Not here yet"))
        paper.label_from_instance = _named  # type: ignore[assignment, method-assign]  # as Django means it


def _named(paper: Document) -> str:
    return f"{paper}: {paper.exhibit_title}" if paper.exhibit_title != str(paper) else str(paper)
