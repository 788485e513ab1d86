"""What an attorney decides about a bound packet."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import access, lifecycle, queue
from documents.access import To
from documents.models import Packet, Request
from documents.packets import rules
from documents.packets.order import freeze, take

State = Packet.State


class CannotRelease(Exception):
    """Rules stand in the way; `results` say which."""

    def __init__(self, results: list[rules.Result]) -> None:
        super().__init__(" ".join(result.why for result in results))
        self.results = results


def judged(packet: Packet, *, actor: User | None = None, confirmed: bool = False) -> list[rules.Result]:
    """Every rule's word on a packet. V01 is judged only when somebody is about to release it."""
    words = rules.judge(packet.request, freeze(packet.request), packet)
    if actor is None:
        return words
    on_it = access.packets(actor).filter(pk=packet.pk).exists() and access.may(actor, To.RELEASE)
    if on_it and confirmed:
        return [rules.Result(rules.RELEASER), *words]
    why = rules.Problem(_("An attorney of this matter confirms with a second factor first."))
    return [rules.Result(rules.RELEASER, why), *words]


def release(packet: Packet, *, confirmed: bool, actor: User) -> None:
    """Let the packet be downloaded and filed. `confirmed`: a fresh second factor, just now. Raises CannotRelease.

    An earlier released packet of the request is superseded.
    """
    with transaction.atomic():
        packet.request = request = take(packet.request)
        packet.refresh_from_db(fields=["state"])
        words = judged(packet, actor=actor, confirmed=confirmed)
        if failed := [result for result in words if result.blocks]:
            raise CannotRelease(failed)
        for earlier in packet.request.packets.filter(state=State.RELEASED):
            lifecycle.move(earlier, State.SUPERSEDED, actor=actor)
        if request.state == Request.State.IN_REVIEW:
            lifecycle.move(request, Request.State.READY, actor=actor)
        manifest = {**packet.manifest, "rules": [result.as_json() for result in words]}
        lifecycle.move(
            packet, State.RELEASED, actor=actor, released_by=actor, released_at=timezone.now(), manifest=manifest
        )
        record(
            AuditEvent.Kind.RELEASED,
            packet,
            actor=actor,
            order_sha256=packet.order_sha256,
            sha256=[part.sha256 for part in packet.parts.all()],
            rules=sorted({result.id for result in words}),
        )


def before(packet: Packet, number: int = 0) -> Packet | None:
    """The newest whole packet of the request that was bound before this one, or the one of this number. A supplement
    moves nothing."""
    if packet.adds_to_id:
        return None
    bound = packet.request.packets.filter(number__lt=packet.number, total_pages__gt=0, adds_to=None)
    earlier = bound.filter(number=number or F("number")).exclude(ledger=None)
    return earlier.order_by("-number").distinct().first()


def return_(packet: Packet, why: str, *, actor: User) -> None:
    """Send the packet back to be ordered anew; `why` is for the legal team."""
    lifecycle.move(packet, State.RETURNED, actor=actor, failure=why)


def retry(packet: Packet, *, actor: User) -> None:
    """Have a packet that failed for want of a machine bound once more, from the same frozen order."""
    with transaction.atomic():
        lifecycle.move(packet, State.ORDERED, actor=actor)
        queue.defer("bind", packet)
