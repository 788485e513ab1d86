"""What is asked of a client, how it is grouped, and what the client may answer."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents import presets
from documents.checklist import Standing
from documents.forms.review import GROUPS, group_of, one_line
from documents.forms.sending import ANYTHING, HEADINGS
from documents.models import ChecklistItem, DocumentType, Factor, Request
from portal import hours

LAWYERS: Final = HEADINGS["court_disposition"]  # the one neutral heading
IN_OWN_WORDS: Final = _("Other things we need")
LONGEST: Final = timedelta(days=730)
LONGEST_WAIT: Final = timedelta(days=90)
REMIND_IN: Final = timedelta(days=7)  # what the page suggests


def headings() -> dict[str, Promise]:
    """The everyday heading of every kind of paper: its place in the data file gives it.

    A kind that shows nothing but what a lawyer has to look at first stands under the one neutral heading.
    """
    found: dict[str, Promise] = {}
    heading: Promise = IN_OWN_WORDS
    for kind in DocumentType.objects.prefetch_related("factors"):
        heading = HEADINGS.get(kind.pk, heading)
        found[kind.pk] = LAWYERS if _is_the_lawyers(kind) else heading
    return found


def _is_the_lawyers(kind: DocumentType) -> bool:
    shows = [factor for factor in kind.factors.all() if factor.polarity != Factor.Polarity.PROCEDURAL]
    return bool(shows) and all(factor.holds for factor in shows)


def under_headings(standings: Iterable[Standing]) -> list[tuple[Promise, list[Standing]]]:
    """The list as a client reads it: the heading of its first item first, and within it the firm's order."""
    known = headings()
    groups: dict[Promise, list[Standing]] = {}
    for each in standings:
        groups.setdefault(known.get(each.item.item_id or "", IN_OWN_WORDS), []).append(each)
    return list(groups.items())


class DayField(forms.DateField):
    """A day after today, as a browser's own field sends it."""

    def __init__(self, longest: timedelta = LONGEST, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)
        self.longest = longest

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and not hours.today() < value <= hours.today() + self.longest:
            raise ValidationError(_("Choose a day after today."))


class WordsField(forms.CharField):
    """What the client reads, on one line."""

    def __init__(self) -> None:
        super().__init__(label=_("In your own words"), required=False, max_length=300)

    def clean(self, value: Any) -> str:
        return one_line(super().clean(value))


class AskForm(forms.Form):
    """One kind of paper, or the firm's own words, or both."""

    item = forms.ModelChoiceField(DocumentType.objects.exclude(pk=ANYTHING), label=_("Kind of paper"), required=False)
    words = WordsField()
    due = DayField(label=_("Due"), required=False)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if not self.errors and not typed["item"] and not typed["words"]:
            raise ValidationError(_("Choose a kind of paper, or write what you need."))
        return typed


class PresetsForm(forms.Form):
    """Lists that are put on at one go: for stages, and for factors."""

    presets = forms.MultipleChoiceField(label=_("Lists"))
    due = DayField(label=_("Due"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = [*presets.STAGES, *(factor.pk for factor, _asks in presets.factors())]
        field: Any = self.fields["presets"]
        field.choices = [(code, code) for code in codes]


class DueForm(forms.Form):
    """One day for all, or none."""

    due = DayField(label=_("Due"), required=False)


class ChangeForm(forms.Form):
    """Other words or another day; one that is over may stay as it is."""

    words = WordsField()
    due = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class AnswerForm(forms.Form):
    """Why the client has no such paper, or when to ask again; nothing takes it back."""

    answer = forms.ChoiceField(choices=ChecklistItem.Answer.choices, required=False)
    remind_on = DayField(LONGEST_WAIT, required=False)


def kinds() -> list[tuple[Promise, list[DocumentType]]]:
    """Every kind of paper under its heading, for a list to choose from."""
    known = headings()
    everything = DocumentType.objects.exclude(pk=ANYTHING)
    groups: dict[Promise, list[DocumentType]] = {}
    for kind in everything:
        groups.setdefault(known[kind.pk], []).append(kind)
    return list(groups.items())


def offered(request: Request | None) -> list[tuple[Promise, list[tuple[str, str, int]]]]:
    """The presets in groups: (code, name, how many papers). The stage of the matter's request comes first."""
    stages = sorted(Request.Stage, key=lambda stage: request is None or stage != request.stage)
    found: list[tuple[Promise, list[tuple[str, str, int]]]] = [
        (_("For the stage of the case"), [(one.value, str(one.label), len(presets.STAGES[one])) for one in stages])
    ]
    places = list(GROUPS)
    ordered = sorted(presets.factors(), key=lambda one: places.index(group_of(one[0])))
    for group, factors in groupby(ordered, lambda one: group_of(one[0])):
        found.append((GROUPS[group], [(factor.pk, str(factor), asks) for factor, asks in factors]))
    return found
