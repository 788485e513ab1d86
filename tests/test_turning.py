"""Pages of any document, turned and moved on its review page: none is lost, and what names a page keeps it where it is."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from documents import arranging, deeds, lifecycle, tagging
from documents.intake.readying import prepare
from documents.models import Document, Factor, Hold, LiftedPages, Matter, Page, PageText, Translation
from documents.preparing import Placed
from tests.boxes import box
from tests.conftest import made_ready, simple_pdf
from tests.papers import paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(matter: Matter, maria: User) -> Document:
    return paper(matter, maria, pages=3, leaves=3)


def turn(client: Client, document: Document, **typed: object) -> str:
    answer = client.post(reverse("turn", args=[document.pk]), {"seen": document.print_sha256} | typed)
    assert answer.status_code == 302
    document.refresh_from_db()
    return str(answer["Location"])


def plan(document: Document) -> list[tuple[int, int]]:
    return [(placed.photo, placed.turn) for placed in arranging.arranged(document)]


AS_IT_CAME = [(1, 0), (2, 0), (3, 0)]


@pytest.mark.parametrize(
    ("typed", "after", "page"),
    [
        ({"do": "right", "leaf": 2}, [(1, 0), (2, 90), (3, 0)], "#page-2"),
        ({"do": "left", "leaf": 1}, [(1, 270), (2, 0), (3, 0)], "#page-1"),
        ({"do": "over", "leaf": 3}, [(1, 0), (2, 0), (3, 180)], "#page-3"),
        ({"do": "earlier", "leaf": 3}, [(1, 0), (3, 0), (2, 0)], "#page-2"),
        ({"do": "later", "leaf": 1}, [(2, 0), (1, 0), (3, 0)], "#page-2"),
        ({"do": "place", "leaf": 3, "place": 1}, [(3, 0), (1, 0), (2, 0)], "#page-1"),
        ({"do": "right"}, [(1, 90), (2, 90), (3, 90)], ""),
    ],
)
def test_a_step_is_done_and_the_pages_made_anew(browser, three, pat, typed, after, page) -> None:
    assert turn(browser(pat), three, **typed) == reverse("document", args=[three.pk]) + page
    assert (three.state, plan(three)) == ("clean", after)
    [event] = audit.trail(three.audit_chain, kinds=[AuditEvent.Kind.ARRANGED])
    assert (event.actor, event.facts) == (pat, {"count": 3, "pages": 3})


@pytest.mark.parametrize(
    "typed",
    [{}, {"do": "left", "leaf": 9}, {"do": "earlier", "leaf": 1}, {"do": "later", "leaf": 3}, {"do": "burn", "leaf": 1},
     {"do": "place", "leaf": 1}, {"do": "place", "leaf": 7, "place": 99999}, {"do": "came"}, {"do": "earlier"}],
)  # fmt: skip
def test_what_makes_no_sense_changes_nothing(browser, three, pat, typed) -> None:
    turn(browser(pat), three, **typed)
    assert (three.state, plan(three)) == ("ready", AS_IT_CAME)
    assert not audit.trail(three.audit_chain, kinds=[AuditEvent.Kind.ARRANGED])


def test_pages_that_are_not_those_that_were_seen_stay(browser, three, pat) -> None:
    turn(browser(pat), three, do="left", leaf=1, seen="0" * 64)
    assert three.state == "ready"


def test_a_client_turns_nothing(browser, three, maria) -> None:
    assert not arranging.may_arrange(three, maria)
    assert browser(maria).post(reverse("turn", args=[three.pk]), {"do": "left", "leaf": 1}).status_code == 403


def test_the_whole_way_and_back(browser, matter, maria, pat) -> None:
    document, client = made_ready(simple_pdf(3), "carta.pdf", matter, maria), browser(pat)
    was, looks = document.print_sha256, [page.preview_sha256 for page in document.page_set.all()]
    PageText.objects.create(page=document.page_set.get(number=1), text="page one")
    turn(client, document, do="place", leaf=3, place=1)
    prepare(document)
    document.refresh_from_db()
    assert (document.state, document.pages, document.leaves) == ("ready", 3, 3)
    shown = {page.leaf: page for page in document.page_set.all()}
    assert [page.number for page in shown.values()] == [1, 2, 3]
    assert [*shown] == [3, 1, 2]
    assert [shown[leaf].preview_sha256 for leaf in (1, 2, 3)] == looks
    assert not PageText.objects.filter(page__document=document)
    assert document.print_sha256 != was
    turn(client, document, do="came")
    prepare(document)
    document.refresh_from_db()
    assert (document.arrangement, document.print_sha256) == ([], was)


def test_an_arrangement_that_cannot_be_followed_costs_no_page(matter, maria) -> None:
    document = made_ready(simple_pdf(3), "carta.pdf", matter, maria)
    lost = [Placed(1).to_json(), Placed(3).to_json()]
    lifecycle.move(document, "clean", actor=None, arrangement=lost, leaves=0)  # as of before pages were counted
    prepare(document)
    document.refresh_from_db()
    assert (document.state, document.pages, document.arrangement) == ("ready", 3, [])


@pytest.mark.parametrize("places", [[1], [1, 2], [1, 1, 2], [1, 2, 4], [1, 2, 3, 3], [0, 1, 2]])
def test_the_database_keeps_every_page(three, places: list[int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=three.pk).update(arrangement=[Placed(place).to_json() for place in places])
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=three.pk).update(pages=2)


# What names a page


def _tagged(document: Document, by: User) -> None:
    tagging.tag(document, Factor.objects.get(code="EDUCATION"), pages=(2, 3), actor=by)


def _boxed(document: Document, by: User) -> None:
    box(document, by)


def _held(document: Document, by: User) -> None:
    held = Factor.objects.get(code="CRIMINAL_HISTORY")
    tagging.tag(document, held, pages=(2, 2), actor=by)
    tagging.untag(document, held, actor=by)  # its hold stays


def _lifted_in_part(document: Document, by: User) -> None:
    hold = Hold.objects.create(document=document, reason="Wait.", placed_by=by)
    LiftedPages.objects.create(hold=hold, first_page=1, last_page=1, why="Known.", by=by)


def _paired(document: Document, by: User) -> None:
    english = paper(document.matter, by, pages=1)
    Translation.objects.create(original=document, translation=english, first_page=2, last_page=2, by=by)


@pytest.mark.parametrize("naming", [_tagged, _boxed, _held, _lifted_in_part, _paired])
def test_what_names_a_page_keeps_all_where_they_are(browser, three, pat, naming) -> None:
    naming(three, pat)
    client = browser(pat)
    turn(client, three, do="later", leaf=1)
    assert (three.state, plan(three)) == ("ready", AS_IT_CAME)
    shown = client.get(reverse("document", args=[three.pk])).content.decode()
    assert arranging.why_not(three) in shown
    assert 'name="do" value="left"' not in shown


def test_a_hold_that_is_over_names_nothing(three, pat, ana) -> None:
    _held(three, pat)
    tagging.lift_hold(three.holds.get(), why="Known.", actor=ana)
    assert arranging.may_arrange(three, pat)


def test_a_tag_taken_off_does_not_come_back_onto_other_pages(browser, three, pat) -> None:
    _tagged(three, pat)
    factor = Factor.objects.get(code="EDUCATION")
    deeds.doing(
        three, deeds.What.UNTAGGED, lambda: tagging.untag(three, factor, actor=pat), factors=["EDUCATION"], actor=pat
    )
    turn(browser(pat), three, do="later", leaf=1)
    Document.objects.filter(pk=three.pk).update(state="preparing", state_since=timezone.now())
    Document.objects.filter(pk=three.pk).update(state="ready")
    with pytest.raises(deeds.CannotUndo):
        deeds.undo(three, actor=pat)
    assert not three.tags.exists()


def test_each_page_of_the_file_has_its_buttons_once(browser, three, pat) -> None:
    Page.objects.filter(document=three, number__lte=2).update(leaf=1)  # one tall page on two
    Page.objects.filter(document=three, number=3).update(leaf=2)
    shown = browser(pat).get(reverse("document", args=[three.pk])).content.decode()
    assert (shown.count('data-lie="1"'), shown.count('data-lie="2"'), shown.count('data-lie="all"')) == (1, 1, 1)
