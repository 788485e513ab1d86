"""What comes after the filing: a supplement whose tabs and pages go on behind what was filed, which stays as it is."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import Role, User
from documents import filing, matters, vault, verifying
from documents.models import Filing, Packet, Request
from documents.packets import difference, export, freezing, order, proof_sheet, releasing, rules
from documents.packets.prove import prove
from documents.packets.recheck import BAND
from documents.packets.shape import CannotBind, Filed, Order
from portal import hours
from tests.bindery import one_packet
from tests.conftest import Browser
from tests.once import another, bound, once, opened
from tests.releasable import cleared

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packet]:
    """A supplement of one exhibit to a packet of two that was filed."""
    with once(django_db_blocker, tmp_path_factory):
        request = opened()
        for name in ("one", "two"):
            another(request.matter, name)
        ana = User.objects.get(role=Role.ATTORNEY)
        packet = cleared(bound(order.order(request, actor=ana)), ana)
        sent(packet, ana)
        another(request.matter, "three", "IDENTITY", pages=3)
        yield bound(order.order(Request.objects.get(pk=request.pk), actor=ana, adds_to=packet))


def sent(packet: Packet, attorney: User) -> None:
    releasing.release(packet, confirmed=True, actor=attorney)
    filing.file(packet, "mail", timezone.now(), actor=attorney)


@pytest.fixture
def ana(made: Packet) -> User:
    return User.objects.get(role=Role.ATTORNEY)


@pytest.fixture
def added(made: Packet) -> Packet:
    return Packet.objects.select_related("request__matter", "adds_to").get(pk=made.pk)


@pytest.fixture
def filed(added: Packet) -> Packet:
    assert added.adds_to
    return added.adds_to


@pytest.fixture
def request_(added: Packet) -> Request:
    return added.request


def part_of(packet: Packet, folder: Path) -> Path:
    path, [part] = folder / "part.pdf", packet.parts.all()
    vault.copy_to_file(vault.Area.VAULT, part.key, path, under=bytes(packet.request.matter.key))
    return path


def test_it_holds_what_was_not_filed_and_goes_on_behind_it(filed: Packet, added: Packet) -> None:
    frozen = Order.from_json(rules.canonical(added))
    assert [exhibit.title for exhibit in frozen.exhibits] == ["three"]
    assert (frozen.letter, frozen.appearance, frozen.tab(0)) == (None, None, "C")
    kinds = [(row.kind, row.tab) for row in added.ledger.all()]
    assert kinds == [("cover", ""), ("index", ""), ("tab", "C"), *[("exhibit", "C")] * 3]
    assert added.adds_to == filed


def test_two_readers_find_the_printed_number_to_be_the_label(filed: Packet, added: Packet, tmp_path: Path) -> None:
    path, count = part_of(added, tmp_path), range(1, added.total_pages + 1)
    called = [f"{filed.total_pages}.{page}" for page in count]
    pdf = pypdfium2.PdfDocument(path)
    printed = [page.get_textpage().get_text_bounded(*BAND).split()[-1] for page in pdf]
    assert printed == [pdf.get_page_label(at - 1) for at in count] == called
    reader = PdfReader(path)
    assert [page.extract_text().split()[-1] for page in reader.pages] == reader.page_labels == called
    pdf.close()


def test_its_cover_says_what_it_adds_to(filed: Packet, added: Packet, tmp_path: Path) -> None:
    words = " ".join(PdfReader(part_of(added, tmp_path)).pages[0].extract_text().split())
    assert f"begin with {filed.total_pages}.1, after page {filed.total_pages}." in words
    assert "Its tabs begin with Tab C, after Tab B" in words
    assert "Supplement to Request" in words
    assert added.parts.get().filename.endswith("_Supplement1.pdf")


def test_its_papers_call_pages_as_they_are_printed(filed: Packet, added: Packet) -> None:
    base, manifest = filed.total_pages, json.loads(export.manifest_of(added))
    rows = list(csv.DictReader(io.StringIO(export.ledger_of(added).decode())))
    assert [row["packet_page"] for row in rows] == [f"{base}.{page}" for page in range(1, 7)]
    assert manifest["adds_to"] == str(filed.pk)
    assert (manifest["parts"][0]["first_page"], manifest["parts"][0]["last_page"]) == (f"{base}.1", f"{base}.6")
    [paper] = manifest["exhibits"][0]["documents"]
    assert (paper["first_page"], paper["last_page"], paper["pages"]) == (f"{base}.4", f"{base}.6", [[1, 3]])


def test_it_is_bound_to_the_same_bytes_again(filed: Packet, added: Packet, request_: Request, ana: User) -> None:
    again = bound(order.order(request_, actor=ana, adds_to=filed))
    assert [part.sha256 for part in again.parts.all()] == [part.sha256 for part in added.parts.all()]


def test_it_is_released_and_filed_and_what_was_filed_stays(filed: Packet, added: Packet, ana: User) -> None:
    was = Packet.objects.values().get(pk=filed.pk)
    sent(cleared(added, ana), ana)
    assert Packet.objects.values().get(pk=filed.pk) == was
    assert (added.state, added.request.state) == ("filed", "filed")
    assert b"%PDF" in proof_sheet.pdf(added)[:8]


def test_it_is_proved_again_years_later(added: Packet, ana: User, tmp_path: Path) -> None:
    sent(cleared(added, ana), ana)
    fresh = Packet.objects.get(pk=added.pk)
    assert not [*proof_sheet.mismatches(fresh), *verifying._verify_ledger(fresh)]
    assert verifying._wrong_with(fresh) == ""


def test_a_label_that_is_not_the_printed_number_is_found(added: Packet) -> None:
    frozen = json.loads(rules.canonical(added))
    added.order = {**frozen, "onto": {**frozen["onto"], "pages": 99}}
    assert "number" in verifying._wrong_with(added)


def test_the_next_one_goes_on_behind_it(filed: Packet, added: Packet, request_: Request, ana: User) -> None:
    sent(cleared(added, ana), ana)
    another(request_.matter, "four")
    now = freezing.supplement(request_)
    assert now is not None
    assert ([each.title for each in now.exhibits], now.tab(0)) == (["four"], "D")
    assert now.label(1) == f"{filed.total_pages}.7"
    assert now.onto is not None
    assert now.onto.number == 2


def test_what_was_filed_of_a_denied_request_is_all_of_it(added: Packet, request_: Request, ana: User) -> None:
    sent(cleared(added, ana), ana)
    filing.decide(request_, "denied", hours.today(), "No.", actor=ana)
    asked = {"stage": "before_court", "form": "administrative_closure", "profile": "OPLA", "office": "OPLA Chicago"}
    again = matters.open_request(request_.matter, parent=request_, actor=ana, **asked)
    assert {(line.title, line.what, line.then) for line in difference.difference(again)} == {
        ("one", "same", "A"), ("two", "same", "B"), ("three", "same", "C"),
    }  # fmt: skip


def test_a_document_that_comes_later_makes_it_be_ordered_again(added: Packet, request_: Request, ana: User) -> None:
    another(request_.matter, "four")
    assert "V27" in {word.id for word in releasing.judged(added) if word.blocks}


def test_a_packet_filed_since_makes_it_be_ordered_again(filed: Packet, added: Packet, ana: User) -> None:
    Packet.objects.filter(pk=filed.pk).update(state="superseded")
    [why] = [word.why for word in releasing.judged(added) if word.id == "V27"]
    assert "What was filed changed" in why


def test_the_one_it_adds_to_is_still_the_last(filed: Packet, added: Packet) -> None:
    Filing.objects.filter(packet=filed).update(filed_at=timezone.now() - timedelta(days=3))
    assert "V27" in {word.id for word in releasing.judged(added) if word.blocks}


def test_there_is_nothing_to_add(filed: Packet, added: Packet, request_: Request, ana: User) -> None:
    sent(cleared(added, ana), ana)
    with pytest.raises(order.NothingNew):
        order.order(request_, actor=ana, adds_to=filed)


def test_a_packet_that_was_not_filed_is_not_added_to(added: Packet, request_: Request, ana: User) -> None:
    with pytest.raises(order.NothingNew):
        order.order(request_, actor=ana, adds_to=added)
    with pytest.raises(IntegrityError), transaction.atomic():
        Packet.objects.filter(pk=added.pk).update(adds_to=added.pk)


def test_a_new_packet_is_compared_with_the_whole_one(
    filed: Packet, added: Packet, request_: Request, ana: User
) -> None:
    assert releasing.before(added) is None
    assert releasing.before(bound(order.order(request_, actor=ana))) == filed


def test_the_request_offers_it_and_its_page_calls_pages_by_their_names(
    filed: Packet, added: Packet, ana: User, browser: Browser
) -> None:
    attorney, base = browser(ana), filed.total_pages
    page = attorney.get(f"/requests/{filed.request_id}/").content.decode()
    assert "1 exhibit came after the filing" in page
    assert f"It begins with Tab C and page {base}.1" in page.replace("it begins", "It begins")
    body = attorney.get(f"/packets/{added.pk}/").content.decode()
    assert f"pages {base}.1 to {base}.6" in body
    assert f"{base}.4" in body


def test_it_is_ordered_from_the_page_of_the_request(
    filed: Packet, request_: Request, ana: User, browser: Browser
) -> None:
    answer = browser(ana).post(f"/packets/{filed.pk}/supplement/")
    made = filed.supplements.get(state="ordered")
    assert answer.headers["Location"] == f"/packets/{made.pk}/"


def test_an_order_from_before_there_were_supplements_stays_itself(filed: Packet) -> None:
    frozen = Order.from_json(rules.canonical(filed))
    assert "onto" not in frozen.to_json()
    assert frozen.digest() == filed.order_sha256


def test_no_part_of_it_is_unsound(added: Packet, tmp_path: Path) -> None:
    with pikepdf.open(part_of(added, tmp_path)) as pdf:
        assert not pdf.check_pdf_syntax()


def test_labels_behind_other_pages_are_no_proof(tmp_path: Path) -> None:
    bench = one_packet(tmp_path).having(letter=None, onto=Filed("p", "June 3, 2026", 41, 2))
    parts = list(bench.bind().parts)
    prove(bench.order, parts, bench.files)
    with pytest.raises(CannotBind, match="not numbered"):
        prove(bench.having(onto=Filed("p", "June 3, 2026", 42, 2)).order, parts, bench.files)
