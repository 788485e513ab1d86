"""V14, V16–V19, V44 and V48: a bound packet that passes every rule there is, and for each one that fails only it; V27."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Role, User
from documents import tagging
from documents.models import Document, Packet
from documents.packets import order, rules, stating
from documents.packets.rules.measured import spans
from tests.once import another, once, opened
from tests.once import bound as bound_now
from tests.releasable import cleared

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def kept(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packet]:
    """A packet of two exhibits that nothing stands against."""
    with once(django_db_blocker, tmp_path_factory):
        request, ana = opened(), User.objects.get(role=Role.ATTORNEY)
        for name in ("one", "two"):
            another(request.matter, name, pages=2)
        yield cleared(bound_now(order.order(request, actor=ana)), ana)


@pytest.fixture
def bound(kept: Packet) -> Packet:
    return Packet.objects.select_related("request__matter").get(pk=kept.pk)


@pytest.fixture
def ana() -> User:
    return User.objects.get(role=Role.ATTORNEY)


def results(packet: Packet) -> list[rules.Result]:
    """Of every rule but the one about who releases."""
    packet = Packet.objects.select_related("request__matter").get(pk=packet.pk)
    return rules.judge(packet.request, order.freeze(packet.request), packet)


def failing(packet: Packet) -> set[str]:
    return {result.id for result in results(packet) if result.blocks}


def why(packet: Packet) -> str:
    return " ".join(result.why for result in results(packet) if result.blocks)


def state_all(packet: Packet, attorney: User) -> None:
    for result in results(packet):
        if result.problem and result.blocks and result.may_be_stated:
            about, mark = result.problem.about, result.problem.mark
            stating.state(packet.request, result.id, about, mark, "I looked at it.", actor=attorney)


def found(packet: Packet, **findings: Any) -> None:
    """As if this had been measured on its pages."""
    packet.manifest = {**packet.manifest, "findings": {**packet.manifest["findings"], **findings}}
    packet.save(update_fields=["manifest"])


def page_of(packet: Packet) -> int:
    """A page of evidence."""
    return packet.ledger.filter(kind="exhibit").first().number  # type: ignore[union-attr]


def test_a_plain_packet_passes_them_all(bound: Packet) -> None:
    assert failing(bound) == set()
    assert {result.id for result in results(bound)} == {*rules.RULES} - {"V01"}


def test_v14_finds_a_number_that_stands_open_and_says_its_page(bound: Packet, ana: User) -> None:
    pay = another(bound.request.matter, "SSN 219-09-9999")
    tagging.name_exhibit(pay, "Pay", actor=ana)
    packet = bound_now(order.order(bound.request, actor=ana))
    page = packet.ledger.get(document=pay).number
    assert f"Page {page} seems to show a Social Security number" in why(packet)
    assert "219-09" not in f"{packet.manifest} {why(packet)}"


def test_v14_asks_who_looked_at_what_cannot_be_read(bound: Packet, ana: User) -> None:
    found(bound, pages_without_text=[page_of(bound)])
    assert failing(bound) == {"V14"}
    assert "cannot read" in why(bound)
    state_all(bound, ana)
    assert failing(bound) == set()


def test_v14_a_number_is_kept_with_a_reason(bound: Packet, ana: User) -> None:
    found(bound, numbers=[{"page": page_of(bound), "kind": "card"}])
    assert failing(bound) == {"V14"}
    state_all(bound, ana)
    assert failing(bound) == set()


def test_v14_a_reason_for_one_kind_says_nothing_of_another(bound: Packet, ana: User) -> None:
    found(bound, numbers=[{"page": page_of(bound), "kind": "card"}])
    state_all(bound, ana)
    found(bound, numbers=[{"page": page_of(bound), "kind": kind} for kind in ("card", "ssn")])
    assert failing(bound) == {"V14"}


def test_v14_what_was_said_holds_for_the_next_packet_of_the_same_evidence(bound: Packet, ana: User) -> None:
    found(bound, pages_without_text=[page_of(bound)])
    state_all(bound, ana)
    again = bound_now(order.order(bound.request, actor=ana))
    found(again, pages_without_text=[page_of(again)])
    assert failing(again) == set()


def test_v14_leaves_a_numbers_to_v13(bound: Packet) -> None:
    found(bound, numbers=[{"page": page_of(bound), "kind": "a_number"}])
    assert failing(bound) == {"V13"}


@pytest.mark.parametrize(("rule", "name"), [("V16", "hidden"), ("V48", "stamped")])
def test_a_page_is_named_until_an_attorney_says_why_it_may_stay(bound: Packet, ana: User, rule: str, name: str) -> None:
    found(bound, **{name: [page_of(bound)]})
    assert failing(bound) == {rule}
    assert f"age {page_of(bound)} " in why(bound)
    state_all(bound, ana)
    assert failing(bound) == set()


def test_v44_some_pages_of_a_part_are_held_another_way(bound: Packet, ana: User) -> None:
    pages = list(bound.ledger.exclude(document=None).values_list("number", flat=True))
    found(bound, turned=pages)
    assert failing(bound) == set()
    found(bound, turned=pages[:1])
    assert failing(bound) == {"V44"}
    state_all(bound, ana)
    assert failing(bound) == set()


def test_a_packet_bound_before_anything_was_measured_is_bound_again(bound: Packet, ana: User) -> None:
    bound.manifest = {name: value for name, value in bound.manifest.items() if name != "findings"}
    bound.save(update_fields=["manifest"])
    state_all(bound, ana)
    assert failing(bound) == {"V14", "V16", "V44", "V48"}
    assert "Bind it again" in why(bound)


@pytest.mark.parametrize("rule", ["V17", "V18"])
def test_what_was_not_proved_while_binding_fails(bound: Packet, rule: str) -> None:
    bound.manifest = {**bound.manifest, "rules": [row for row in bound.manifest["rules"] if row["id"] != rule]}
    bound.save(update_fields=["manifest"])
    assert failing(bound) == {rule}


def test_v18_a_ledger_that_does_not_count(bound: Packet) -> None:
    bound.parts.update(last_page=bound.total_pages + 1)
    assert failing(bound) == {"V18"}


def test_v19_a_part_too_large_for_the_office(bound: Packet) -> None:
    bound.parts.update(bytes=10**9)
    assert failing(bound) == {"V19"}


def test_v27_a_title_that_changed_after_the_order(bound: Packet, ana: User) -> None:
    paper = Document.objects.filter(packet_pages__packet=bound, packet_pages__kind="exhibit").first()
    assert paper is not None
    tagging.name_exhibit(paper, "Another title", actor=ana)
    assert "V27" in failing(bound)


@pytest.mark.parametrize(
    ("pages", "words"), [([3], "page 3"), ([3, 4], "pages 3–4"), ([1, 3, 4, 5, 9], "pages 1, 3–5, 9")]
)
def test_pages_are_written_as_people_write_them(pages: list[int], words: str) -> None:
    assert spans(pages) == words
