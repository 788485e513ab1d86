"""What changed since the packet a person looked at last, and an attorney's word before the release."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts import audit
from accounts.models import AuditEvent, Role, User
from documents import delivery, history, lifecycle, matters, tagging
from documents.models import Document, Packet, Request
from documents.packets import arranging, looking, order, proof_sheet, releasing
from tests.conftest import Browser
from tests.once import another, bound, once, opened
from tests.releasable import argued, cleared

pytestmark = pytest.mark.django_db
Kind = AuditEvent.Kind


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packet]:
    """A bound packet of three exhibits at which Ana looked."""
    with once(django_db_blocker, tmp_path_factory):
        request, ana = opened(), User.objects.get(role=Role.ATTORNEY)
        for name in ("one", "two", "three"):
            another(request.matter, name)
        packet = bound(order.order(request, actor=ana))
        delivery.draft_page(packet, 1, actor=ana)
        yield packet


@pytest.fixture
def first(made: Packet) -> Packet:
    return Packet.objects.select_related("request__matter").get(pk=made.pk)


@pytest.fixture
def request_(first: Packet) -> Request:
    return first.request


@pytest.fixture
def ana(first: Packet) -> User:
    return User.objects.get(role=Role.ATTORNEY)


def later(request: Request, attorney: User) -> Packet:
    """The next packet as it was frozen: what is compared is there before it is bound."""
    ordered = order.order(Request.objects.get(pk=request.pk), actor=attorney)
    Packet.objects.filter(pk=ordered.pk).update(total_pages=1, state="bound")
    return Packet.objects.select_related("request__matter").get(pk=ordered.pk)


def told(packet: Packet, person: User) -> list[tuple[str, str, str, str]]:
    found = looking.since(packet, person)
    assert found
    return [(one.what, one.title, one.was, one.now) for one in found.changes]


def test_nothing_is_told_to_who_looked_at_nothing(first: Packet, request_: Request, ana: User, pat: User) -> None:
    assert looking.since(first, ana) is None
    assert looking.since(later(request_, ana), pat) is None


def test_the_same_is_the_same(first: Packet, request_: Request, ana: User) -> None:
    found = looking.since(later(request_, ana), ana)
    assert found
    assert (found.earlier, found.same, found.lettered) == (first, True, 0)


def test_what_came_went_and_changed_is_told(first: Packet, request_: Request, ana: User) -> None:
    papers = {paper.exhibit_title: paper for paper in Document.objects.filter(review="accepted")}
    tagging.reopen(papers["one"], actor=ana)
    tagging.withdraw(papers["one"], actor=ana)
    tagging.name_exhibit(papers["two"], "two, signed", actor=ana)
    another(request_.matter, "four")
    assert told(later(request_, ana), ana) == [
        ("added", "four", "", "C"), ("removed", "one", "A", ""), ("changed", "two, signed", "B", "A"),
    ]  # fmt: skip


def test_a_tab_that_was_moved_is_told_and_who_only_made_room_is_counted(
    first: Packet, request_: Request, ana: User
) -> None:
    one, two, three = arranging.tabs(request_)
    arranging.arrange(request_, [three, one, two], actor=ana)
    packet = later(request_, ana)
    assert told(packet, ana) == [("moved", "three", "C", "A")]
    since = looking.since(packet, ana)
    assert since
    assert since.lettered == 2


def test_another_letter_is_told(first: Packet, request_: Request, ana: User) -> None:
    argued(request_, ana, "{date}\n\nWe ask for administrative closure, again.\n")
    found = looking.since(later(request_, ana), ana)
    assert found
    assert (found.letter, found.cover, found.changes) == (True, False, [])


def test_the_packet_page_says_it_and_leads_to_the_pages(
    first: Packet, request_: Request, ana: User, browser: Browser
) -> None:
    another(request_.matter, "four")
    packet = bound(order.order(request_, actor=ana))
    attorney = browser(ana)
    page = attorney.get(f"/packets/{packet.pk}/").content.decode()
    assert "Since packet 1, the last you looked at" in page
    assert f"/packets/{packet.pk}/changes/?since=1" in page
    assert attorney.get(f"/packets/{packet.pk}/changes/?since=1").status_code == 200
    assert attorney.get(f"/packets/{packet.pk}/changes/?since=2").status_code == 404
    assert attorney.get(f"/packets/{packet.pk}/changes/?since=%F0").status_code == 200


def test_an_attorney_approves_once_and_it_is_on_the_record(first: Packet, ana: User) -> None:
    looking.approve(first, actor=ana)
    looking.approve(first, actor=ana)
    [event] = audit.trail(first.audit_chain, kinds=[Kind.APPROVED])
    assert event.facts == {"order_sha256": first.order_sha256, "sha256": [first.parts.get().sha256]}
    assert looking.approval(first) == event
    [line] = history.told(first.request.matter, [event])
    assert line.text == "Ana approved Packet 1 of request 1."


def test_an_approval_ends_with_its_packet(first: Packet, request_: Request, ana: User) -> None:
    looking.approve(first, actor=ana)
    releasing.return_(first, "Page 3 is upside down.", actor=ana)
    assert looking.approval(first) is None
    with pytest.raises(lifecycle.IllegalMove):
        looking.approve(first, actor=ana)
    assert looking.approval(later(request_, ana)) is None


def test_a_released_packet_says_who_approved_it(first: Packet, ana: User) -> None:
    looking.approve(first, actor=ana)
    releasing.release(cleared(first, ana), confirmed=True, actor=ana)
    assert [line[0].partition(":")[0] for line in proof_sheet._custody(first)] == [
        "Ordered", "Bound", "Approved", "Released",
    ]  # fmt: skip


def test_the_page_offers_it_and_then_names_who_did(first: Packet, ana: User, browser: Browser) -> None:
    attorney = browser(ana)
    assert "Approve it as it is" in attorney.get(f"/packets/{first.pk}/").content.decode()
    assert attorney.post(f"/packets/{first.pk}/approve/").status_code == 302
    assert "Approved by Ana" in attorney.get(f"/packets/{first.pk}/").content.decode()


def test_the_paralegal_reads_on_the_request_why_it_came_back(
    first: Packet, request_: Request, ana: User, pat: User, browser: Browser
) -> None:
    matters.add_member(request_.matter, pat, actor=ana)
    releasing.return_(first, "Page 3 is upside down.", actor=ana)
    page = browser(pat).get(f"/requests/{request_.pk}/").content.decode()
    assert "Packet 1 came back" in page
    assert "Page 3 is upside down." in page
