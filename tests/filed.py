"""A packet that went out, for tests of what comes after: few rules stand, so that the others do not stop it."""

import pytest
from django.utils import timezone

from accounts.models import User
from documents import filing
from documents.models import Document, Filing, Packet, Request
from documents.packets import order, releasing, rules
from documents.packets.binding import bind_packet

KEPT = ("V01", "V09", "V17", "V18", "V23", "V27")


@pytest.fixture
def bound(accepted: Document, request_: Request, ana: User, monkeypatch: pytest.MonkeyPatch) -> Packet:
    monkeypatch.setattr(rules, "RULES", {rule: rules.RULES[rule] for rule in KEPT})
    return made(request_, ana)


@pytest.fixture
def released(bound: Packet, ana: User) -> Packet:
    releasing.release(bound, confirmed=True, actor=ana)
    return bound


@pytest.fixture
def filed(released: Packet, ana: User) -> Filing:
    return filing.file(released, "mail", timezone.now(), actor=ana)


def made(request: Request, actor: User) -> Packet:
    """Ordered and bound now."""
    packet = order.order(request, actor=actor)
    bind_packet(packet)
    assert packet.state == "bound", packet.failure
    return packet
