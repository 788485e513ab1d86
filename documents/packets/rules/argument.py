"""The rules about the letter."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.packets import letter
from documents.packets.rules.facts import Facts, Problem, Rule


def signed(facts: Facts) -> Iterator[Problem]:
    """V05, as far as it can be measured: a letter that nobody signed does not go in."""
    if facts.request.letter.strip() and not facts.request.letter_signed_at:
        yield Problem(_("The letter is not signed yet. An attorney signs it."), before="order", stated=False)


def cited(facts: Facts) -> Iterator[Problem]:
    """V28"""
    if facts.letter:
        for citation in letter.dangling(facts.letter, facts.now):
            yield Problem(_("The letter cites “%s”, and no exhibit answers to that.") % citation)


RULES = (
    Rule(
        "V05", "B", "attested", gettext_lazy("The letter is signed"),
        "Offices' instructions", signed, "letter",
    ),
    Rule(
        "V28", "B", "measured", gettext_lazy("Every citation in the letter finds its page"),
        "design", cited, "letter", before="order",
    ),
)  # fmt: skip
