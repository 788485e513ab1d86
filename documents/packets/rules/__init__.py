"""The rules before a packet leaves (V01–V48 of the practice): what each finds, and what an attorney said of it.

A rule is measured, computed from the packet and the matter, or attested: then what it finds is a question, and only a
named attorney's statement answers it. Warnings may be accepted with a reason, which is a statement too.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.models import Document, Packet, Request, Statement
from documents.packets.rules import argument, asking, disclosing, evidence, finished, office, papers, sending, together
from documents.packets.rules.facts import Facts as Facts
from documents.packets.rules.facts import Problem as Problem
from documents.packets.rules.facts import Rule as Rule
from documents.packets.shape import Order


def _by_release(_facts: Facts) -> Iterator[Problem]:
    """V01 is judged where somebody releases: see releasing.judged."""
    yield from ()


RELEASER = Rule(
    "V01", "B", "measured", _("Released by an attorney of the matter, confirmed just now"),
    "Rules 1.6 and 5.3", _by_release, "request",
)  # fmt: skip
RULES: dict[str, Rule] = {
    rule.id: rule
    for rule in sorted(
        (
            RELEASER,
            *asking.RULES,
            *office.RULES,
            *argument.RULES,
            *evidence.RULES,
            *papers.RULES,
            *disclosing.RULES,
            *together.RULES,
            *finished.RULES,
            *sending.RULES,
        ),
        key=lambda rule: rule.id,
    )
}


@dataclass(frozen=True, slots=True)
class Result:
    """One rule's word. `why`: a sentence for whom it stops, empty when there is nothing. `statement`: the attorney's, that
    settles it."""

    rule: Rule
    problem: Problem | None = None
    statement: Statement | None = None

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def title(self) -> str | Promise:
        return self.rule.title

    @property
    def severity(self) -> str:
        return self.rule.severity

    @property
    def kind(self) -> str:
        return self.rule.kind

    @property
    def why(self) -> str:
        return self.problem.why if self.problem else ""

    @property
    def document(self) -> Document | None:
        return self.problem.document if self.problem else None

    @property
    def passed(self) -> bool:
        return self.problem is None or self.statement is not None

    @property
    def blocks(self) -> bool:
        """A packet is not released over it: what blocks is mended, a warning is mended or accepted with a reason."""
        return not self.passed

    @property
    def stops_order(self) -> bool:
        """Nor even ordered."""
        if self.passed or self.severity != "B":
            return False
        return ((self.problem and self.problem.before) or self.rule.before) == "order"

    @property
    def always_stops(self) -> bool:
        """An order despite the rules, too: there is no packet with what an attorney has yet to let go."""
        return not self.passed and self.problem is not None and self.problem.always

    @property
    def may_be_stated(self) -> bool:
        return self.problem is not None and self.rule.stated(self.problem)

    @property
    def key(self) -> str:
        """Names the very thing it found, so that a page can say which was seen."""
        return " ".join((self.id, self.problem.about, self.problem.mark)) if self.problem else self.id

    @property
    def mend(self) -> str:
        """The name of the page where it is mended."""
        return (self.problem and self.problem.mend) or self.rule.mend

    def as_json(self) -> dict[str, object]:
        """The contract's form (a packet on disk). `why` stays with a statement: it says what was accepted, by whom."""
        said = self.statement
        words = {"stated": said.words, "stated_by": said.by.name, "stated_at": f"{said.at:%Y-%m-%d}"} if said else {}
        found = {"id": self.id, "severity": self.severity, "kind": self.kind, "passed": self.passed, "why": self.why}
        return {**found, **words}


def judge(
    request: Request, now: Order, packet: Packet | None = None, *, only: Callable[[Rule], bool] = lambda _rule: True
) -> list[Result]:
    """The word of every rule that can be judged now, in order; one result a problem, or one that passes."""
    facts = Facts.of(request, now, packet)
    return [
        result
        for rule in RULES.values()
        if only(rule) and rule is not RELEASER and (packet or not rule.packet)
        for result in results(rule, facts)
    ]


def results(rule: Rule, facts: Facts) -> list[Result]:
    """This rule's word."""
    return [_result(rule, problem, facts) for problem in rule.find(facts)] or [Result(rule)]


def _result(rule: Rule, problem: Problem, facts: Facts) -> Result:
    if rule.stated(problem):
        said = facts.statements.get((rule.id, problem.about))
        if said and said.mark == problem.mark:
            return Result(rule, problem, said)
    return Result(rule, problem)


def standing(words: Iterable[Result]) -> list[Result]:
    """What is still to be mended or stated: first what stops the order, then what blocks, then the warnings."""
    return sorted((word for word in words if not word.passed), key=lambda word: (not word.stops_order, word.severity))


def canonical(packet: Packet) -> str:
    """The frozen order as text."""
    return json.dumps(packet.order)
