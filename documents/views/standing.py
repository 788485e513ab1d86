"""Where a document stands, as its client reads it: a shape, a word and, where there is one, a reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.audit import trail
from accounts.models import AuditEvent
from documents import receipts, words
from documents.forms.sending import NO_ROOM, NOT_KEPT, WAITS
from documents.intake.unlocking import waits_for_password
from documents.models import Document, Matter
from documents.preparing import Reason

State, Review = Document.State, Document.Review
Said = tuple[Promise, str, str]  # word, tone, icon
CHECKING: Said = (_("We are checking it"), "wait", "clock")
RECEIVED: Said = (_("Received"), "good", "check")
AGAIN: Said = (_("Please send it again"), "do", "again")
LOCKED: Said = (_("It needs its password"), "do", "lock")
SAID: Final[dict[str, Said]] = {
    State.RECEIVED: CHECKING,
    State.CHECKING: CHECKING,
    State.CLEAN: CHECKING,
    State.PREPARING: CHECKING,
    State.READY: RECEIVED,
    State.HELD: RECEIVED,
    State.REFUSED: AGAIN,
    State.QUARANTINED: AGAIN,
    State.WITHDRAWN: (_("Taken out"), "wait", "minus"),
    State.PURGED: (_("Deleted"), "wait", "minus"),
}
REVIEWED: Final[dict[str, Said]] = {
    Review.PENDING: RECEIVED,
    Review.ACCEPTED: (_("Accepted"), "good", "done"),
    Review.ASK_AGAIN: AGAIN,
}
MOVING = frozenset({State.RECEIVED, State.CHECKING, State.CLEAN, State.PREPARING})
FAILED = frozenset({State.REFUSED, State.QUARANTINED})
GONE = frozenset({State.PURGED})


@dataclass(frozen=True, slots=True)
class Standing:
    """`wanted`: the client is asked to send it again; `locked`: or to type its password. `moving`: this changes by itself,
    soon."""

    document: Document
    word: Promise
    tone: str
    icon: str
    why: str
    wanted: bool
    moving: bool
    locked: bool

    @property
    def title(self) -> str:
        """The kind of paper, else the name of the file. Never the exhibit's title: that one argues."""
        return str(self.document.item or self.document.name)

    @property
    def with_us(self) -> bool:
        return not self.wanted and self.document.state not in GONE | {State.WITHDRAWN}

    @property
    def fingerprint(self) -> str:
        return receipts.fingerprint(self.document)

    @property
    def ago(self) -> str:
        return ago(self.document.received_at)


def standing(document: Document) -> Standing:
    if waits_for_password(document):
        return Standing(document, *LOCKED, why=str(words.HAS_PASSWORD), wanted=True, moving=False, locked=True)
    said = REVIEWED[document.review] if document.state == State.READY else SAID[document.state]
    wanted, moving = said is AGAIN, document.state in MOVING
    return Standing(document, *said, why=_why(document), wanted=wanted, moving=moving, locked=False)


def _why(document: Document) -> str:
    if document.state == State.READY:
        return document.review_reason if document.review == Review.ASK_AGAIN else ""
    if document.state in FAILED:
        return sentence(document.reason or Reason.INFECTED)
    return sentence(Reason.TIMEOUT) if document.state == State.HELD else ""


def sentence(reason: str) -> str:
    """What the client reads for a reason, with the numbers of this portal."""
    of_the_form = {NOT_KEPT: words.NOT_KEPT, NO_ROOM: words.NO_ROOM, WAITS: words.WAITS}
    return str(of_the_form.get(reason) or words.sentence(reason))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Something to send again. `sent_since`: something unnamed came after, which may be it."""

    standing: Standing
    sent_since: bool


def wanted(matter: Matter, standings: Iterable[Standing]) -> list[Wanted]:
    """What the client should send again, what a person asked for first; not what was answered by a newer one."""
    everything = [each for each in standings if each.document.state not in GONE | {State.WITHDRAWN}]
    open_ = [each for each in everything if each.wanted]
    since = dict(_since(matter, open_))
    found = []
    for each in open_:
        later = [other for other in everything if other.document.received_at > since[each.document]]
        answers = [other for other in later if other.document.item_id == each.document.item_id]
        if not answers or each.document.item_id is None:
            found.append(Wanted(each, sent_since=bool(answers)))
    return sorted(found, key=lambda one: (one.sent_since, one.standing.document.state != State.READY))


def _since(matter: Matter, asked: list[Standing]) -> Iterator[tuple[Document, datetime]]:
    """When each was asked for again: by a person (the record knows when), or by its own failure."""
    people = [each.document for each in asked if each.document.state == State.READY]
    at: dict[str, datetime] = {}
    if people:
        events = trail(matter.audit_chain, kinds=[AuditEvent.Kind.REVIEWED])
        about = events.filter(subject_id__in=[str(one.pk) for one in people], facts__to=Review.ASK_AGAIN.value)
        at = dict(about.order_by("seq").values_list("subject_id", "at"))
    for each in asked:
        yield each.document, at.get(str(each.document.pk), each.document.state_since)


def ago(at: datetime) -> str:
    """How long ago, in one unit: true in every time zone."""
    if (timezone.now() - at).total_seconds() < 60:
        return gettext("just now")
    return gettext("%(time)s ago") % {"time": timesince(at, depth=1)}
