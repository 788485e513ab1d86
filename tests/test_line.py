"""The straight line, without pages: received, checked, prepared, tagged, accepted, ordered, bound, released."""


from accounts.models import User
from documents.models import Document, Packet, Request
from documents.packets import order, releasing
from documents.packets.binding import bind_packet
from tests import releasable


def test_a_received_file_becomes_ready(ready: Document) -> None:
    assert (ready.state, ready.pages, ready.reason) == ("ready", 2, "")


def test_accepted_evidence_becomes_a_released_packet(accepted: Document, request_: Request, ana: User) -> None:
    releasable.represented(request_.matter, ana)
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    assert packet.state == Packet.State.BOUND, packet.failure
    releasable.cleared(packet, ana)
    releasing.release(packet, confirmed=True, actor=ana)
    assert packet.ledger.filter(document=accepted).count() == accepted.pages
