"""What a client is asked for, as the client reads it: what to send again, what is still needed, what is done."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.checklist import Now, Standing
from documents.forms.checklist import LONGEST_WAIT, REMIND_IN, under_headings
from documents.models import ChecklistItem, Document
from documents.views import standing as papers
from documents.views.standing import Said
from portal import hours

Answer = ChecklistItem.Answer
SAID: Final[dict[Now, Said]] = {
    Now.NEEDED: (_("We need this one"), "do", "empty"),
    Now.ANSWERED: (_("You told us"), "wait", "hand"),
    Now.NOT_NEEDED: (_("Not needed any more"), "wait", "minus"),
}
WITHOUT: Final = [Answer.CANT_FIND, Answer.CANT_GET, Answer.NOT_MINE]  # each is one press; the fourth needs a day


@dataclass(frozen=True, slots=True)
class Line:
    """One thing asked for. `it`: of the paper that decides where it stands, what its client reads of it."""

    standing: Standing
    it: papers.Standing | None

    @property
    def item(self) -> ChecklistItem:
        return self.standing.item

    @property
    def title(self) -> str:
        return str(self.item.item or self.item.words)

    @property
    def prompt(self) -> str:
        return self.item.item.prompt if self.item.item else ""

    @property
    def words(self) -> str:
        """What the firm wrote besides."""
        return self.item.words if self.item.item else ""

    @property
    def said(self) -> Said:
        """The word, its tone and its icon."""
        if self.standing.now in SAID or self.it is None:
            return SAID[self.standing.now]
        return self.it.word, self.it.tone, self.it.icon

    @property
    def again(self) -> bool:
        return self.standing.now == Now.AGAIN


@dataclass(slots=True)
class Asked:
    """The list in the order in which a client reads it. `next`: what stands before everything else, under its heading."""

    next: Line | None = None
    heading: Promise | None = None
    again: list[Line] = field(default_factory=list)
    needed: list[tuple[Promise, list[Line]]] = field(default_factory=list)
    told: list[Line] = field(default_factory=list)
    done: list[Line] = field(default_factory=list)
    with_us: int = 0
    total: int = 0  # without what is not needed any more


def listed(standings: list[Standing], first: Document | None = None) -> Asked:
    """`first`: the paper to send again that comes before all; its item is then the next one, if it is on the list."""
    by: dict[Now, list[Standing]] = {now: [each for each in standings if each.now == now] for now in Now}
    done = [each for each in standings if each.with_us] + by[Now.NOT_NEEDED]
    asked = Asked(
        again=_lines(by[Now.AGAIN]),
        needed=[(heading, _lines(group)) for heading, group in under_headings(by[Now.NEEDED])],
        told=_lines(by[Now.ANSWERED]),
        done=_lines(done),
        with_us=sum(each.with_us for each in standings),
        total=len(standings) - len(by[Now.NOT_NEEDED]),
    )
    _lead(asked, first)
    return asked


def _lead(asked: Asked, first: Document | None) -> None:
    """Take what comes next out of the list: it is shown once."""
    if first:
        asked.next = next((line for line in asked.again if line.standing.document == first), None)
    elif asked.again:
        asked.next = asked.again[0]
    elif asked.needed:
        asked.heading, [asked.next, *rest] = asked.needed[0]
        asked.needed[:1] = [(asked.heading, rest)] if rest else []
    asked.again = [line for line in asked.again if line is not asked.next]


def _lines(standings: list[Standing]) -> list[Line]:
    return list(map(line, standings))


def line(standing: Standing) -> Line:
    return Line(standing, papers.standing(standing.document) if standing.document else None)


def days() -> dict[str, Any]:
    """For the answer that needs a day: from when until when, and what we suggest."""
    today: date = hours.today()
    return {"from": today + timedelta(days=1), "until": today + LONGEST_WAIT, "suggested": today + REMIND_IN}
