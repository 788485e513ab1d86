"""Opening matters and requests, and who is on them."""

import re
from datetime import date, datetime
from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Language, User
from documents import access, offices
from documents.models import Matter, Request
from documents.packets import posture

type Explained = list[tuple[str | Promise, str | Promise]]

STAGES: Final[dict[str, Promise]] = {
    Request.Stage.NOT_IN_PROCEEDINGS: _("No charging paper is with the court yet."),
    Request.Stage.BEFORE_COURT: _("The case is with an immigration judge."),
    Request.Stage.ON_APPEAL: _("The case is with the Board of Immigration Appeals or a court above it."),
    Request.Stage.FINAL_ORDER: _("The removal order is final."),
}
# When each may be asked for, and of whom: domain reference, section 1.2.
FORMS: Final[dict[str, Promise]] = {
    Request.Form.NO_NTA: _("Before a court case: the agency does not file the charging paper."),
    Request.Form.DISMISSAL: _("The court case ends, but it may be filed again. First check two years of presence."),
    Request.Form.ADMINISTRATIVE_CLOSURE: _("The judge takes the case off the calendar. The case stays open."),
    Request.Form.TERMINATION: _("The judge ends the court case."),
    Request.Form.JOINT_REOPEN: _("After an order: both sides ask to open the case again."),
    Request.Form.STIPULATION: _("Both sides agree on some points, or on more time."),
    Request.Form.RELEASE: _("For a detained client: release, parole or bond."),
    Request.Form.STAY: _("After a final order: ERO waits with the removal. Form I-246, filed in person."),
    Request.Form.DEFERRED_ACTION: _("The office decides not to act for now."),
}
ACCEPTS: Final[dict[str, Promise]] = {
    "yes": _("It takes requests."),
    "no": _("It takes no requests now."),
    "unknown": _("We do not know if it takes requests. Ask before you file."),
}


def a_number(text: str) -> str:
    """Nine digits of an A-number as people write it (“A 012-345-678”); eight get the zero in front that forms want."""
    digits = re.sub(r"[\s.\-–#]", "", text.removeprefix("A").removeprefix("a"))
    if not re.fullmatch(r"[0-9]{8,9}", digits):
        raise forms.ValidationError(_("An A-number has 8 or 9 digits. Look at it again, or leave it empty."))
    return digits.zfill(9)


class MatterForm(forms.Form):
    respondent = forms.CharField(
        label=_("Client's full name"),
        max_length=200,
        help_text=_("As the packet shows it: family name, comma, given names."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    a_number = forms.CharField(
        label=_("A-number, if there is one"),
        max_length=30,
        required=False,
        help_text=_("8 or 9 digits. It is kept sealed, and shown only on the record."),
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_a_number(self) -> str:
        typed = self.cleaned_data["a_number"]
        return a_number(typed) if typed else ""


class RequestForm(forms.ModelForm):
    """What is asked, of whom, and where the case stands."""

    profile = forms.ChoiceField(label=_("Office profile"))

    class Meta:
        model = Request
        fields = ["stage", "form", "profile", "office", "judge", "next_hearing", "detained"]
        help_texts = {
            "office": _("As the cover names it, for example “OPLA Chicago”."),
            "judge": _("Only if a judge has the case."),
            "next_hearing": _("The day and hour on the last hearing notice."),
            "detained": _("The cover says so in capital letters."),
        }
        widgets = {"next_hearing": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.profiles = offices.available()
        names = [(profile.code, profile.name) for profile in self.profiles]
        none_yet = ("", _("Choose one"))
        known: dict[str, Any] = {"stage": Request.Stage.choices, "form": Request.Form.choices, "profile": names}
        for name, choices in known.items():
            self.fields[name].choices = [none_yet, *choices]  # type: ignore[attr-defined]  # each is a choice field

    def clean(self) -> dict[str, Any]:
        """What cannot be asked for at this stage is said here, while it is still being typed (rule V02)."""
        typed: dict[str, Any] = super().clean() or {}
        if typed.get("stage") and typed.get("form"):
            why = posture.why_not(typed["stage"], typed["form"], detained=bool(typed.get("detained")))
            if why:
                self.add_error("form", str(why))
            elif typed.get("profile") and posture.other_office(typed["form"], typed["profile"]):
                self.add_error("profile", _("Another office decides on this. Choose another office profile."))
        return typed

    def clean_next_hearing(self) -> datetime | None:
        hearing: datetime | None = self.cleaned_data["next_hearing"]
        if hearing and hearing < timezone.now():
            raise forms.ValidationError(_("This hearing is over. Write the next one, or leave it empty."))
        return hearing

    @property
    def stages(self) -> Explained:
        """Each with what can be asked for at it."""
        return [(stage.label, f"{STAGES[stage]} {_fitting(stage)}") for stage in Request.Stage]

    @property
    def asked_for(self) -> Explained:
        return [(form.label, FORMS[form]) for form in Request.Form]

    @property
    def offices(self) -> list[tuple[str, Promise, date]]:
        """Name, whether it takes requests, and when somebody last looked."""
        return [
            (profile.name, ACCEPTS[profile.accepts_requests], date.fromisoformat(profile.last_checked))
            for profile in self.profiles
        ]


def _fitting(stage: str) -> str:
    forms_ = ", ".join(str(form.label) for form in Request.Form if form in posture.FITS[stage])
    return str(_("What fits: %s.")) % forms_


class InviteClientForm(forms.Form):
    name = forms.CharField(label=_("Name to greet the client with"), max_length=150)
    email = forms.EmailField(
        label=_("Client's e-mail"), required=False, widget=forms.EmailInput({"autocomplete": "off"})
    )
    no_email = forms.BooleanField(label=_("This client has no e-mail. I hand over a card."), required=False)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, initial=Language.SPANISH)

    def has_changed(self) -> bool:
        """A language alone invites nobody."""
        return not {"name", "email", "no_email"}.isdisjoint(self.changed_data)

    def clean_email(self) -> str:
        """Refused here, while what was typed is still on the page."""
        email: str = self.cleaned_data["email"].lower()
        there = User.objects.filter(email=email).first() if email else None
        if there and (there.works_here or (there.joined_at and not there.is_active)):
            raise forms.ValidationError(_("This e-mail cannot be a client's. Use another one."))
        return email

    def clean(self) -> None:
        """No e-mail is a decision and never an oversight. What is left is what `inviting.bring` takes."""
        none = self.cleaned_data.pop("no_email", False)
        if none and self.cleaned_data.get("email"):
            self.add_error("no_email", _("Here is an e-mail. Take it out, or take the tick away."))
        if not none and not self.cleaned_data.get("email", "given wrongly"):
            self.add_error("email", _("Write the e-mail, or tick that there is none."))


class MemberForm(forms.Form):
    """One of the firm's active paralegals and attorneys."""

    person = forms.ModelChoiceField(User.objects.none(), label=_("Person"), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = staff()  # type: ignore[attr-defined]  # a ModelChoiceField


class AssignmentForm(MemberForm):
    """Of an administrator: a matter by its identifier, a person, and which way."""

    matter = forms.UUIDField()
    do = forms.ChoiceField(choices=[("assign", ""), ("unassign", "")])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.data.get("do") == "unassign":  # also somebody who does not work here any more
            self.fields["person"].queryset = User.objects.filter(role__in=access.TEAM)  # type: ignore[attr-defined]


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Search your matters"), max_length=100, required=False)


def staff() -> QuerySet[User]:
    return User.objects.filter(is_active=True, role__in=access.TEAM).order_by("name", "email")


def candidates(matter: Matter) -> QuerySet[User]:
    """Who could be put on this matter."""
    return staff().exclude(memberships__matter=matter)
