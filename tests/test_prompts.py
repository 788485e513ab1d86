"""What a kind of paper is checked for before filing: somebody says of each point that they looked."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import User
from documents import prompts, purging, tagging
from documents.models import Document, DocumentType, Factor, LookedAt, Matter
from tests.conftest import Browser
from tests.papers import paper

POINT = "signed and dated"


@pytest.fixture
def letter(matter: Matter, maria: User) -> Document:
    item = next(each for each in DocumentType.objects.all() if POINT in each.check_before_filing)
    return paper(matter, maria, item=item)


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def post(client: Client, document: Document, prompt: str = POINT, looked: str = "yes"):
    return client.post(reverse("look_at", args=[document.pk]), {"prompt": prompt, "looked": looked}, follow=True)


def ticked(document: Document) -> list[str]:
    return [each.words for each in prompts.of(document) if each.looked]


def test_a_point_is_ticked_by_somebody_and_taken_back(letter: Document, pats: Client, pat: User) -> None:
    assert "Looked at: Pat Nguyen" in post(pats, letter).content.decode()
    assert ticked(letter) == [POINT]
    assert letter.looked_at.get().by == pat
    post(pats, letter, looked="no")
    assert ticked(letter) == []


def test_the_first_who_looked_stays_named(letter: Document, pat: User, ana: User) -> None:
    prompts.tick(letter, POINT, actor=pat)
    prompts.tick(letter, POINT, actor=ana)
    assert letter.looked_at.get().by == pat


def test_whoever_accepts_it_is_told_what_nobody_ticked(letter: Document, pats: Client, pat: User) -> None:
    tagging.tag(letter, Factor.objects.get(code="CHARACTER"), actor=pat)
    left = prompts.unticked(letter)
    said = pats.post(reverse("accept", args=[letter.pk]), follow=True).content.decode()
    assert f"Document 1: nobody ticked {left} point" in said
    letter.refresh_from_db()
    assert letter.review == "accepted"


def test_it_is_on_the_record_and_forgotten_with_the_matter(letter: Document, pat: User, ana: User) -> None:
    prompts.tick(letter, POINT, actor=pat)
    prompts.untick(letter, POINT, actor=pat)
    prompts.untick(letter, POINT, actor=pat)
    assert [(e.kind, e.outcome) for e in audit.trail(letter.audit_chain)[:2]] == [
        ("looked_at", "undone"), ("looked_at", "done"),
    ]  # fmt: skip
    prompts.tick(letter, POINT, actor=pat)
    purging.purge(letter.matter, actor=ana, why="closed")
    assert not LookedAt.objects.exists()


@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not(request: pytest.FixtureRequest, letter: Document, browser: Browser, who: str, answer: int) -> None:
    assert post(browser(request.getfixturevalue(who)), letter).status_code == answer
    assert ticked(letter) == []


@pytest.mark.parametrize(
    ("prompt", "looked"),
    [
        ("", "yes"),
        ("anything", "yes"),
        ("anything", "no"),
        (POINT, ""),
        (POINT, "maybe"),
        ("x" * 300, "yes"),
        ("\x00", "yes"),
    ],
)
def test_what_is_no_point_of_it_changes_nothing(letter: Document, pats: Client, prompt: str, looked: str) -> None:
    assert post(pats, letter, prompt, looked).status_code == 200
    assert not letter.looked_at.exists()


def test_a_paper_of_no_kind_has_none(matter: Matter, pat: User) -> None:
    made = paper(matter, pat)
    assert prompts.of(made) == []
    with pytest.raises(prompts.NoSuchPrompt):
        prompts.tick(made, POINT, actor=pat)


def test_the_database_refuses_a_second_tick(letter: Document, pat: User) -> None:
    prompts.tick(letter, POINT, actor=pat)
    with pytest.raises(IntegrityError), transaction.atomic():
        LookedAt.objects.create(document=letter, prompt=POINT, by=pat)
