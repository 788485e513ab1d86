"""The rules about the papers that are filed."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import Factor
from documents.packets.rules.facts import Facts, Problem, Review, Rule, State


def settled(facts: Facts) -> Iterator[Problem]:
    """V09"""
    if not facts.accepted:
        yield Problem(_("No document is accepted yet. Accept at least one."))
    for document in facts.documents:
        if document.on_hold:
            yield Problem(_("%s is on attorney hold.") % document, document)
        elif document.state != State.READY:
            words = {"document": document, "state": str(document.get_state_display()).lower()}
            yield Problem(_("%(document)s is %(state)s.") % words, document)
        elif document.review == Review.PENDING:
            yield Problem(_("%s is not reviewed yet.") % document, document)
        elif document.review == Review.ACCEPTED and not document.tags.all():
            yield Problem(_("%s is accepted but supports no factor.") % document, document)


def released(facts: Facts) -> Iterator[Problem]:
    """V10: a negative tag needs a hold that an attorney lifted; a tag made since needs a new one."""
    for document in facts.accepted:
        lifted = {hold.factor_id for hold in document.holds.all() if hold.lifted_at}
        for tag in document.tags.all():
            if tag.factor.holds and tag.factor_id not in lifted:
                yield Problem(_("%s: an attorney has not released it.") % document, document)


def filable(facts: Facts) -> Iterator[Problem]:
    """V11"""
    for document in facts.accepted:
        for tag in document.tags.all():
            if tag.factor_id in Factor.NEVER_FILED:
                words = {"document": document, "tag": tag.factor}
                yield Problem(_("%(document)s is marked “%(tag)s”.") % words, document)


RULES = (
    Rule(
        "V09", "B", "measured", gettext_lazy("Every document is checked, reviewed and free of holds"),
        "design", settled, "matter", before="order",
    ),
    Rule(
        "V10", "B", "measured", gettext_lazy("Nothing negative goes in unless an attorney released it"),
        "practice: harmful evidence", released, "matter", before="order",
    ),
    Rule(
        "V11", "B", "measured", gettext_lazy("Nothing goes in that must never be filed"),
        "Rule 1.6", filable, "matter", before="order",
    ),
)  # fmt: skip
