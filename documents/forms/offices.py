"""What an office expects, as the firm writes it down."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents import offices
from documents.models import DocumentType, Factor
from documents.offices import Difference
from documents.packets.profiles import Profile
from portal import hours

MEGABYTE = 1_000_000
ANSWERS: Final[dict[str, Promise]] = {"yes": _("Yes"), "no": _("No"), "unknown": _("Nobody knows")}
USES: Final[dict[str, Promise]] = {
    "on": _("On"),
    "off": _("Off"),
    "optional": _("Optional"),
    "if_any": _("Where there is one"),
    "released_only": _("Only what an attorney released"),
}
WHERE: Final = _("Where you have this from")


class OfficeForm(forms.Form):
    """One version of a profile. Each section is a field of its own."""

    name = forms.CharField(label=_("Name"), max_length=120)
    accepts_requests = forms.ChoiceField(label=_("Takes requests"), choices=list(ANSWERS.items()))
    channel = forms.CharField(label=_("How it is sent"), max_length=1000, widget=forms.Textarea({"rows": 3}))
    megabytes = forms.DecimalField(
        label=_("Most MB a file may have"), min_value=1, max_value=50, max_digits=8, decimal_places=6
    )
    filing = forms.CharField(label=_("Title of the filing"), max_length=120)
    letter_title = forms.CharField(label=_("Title of the letter"), max_length=120)
    double_spaced = forms.BooleanField(label=_("Letter in double spacing"), required=False)
    forbidden = forms.MultipleChoiceField(
        label=_("Leave out"), required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    sources = forms.CharField(
        label=_("Sources"), max_length=4000, help_text=_("One on each line."), widget=forms.Textarea({"rows": 5})
    )
    source = forms.CharField(label=WHERE, max_length=500, help_text=_("A page, a call, a letter, and its date."))
    last_checked = forms.DateField(
        label=_("Last checked"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    seen = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _typed(profile))
        super().__init__(*args, **kwargs)
        self.profile = profile
        self.fields["forbidden"].choices = papers()  # type: ignore[attr-defined]  # a choice field
        for section in profile.sections:
            harmful = section.code == offices.HARMFUL
            known = {use: word for use, word in USES.items() if (use in {"released_only", "off"}) or not harmful}
            self.fields[f"use_{section.code}"] = forms.ChoiceField(label=section.title, choices=list(known.items()))

    @property
    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields if name not in {"forbidden", "seen"}]

    @property
    def sections(self) -> list[forms.BoundField]:
        return [self[f"use_{section.code}"] for section in self.profile.sections]

    @property
    def data_(self) -> dict[str, Any]:
        """As a profile has it."""
        typed = self.cleaned_data
        same = ("name", "accepts_requests", "channel", "filing", "letter_title", "double_spaced", "forbidden")
        return {name: typed[name] for name in same} | {
            "part_limit": int(typed["megabytes"] * MEGABYTE),
            "sources": [line.strip() for line in typed["sources"].splitlines() if line.strip()],
            "sections": [
                {"code": section.code, "title": section.title, "use": typed[f"use_{section.code}"]}
                for section in self.profile.sections
            ],
        }


class CheckForm(forms.Form):
    """I looked, and nothing changed."""

    source = forms.CharField(label=_("Where you looked"), required=False, max_length=500)
    seen = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


class CopyForm(forms.Form):
    """An office of the firm's own."""

    new_code = forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput({"autocomplete": "off"}))
    name = forms.CharField(label=_("Name"), max_length=120)
    source = forms.CharField(label=WHERE, max_length=500)

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        example = _("%s, a hyphen, then capital letters or digits: %s-CHI.")
        self.fields["new_code"].help_text = example % (profile.family, profile.family)

    def clean_new_code(self) -> str:
        return str(self.cleaned_data["new_code"]).upper()


def papers() -> list[tuple[str, str]]:
    """What an office may not want: procedural tags, and every type of paper."""
    tags = Factor.objects.filter(polarity=Factor.Polarity.PROCEDURAL).exclude(pk__in=Factor.NEVER_FILED)
    return [(thing.pk, str(thing)) for thing in (*tags, *DocumentType.objects.all())]


def uses(profile: Profile) -> Iterator[tuple[str, str | Promise]]:
    """Each section's title and what becomes of it, in words."""
    for section in profile.sections:
        yield section.title, USES[section.use]


def told(differences: Iterable[Difference]) -> list[tuple[str | Promise, str | Promise, str | Promise]]:
    """What changed, what it was and what it is, in words."""
    words = {**ANSWERS, **USES, "True": _("Yes"), "False": _("No")}
    return [(each.what, words.get(each.was, each.was), words.get(each.now, each.now)) for each in differences]


def _typed(profile: Profile) -> dict[str, Any]:
    same = ("name", "accepts_requests", "channel", "filing", "letter_title", "double_spaced")
    return {name: getattr(profile, name) for name in same} | {
        "megabytes": f"{profile.part_limit / MEGABYTE:g}",
        "forbidden": list(profile.forbidden),
        "sources": "\n".join(profile.sources),
        "last_checked": hours.today(),
        **{f"use_{section.code}": section.use for section in profile.sections},
    }
