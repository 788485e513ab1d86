"""Reminding a client of what is on the checklist: seldom, at a decent hour, and without a word of what it is.

An item with a due day is worth a reminder three days before, on the day, and 3, 7 and 14 days after; an item that the
client put off, on the day they chose. Nobody gets more than one reminder a day, whatever number of items it is for, and
nobody is disturbed while `hours.quiet`. A day that could not be told of (a Sunday, no mail) is made up for within two.

The row comes first, then the sending, then `sent_at` with its event: whoever dies between may remind twice, never not at
all, because the next run takes up what has no `sent_at`. Each reminder is judged again when it is sent.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import access, checklist, lifecycle, queue
from documents.models import ChecklistItem, Matter, Reminder
from portal import hours

log = logging.getLogger(__name__)
Kind = Reminder.Kind
FROM_DUE: Final = [(-3, Kind.ALMOST_DUE), (0, Kind.DUE), (3, Kind.OVERDUE), (7, Kind.OVERDUE), (14, Kind.OVERDUE)]
PRESSING: Final = [Kind.OVERDUE, Kind.DUE, Kind.ALMOST_DUE, Kind.CHOSEN]
GRACE = timedelta(days=2)
LONGEST = timedelta(days=FROM_DUE[-1][0]) + GRACE
type Due = tuple[Reminder.Kind, Matter]


def plan(channel: Callable[[User], str]) -> int:
    """Queue a reminder for everybody who is due one today, and again what could not be sent. Returns how many.

    `channel` is accounts.reaching's: how a person is reached, or "" for not at all.
    """
    now = timezone.now()
    if hours.quiet(now):
        return 0
    today, queued = hours.day(now), queue.waiting("send_reminder")
    return sum(_plan(person, today, how, queued) for person in _people(today) if (how := channel(person)))


def send(reminder: Reminder, tell: Callable[[User, str], str]) -> bool:
    """Send it, unless its day is over or nothing is due any more. `tell` is accounts.reaching's. May run twice."""
    with lifecycle.claimed(reminder) as ours:
        found = _still_due(reminder, timezone.now()) if ours else None
        how = _told(reminder, tell) if found else ""
        if found and how:
            _sent(reminder, found, how)
    return bool(found and how)


def due(person: User, today: date) -> Due | None:
    """The most pressing thing this person is to be reminded of by today, and its matter; nothing that a reminder that was
    sent told of already."""
    last = Reminder.objects.filter(person=person, sent_at__isnull=False).aggregate(last=Max("day"))["last"] or date.min
    found = [
        (kind, matter)
        for matter in access.matters(person)
        for item in checklist.open_items(matter)
        for day, kind in _days(item, today)
        if last < day and day <= today <= day + GRACE
    ]
    return min(found, key=lambda one: PRESSING.index(one[0]), default=None)


def _days(item: ChecklistItem, today: date) -> Iterator[tuple[date, Reminder.Kind]]:
    """The days this item is worth a reminder; none of before it was asked for, none before the day the client chose."""
    if item.remind_on:
        yield item.remind_on, Kind.CHOSEN
    if item.due and not (item.remind_on and item.remind_on > today):
        since = hours.day(item.added_at)
        for after, kind in FROM_DUE:
            if (day := item.due + timedelta(days=after)) >= since:
                yield day, kind


def _people(today: date) -> list[User]:
    """The clients of all matters in which an item may be worth a reminder today."""
    near = Q(due__range=(today - LONGEST, today + timedelta(days=-FROM_DUE[0][0]))) | Q(
        remind_on__range=(today - GRACE, today)
    )
    items = ChecklistItem.objects.filter(near, waived_at=None, matter__purged_at=None).order_by()
    found = Matter.objects.filter(pk__in=items.values("matter"))
    members = [member for matter in found for member in access.clients(matter).select_related("user")]
    return list({member.user_id: member.user for member in members}.values())


def _plan(person: User, today: date, how: str, queued: set[str]) -> bool:
    with transaction.atomic():
        lifecycle.take_turns(f"reminders of {person.pk}")
        reminder = Reminder.objects.filter(person=person, day=today).first()
        if reminder is None and (found := due(person, today)):
            kind, matter = found
            reminder = Reminder.objects.create(matter=matter, person=person, kind=kind, day=today, channel=how)
        if reminder is None or reminder.sent_at or str(reminder.pk) in queued:
            return False
        queue.defer("send_reminder", reminder)
    return True


def _still_due(reminder: Reminder, now: datetime) -> Due | None:
    reminder.refresh_from_db()
    if hours.quiet(now) or reminder.day != hours.day(now):
        return None
    return due(reminder.person, reminder.day)


def _told(reminder: Reminder, tell: Callable[[User, str], str]) -> str:
    try:
        return tell(reminder.person, "reminder")
    except OSError as problem:
        log.warning("reminder %s was not sent and is tried again: %s", reminder.pk, type(problem).__name__)
        return ""


def _sent(reminder: Reminder, found: Due, how: str) -> None:
    reminder.kind, reminder.matter = found
    reminder.channel, reminder.sent_at = how, timezone.now()
    with transaction.atomic():
        reminder.save(update_fields=["kind", "matter", "channel", "sent_at"])
        member = str(reminder.person_id)
        record(AuditEvent.Kind.REMINDED, reminder, actor=None, reason=reminder.kind, via=how, member=member)
