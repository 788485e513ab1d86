"""The rules about the letter. Words are compared: whether what it says convinces, or is true, nothing here can tell."""

import re
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import Factor, Request
from documents.packets import argued, letter
from documents.packets.rules import naming
from documents.packets.rules.facts import Facts, Problem, Rule, mark_of

Form, Polarity = Request.Form, Factor.Polarity
# What a letter may call the form besides its label.
CALLED: Final[dict[str, tuple[str, ...]]] = {
    Form.NO_NTA: (
        "not filing a notice to appear", "not to file a notice to appear", "not issuing a notice to appear",
        "not to issue a notice to appear", "cancel the notice to appear", "cancellation of the notice to appear",
    ),
    Form.DISMISSAL: ("dismissal", "dismiss", "dismissed"),
    Form.ADMINISTRATIVE_CLOSURE: ("administrative closure", "administratively close", "administratively closed"),
    Form.TERMINATION: ("termination", "terminate", "terminated"),
    Form.JOINT_REOPEN: ("motion to reopen", "jointly reopen", "joint reopening"),
    Form.STIPULATION: ("stipulation", "stipulate", "continuance", "continue the hearing"),
    Form.RELEASE: ("release from custody", "release from detention", "released from custody", "release on bond"),
    Form.STAY: ("stay of removal", "stay the removal", "stay of deportation"),
    Form.DEFERRED_ACTION: ("deferred action", "defer action"),
}  # fmt: skip
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY = re.compile(rf"\b(?:(?:{MONTHS}) \d{{1,2}}, \d{{4}}|\d{{1,2}} (?:{MONTHS}) \d{{4}}|\d{{1,2}}/\d{{1,2}}/\d{{4}})\b")


def signed(facts: Facts) -> Iterator[Problem]:
    """V05: present, signed, naming the form, dated. That somebody signed is measured by the click that is on the record;
    ink on paper was not looked at."""
    if not facts.request.letter.strip():
        yield Problem(_("There is no letter yet. Write it, or insert the outline and change it."), stated=False)
        return
    if not facts.request.letter_signed_at:
        yield Problem(_("The letter is not signed yet. An attorney signs it."), before="order", stated=False)
    words, mark = argued.plainly(facts.request.letter), mark_of(facts.request.letter)
    if facts.request.form and not names_form(words, facts.request):  # that none is named is V02's to say
        why = _("The letter does not name what is asked for: %s. Name it, or state which of its words do.")
        yield Problem(why % facts.request.get_form_display(), about="form", mark=mark)
    if letter.DATE not in facts.request.letter and not DAY.search(words):
        why = _("No date was found in the letter. Write %s where the day it is signed is to be printed.")
        yield Problem(why % letter.DATE, about="date", mark=mark)


def names_form(words: str, request: Request) -> bool:
    """Whether the label of the form or what it is also called stands in the letter, for whatever purpose."""
    label = dict(Form.choices)[request.form]
    english = naming.in_english(label)
    return any(argued.has_words(words, name) for name in (english, *CALLED[request.form]))


def addressed(facts: Facts) -> Iterator[Problem]:
    """V06: every negative factor that filed documents show is in the letter, or an attorney leaves it out on purpose."""
    there = argued.argued(facts.letter, facts.now, subjects(facts))
    for code in facts.by_factor:
        if facts.factors[code].polarity == Polarity.NEGATIVE and code not in there:
            why = _(
                "The letter does not speak of “%s”, and filed documents show it. Address it, or state why it is left out."
            )
            yield Problem(why % facts.factors[code], about=code, mark=behind(facts, code), factor=code)


def cited(facts: Facts) -> Iterator[Problem]:
    """V28"""
    if facts.letter:
        for citation in letter.dangling(facts.letter, facts.now):
            yield Problem(_("The letter cites “%s”, and no exhibit answers to that.") % citation)


def argued_without_tab(facts: Facts) -> Iterator[Problem]:
    """V29, of the letter: a heading names a positive factor that no filed document shows."""
    positive = {
        code: each for code, each in subjects(facts).items() if facts.factors[code].polarity == Polarity.POSITIVE
    }
    for code in sorted(argued.headed(facts.letter, positive)):
        if code not in facts.by_factor:
            why = _(
                "The letter argues “%s”, and nothing that is filed shows it. Add a paper, or take the argument out."
            )
            mark = mark_of(code, facts.request.letter)
            yield Problem(why % facts.factors[code], about=code, mark=mark, mend="letter", factor=code)


def subjects(facts: Facts) -> dict[str, argued.Subject]:
    """What a letter may argue: each factor that is weighed, with its filed documents."""
    return {
        code: argued.Subject(
            (argued.heading_of(code, factor.name_en), factor.name_en),
            frozenset(str(document.pk) for document in facts.by_factor.get(code, [])),
        )
        for code, factor in facts.factors.items()
        if factor.polarity != Polarity.PROCEDURAL
    }


def omitted(facts: Facts, code: str) -> str:
    """Why an attorney leaves this factor out of the letter on purpose; empty when nobody does, or its papers changed."""
    said = facts.statements.get(("V06", code))
    return said.words if said and said.mark == behind(facts, code) else ""


def behind(facts: Facts, code: str) -> str:
    """The mark of the filed pages behind a factor."""
    return mark_of(code, *sorted((str(each.pk), each.print_sha256) for each in facts.by_factor.get(code, [])))


RULES = (
    Rule(
        "V05", "B", "attested", gettext_lazy("The letter is signed and dated, and names what is asked for"),
        "Offices' instructions", signed, "letter",
    ),
    Rule(
        "V06", "B", "attested", gettext_lazy("The letter addresses what speaks against, or leaves it out on purpose"),
        "Offices' instructions; Rule 3.3", addressed, "letter",
    ),
    naming.RULE,
    Rule(
        "V28", "B", "measured", gettext_lazy("Every citation in the letter finds its page"),
        "design", cited, "letter", before="order",
    ),
)  # fmt: skip
