"""What has come of what a client was asked for: read from the documents, so that list and evidence cannot disagree."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from documents.models import ChecklistItem, Document, Matter
from portal import hours

State, Review = Document.State, Document.Review


class Now(StrEnum):
    """Where an item of the list stands, the furthest last but two."""

    NEEDED = "needed"
    AGAIN = "again"  # what came cannot be used: please send it again
    CHECKING = "checking"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    ANSWERED = "answered"  # nothing came, and the client said why, or when
    NOT_NEEDED = "not_needed"  # waived


BEST: Final = [Now.AGAIN, Now.CHECKING, Now.RECEIVED, Now.ACCEPTED]
GONE: Final = frozenset({State.WITHDRAWN, State.PURGED})
_READ: Final[dict[str, Now]] = {
    Review.PENDING: Now.RECEIVED,
    Review.ACCEPTED: Now.ACCEPTED,
    Review.ASK_AGAIN: Now.AGAIN,
    State.RECEIVED: Now.CHECKING,
    State.CHECKING: Now.CHECKING,
    State.CLEAN: Now.CHECKING,
    State.PREPARING: Now.CHECKING,
    State.HELD: Now.RECEIVED,
    State.REFUSED: Now.AGAIN,
    State.QUARANTINED: Now.AGAIN,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An item and what came for it. `document`: the one that decides, the newest of the best; none where nothing did."""

    item: ChecklistItem
    now: Now
    document: Document | None
    documents: tuple[Document, ...]

    @property
    def with_us(self) -> bool:
        return self.now in {Now.CHECKING, Now.RECEIVED, Now.ACCEPTED}

    @property
    def open(self) -> bool:
        """The client is still asked for it."""
        return self.now in {Now.NEEDED, Now.AGAIN}


def standings(matter: Matter, documents: Iterable[Document] | None = None) -> list[Standing]:
    """The whole list in its order. `documents`: those that the reader may see; without them all of the matter."""
    sent_for: defaultdict[UUID | str, list[Document]] = defaultdict(list)
    for document in matter.documents.all() if documents is None else documents:
        if document.state not in GONE and (key := document.asked_id or document.item_id):
            sent_for[key].append(document)
    items = matter.checklist.select_related("item")
    return [_standing(item, sent_for[item.pk] or sent_for[item.item_id or ""]) for item in items]


def standing(item: ChecklistItem) -> Standing:
    """The same of one item."""
    return next(each for each in standings(item.matter) if each.item.pk == item.pk)


def _standing(item: ChecklistItem, documents: list[Document]) -> Standing:
    best = max(documents, key=lambda one: (BEST.index(_read(one)), one.number), default=None)
    return Standing(item, _now(item, best), best, tuple(documents))


def _read(document: Document) -> Now:
    return _READ[document.review if document.state == State.READY else document.state]


def _now(item: ChecklistItem, best: Document | None) -> Now:
    if item.waived_at:
        return Now.NOT_NEEDED
    came = _read(best) if best else Now.NEEDED
    if came in {Now.NEEDED, Now.AGAIN} and _answered(item, best):
        return Now.ANSWERED
    return came


def _answered(item: ChecklistItem, best: Document | None) -> bool:
    """Unless something was sent since, or the day has come that the client chose."""
    if item.answered_at is None or (best and best.received_at > item.answered_at):
        return False
    return item.remind_on is None or item.remind_on > hours.today()
