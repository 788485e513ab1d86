"""From a matter's rows to a frozen order: which documents go in, behind which tab, and what stands in the way."""

import json
from collections.abc import Collection
from dataclasses import replace

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, queue
from documents.models import Packet, Request
from documents.packets import rules
from documents.packets.freezing import freeze as freeze
from documents.packets.freezing import supplement
from documents.packets.shape import Order


class NothingNew(Exception):
    """There is nothing to add to what was filed."""


class CannotOrder(Exception):
    """Something stands in the way; `results` are the rules that say what."""

    def __init__(self, results: list[rules.Result]) -> None:
        super().__init__(" ".join(result.why for result in results))
        self.results = results


def order(
    request: Request, *, actor: User | None, despite: Collection[str] = (), adds_to: Packet | None = None
) -> Packet:
    """Freeze the list of documents, their bytes, the letter and the time, and have it bound.

    An earlier packet that nobody released yet is returned by it. Raises CannotOrder. `despite`: rules that are on the
    record and do not stop it, for a packet that nobody can release; what an attorney has yet to let go does. That every
    page is in it once is not a rule here: binding proves it, and nothing overrides that. `adds_to`: the packet that was
    filed last; only what is not in it, or in a filed supplement to it, is ordered. Raises NothingNew.
    """
    with transaction.atomic():
        request = take(request)
        whole = freeze(request)
        words = rules.judge(request, whole)
        failed = [result for result in words if result.blocks]
        if stopped := [word for word in words if word.stops_order and (word.always_stops or word.id not in despite)]:
            raise CannotOrder(stopped)
        frozen = _new(request, adds_to) if adds_to else whole
        for twin in request.packets.filter(state__in=[Packet.State.ORDERED, Packet.State.BINDING]):
            if Order.from_json(rules.canonical(twin)).essence() == frozen.essence():
                return twin  # the button was pressed twice
        for earlier in request.packets.filter(state=Packet.State.BOUND):
            lifecycle.move(earlier, Packet.State.RETURNED, actor=actor)
        if request.state in {Request.State.GATHERING, Request.State.READY}:
            lifecycle.move(request, Request.State.IN_REVIEW, actor=actor)
        last = request.packets.aggregate(last=Max("number"))["last"] or 0
        packet = Packet.objects.create(request=request, number=last + 1, adds_to=adds_to)
        frozen = replace(frozen, packet=str(packet.pk), ordered_at=timezone.now().isoformat(timespec="seconds"))
        record(
            AuditEvent.Kind.ORDERED,
            packet,
            actor=actor,
            order_sha256=frozen.digest(),
            count=len(frozen.exhibits),
            rules=sorted({result.id for result in failed}),
            **({"packet": str(adds_to.pk)} if adds_to else {}),
        )
        lifecycle.move(
            packet,
            Packet.State.ORDERED,
            actor=actor,
            order=json.loads(frozen.to_json()),
            order_sha256=frozen.digest(),
            ordered_by=actor,
            ordered_at=frozen.ordered_at,
        )
        queue.defer("bind", packet)
    return packet


def _new(request: Request, filed: Packet) -> Order:
    """What a supplement to this packet would hold, if it is the last that was filed."""
    frozen = supplement(request)
    if not frozen or not frozen.exhibits or not frozen.onto or frozen.onto.packet != str(filed.pk):
        raise NothingNew
    return frozen


def take(request: Request) -> Request:
    """The request and its evidence as they are now, and as they stay until the transaction ends: what is judged is what
    is frozen or released."""
    audit.take_turns(request.audit_chain)
    taken = Request.objects.select_for_update(of=("self",)).select_related("matter", "letter_signed_by")
    request = taken.get(pk=request.pk)
    list(request.matter.documents.select_for_update().values_list("pk"))
    return request
