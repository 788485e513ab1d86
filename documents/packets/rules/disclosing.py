"""The rules that ask an attorney whether a paper may be shown: no machine can tell, and none pretends to."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents import compartments, particulars, questions
from documents.packets import arranging
from documents.packets.rules.facts import Facts, Problem, Rule, about_each, of_document
from documents.packets.rules.papers import wanting

NUMBERED: Final = ("pay_stub", "tax_transcript", "itin_letter")


def protected(facts: Facts) -> Iterator[Problem]:
    """V12, by type, by tag and by what somebody put into a compartment: what else a paper tells was not looked at. What is
    withheld is not filed; nothing but a decision about these very pages settles it."""
    why = _(
        "%(document)s may tell of abuse, asylum or health. An attorney decides on its page whether it is disclosed."
    )
    always = not facts.request.matter.throwaway
    for document in facts.filed:
        if compartments.undecided(document):
            yield Problem(why % {"document": document}, document, stated=False, always=always)


def numbered(facts: Facts) -> Iterator[Problem]:
    """V15: no number was read by a machine."""
    why = _("%(document)s may show a social security or tax number. State that the number is the client's own.")
    yield from about_each(facts.of_types(*NUMBERED), why)


def written_by_others(facts: Facts) -> Iterator[Problem]:
    """V36"""
    others = questions.LETTERS | questions.OTHERS_STATEMENTS
    why = _("%(document)s names its writer. State that its writer may be known: status, ID, address.")
    yield from about_each(facts.of_types(*others), why)


def wanted(facts: Facts) -> Iterator[Problem]:
    """V37, by type and by tag; and what was marked as being in the record, whatever the office says."""
    forbidden = {*facts.profile.forbidden, "IN_THE_RECORD"}
    found = [
        document
        for document in facts.filed
        if document.item_id in forbidden or not forbidden.isdisjoint(each.code for each in arranging.factors(document))
    ]
    yield from about_each(
        found, _("%(document)s: this office has it already or does not want it. Take it out, or say why.")
    )


def pictured(facts: Facts) -> Iterator[Problem]:
    """V39: what was noted is asked for first; then an attorney looks, for no machine looked at the faces."""
    for document in filter(questions.is_photo, facts.filed):
        why = wanting(document, "who", "when", "relation")
        if not why and particulars.says(document, "minors"):
            why = _("%s shows faces of children. State that they may be shown.") % document
        elif not why:
            why = (
                _("Look at %s for children's faces, weapons, drink and gang signs. State that it may be shown.")
                % document
            )
        yield Problem(why, document, str(document.pk), of_document(document))


def summarised(facts: Facts) -> Iterator[Problem]:
    """V45"""
    why = _("%(document)s is a medical record. File the doctor's letter alone, or state why all of it goes in.")
    yield from about_each(facts.of_types("medical_record"), why)


RULES = (
    Rule(
        "V12", "B", "attested", gettext_lazy("Each paper on abuse, asylum or health goes in by an attorney's decision"),
        "8 USC 1367; 8 CFR 208.6 and 1208.6", protected, "matter", before="order",
    ),
    Rule(
        "V15", "B", "attested", gettext_lazy("The numbers on pay and tax papers are the client's own"),
        "practice: false numbers", numbered, "matter",
    ),
    Rule(
        "V36", "W", "attested", gettext_lazy("Who writes for the client is not put at risk"),
        "practice: third parties", written_by_others, "matter",
    ),
    Rule(
        "V37", "W", "attested", gettext_lazy("Nothing goes in that this office does not want"),
        "office fact sheet, September 2015", wanted, "matter",
    ),
    Rule(
        "V39", "W", "attested", gettext_lazy("Photos say who, when and what they are to the client; none shows what may harm"),
        "design", pictured, "matter",
    ),
    Rule(
        "V45", "W", "attested", gettext_lazy("A doctor's letter instead of the whole record"),
        "Rule 1.6", summarised, "matter",
    ),
)  # fmt: skip
