"""The factor board: what speaks for, what against, and where nothing speaks yet; and the factors themselves."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audit import trail
from accounts.models import User
from documents import matters, tagging
from documents.models import Document, Factor, Matter
from documents.packets import drafting, order
from tests.conftest import Browser
from tests.papers import paper

CHOICE = {"code": "CHURCH_CHOIR", "polarity": "positive", "name_en": "Sings in a choir", "name_es": "Canta en un coro"}


def factor(code: str) -> Factor:
    return Factor.objects.get(code=code)


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return paper(matter, maria)


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


@pytest.fixture
def anas(browser: Browser, ana: User) -> Client:
    return browser(ana)


def board(client: Client, matter: Matter) -> str:
    return client.get(reverse("board", args=[matter.pk])).content.decode()


def square(page: str, code: str) -> str:
    """One factor of the board, as it is written."""
    found = re.search(rf'<article[^>]*aria-labelledby="{code}".*?</article>', page, re.DOTALL)
    return found.group() if found else ""


# The board


def test_every_main_factor_is_there_when_empty(matter, pats):
    page = board(pats, matter)
    main = Factor.objects.filter(origin=Factor.Origin.SEED)
    assert main.count() == 10
    assert all("Nothing supports this yet." in square(page, each.code) for each in main)


def test_further_factors_wait_until_they_have_something(matter, ready, pat, pats):
    assert not square(board(pats, matter), "HEALTH")
    tagging.tag(ready, factor("HEALTH"), actor=pat)
    assert "Document 1" in square(board(pats, matter), "HEALTH")


def test_the_rest_is_counted(matter, pats):
    page = board(pats, matter)
    assert "25 more factors, nothing yet" in page
    assert "16 more factors, nothing yet" in page


def test_an_exhibit_stands_under_each_of_its_factors(matter, ready, pat, pats):
    codes = ("FAMILY_USC_LPR", "COMMUNITY_TIES", "IDENTITY")
    for code in codes:
        tagging.tag(ready, factor(code), actor=pat)
    page = board(pats, matter)
    assert all(reverse("document", args=[ready.pk]) in square(page, code) for code in codes)


def test_an_exhibit_says_its_pages_and_its_strength(matter, ready, pat, pats):
    tagging.tag(ready, factor("EDUCATION"), pages=(1, 2), strength="supporting", note="Diploma", actor=pat)
    there = square(board(pats, matter), "EDUCATION")
    assert all(word in there for word in ("pages 1 to 2", "Supporting", "Diploma", "To review"))


def test_what_is_on_hold_says_so_until_it_is_lifted(matter, ready, pat, ana, pats):
    tagging.tag(ready, factor("CRIMINAL_HISTORY"), actor=pat)
    assert "Held" in square(board(pats, matter), "CRIMINAL_HISTORY")
    tagging.lift_hold(ready.holds.get(), why="Dismissed.", actor=ana)
    assert "Hold lifted" in square(board(pats, matter), "CRIMINAL_HISTORY")


def test_what_is_ready_and_untagged_is_not_sorted_yet(matter, ready, pat, pats):
    assert "Document 1" in square(board(pats, matter), "unsorted")
    tagging.tag(ready, factor("EDUCATION"), actor=pat)
    assert not square(board(pats, matter), "unsorted")


def test_what_was_taken_out_is_not_on_it(matter, ready, pat, pats):
    tagging.tag(ready, factor("EDUCATION"), actor=pat)
    tagging.withdraw(ready, actor=pat)
    assert reverse("document", args=[ready.pk]) not in board(pats, matter)


def test_there_is_no_score(matter, ready, pat, pats):
    tagging.tag(ready, factor("EDUCATION"), actor=pat)
    assert "%" not in re.sub(r"<head.*?</head>", "", board(pats, matter), flags=re.DOTALL)


def test_more_evidence_costs_no_more_queries(matter, maria, ready, pat, pats):
    tagging.tag(ready, factor("EDUCATION"), actor=pat)
    board(pats, matter)  # the first visit also writes down the session
    with CaptureQueriesContext(connection) as few:
        board(pats, matter)
    for code in ("EDUCATION", "HEALTH", "CRIMINAL_HISTORY", "IDENTITY"):
        tagging.tag(paper(matter, maria), factor(code), actor=pat)
    with CaptureQueriesContext(connection) as many:
        board(pats, matter)
    assert len(many) == len(few)


def test_another_matters_evidence_is_not_on_it(matter, ready, pat, max_, pats):
    elsewhere = Matter.objects.create(number=99, respondent="Otra", key=bytes(matter.key))
    stranger = paper(elsewhere, max_)
    tagging.tag(stranger, factor("EDUCATION"), actor=max_)
    assert str(stranger.pk) not in board(pats, matter)


@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not_see_it(request, matter, browser, who, answer):
    assert browser(request.getfixturevalue(who)).get(reverse("board", args=[matter.pk])).status_code == answer


def test_nobody_signs_in_first(matter):
    for where in (reverse("board", args=[matter.pk]), reverse("factors")):
        assert Client().get(where)["Location"].startswith("/sign-in/")


def test_it_is_only_read(matter, pats):
    assert pats.post(reverse("board", args=[matter.pk])).status_code == 405


# The factors


def test_all_of_them_are_listed_in_both_languages_with_their_memos(pats):
    page = pats.get(reverse("factors")).content.decode()
    assert page.count("<code>") == 66
    assert all(word in page for word in ("Came to the U.S. as a child", "de niño", "Morton 2011"))


def test_an_attorney_adds_one_of_the_firm(anas):
    anas.post(reverse("factors"), CHOICE)
    made = factor("CHURCH_CHOIR")
    assert (made.origin, made.polarity, made.name_es) == ("firm", "positive", "Canta en un coro")


def test_so_does_the_administrator(browser, ada):
    browser(ada).post(reverse("factors"), {**CHOICE, "code": " church choir "})
    assert Factor.objects.filter(code="CHURCH_CHOIR").exists()


def test_documents_can_be_tagged_to_it(ready, pat, ana, anas, pats, matter):
    anas.post(reverse("factors"), {**CHOICE, "polarity": "negative"})
    tagging.tag(ready, factor("CHURCH_CHOIR"), actor=pat)
    assert "Held" in square(board(pats, matter), "CHURCH_CHOIR")


def test_a_new_factor_is_on_the_record(anas, ana):
    anas.post(reverse("factors"), CHOICE)
    event = trail("accounts").filter(kind="factor_defined")[0]
    assert (event.actor, event.facts["factor"]) == (ana, "CHURCH_CHOIR")


@pytest.mark.parametrize(("who", "sees", "adds"), [("maria", 403, 403), ("pat", 200, 403)])
def test_who_may_not_add_one(request, browser, who, sees, adds):
    client = browser(request.getfixturevalue(who))
    assert client.get(reverse("factors")).status_code == sees
    assert client.post(reverse("factors"), CHOICE).status_code == adds
    assert not Factor.objects.filter(code="CHURCH_CHOIR").exists()


CODES = ["", "AB", "A" * 41, "IDENTITY", "ÑANDU_X", "A1B2", "_ABC", "ABC_", "A\x00BC", "A;DROP TABLE", "١٢٣"]


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_cannot_be_is_refused_and_what_was_typed_is_kept(anas, code):
    answer = anas.post(reverse("factors"), {**CHOICE, "code": code})
    assert (answer.status_code, "Sings in a choir" in answer.content.decode()) == (422, True)
    assert Factor.objects.count() == 66


BAD = [{"polarity": "good"}, {"name_en": ""}, {"name_es": "\u202e \u200b"}, {"name_en": "x" * 201}]


@pytest.mark.parametrize("change", BAD)
def test_other_fields_are_checked_too(anas, change):
    assert anas.post(reverse("factors"), {**CHOICE, **change}).status_code == 422


def test_a_code_is_taken_once(anas):
    for _ in range(2):
        answer = anas.post(reverse("factors"), CHOICE)
    assert answer.status_code == 422


# Put away, held, of one matter alone


def own(matter, attorney, **about):
    known = {"polarity": "positive", "name_en": "Sings at Sofía's school", "name_es": "Canta en la escuela"}
    return matters.add_own_factor(matter, **known | about, actor=attorney)


def test_one_that_is_put_away_is_offered_no_more_and_stays_where_it_is_used(ready, matter, maria, pat, anas, pats):
    anas.post(reverse("factors"), CHOICE)
    tagging.tag(ready, factor("CHURCH_CHOIR"), actor=pat)
    anas.post(reverse("factor_put_away", args=["CHURCH_CHOIR"]))
    other = paper(matter, maria)
    assert not tagging.offered(other).filter(pk="CHURCH_CHOIR")
    assert tagging.offered(ready).filter(pk="CHURCH_CHOIR")
    assert "Document 1" in square(board(pats, matter), "CHURCH_CHOIR")
    anas.post(reverse("factor_put_away", args=["CHURCH_CHOIR"]), {"do": "back"})
    assert tagging.offered(other).filter(pk="CHURCH_CHOIR")
    actions = [event.facts.get("action") for event in trail("accounts").filter(kind="factor_defined")]
    assert actions == ["put_back", "put_away", None]


@pytest.mark.parametrize("code", ["EDUCATION", "NOBODY"])
def test_only_the_firms_own_are_put_away(anas, code):
    assert anas.post(reverse("factor_put_away", args=[code])).status_code == 404
    with pytest.raises(IntegrityError), transaction.atomic():
        Factor.objects.filter(pk="EDUCATION").update(put_away_at=timezone.now())


def test_a_positive_one_may_hold_its_papers(anas, ready, pat):
    anas.post(reverse("factors"), {**CHOICE, "reveals": "on"})
    tagging.tag(ready, factor("CHURCH_CHOIR"), actor=pat)
    assert ready.on_hold


def test_one_of_a_matter_is_on_its_board_tags_and_packet(matter, request_, ready, ana, pat, pats):
    mine = own(matter, ana)
    tagging.tag(ready, mine, actor=pat)
    tagging.accept(ready, actor=pat)
    assert "Document 1" in square(board(pats, matter), mine.code)
    assert mine in tagging.offered(paper(matter, pat))
    [exhibit] = order.freeze(request_).exhibits
    assert exhibit.factors[0].name == "Sings at Sofía's school"
    assert "Sings at Sofía" in drafting.draft(request_, order.freeze(request_))
    page = pats.get(reverse("activity", args=[matter.pk])).content.decode()
    assert "tagged Document 1: Sings at Sofía" in page


def test_no_other_matter_knows_it(matter, ana, max_, pats, browser):
    mine = own(matter, ana)
    elsewhere = matters.open_matter("Otra", actor=max_)
    stranger = paper(elsewhere, max_)
    assert not tagging.offered(stranger).filter(pk=mine.pk)
    with pytest.raises(tagging.CannotTag):
        tagging.tag(stranger, mine, actor=max_)
    maxs = browser(max_)
    pages = [reverse("factors"), reverse("board", args=[elsewhere.pk]), reverse("document", args=[stranger.pk])]
    for page in pages:
        there = maxs.get(page).content.decode()
        assert "Sings" not in there
        assert mine.code not in there
    about = {"factor": mine.code, "do": "claim"}
    assert maxs.post(reverse("claim", args=[elsewhere.pk]), about).status_code == 422
    assert "Sings" not in pats.get(reverse("factors")).content.decode()


def test_an_attorney_adds_one_for_a_matter_on_its_page(matter, anas, pats):
    where, about = reverse("own_factor", args=[matter.pk]), {"polarity": "negative", "name_en": "X", "name_es": "Y"}
    assert pats.post(where, about).status_code == 403
    assert anas.post(where, {**about, "polarity": "procedural"}).status_code == 422
    assert anas.post(where, about)["Location"] == reverse("board", args=[matter.pk])
    made = Factor.everything.get(matter=matter)
    assert (made.origin, made.holds, made.code[:4]) == ("firm", True, "OWN_")
    assert trail(matter.audit_chain).filter(kind="factor_defined")[0].facts["factor"] == made.code


def test_a_code_never_changes_what_it_means(anas):
    anas.post(reverse("factors"), {**CHOICE, "code": "EDUCATION"})
    assert factor("EDUCATION").origin == Factor.Origin.SEED
