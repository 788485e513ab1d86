"""Everything in the portal that waits for a person of the legal team, across that person's matters, the oldest first.

| group    | what waits                                                  | from                                          |
|----------|-------------------------------------------------------------|-----------------------------------------------|
| new      | documents to review, unless set aside                       | Document: ready, review pending               |
| needs me | attorney: documents on attorney hold                        | Hold: open                                    |
|          | attorney: quarantined, nothing proposed, or by another      | Document: quarantined; Disposition            |
|          | attorney: packets to release, letters to sign               | Packet: bound; LetterVersion, Request: unsigned |
|          | documents nobody could prepare, for a person to decide      | Document: held                                |
|          | packets to order anew after a return, packets to file       | Packet: returned; released                    |
|          | messages this person has not read                           | Message without Read                          |
| answered | papers sent again for one that could not be used            | Document: to review, with an earlier one      |
|          | answers to the list, since this person last opened it       | ChecklistItem.answered_at; Visit              |
|          | a client's answers before anything is filed, likewise       | Agreement; Visit                              |
| held     | documents held for a person or on attorney hold             | Document: held; Hold: open                    |
| failed   | refused files that nothing replaced and nobody put away     | Document: refused; PutAway                    |
|          | quarantined files; files on the way for more than an hour   | Document: quarantined; received … preparing   |
|          | packets that could not be bound, or are no longer valid     | Packet: failed; invalidated                   |

"Needs me" is what its reader may do. Of the packets of a request the newest counts. What waits for the client is on the
matter's list; what waits for an office, in the life of its request; what is wrong with the portal, above every page.
Each thing is once in a group, and in as many groups as it has reasons to be.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, Count, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import access, lifecycle, waiting
from documents.access import To
from documents.models import ChecklistItem, Document, Matter, PutAway, Request, Visit
from documents.waiting import Desk, Rows, What

__all__ = ["CannotPutAway", "Group", "What", "counts", "listed", "put_away", "things", "visit"]
Source = Callable[[Desk], Rows]


class Group(StrEnum):
    NEW = "new"
    ME = "me"
    ANSWERED = "answered"
    HELD = "held"
    FAILED = "failed"


SOURCES: Final[dict[Group, list[tuple[To, Source]]]] = {
    Group.NEW: [(To.REVIEW, waiting.to_review)],
    Group.ME: [
        (To.LIFT_HOLD, waiting.on_hold),
        (To.DECIDE_DISPOSITION, waiting.to_decide),
        (To.RELEASE, waiting.to_release),
        (To.SIGN_LETTER, waiting.to_sign),
        (To.REVIEW, waiting.held),
        (To.ORDER, waiting.returned),
        (To.FILE, waiting.to_file),
        (To.MESSAGE, waiting.unread),
    ],
    Group.ANSWERED: [(To.REVIEW, waiting.sent_again), (To.WORK, waiting.answers), (To.WORK, waiting.agreements)],
    Group.HELD: [(To.WORK, waiting.all_held), (To.WORK, waiting.all_on_hold)],
    Group.FAILED: [
        (To.WORK, waiting.refused),
        (To.WORK, waiting.quarantined),
        (To.WORK, waiting.stuck),
        (To.WORK, waiting.failed),
        (To.WORK, waiting.invalid),
    ],
}


class CannotPutAway(Exception):
    """Only a file that was refused is put away; the message says so."""


def listed(user: User, group: Group, matter: Matter | None = None) -> Rows:
    """What stands in a group, the oldest first, of all one's matters or of one. One query."""
    desk = Desk(user, matter)
    first, *others = [source(desk) for to, source in SOURCES[group] if access.may(user, to)]
    return (first.union(*others, all=True) if others else first).order_by("since", "thing")


def counts(user: User, matter: Matter | None = None) -> dict[Group, int]:
    """How much stands in each group; one query for all of them."""
    desk = Desk(user, matter)
    each = [
        _counted(source(desk), group) for group, some in SOURCES.items() for to, source in some if access.may(user, to)
    ]
    found: Counter[Group] = Counter()
    for row in each[0].union(*each[1:], all=True).order_by():
        found[Group(row["group"])] += row["n"]
    return {group: found[group] for group in Group}


def things(user: User, kind: str, ids: Iterable[UUID]) -> dict[UUID, Any]:
    """The rows of one kind, by id."""
    rows: dict[str, QuerySet[Any]] = {
        "document": access.documents(user),
        "packet": access.packets(user).defer("order", "manifest", "request__letter"),
        "request": access.requests(user).defer("letter"),
        "matter": access.matters(user),
        "asked": ChecklistItem.objects.filter(matter__in=access.matters(user).values("pk")).select_related("item"),
    }
    return rows[kind].in_bulk(list(ids))


def _counted(rows: Rows, group: Group) -> QuerySet[Any, dict[str, Any]]:
    """A row of one number, to stand among others."""
    named = rows.annotate(group=Value(group.value, output_field=CharField()))
    return named.values("group").annotate(n=Count("pk"))


def visit(thing: Matter | Request, *, actor: User) -> None:
    """This person has the client's answers before their eyes now: those to the list, or to what is read before filing."""
    Visit.objects.update_or_create(
        person=actor, thing=thing.pk, defaults={"matter_id": thing.matter_id, "at": timezone.now()}
    )


def put_away(document: Document, *, actor: User) -> None:
    """Nothing is left to do about a file that could not be taken. It stays where it is; refused anew, it is back."""
    with transaction.atomic():
        lifecycle.take_turns(str(document.matter_id))
        document.refresh_from_db(fields=["state"])
        if document.state != Document.State.REFUSED:
            raise CannotPutAway(_("This file is not refused. Nothing was changed."))
        PutAway.objects.update_or_create(document=document, defaults={"by": actor, "at": timezone.now()})
        record(AuditEvent.Kind.PUT_AWAY, document, actor=actor)
