"""What becomes of a packet after it left: how it was filed, what the office answered, what it decided."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle
from documents.models import Filing, Packet, Request
from portal import hours

Kind, State = AuditEvent.Kind, Request.State
DECISIONS = frozenset({State.GRANTED, State.DENIED})
CORRECTED = "corrected"
# A packet may be ordered anew while the one before it goes out.
ON_THE_WAY = {State.IN_REVIEW: [State.READY, State.FILED], State.READY: [State.FILED], State.FILED: []}


class CannotRecord(Exception):
    """This cannot have happened; the message says why. `field`: which of what was told is wrong, where it is one."""

    def __init__(self, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


def file(packet: Packet, channel: str, filed_at: datetime, words: str = "", *, actor: User) -> Filing:
    """A released packet went out. Raises CannotRecord."""
    with transaction.atomic():
        request = _take(packet.request)
        packet.refresh_from_db(fields=["state"])
        if packet.state != Packet.State.RELEASED or request.state not in ON_THE_WAY:
            raise CannotRecord(_("Only a released packet of an open request is filed."))
        _require_filed(packet, filed_at)
        filing = Filing.objects.create(
            packet=packet, channel=channel, filed_at=filed_at, words=words, filed_by=actor
        )  # fmt: skip
        lifecycle.move(packet, Packet.State.FILED, actor=actor)
        for state in ON_THE_WAY[State(request.state)]:
            lifecycle.move(request, state, actor=actor)
        record(Kind.FILED, packet, actor=actor, via=channel, pages=packet.total_pages)
    return filing


def correct(filing: Filing, channel: str, filed_at: datetime, words: str = "", *, actor: User) -> None:
    """It was recorded wrongly; how it stood before stays on the record. Raises CannotRecord."""
    with transaction.atomic():
        request = _take(filing.packet.request)
        filing.refresh_from_db()
        _require_filed(filing.packet, filed_at)
        for later in (filing.replied_on, request.decided_on):
            if later and hours.day(filed_at) > later:
                raise CannotRecord(_("The office answered before that."), "filed_at")
        was = [filing.channel, filing.filed_at.isoformat(timespec="minutes")]
        filing.channel, filing.filed_at, filing.words = channel, filed_at, words
        filing.save(update_fields=["channel", "filed_at", "words"])
        record(Kind.FILED, filing.packet, actor=actor, outcome=CORRECTED, via=channel, was=was)


def reply(filing: Filing, words: str, on: date, pages: int | None, *, actor: User) -> None:
    """The office's reply, with the pages it counted if it said so; told again, the reply as it really was.

    Raises CannotRecord.
    """
    with transaction.atomic():
        _take(filing.packet.request)
        filing.refresh_from_db()
        _require_day(on, hours.day(filing.filed_at), "replied_on")
        outcome = CORRECTED if filing.replied_on else "done"
        filing.reply, filing.replied_on, filing.pages_confirmed = words, on, pages
        filing.save(update_fields=["reply", "replied_on", "pages_confirmed"])
        counted: dict[str, Any] = {} if pages is None else {"count": pages}
        record(Kind.REPLIED, filing.packet, actor=actor, outcome=outcome, pages=filing.packet.total_pages, **counted)


def differs(filing: Filing) -> bool:
    """Whether the office counted other pages than were sent."""
    return filing.pages_confirmed is not None and filing.pages_confirmed != filing.packet.total_pages


def decide(request: Request, outcome: str, on: date, words: str, *, actor: User) -> None:
    """The office granted or denied a filed request, `on` this day; told again, the decision as it really was.

    Raises CannotRecord.
    """
    with transaction.atomic():
        request = _take(request)
        if request.state not in {State.FILED, *DECISIONS} or outcome not in DECISIONS:
            raise CannotRecord(_("Only a filed request is decided. Record the filing first."))
        _require_day(on, _first_filed(request), "decided_on")
        if request.state in DECISIONS and request.state != outcome:
            lifecycle.move(request, State.FILED, actor=actor, why=CORRECTED)
        if request.state == State.FILED:
            lifecycle.move(request, State(outcome), actor=actor, decided_on=on, decision=words)
        else:
            _restate(request, on, words, actor)


def _restate(request: Request, on: date, words: str, actor: User) -> None:
    request.decided_on, request.decision = on, words
    request.save(update_fields=["decided_on", "decision"])
    record(Kind.MOVED, request, actor=actor, outcome=CORRECTED, field="decision", to=request.state)


def _take(request: Request) -> Request:
    """The request as it is now, and as it stays until the transaction ends."""
    audit.take_turns(request.audit_chain)
    request.refresh_from_db(from_queryset=Request.objects.select_for_update(of=("self",)))
    return request


def _first_filed(request: Request) -> date:
    filings = Filing.objects.filter(packet__request=request).order_by("filed_at")
    return hours.day(filings.values_list("filed_at", flat=True)[0])


def _require_filed(packet: Packet, at: datetime) -> None:
    """Not before it was released (to the minute: that is what a form tells), and not in the future."""
    if at > timezone.now():
        raise CannotRecord(_("That is in the future. Record it when it is done."), "filed_at")
    if packet.released_at and at < packet.released_at.replace(second=0, microsecond=0):
        raise CannotRecord(_("The packet was not released yet at that time."), "filed_at")


def _require_day(on: date, filed: date, field: str) -> None:
    if on > hours.today():
        raise CannotRecord(_("That day is in the future."), field)
    if on < filed:
        raise CannotRecord(_("The packet was not filed yet on that day."), field)
