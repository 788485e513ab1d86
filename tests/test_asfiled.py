"""A paper that was filed may be blacked out for what is filed later; what was filed stays, and still proves itself."""

from pathlib import Path

import pytest

from accounts.models import User
from documents import custody, lifecycle, tagging, vault, verifying
from documents.models import Document, Filing, Packet, Request
from documents.packets import asfiled, binding, order
from documents.packets.export import rows_of
from documents.packets.rules import canonical
from documents.packets.shape import CannotBind, Order
from tests.boxes import burnt
from tests.filed import bound, filed, released
from tests.papers import unguarded

__all__ = ["bound", "filed", "released"]


@pytest.fixture
def packet(filed: Filing) -> Packet:
    return filed.packet


@pytest.fixture
def redacted(packet: Packet, accepted: Document, pat: User, ana: User) -> Document:
    return burnt(Document.objects.get(pk=accepted.pk), pat, ana, 1)


def ordered(packet: Packet) -> Order:
    return Order.from_json(canonical(packet))


def test_what_was_filed_is_as_it_was_and_still_proves_itself(
    packet: Packet, accepted: Document, redacted: Document, tmp_path: Path
) -> None:
    assert (redacted.state, redacted.print_sha256 != accepted.print_sha256) == ("ready", True)
    packet.refresh_from_db()
    assert packet.state == "filed"
    sources = verifying._sources(packet, ordered(packet), tmp_path)
    assert sources is not None  # the very pages it was bound from, one by one
    assert verifying._wrong_with(packet) == ""
    assert [row.source_sha256 for row in rows_of(packet) if row.document] == [accepted.sha256] * accepted.pages


def test_its_pages_are_swept_only_when_nobody_filed_them(
    packet: Packet, accepted: Document, redacted: Document
) -> None:
    assert accepted.print_key in custody.referred(vault.Area.VAULT)
    with unguarded():
        Packet.objects.filter(pk=packet.pk).update(state="superseded")
    asfiled.let_go(redacted, redacted.print_sha256)
    assert accepted.print_key not in custody.referred(vault.Area.VAULT)


def test_a_later_packet_has_the_boxes(packet: Packet, redacted: Document, request_: Request, pat: User) -> None:
    tagging.accept(redacted, actor=pat)
    [source] = order.freeze(request_).sources()
    assert source.print_sha256 == redacted.print_sha256
    assert binding.key_of(redacted, source) == redacted.print_key


def test_no_later_packet_is_bound_from_what_was_filed(
    packet: Packet, accepted: Document, redacted: Document, tmp_path: Path
) -> None:
    """Ordered before the box, failed for want of a machine, tried again after it."""
    [source] = ordered(packet).sources()
    assert source.print_sha256 == accepted.print_sha256
    assert binding.key_of(redacted, source) == ""
    with pytest.raises(CannotBind):
        binding._sources(packet, ordered(packet), tmp_path)


def test_taken_off_again_the_same_pages_come_back(packet: Packet, accepted: Document, redacted: Document) -> None:
    assert asfiled.prints(redacted) == {accepted.print_sha256}
    assert redacted.fitted.get().key == accepted.print_key
    assert not lifecycle.is_fixed(redacted)
