"""A request from its opening to its end, as a person tells it: what happened, in the order it happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import audit
from accounts.models import AuditEvent
from documents import filing
from documents.models import Filing, Packet, Request
from portal import hours

State = Request.State


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. `at`: the moment, where it is known, else only the day. `packet` or `request`: what it is
    about, to go there. `tone`: good, do, stop or wait, as everywhere."""

    on: date
    what: str
    more: str = ""
    at: datetime | None = None
    tone: str = "good"
    packet: Packet | None = None
    request: Request | None = None


def timeline(request: Request) -> list[Step]:
    """What happened to the request so far, the first first; of one day, what has no hour comes last."""
    steps = [*_opened(request), *_packets(request), *_decided(request), *_followed(request)]
    return sorted(steps, key=lambda step: (step.on, step.at is None, int(step.at.timestamp()) if step.at else 0))


def filings(request: Request) -> list[Filing]:
    """Of its packets, the last filed first."""
    found = Filing.objects.filter(packet__request=request).select_related("packet__request__matter", "filed_by")
    return list(found.order_by("-filed_at"))


def to_file(request: Request) -> Packet | None:
    """The released packet that is to go out."""
    if request.state not in filing.ON_THE_WAY:
        return None
    return request.packets.filter(state=Packet.State.RELEASED).first()


def _opened(request: Request) -> Iterator[Step]:
    events = audit.trail(request.audit_chain, kinds=[AuditEvent.Kind.REQUEST_OPENED])
    more, parent = "", request.parent
    if parent:
        more = _("After request %(number)d, which was denied") % {"number": parent.number}
    for event in events.filter(subject_id=str(request.pk)):
        yield Step(hours.day(event.at), _("Opened"), more, event.at, request=parent)


def _packets(request: Request) -> Iterator[Step]:
    for packet in request.packets.select_related("released_by").defer("order", "manifest"):
        named = {"number": packet.number, "who": packet.released_by}
        if packet.ordered_at:
            what = _("Packet %(number)d ordered") % named
            yield Step(hours.day(packet.ordered_at), what, "", packet.ordered_at, packet=packet)
        if packet.released_at:
            what = _("Packet %(number)d released") % named
            more = _("By %(who)s") % named
            yield Step(hours.day(packet.released_at), what, more, packet.released_at, packet=packet)
    for each in filings(request):
        yield from _filed(each)


def _filed(each: Filing) -> Iterator[Step]:
    named = {"number": each.packet.number, "channel": each.get_channel_display(), "n": each.packet.total_pages}
    sent = ngettext("%(channel)s, %(n)d page", "%(channel)s, %(n)d pages", each.packet.total_pages) % named
    more = ". ".join(filter(None, [sent, each.words]))
    yield Step(hours.day(each.filed_at), _("Packet %(number)d filed") % named, more, each.filed_at, packet=each.packet)
    if each.replied_on:
        tone = "stop" if filing.differs(each) else "good"
        yield Step(each.replied_on, _("The office replied"), _replied(each), tone=tone, packet=each.packet)


def _replied(each: Filing) -> str:
    pages = each.pages_confirmed
    counted = "" if pages is None else ngettext("It counted %(n)d page", "It counted %(n)d pages", pages) % {"n": pages}
    return ". ".join(filter(None, [counted, each.reply]))


def _decided(request: Request) -> Iterator[Step]:
    if request.decided_on and request.state in filing.DECISIONS:
        tone = "good" if request.state == State.GRANTED else "do"
        yield Step(request.decided_on, str(request.get_state_display()), request.decision, tone=tone)


def _followed(request: Request) -> Iterator[Step]:
    kinds = [AuditEvent.Kind.REQUEST_OPENED]
    for child in request.re_requests.select_related("matter"):
        event = audit.trail(request.audit_chain, kinds=kinds).filter(subject_id=str(child.pk)).first()
        if event:
            what = _("Asked again: request %(number)d") % {"number": child.number}
            yield Step(hours.day(event.at), what, request=child)
