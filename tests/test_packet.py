"""Ordering, binding, releasing: what stands in the way says so, and what comes out is exact."""

import io
import subprocess
from collections import Counter
from pathlib import Path

import pikepdf
import pytest
from django.db import connection
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import User
from documents import matters, tagging, vault
from documents.models import Document, Factor, Matter, Packet, Request, Tag
from documents.packets import order, releasing, rules
from documents.packets.binding import bind_packet
from tests import releasable
from tests.conftest import Browser, made_ready, sent, simple_pdf
from tests.papers import unguarded


def tagged(document: Document, code: str, user: User, *, accept: bool = True) -> Document:
    tagging.tag(document, Factor.objects.get(code=code), actor=user)
    if accept:
        tagging.accept(document, actor=user)
    return document


def why_not(request: Request) -> dict[str, str]:
    with pytest.raises(order.CannotOrder) as stopped:
        order.order(request, actor=None)
    return {result.id: result.why for result in stopped.value.results}


@pytest.fixture
def bound(accepted: Document, request_: Request, ana: User) -> Packet:
    releasable.represented(request_.matter, ana)
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    assert packet.state == "bound", packet.failure
    return releasable.cleared(packet, ana)


def file_of(packet: Packet, tmp_path: Path) -> Path:
    part = packet.parts.get()
    path = tmp_path / part.filename
    vault.copy_to_file(vault.Area.VAULT, part.key, path, under=bytes(packet.request.matter.key))
    return path


def test_a_packet_of_nothing_is_not_ordered(request_: Request) -> None:
    assert "V09" in why_not(request_)


def test_an_unreviewed_document_stops_it_by_name(
    accepted: Document, matter: Matter, maria: User, request_: Request
) -> None:
    other = made_ready(simple_pdf(text="Otra"), "otra.pdf", matter, maria)
    assert str(other) in why_not(request_)["V09"]


def test_an_unscanned_document_stops_it(accepted: Document, matter: Matter, maria: User, request_: Request) -> None:
    other = sent(simple_pdf(text="Otra"), "otra.pdf", matter, maria)
    assert str(other) in why_not(request_)["V09"]


def test_a_held_document_stops_it(accepted: Document, request_: Request, pat: User) -> None:
    tagging.tag(accepted, Factor.objects.get(code="CRIMINAL_HISTORY"), actor=pat)
    assert {"V09", "V10"} <= why_not(request_).keys()


def test_a_lifted_hold_does_not(accepted: Document, request_: Request, pat: User, ana: User) -> None:
    tagging.tag(accepted, Factor.objects.get(code="CRIMINAL_HISTORY"), actor=pat)
    tagging.lift_hold(accepted.holds.get(), why="Already in the record.", actor=ana)
    assert order.order(request_, actor=ana).state == "ordered"


@pytest.mark.parametrize("code", sorted(Factor.NEVER_FILED))
def test_what_must_never_be_filed_stops_it(accepted: Document, request_: Request, pat: User, code: str) -> None:
    with unguarded():  # no code of ours can: accepted, and marked so
        Tag.objects.create(document=accepted, factor_id=code, tagged_by=pat)
    assert "V11" in why_not(request_)
    with pytest.raises(order.CannotOrder):
        order.order(request_, actor=pat, despite=rules.RULES)


def test_an_unsigned_letter_stops_it(accepted: Document, request_: Request, pat: User) -> None:
    matters.change_letter(request_, "Dear Counsel", actor=pat)
    assert "V05" in why_not(request_)


def test_a_citation_that_leads_nowhere_stops_it(accepted: Document, request_: Request, ana: User) -> None:
    matters.change_letter(request_, "See {tab:D99}.", actor=ana)
    matters.sign_letter(request_, seen=matters.letter_sha256(request_.letter), actor=ana)
    assert "V28" in why_not(request_)


def test_a_withdrawn_document_does_not_stop_it(
    accepted: Document, matter: Matter, maria: User, pat: User, request_: Request
) -> None:
    other = made_ready(simple_pdf(text="Otra"), "otra.pdf", matter, maria)
    tagging.withdraw(other, actor=pat)
    assert order.order(request_, actor=pat).state == "ordered"


def test_pages_that_are_not_the_ordered_ones_stop_it_by_name(accepted: Document, request_: Request, ana: User) -> None:
    packet = order.order(request_, actor=ana)
    Document.objects.filter(pk=accepted.pk).update(print_key=accepted.vault_key)
    bind_packet(packet)
    assert (packet.state, packet.parts.exists()) == ("failed", False)
    assert packet.failure == f"“{accepted.exhibit_title}” has changed since it was ordered."


def test_every_page_is_in_the_ledger_exactly_once(bound: Packet, accepted: Document) -> None:
    pages = Counter(bound.ledger.filter(document=accepted).values_list("source_page", flat=True))
    assert pages == Counter(range(1, accepted.pages + 1))


def test_qpdf_has_nothing_to_say(bound: Packet, tmp_path: Path) -> None:
    said = subprocess.run(["qpdf", "--check", file_of(bound, tmp_path)], capture_output=True, text=True, check=False)
    assert (said.returncode, "WARNING" in said.stdout + said.stderr) == (0, False)


def test_the_printed_numbers_are_the_labels(bound: Packet, tmp_path: Path) -> None:
    reader = PdfReader(file_of(bound, tmp_path))
    for number, page in enumerate(reader.pages, 1):
        assert reader.page_labels[number - 1] == str(number)
        assert str(number) in page.extract_text().split()


def test_the_page_count_is_the_ledgers(bound: Packet, tmp_path: Path) -> None:
    with pikepdf.open(file_of(bound, tmp_path)) as pdf:
        assert len(pdf.pages) == bound.total_pages == bound.ledger.count()


def test_the_same_order_gives_the_same_bytes(bound: Packet, request_: Request, ana: User) -> None:
    first = bound.parts.get().sha256
    frozen = dict(bound.order)
    again = order.order(request_, actor=ana)
    frozen["packet"], frozen["ordered_at"] = again.order["packet"], again.order["ordered_at"]
    assert frozen == again.order
    bind_packet(again)
    assert again.parts.get().sha256 == first


def test_evidence_that_changed_after_the_order_fails_and_is_named(
    accepted: Document, request_: Request, ana: User, matter: Matter
) -> None:
    packet = order.order(request_, actor=ana)
    other = vault.seal([simple_pdf(2, "Falsa")], vault.Area.VAULT, under=bytes(matter.key))
    Document.objects.filter(pk=accepted.pk).update(print_key=other.key)
    bind_packet(packet)
    assert (packet.state, packet.ledger.exists()) == ("failed", False)


def test_withdrawn_evidence_fails_the_binding_and_is_named(accepted: Document, request_: Request, ana: User) -> None:
    packet = order.order(request_, actor=ana)
    tagging.withdraw(accepted, actor=ana)
    bind_packet(packet)
    assert packet.state == "failed"
    assert accepted.exhibit_title in packet.failure


def test_release_needs_a_fresh_second_factor(bound: Packet, ana: User) -> None:
    with pytest.raises(releasing.CannotRelease, match="second factor"):
        releasing.release(bound, confirmed=False, actor=ana)


def test_release_needs_an_attorney_of_this_matter(bound: Packet, max_: User) -> None:
    with pytest.raises(releasing.CannotRelease):
        releasing.release(bound, confirmed=True, actor=max_)


def test_what_changed_after_binding_stops_the_release(bound: Packet, accepted: Document, pat: User, ana: User) -> None:
    tagging.name_exhibit(accepted, "A new title", actor=pat)
    with pytest.raises(releasing.CannotRelease, match="changed"):
        releasing.release(bound, confirmed=True, actor=ana)


def test_before_release_no_file_leaves(bound: Packet, ana: User, browser: Browser) -> None:
    for address in (reverse("packet_part", args=[bound.pk, 1]), reverse("packet_ledger", args=[bound.pk])):
        assert browser(ana).get(address).status_code == 404


def test_a_released_packet_is_downloaded_whole_and_on_the_record(bound: Packet, ana: User, browser: Browser) -> None:
    releasing.release(bound, confirmed=True, actor=ana)
    answer = browser(ana).get(reverse("packet_part", args=[bound.pk, 1]))
    body = b"".join(answer)
    assert len(PdfReader(io.BytesIO(body)).pages) == bound.total_pages
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_download_asks_for_a_fresh_second_factor(bound: Packet, ana: User, browser: Browser) -> None:
    releasing.release(bound, confirmed=True, actor=ana)
    answer = browser(ana, fresh=False).get(reverse("packet_part", args=[bound.pk, 1]))
    assert (answer.status_code, "reauthenticate" in answer["Location"]) == (302, True)


def test_quarantined_evidence_shuts_the_packet_that_holds_it(
    bound: Packet, accepted: Document, ana: User, browser: Browser
) -> None:
    releasing.release(bound, confirmed=True, actor=ana)
    Document.objects.filter(pk=accepted.pk).update(state="quarantined")
    assert browser(ana).get(reverse("packet_part", args=[bound.pk, 1])).status_code == 404


def test_the_whole_way_through_the_pages(accepted: Document, request_: Request, ana: User, browser: Browser) -> None:
    releasable.represented(request_.matter, ana)
    attorney = browser(ana)
    where = attorney.post(reverse("order", args=[request_.pk]))["Location"]
    packet = Packet.objects.get()
    bind_packet(packet)
    releasable.cleared(packet, ana)
    assert b"Look at it, then release it" in attorney.get(where).content
    attorney.post(reverse("packet_release", args=[packet.pk]))
    assert b"Download part 1" in attorney.get(where).content


def test_a_paralegal_orders_but_does_not_release(bound: Packet, pat: User, browser: Browser) -> None:
    assert browser(pat).post(reverse("packet_release", args=[bound.pk])).status_code == 403


def test_the_page_before_release_shows_drafts(bound: Packet, pat: User, browser: Browser) -> None:
    picture = browser(pat).get(reverse("packet_page", args=[bound.pk, 1]))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")


def test_withdrawn_evidence_makes_its_packet_invalid(bound: Packet, accepted: Document, ana: User) -> None:
    tagging.withdraw(accepted, actor=ana)
    bound.refresh_from_db()
    assert bound.state == "invalidated"


def test_the_request_follows_its_packet(bound: Packet, request_: Request, ana: User) -> None:
    request_.refresh_from_db()
    assert request_.state == "in_review"
    releasing.release(bound, confirmed=True, actor=ana)
    request_.refresh_from_db()
    assert request_.state == "ready"


def test_returned_with_a_reason_that_stays(bound: Packet, ana: User, browser: Browser) -> None:
    browser(ana).post(reverse("packet_return", args=[bound.pk]), {"why": "Add the lease."})
    bound.refresh_from_db()
    assert (bound.state, bound.failure) == ("returned", "Add the lease.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT failure FROM documents_packet")
        [[kept]] = cursor.fetchall()
    assert kept
    assert "lease" not in kept


def test_a_signature_is_of_the_letter_that_was_read(request_: Request, pat: User, ana: User, browser: Browser) -> None:
    matters.change_letter(request_, "First", actor=pat)
    seen = matters.letter_sha256("First")
    matters.change_letter(request_, "Second", actor=pat)
    browser(ana).post(reverse("letter_sign", args=[request_.pk]), {"seen": seen})
    request_.refresh_from_db()
    assert request_.letter_signed_at is None
