"""What is not as it should be, on the record from when it was found until it is well again. At most one open a kind."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.models import AuditEvent, Role, User
from documents.models import Alarm

log = logging.getLogger(__name__)
Kind = Alarm.Kind
TELLING = 0x616C61726D  # the advisory lock of whoever writes to the administrators
AT_LEAST = timedelta(minutes=1)  # open this long before anybody is written to, and between two mails
ADVICE: Final[dict[str, Promise]] = {
    Kind.SCANNER_AWAY: _("Look at the scanner's machine and its log. Files go on by themselves when it answers."),
    Kind.SIGNATURES_STALE: _("See why freshclam brings no new signatures. Until it does, every file waits."),
    Kind.SCANNER_LETS_THROUGH: _("Run “selftest”. Compare the scanner's configuration with deploy/clamd.conf."),
    Kind.STORE_AWAY: _("Look at the store and its network. Nothing that was received is lost by waiting."),
    Kind.STORE_LETS_THROUGH: _("Run “selftest”. Compare the store's policies with those in deploy/s3."),
    Kind.WAITING: _("See whether scanner, store and workers are well. Add workers if they are merely busy."),
    Kind.WORK_FAILED: _("Open what failed and decide: try it again, or withdraw it."),
    Kind.WORKER_DIES: _("Look in the worker's log for this file. Give the worker more memory, or withdraw the file."),
    Kind.BYTES_CHANGED: _(
        "Somebody may have written to the store. Run “verify”: it names what is wrong, or ends this."
    ),
    Kind.SWEPT: _("On a quiet day there is nothing to sweep. See which upload broke off, or who else uses the bucket."),
    Kind.TOO_MANY: _("Nothing was deleted. If no backup was restored just now, run “sweep --many”."),
    Kind.ANCHOR_AHEAD: _("The database lacks events. Restore a newer backup. Until then nothing is swept."),
}


def raise_(kind: Alarm.Kind, detail: str = "") -> None:
    """Something is wrong, or still is. May be said as often as it is found. `detail`: a sentence of ours, no name."""
    now = timezone.now()
    with transaction.atomic():
        audit.take_turns("accounts")  # two that find the same open one alarm
        if Alarm.objects.filter(kind=kind, ended_at=None).update(seen_at=now, detail=detail):
            return
        alarm = Alarm.objects.create(kind=kind, detail=detail)
        audit.record(AuditEvent.Kind.ALARM_RAISED, alarm, actor=None, code=kind.value)
    log.error("alarm %s: %s", kind.value, detail or kind.label)


def end(kind: Alarm.Kind) -> None:
    """It is well. Says nothing where nothing was wrong."""
    for alarm in open_().filter(kind=kind):
        end_as_seen(alarm)


def end_as_seen(alarm: Alarm) -> None:
    """It is well, by a look that began when this row was read. What was found wrong once more since then stays open."""
    with transaction.atomic():
        audit.take_turns("accounts")
        same = Alarm.objects.filter(pk=alarm.pk, ended_at=None, seen_at=alarm.seen_at)
        if not same.update(ended_at=timezone.now()):
            return
        audit.record(AuditEvent.Kind.ALARM_ENDED, alarm, actor=None, code=alarm.kind)
    log.warning("alarm %s ended", alarm.kind)


def open_() -> QuerySet[Alarm]:
    return Alarm.objects.filter(ended_at=None)


def recent(limit: int = 10) -> QuerySet[Alarm]:
    """Those that ended, the latest first."""
    return Alarm.objects.filter(ended_at__isnull=False).order_by("-ended_at")[:limit]


def tell(send: Callable[..., None]) -> int:
    """Write to the administrators of what is open and was not told yet: one mail for all of it, one a minute at most.

    `send` is accounts.mail's. How many were written to; where mail reaches nobody, it is tried again the next time.
    """
    with _alone() as ours:
        untold = _untold() if ours else []
        told = sum(_told(send, person, untold) for person in _administrators()) if untold else 0
        if told:
            Alarm.objects.filter(pk__in=[alarm.pk for alarm in untold]).update(told_at=timezone.now())
    return told


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else is writing. No row is locked while the mail's server takes its time, and a death lets go."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [TELLING])
        ours = bool(cursor.fetchone()[0])
        try:
            yield ours
        finally:
            if ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [TELLING])


def _untold() -> list[Alarm]:
    """What is due now; nothing within a minute of the last mail."""
    before = timezone.now() - AT_LEAST
    if Alarm.objects.filter(told_at__gt=before).exists():
        return []
    return list(open_().filter(told_at=None, since__lte=before))


def _administrators() -> QuerySet[User]:
    return User.objects.filter(role=Role.ADMINISTRATOR, is_active=True)


def _told(send: Callable[..., None], person: User, alarms: list[Alarm]) -> bool:
    try:
        send("mail/alarm", person.email, person.language, alarms=alarms)
    except OSError as problem:
        log.error("an alarm could not be mailed: %s", type(problem).__name__)
        return False
    return True
