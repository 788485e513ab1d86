"""What waits for a person, reason by reason: for each a query that names the thing, its matter, and since when.

Which group of the inbox a reason stands in, and who reads it there, is in documents.inbox.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db.models import CharField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from accounts.models import User
from documents import access, messages
from documents.models import (
    Agreement,
    ChecklistItem,
    Disposition,
    Document,
    Factor,
    Hold,
    LetterVersion,
    Matter,
    Packet,
    PutAway,
    Request,
    Tag,
    Visit,
)

State, Review, P = Document.State, Document.Review, Packet.State
BEFORE_FILING = (Request.State.GATHERING, Request.State.IN_REVIEW, Request.State.READY)
ON_THE_WAY = (State.RECEIVED, State.CHECKING, State.CLEAN, State.PREPARING)
TOO_LONG = timedelta(hours=1)  # on the way
NO_LETTER = hashlib.sha256(b"").hexdigest()
Rows = QuerySet[Any, dict[str, Any]]  # what, thing (id), of (id of its matter), since


class What(StrEnum):
    """Why something is in a group; before the colon what kind of thing it is."""

    REVIEW = "document:review"
    ON_HOLD = "document:on_hold"
    DISPOSITION = "document:disposition"
    HELD = "document:held"
    AGAIN = "document:again"
    REFUSED = "document:refused"
    QUARANTINED = "document:quarantined"
    STUCK = "document:stuck"
    RELEASE = "packet:release"
    RETURNED = "packet:returned"
    FILE = "packet:file"
    FAILED = "packet:failed"
    INVALID = "packet:invalid"
    SIGN = "request:sign"
    AGREEMENT = "request:agreement"
    MESSAGES = "matter:messages"
    ANSWER = "asked:answer"

    @property
    def kind(self) -> str:
        return self.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Desk:
    """What one person may see: of all their matters, or of one."""

    user: User
    matter: Matter | None = None

    def matters(self) -> QuerySet[Matter]:
        mine = access.matters(self.user)
        return mine.filter(pk=self.matter.pk) if self.matter else mine

    def documents(self, *states: str) -> QuerySet[Document]:
        mine = access.documents(self.user).filter(state__in=states)
        return mine.filter(matter=self.matter) if self.matter else mine

    def packets(self, *states: str) -> QuerySet[Packet]:
        """The newest of their requests."""
        newer = Packet.objects.filter(request=OuterRef("request"), number__gt=OuterRef("number"))
        mine = access.packets(self.user).filter(~Exists(newer), state__in=states)
        return mine.filter(request__matter=self.matter) if self.matter else mine

    def requests(self) -> QuerySet[Request]:
        mine = access.requests(self.user)
        return mine.filter(matter=self.matter) if self.matter else mine

    def asked(self) -> QuerySet[ChecklistItem]:
        return ChecklistItem.objects.filter(matter__in=self.matters().values("pk"))


# New


def to_review(desk: Desk) -> Rows:
    return _rows(_pending(desk), What.REVIEW, since="received_at")


def _pending(desk: Desk) -> QuerySet[Document]:
    """Not what somebody set aside: nothing is left to review."""
    aside = Tag.objects.filter(document=OuterRef("pk"), factor__in=Factor.SET_ASIDE)
    return desk.documents(State.READY).filter(~Exists(aside), review=Review.PENDING)


# Needs me


def on_hold(desk: Desk) -> Rows:
    """A quarantined one is decided about first: see `to_decide`."""
    held = desk.documents(*set(State) - Document.OVER - {State.QUARANTINED, State.HELD})
    return _rows(held.filter(Exists(_holds())), What.ON_HOLD, since=Subquery(_holds().values("placed_at")[:1]))


def to_decide(desk: Desk) -> Rows:
    """Unless it waits for the worker, or for another person than the reader, who proposed it."""
    since = Disposition.objects.filter(document=OuterRef("pk"), proposed_at__gte=OuterRef("state_since"))
    others = since.filter(Q(decision="approved") | Q(decision="", proposed_by=desk.user))
    return _rows(desk.documents(State.QUARANTINED).filter(~Exists(others)), What.DISPOSITION)


def to_release(desk: Desk) -> Rows:
    return _rows(desk.packets(P.BOUND), What.RELEASE)


def to_sign(desk: Desk) -> Rows:
    """A letter is there when its newest version has a word in it; the letter itself is sealed."""
    versions = LetterVersion.objects.filter(request=OuterRef("pk")).order_by("-number")
    newest = Subquery(versions.values("sha256")[:1])
    unsigned = desk.requests().filter(state__in=BEFORE_FILING, letter_signed_at=None).annotate(newest=newest)
    written = unsigned.filter(newest__isnull=False).exclude(newest=NO_LETTER)
    return _rows(written, What.SIGN, since=Subquery(versions.values("at")[:1]))


def held(desk: Desk) -> Rows:
    return _rows(desk.documents(State.HELD), What.HELD)


def returned(desk: Desk) -> Rows:
    return _rows(desk.packets(P.RETURNED), What.RETURNED)


def to_file(desk: Desk) -> Rows:
    return _rows(desk.packets(P.RELEASED), What.FILE)


def unread(desk: Desk) -> Rows:
    """One line a matter, since the first message that was not read."""
    first = messages.unread_of(desk.user).filter(matter=OuterRef("pk")).order_by("sent_at").values("sent_at")[:1]
    return _rows(_since(desk.matters(), first), What.MESSAGES, of="pk", since="first")


# Answered


def sent_again(desk: Desk) -> Rows:
    """Sent in place of another, or for the same item of the list or as the same kind of paper as one that was of no use."""
    of_no_use = Q(state=State.READY, review=Review.ASK_AGAIN) | Q(state__in=[State.REFUSED, State.QUARANTINED])
    same = Q(asked=OuterRef("asked")) | Q(asked=None, item=OuterRef("item"))
    earlier = Document.objects.filter(of_no_use, same, matter=OuterRef("matter"), number__lt=OuterRef("number"))
    again = _pending(desk).filter(Q(replaces__isnull=False) | Exists(earlier))
    return _rows(again, What.AGAIN, since="received_at")


def answers(desk: Desk) -> Rows:
    answered = desk.asked().filter(answered_at__isnull=False, waived_at=None)
    seen = Visit.objects.filter(person=desk.user, thing=OuterRef("matter"), at__gte=OuterRef("answered_at"))
    return _rows(answered.filter(~Exists(seen)), What.ANSWER, since="answered_at")


def agreements(desk: Desk) -> Rows:
    """One line a request, since the first answer that was not seen; not those that somebody of the firm recorded."""
    seen = Visit.objects.filter(person=desk.user, thing=OuterRef("request"), at__gte=OuterRef("at"))
    answers = Agreement.objects.filter(~Exists(seen), request=OuterRef("pk"), recorded_by=None)
    first = answers.order_by("at").values("at")[:1]
    return _rows(_since(desk.requests(), first), What.AGREEMENT, since="first")


# Held


def all_held(desk: Desk) -> Rows:
    """Those that are held for a person: once, whatever holds they have besides."""
    return _rows(desk.documents(State.HELD), What.HELD)


def all_on_hold(desk: Desk) -> Rows:
    held = desk.documents(*set(State) - Document.OVER - {State.HELD}).filter(Exists(_holds()))
    return _rows(held, What.ON_HOLD, since=Subquery(_holds().values("placed_at")[:1]))


# Failed


def refused(desk: Desk) -> Rows:
    away = PutAway.objects.filter(document=OuterRef("pk"), at__gte=OuterRef("state_since"))
    instead = Q(replaces=OuterRef("pk")) | Q(asked=OuterRef("asked"), number__gt=OuterRef("number"))
    newer = Document.objects.filter(instead, matter=OuterRef("matter")).exclude(state__in=Document.OVER)
    return _rows(desk.documents(State.REFUSED).filter(~Exists(away), ~Exists(newer)), What.REFUSED)


def quarantined(desk: Desk) -> Rows:
    return _rows(desk.documents(State.QUARANTINED), What.QUARANTINED)


def stuck(desk: Desk) -> Rows:
    """Where it was tried for want of a verdict, the state is young; a paper prepared anew is young itself."""
    long_ago = timezone.now() - TOO_LONG
    still = Q(state_since__lt=long_ago) | Q(state__in=[State.RECEIVED, State.CHECKING], waits__gt=0)
    late = desk.documents(*ON_THE_WAY).filter(still, received_at__lt=long_ago)
    return _rows(late, What.STUCK, since="received_at")


def failed(desk: Desk) -> Rows:
    return _rows(desk.packets(P.FAILED), What.FAILED)


def invalid(desk: Desk) -> Rows:
    return _rows(desk.packets(P.INVALIDATED), What.INVALID)


def _holds() -> QuerySet[Hold]:
    return Hold.objects.filter(document=OuterRef("pk"), lifted_at=None).order_by("placed_at")


def _since(rows: QuerySet[Any], first: QuerySet[Any, Any]) -> QuerySet[Any]:
    """Those for which there is a first."""
    return rows.annotate(first=Subquery(first, output_field=DateTimeField())).filter(first__isnull=False)


def _rows(rows: QuerySet[Any], what: What, *, of: str = "", since: str | Subquery = "state_since") -> Rows:
    matter = of or ("request__matter_id" if rows.model is Packet else "matter_id")
    columns = {"what": Value(what.value, output_field=CharField()), "thing": F("pk"), "of": F(matter)}
    at = F(since) if isinstance(since, str) else since
    return rows.order_by().annotate(**columns, since=at).values("what", "thing", "of", "since")
