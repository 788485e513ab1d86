"""A few words between the client and the legal team of a matter: written once, never changed, read by members alone.

Those on the other side are told that there is a message, not what it says: at once, and then not again before they have
read it or an hour has passed.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import access, lifecycle, queue
from documents.models import Matter, Message, Read

log = logging.getLogger(__name__)
LONGEST = 2000  # characters
NOT_TWICE_WITHIN = timedelta(hours=1)
FROM_CLIENT = Q(sender__role=access.CLIENT)


@dataclass(frozen=True, slots=True)
class Line:
    """A message, as one of the two sides sees it. `reads`: by whom of the other side, for those of one's own side."""

    message: Message
    mine: bool
    ours: bool
    reads: list[Read]


def write(matter: Matter, text: str, *, token: UUID, actor: User) -> Message:
    """Send it to the other side. `token`: made for one form; the same words by the same form are one message.

    404 or 403, as everywhere, for somebody who left the matter meanwhile, and for a matter that was purged.
    """
    key = uuid5(token, f"{matter.pk} {actor.pk} {text}")
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        matter = access.matter(actor, matter.pk, to=access.To.MESSAGE)
        if there := Message.objects.filter(pk=key).first():
            return there
        message = Message.objects.create(pk=key, matter=matter, sender=actor, text=text)
        record(AuditEvent.Kind.MESSAGE_SENT, message, actor=actor)
        queue.defer("announce", matter)
    return message


def thread(user: User, matter: Matter, last: int | None = None) -> list[Line]:
    """The messages of the matter, the newest at the end; with `last`, that many of the newest."""
    newest = Message.objects.filter(matter=matter).select_related("sender").prefetch_related("reads__person")
    found = newest.order_by("-sent_at", "-pk")[:last]
    return [_line(user, message) for message in reversed(found)]


def unread(user: User, matter: Matter) -> int:
    """How many messages of the other side this person has not read."""
    return _unread(user, matter).count()


def unread_of(user: User) -> QuerySet[Message]:
    """Those of the other side that this person has not read, of whatever matter: to be narrowed to the person's own."""
    theirs = ~FROM_CLIENT if user.is_client else FROM_CLIENT
    read = Read.objects.filter(message=OuterRef("pk"), person=user)
    return Message.objects.filter(theirs, ~Exists(read))


def mark_read(user: User, lines: Iterable[Line]) -> None:
    """These stand before this person's eyes now."""
    theirs = [line.message for line in lines if not line.ours]
    new = [each for each in theirs if user.pk not in {read.person_id for read in each.reads.all()}]
    Read.objects.bulk_create([Read(message=each, person=user) for each in new], ignore_conflicts=True)


def announce(matter: Matter, tell: Callable[[User, str], str]) -> None:
    """Tell those who have something unread. `tell` is accounts.reaching's. May run twice, and at any time.

    Where nobody could be told for want of mail it is tried again (`queue_untold`); where somebody was, it counts as told.
    """
    first = _untold(matter).first()
    if first is None:
        return
    with lifecycle.claimed(first) as ours:
        untold = list(_untold(matter)) if ours else []
        for to_client in (True, False):
            side = [message for message in untold if message.sender.is_client != to_client]
            if side and _announced(matter, side, to_client, tell):
                Message.objects.filter(pk__in=[message.pk for message in side]).update(told_at=timezone.now())


def queue_untold() -> int:
    """Queue `announce` for every matter in which somebody is still to be told. Returns how many."""
    waiting = queue.waiting("announce")
    untold = Message.objects.filter(told_at=None, matter__purged_at=None).order_by()
    matters = Matter.objects.filter(pk__in=untold.values("matter"))
    found = [matter for matter in matters if str(matter.pk) not in waiting]
    for matter in found:
        queue.defer("announce", matter)
    return len(found)


def _line(user: User, message: Message) -> Line:
    ours = message.sender.is_client == user.is_client
    reads = [read for read in message.reads.all() if read.person.is_client != user.is_client] if ours else []
    return Line(message, mine=message.sender_id == user.pk, ours=ours, reads=reads)


def _unread(user: User, matter: Matter) -> QuerySet[Message]:
    return unread_of(user).filter(matter=matter)


def _untold(matter: Matter) -> QuerySet[Message]:
    return Message.objects.filter(matter=matter, told_at=None, matter__purged_at=None).select_related("sender")


def _announced(matter: Matter, side: list[Message], to_client: bool, tell: Callable[[User, str], str]) -> bool:
    """Whether nobody is left to be told of these messages."""
    there = [member.user for member in matter.memberships.select_related("user")]
    people = [person for person in there if person.is_client == to_client]
    waiting = [person for person in people if _unread(person, matter).filter(pk__in=[m.pk for m in side]).exists()]
    if not waiting:
        return bool(people)
    told = [_told(person, tell) for person in waiting if not _told_lately(person, matter)]
    return any(told)


def _told_lately(person: User, matter: Matter) -> bool:
    """And has not read it: there is nothing new to be told."""
    return _unread(person, matter).filter(told_at__gt=timezone.now() - NOT_TWICE_WITHIN).exists()


def _told(person: User, tell: Callable[[User, str], str]) -> bool:
    """Whether that is done with: also where this person is not told of anything."""
    try:
        tell(person, "message")
    except OSError as problem:
        log.warning("%s could not be told of a message and is told later: %s", person.pk, type(problem).__name__)
        return False
    return True
