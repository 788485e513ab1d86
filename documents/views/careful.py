"""What the review page says of harm: what was found on the pages, compartments and their decisions, points to check."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from documents import access, compartments, harm, prompts, tagging
from documents.access import To
from documents.forms.harm import CompartmentForm, DisclosureForm, LiftForm, SettleForm, TakeOutForm
from documents.models import Compartment, Document, Finding

# What tells of its tags, its compartments and what was found on it, and who said so.
ROWS = (tagging.TAGS, *compartments.SAID, harm.FINDINGS)


def about(user: User, document: Document) -> dict[str, Any]:
    """For the page of one document that was fetched with ROWS; the forms empty."""
    findings = list(document.findings.all())
    inside = compartments.of(document)
    return {
        "found": grouped(each for each in findings if each.is_open),
        "settled": [each for each in findings if not each.is_open],
        "inside": inside,
        "outside": [each for each in Compartment if each not in {one.compartment for one in inside}],
        "withheld": any(one.withheld for one in inside),
        "may_disclose": access.may(user, To.DISCLOSE),
        "prompts": prompts.of(document),
        "lift_form": LiftForm(),
        "settle_form": SettleForm(document=document),
        "in_form": CompartmentForm(),
        "out_form": TakeOutForm(),
        "disclose_form": DisclosureForm(),
    }


def grouped(findings: Iterable[Finding]) -> list[tuple[str, str, list[Finding]]]:
    """A kind, its name and what was found of it, in the order of the kinds."""
    open_ = list(findings)
    named = [(str(kind.value), str(kind.label), [each for each in open_ if each.kind == kind]) for kind in Finding.Kind]
    return [each for each in named if each[2]]


def unfinished(document: Document) -> Iterator[str]:
    """What is told to whoever accepts it: it stops nobody now, and the first of it stops the release."""
    if found := document.findings.filter(settled_at=None).count():
        words = {"n": found, "document": document}
        yield ngettext(
            "%(document)s: %(n)d thing found on its pages is not settled. It is not released until it is.",
            "%(document)s: %(n)d things found on its pages are not settled. It is not released until they are.",
            found,
        ) % words  # fmt: skip
    if left := prompts.unticked(document):
        words = {"n": left, "document": document}
        yield ngettext(
            "%(document)s: nobody ticked %(n)d point to check.", "%(document)s: nobody ticked %(n)d points to check.", left
        ) % words  # fmt: skip
    if compartments.withheld(document):
        yield _("%s is withheld: it goes into no packet.") % document
