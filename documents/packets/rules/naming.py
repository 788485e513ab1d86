"""Whose names and numbers stand in a letter and on the tabs: the client's own, and nobody else's unseen.

Full names of the firm's other clients are looked for, of two words at least. Who they are is not told: whoever reads
this rule may not know that they are clients. The cover is made of the matter itself; dates of birth are not kept here.
"""

from collections.abc import Iterable, Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from documents.models import Finding, Matter
from documents.packets import argued, numbers
from documents.packets.rules.facts import Facts, Problem, Rule, mark_of, unsettled

Place = tuple[str, str, str]  # a key, its text, and what it is called


def theirs(facts: Facts) -> Iterator[Problem]:
    """V13, in the letter, on the tabs, and by their form on the pages of a bound packet that hold text."""
    places = [("letter", argued.plainly(facts.letter), _("the letter")), *_titles(facts)]
    own, others = facts.request.matter, other_clients(facts.request.matter)
    for key, text, called in places:
        if numbers.A_NUMBER in numbers.kinds(text, [numbers.figures(own.a_number)]):
            why = _(
                "An A-number in %s is not this client's. Correct it, or state whose it is and why it belongs there."
            )
            yield Problem(why % called, about=f"number {key}", mark=mark_of(text), stated=True)
        if any(stands_in(text, name) for name in others):
            why = _("Another client's name stands in %s. Take it out, or state why it belongs there.")
            yield Problem(why % called, about=f"name {key}", mark=mark_of(text), stated=True)
    yield from unsettled(facts, Finding.Kind.A_NUMBER, Finding.Kind.CLIENT)
    yield from _on_pages(facts)


def other_clients(matter: Matter | None = None) -> list[str]:
    """The names of everybody the firm has a matter for, but of whoever is called like the client of this one."""
    own = {*argued.folded(matter.respondent).split()} if matter else set()
    known = Matter.objects.filter(purged_at=None, throwaway=False).values_list("respondent", flat=True)
    return [name for name in known if not {*argued.folded(name).split()} <= own]


def stands_in(text: str, name: str) -> bool:
    """Whether this full name stands in the text, family name first or last. One word is no full name."""
    return any(len(argued.folded(each).split()) > 1 and argued.has_words(text, each) for each in _orders(name))


def in_english(words: str | Promise) -> str:
    """As the packet, which is in English, says it."""
    with override("en"):
        return str(words)


def _orders(name: str) -> Iterable[str]:
    family, comma, given = name.partition(",")
    return (f"{family} {given}", f"{given} {family}") if comma else (name,)


def _titles(facts: Facts) -> Iterator[Place]:
    for document in facts.filed:
        yield str(document.pk)[:13], document.exhibit_title, _("the title “%s”") % document.exhibit_title


def _on_pages(facts: Facts) -> Iterator[Problem]:
    found = [row["page"] for row in facts.findings.get("numbers", []) if row["kind"] == numbers.A_NUMBER]
    if found:
        why = _("An A-number that is not this client's seems to stand on these pages of the packet: %s. Look at each.")
        yield Problem(
            why % ", ".join(map(facts.then.label, found)),
            about="pages",
            mark=mark_of(*found),
            stated=True,
            mend="request",
        )


RULE = Rule(
    "V13", "B", "measured", gettext_lazy("Names and A-numbers are the client's own"),
    "Rule 1.6", theirs, "letter",
)  # fmt: skip
