"""An attorney lets a held document go page by page; until the last page it waits as a whole."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import User
from documents import lifecycle, lifting, purging, tagging
from documents.models import Document, Factor, Hold, LiftedPages, Matter, Request
from documents.packets import order
from tests.conftest import Browser
from tests.papers import paper

CRIME, WHY = "CRIMINAL_HISTORY", "Dismissed in 2015."


@pytest.fixture
def held(matter: Matter, maria: User, pat: User) -> Document:
    """Nine pages, held because of all of them."""
    made = paper(matter, maria, pages=9)
    tag(made, pat)
    return made


@pytest.fixture
def anas(browser: Browser, ana: User) -> Client:
    return browser(ana)


def tag(document: Document, actor: User, pages: tuple[int, int] | None = None) -> None:
    tagging.tag(document, Factor.objects.get(code=CRIME), pages=pages, actor=actor)


def lift(client: Client, document: Document, pages: str, why: str = WHY):
    where = reverse("lift_hold", args=[document.pk, document.holds.latest("pk").pk])
    return client.post(where, {"why": why, "pages": pages}, follow=True)


def left(document: Document) -> list[int]:
    return Document.objects.get(pk=document.pk).holds.latest("pk").left


# Works


def test_what_the_taxonomy_holds_is_held_and_what_reveals_an_offence(db) -> None:
    taxonomy = json.loads(Path("documents/taxonomy.json").read_text())["factors"]
    marked = {each["code"] for each in taxonomy if each["default_release"] == "attorney_hold"}
    assert {f.code for f in Factor.objects.all() if f.holds} == marked | Factor.REVEALS_AN_OFFENCE
    assert {"REHABILITATION", "CONVICTION_VACATED", "OFFENSE_MITIGATION"} == Factor.REVEALS_AN_OFFENCE


def test_page_by_page_and_over_with_the_last(held: Document, anas: Client) -> None:
    page = lift(anas, held, "1-3, 5").content.decode()
    assert left(held) == [4, 6, 7, 8, 9]
    assert "Still held: pages 4, 6–9." in page
    assert f"Pages 1 to 3 lifted: {WHY}" in page
    assert Document.objects.get(pk=held.pk).on_hold
    lift(anas, held, "4;6–9", "The rest, too.")
    hold = held.holds.get()
    assert (hold.left, hold.lifted_why) == ([], "The rest, too.")
    assert not Document.objects.get(pk=held.pk).on_hold


def test_the_rest_goes_with_one_reason(held: Document, anas: Client) -> None:
    lift(anas, held, "2")
    lift(anas, held, "")
    assert not Document.objects.get(pk=held.pk).on_hold


def test_it_is_in_no_packet_until_the_last_page(
    held: Document, request_: Request, anas: Client, pat: User, ana: User
) -> None:
    tagging.accept(held, actor=pat)
    lift(anas, held, "1-8")
    with pytest.raises(order.CannotOrder):
        order.order(request_, actor=ana, despite=["V09", "V10"])
    lift(anas, held, "9")
    assert order.order(request_, actor=ana).state == "ordered"


def test_a_hold_covers_the_pages_of_its_tag(matter: Matter, pat: User, anas: Client) -> None:
    made = paper(matter, pat, pages=9)
    tag(made, pat, (3, 5))
    assert left(made) == [3, 4, 5]
    assert "covers pages 3 to 5" in lift(anas, made, "1-5").content.decode()
    lift(anas, made, "3-5")
    assert not Document.objects.get(pk=made.pk).on_hold


@pytest.mark.parametrize(("pages", "waiting"), [((4, 7), range(3, 8)), ((4, 4), range(3, 6)), (None, range(1, 10))])
def test_a_hold_grows_with_its_tag_and_never_shrinks(
    matter: Matter, pat: User, pages: tuple[int, int] | None, waiting: range
) -> None:
    made = paper(matter, pat, pages=9)
    tag(made, pat, (3, 5))
    tag(made, pat, pages)
    assert left(made) == [*waiting]


def test_a_narrower_tag_frees_no_page(held: Document, pat: User, anas: Client) -> None:
    tag(held, pat, (1, 1))
    lift(anas, held, "1")
    assert Document.objects.get(pk=held.pk).on_hold


# On the record


def test_each_range_is_on_the_record_without_the_reason(held: Document, ana: User) -> None:
    lifting.lift_pages(held.holds.get(), [(1, 3), (5, 5)], why=WHY, actor=ana)
    events = [(e.kind, e.outcome, e.facts) for e in audit.trail(held.audit_chain)[:2]]
    assert events == [
        ("hold_lifted", "in_part", {"factor": CRIME, "first_page": first, "last_page": last})
        for first, last in ((5, 5), (1, 3))
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT why FROM documents_liftedpages")
        assert "2015" not in str(cursor.fetchall())
    purging.purge(held.matter, actor=ana, why="closed")
    assert not LiftedPages.objects.exists()


# Each wrong person


@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("pat", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not(request: pytest.FixtureRequest, held: Document, browser: Browser, who: str, answer: int) -> None:
    assert lift(browser(request.getfixturevalue(who)), held, "1").status_code == answer
    assert left(held) == [*range(1, 10)]


# Wrong state


def test_what_is_over_is_over(held: Document, ana: User) -> None:
    copy = Hold.objects.select_related("document").get(document=held)
    tagging.lift_hold(held.holds.get(), why=WHY, actor=ana)
    with pytest.raises(lifecycle.LostRace):
        lifting.lift_pages(copy, [(1, 1)], why=WHY, actor=ana)


# Hostile input


@pytest.mark.parametrize(
    "pages", ["0", "10", "9-12", "3-1", "1-", "-1", "a", "1 2", "٣", "1" * 7, "1-3, x", "1," * 120, "\x00"]
)  # fmt: skip
def test_what_are_no_pages_of_it_is_refused_and_kept(held: Document, anas: Client, pages: str) -> None:
    answer = lift(anas, held, pages)
    assert answer.status_code == 422
    assert WHY in answer.content.decode()
    assert left(held) == [*range(1, 10)]


def test_pages_need_a_reason(held: Document, anas: Client, ana: User) -> None:
    assert lift(anas, held, "1", "  ").status_code == 422
    with pytest.raises(lifting.CannotLift):
        lifting.lift_pages(held.holds.get(), [(1, 1)], why=" ", actor=ana)
    assert left(held) == [*range(1, 10)]
