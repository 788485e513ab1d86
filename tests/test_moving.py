"""Which pages moved between two packets of a request, and which stand where they stood."""

import pytest
from django.urls import reverse

from accounts.models import User
from documents import tagging
from documents.models import Document, Factor, Matter, Packet, Request
from documents.packets import arranging, moving, order, releasing
from documents.packets.binding import bind_packet
from tests.conftest import Browser, made_ready, simple_pdf


def bound(request: Request, actor: User) -> Packet:
    packet = order.order(Request.objects.get(pk=request.pk), actor=actor)
    bind_packet(packet)
    assert packet.state == "bound", packet.failure
    return packet


def another(matter: Matter, user: User, words: str, code: str, pages: int = 2) -> Document:
    document = made_ready(simple_pdf(pages, words), f"{words}.pdf", matter, user)
    tagging.tag(document, Factor.objects.get(code=code), actor=user)
    tagging.accept(document, actor=user)
    return document


def told(earlier: Packet, later: Packet) -> list[tuple[str, str, object, object]]:
    return [(run.fate, run.tab, run.was, run.now) for run in moving.moved(earlier, later)]


@pytest.fixture
def first(accepted: Document, matter: Matter, request_: Request, pat: User) -> Packet:
    """Cover, index; tab A with two pages, tab B with two."""
    another(matter, pat, "Ties", "COMMUNITY_TIES")
    return bound(request_, pat)


def test_bound_again_nothing_moved(first: Packet, request_: Request, pat: User) -> None:
    assert {run.fate for run in moving.moved(first, bound(request_, pat))} == {"same"}


def test_a_paper_put_in_between_moves_what_follows(first: Packet, request_: Request, matter: Matter, pat: User) -> None:
    another(matter, pat, "School", "EDUCATION", pages=3)
    later = bound(request_, pat)
    assert told(first, later) == [
        ("same", "", (1, 1), (1, 1)),
        ("same", "", (2, 2), (2, 2)),
        ("added", "A", None, (3, 6)),
        ("moved", "B", (3, 5), (7, 9)),
        ("moved", "C", (6, 8), (10, 12)),
    ]


def test_a_paper_taken_out_is_told(first: Packet, request_: Request, accepted: Document, pat: User) -> None:
    tagging.withdraw(accepted, actor=pat)
    later = bound(request_, pat)
    assert told(first, later)[-1] == ("dropped", "A", (3, 5), None)
    assert ("moved", "A", (6, 8), (3, 5)) in told(first, later)


def test_tabs_in_another_order_are_told(first: Packet, request_: Request, pat: User) -> None:
    arranging.arrange(request_, arranging.tabs(request_)[::-1], actor=pat)
    later = bound(request_, pat)
    assert [fate for fate, *_ in told(first, later)] == ["same", "same", "moved", "moved"]


def test_every_page_of_both_is_in_exactly_one_run(first: Packet, request_: Request, matter: Matter, pat: User) -> None:
    another(matter, pat, "School", "EDUCATION", pages=3)
    later = bound(request_, pat)
    runs = moving.moved(first, later)
    for packet, spans in ((first, [run.was for run in runs]), (later, [run.now for run in runs])):
        pages = sorted(page for span in spans if span for page in range(span[0], span[1] + 1))
        assert pages == list(range(1, packet.total_pages + 1))


def test_the_page_shows_it_and_the_packet_leads_there(
    first: Packet, request_: Request, matter: Matter, pat: User, browser: Browser
) -> None:
    another(matter, pat, "School", "EDUCATION", pages=3)
    later, client = bound(request_, pat), browser(pat)
    where = reverse("packet_changes", args=[later.pk])
    assert where in client.get(reverse("packet", args=[later.pk])).content.decode()
    assert "10 pages have another number, came or went" in client.get(where).content.decode()


def test_a_first_packet_has_nothing_to_compare(first: Packet, pat: User, browser: Browser) -> None:
    assert releasing.before(first) is None
    assert browser(pat).get(reverse("packet_changes", args=[first.pk])).status_code == 404
