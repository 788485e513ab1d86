"""An exhibit moved from one factor of the board to another, and back."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import AuditEvent, User
from documents import deeds, matters, tagging
from documents.models import Document, Factor, Hold, Matter, Tag
from tests.conftest import Browser
from tests.papers import paper

Kind = AuditEvent.Kind
FAMILY, WORK, CRIME = "FAMILY_USC_LPR", "WORK_HISTORY", "CRIMINAL_HISTORY"


@pytest.fixture
def exhibit(matter: Matter, maria: User, pat: User) -> Document:
    made = paper(matter, maria, pages=3)
    tagging.tag(made, Factor.objects.get(pk=FAMILY), pages=(2, 3), note="Her son", strength="supporting", actor=pat)
    tagging.accept(made, actor=pat)
    return made


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def move(client: Client, document: Document, old: str, new: str) -> str:
    answer = client.post(reverse("move", args=[document.pk]), {"from": old, "to": new}, follow=True)
    return answer.content.decode()


def tags(document: Document) -> list[tuple[str, int | None, int | None, str, str]]:
    return list(document.tags.values_list("factor", "first_page", "last_page", "note", "strength"))


def test_its_pages_strength_and_note_go_with_it(pats, exhibit):
    assert "Moved: " in move(pats, exhibit, FAMILY, WORK)
    assert [(code, first, last, strength) for code, first, last, _note, strength in tags(exhibit)] == [
        (WORK, 2, 3, "supporting")
    ]
    assert exhibit.tags.get().note == "Her son"
    exhibit.refresh_from_db()
    assert exhibit.review == Document.Review.ACCEPTED


def test_it_is_on_the_record(pats, exhibit, pat):
    move(pats, exhibit, FAMILY, WORK)
    tagged, untagged = (trail(exhibit.audit_chain, kinds=[kind])[0] for kind in (Kind.TAGGED, Kind.UNTAGGED))
    assert (tagged.facts["factor"], tagged.facts["origin"], tagged.actor) == (WORK, "moved", pat)
    assert (untagged.facts["factor"], untagged.actor) == (FAMILY, pat)


def test_one_step_takes_it_back(pats, exhibit):
    was = tags(exhibit)
    page = move(pats, exhibit, FAMILY, WORK)
    assert reverse("move_back", args=[exhibit.pk]) in page
    pats.post(reverse("move_back", args=[exhibit.pk]))
    assert tags(exhibit) == was
    exhibit.refresh_from_db()
    assert exhibit.review == Document.Review.ACCEPTED


def test_where_somebody_changed_it_since_nothing_is_undone(pats, exhibit, ana):
    move(pats, exhibit, FAMILY, WORK)
    tagging.tag(exhibit, Factor.objects.get(pk=WORK), note="Mine", actor=ana)
    answer = pats.post(reverse("move_back", args=[exhibit.pk]), follow=True)
    assert "Somebody changed this since." in answer.content.decode()
    assert [tag.factor_id for tag in exhibit.tags.all()] == [WORK]


def test_onto_a_negative_factor_it_is_held_and_from_it_the_hold_stays(pats, exhibit):
    assert "It is on attorney hold now." in move(pats, exhibit, FAMILY, CRIME)
    assert "Its hold stays until an attorney lifts it." in move(pats, exhibit, CRIME, WORK)
    assert Hold.objects.filter(document=exhibit, factor=CRIME, lifted_at=None).exists()


def test_onto_what_is_never_filed_takes_its_acceptance_back(pats, exhibit):
    move(pats, exhibit, FAMILY, "WRONG_PERSON")
    exhibit.refresh_from_db()
    assert exhibit.review == Document.Review.PENDING


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (WORK, CRIME, "Somebody took this tag away meanwhile."),
        (FAMILY, FAMILY, "It supports that factor already."),
        (FAMILY, "NOBODY", "It cannot be moved there."),
        ("", "", "It cannot be moved there."),
        (FAMILY, "x" * 5000 + "\0", "It cannot be moved there."),
    ],
)
def test_what_cannot_be_moved_stays(pats, exhibit, old, new, said):
    was = tags(exhibit)
    assert said in move(pats, exhibit, old, new)
    assert tags(exhibit) == was


def test_a_tag_that_is_there_is_not_written_over(pats, exhibit, pat):
    tagging.tag(exhibit, Factor.objects.get(pk=WORK), note="Her job", actor=pat)
    assert "It supports that factor already." in move(pats, exhibit, FAMILY, WORK)
    assert exhibit.tags.get(factor=WORK).note == "Her job"


def test_not_to_a_factor_of_another_matter(pats, exhibit, max_):
    elsewhere = matters.open_matter("Otra", actor=max_)
    theirs = Factor.everything.create(
        code="M_THEIRS",
        polarity="positive",
        name_en="Theirs",
        name_es="De ellos",
        origin="firm",
        matter=elsewhere,
        position=999,
    )
    assert "It cannot be moved there." in move(pats, exhibit, FAMILY, theirs.pk)


def test_the_menu_stands_on_the_card_that_was_asked_for(pats, exhibit):
    address = reverse("board", args=[exhibit.matter_id])
    tag = Tag.objects.get(document=exhibit)
    assert f"?move={tag.pk}" in pats.get(address).content.decode()
    page = pats.get(f"{address}?move={tag.pk}").content.decode()
    assert page.count('id="move-to"') == 1
    assert f'<option value="{WORK}">' in page


def test_only_ones_own_last_deed_is_offered(pats, exhibit, browser, ana):
    move(pats, exhibit, FAMILY, WORK)
    assert deeds.last(ana) is None
    page = browser(ana).get(reverse("board", args=[exhibit.matter_id]) + "?moved").content.decode()
    assert "Undo the move" not in page
