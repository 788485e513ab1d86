"""The proof sheet of a released packet, and the proof of it years later."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import User
from documents import verifying
from documents.models import Document, Packet, Request
from documents.packets import order, proof_sheet, releasing
from documents.packets.binding import bind_packet
from tests import releasable
from tests.conftest import Browser


@pytest.fixture
def released(accepted: Document, request_: Request, ana: User) -> Packet:
    releasable.represented(request_.matter, ana)
    packet = order.order(Request.objects.get(pk=request_.pk), actor=ana)
    bind_packet(packet)
    assert packet.state == "bound", packet.failure
    releasing.release(releasable.cleared(packet, ana), confirmed=True, actor=ana)
    return packet


def words(packet: Packet) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(proof_sheet.pdf(packet))).pages)
    return text.replace("\u200b", "").replace("\n", " ")


def together(packet: Packet) -> str:
    return words(packet).replace(" ", "")


def test_it_names_every_file_by_its_hash(released: Packet) -> None:
    said = together(released)
    assert all(part.sha256 in said for part in released.parts.all())


def test_it_names_every_document_by_its_hash(released: Packet, accepted: Document) -> None:
    assert accepted.sha256 in together(released)
    assert released.order_sha256 in together(released)


def test_it_says_which_rules_passed_and_on_whose_word(released: Packet) -> None:
    said = words(released)
    assert "V18" in said
    assert "Looked at. (Ana Cortés" in said


def test_the_same_packet_gives_the_same_bytes(released: Packet) -> None:
    again = Packet.objects.select_related("request__matter").get(pk=released.pk)
    assert proof_sheet.pdf(released) == proof_sheet.pdf(again)


def test_an_attorney_downloads_it_on_the_record(released: Packet, ana: User, browser: Browser) -> None:
    answer = browser(ana).get(reverse("packet_proof", args=[released.pk]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")


def test_before_the_release_there_is_none(accepted: Document, request_: Request, ana: User, browser: Browser) -> None:
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    assert browser(ana).get(reverse("packet_proof", args=[packet.pk])).status_code == 404


def test_verify_has_nothing_to_say(released: Packet) -> None:
    assert [*proof_sheet.mismatches(released)] == []


def test_another_hash_of_a_file_is_named(released: Packet) -> None:
    released.parts.update(sha256="0" * 64)
    assert [*proof_sheet.mismatches(released)] == ["its files are not those that were released."]


def test_another_ledger_is_named(released: Packet) -> None:
    released.ledger.filter(number=2).update(part_page=1)
    assert [*proof_sheet.mismatches(released)] == ["its ledger is not the one that was bound."]


def test_another_order_is_named(released: Packet) -> None:
    released.order = {**released.order, "ordered_at": "2020-01-01T00:00:00+00:00"}
    released.save(update_fields=["order"])
    assert "its order is not the one that was released." in [*proof_sheet.mismatches(released)]


def test_verify_says_it(released: Packet) -> None:
    released.ledger.filter(number=2).update(part_page=1)
    assert any("its ledger is not the one that was bound." in said for said in verifying._verify_packets())
