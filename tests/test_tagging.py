"""Saying what a document supports: tag, untag, the exhibit's title."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import User
from documents import lifecycle, tagging
from documents.models import Document, Factor, Matter, Tag
from tests.conftest import Browser
from tests.papers import paper

FAMILY, CRIME = "FAMILY_USC_LPR", "CRIMINAL_HISTORY"


def factor(code: str = FAMILY) -> Factor:
    return Factor.objects.get(code=code)


def typed(**changes: str) -> dict[str, str]:
    return {"factor": FAMILY, "first_page": "", "last_page": "", "strength": "direct", "note": "", **changes}


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return paper(matter, maria)


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


# Works


def test_a_paralegal_tags_pages_to_a_factor(ready, pats):
    pats.post(reverse("tag", args=[ready.pk]), typed(first_page="1", last_page="2", note="Boda", strength="supporting"))
    made = ready.tags.get()
    assert (made.factor_id, made.strength, made.note) == (FAMILY, "supporting", "Boda")


def test_no_range_is_the_whole_document(ready, pats):
    pats.post(reverse("tag", args=[ready.pk]), typed())
    assert ready.tags.get().first_page is None


def test_all_its_pages_written_out_are_the_whole_document_too(ready, pats):
    pats.post(reverse("tag", args=[ready.pk]), typed(first_page="1", last_page="2"))
    assert ready.tags.get().first_page is None


def test_one_page_of_several_is_a_range(ready, pats):
    pats.post(reverse("tag", args=[ready.pk]), typed(first_page="2", last_page="2"))
    made = ready.tags.get()
    assert (made.first_page, made.last_page) == (2, 2)


def test_the_same_factor_again_changes_its_tag(ready, pat):
    tagging.tag(ready, factor(), note="first", actor=pat)
    tagging.tag(ready, factor(), note="second", actor=pat)
    assert ready.tags.get().note == "second"


def test_a_document_supports_several_factors(ready, pat):
    for code in (FAMILY, "COMMUNITY_TIES", "IDENTITY"):
        tagging.tag(ready, factor(code), actor=pat)
    assert ready.tags.count() == 3


def test_the_page_shows_the_tag_with_who_made_it(ready, pat, pats):
    tagging.tag(ready, factor(), pages=(2, 2), note="Boda", actor=pat)
    page = pats.get(reverse("document", args=[ready.pk])).content.decode()
    assert all(word in page for word in ("Direct", "Positive.", "Page 2.", "Pat Nguyen", "Boda"))


def test_the_list_has_the_main_factors_first_and_the_firms_own_last(ready, pats):
    Factor.objects.create(code="CHOIR", polarity="positive", name_en="Choir", name_es="Coro", position=0)
    page = pats.get(reverse("document", args=[ready.pk])).content.decode()
    codes = ("LAWFUL_TIME", CRIME, "US_RESIDENCE", "REENTRY", "LEGAL_POSTURE", "IDENTITY", "CHOIR")
    places = [page.index(f'value="{code}"') for code in codes]
    assert places == sorted(places)


def test_a_tag_can_be_taken_away(accepted, pats):
    pats.post(reverse("untag", args=[accepted.pk]), {"factor": FAMILY})
    assert not accepted.tags.exists()


def test_an_accepted_document_without_its_last_tag_waits_for_review_again(accepted, pat):
    tagging.untag(accepted, factor(), actor=pat)
    accepted.refresh_from_db()
    assert accepted.review == "pending"


def test_taking_away_what_is_not_there_changes_nothing(ready, pats):
    before = trail(ready.audit_chain).count()
    assert pats.post(reverse("untag", args=[ready.pk]), {"factor": FAMILY}).status_code == 302
    assert trail(ready.audit_chain).count() == before


def test_an_exhibit_gets_a_title_of_one_line(ready, pats):
    pats.post(reverse("document_title", args=[ready.pk]), {"title": "  Marriage\r\ncertificate,\u202e 2009 "})
    ready.refresh_from_db()
    assert ready.title == "Marriage certificate, 2009"


def test_an_empty_title_gives_the_usual_one_back(ready, pat, pats):
    tagging.name_exhibit(ready, "Boda", actor=pat)
    pats.post(reverse("document_title", args=[ready.pk]), {"title": ""})
    ready.refresh_from_db()
    assert ready.exhibit_title == "Document 1"


# On the record


def test_tagging_is_on_the_record_without_the_note(ready, pat):
    tagging.tag(ready, factor(), pages=(1, 1), note="what Maria said", actor=pat)
    event = trail(ready.audit_chain)[0]
    assert (event.kind, event.actor, event.facts["factor"]) == ("tagged", pat, FAMILY)
    assert "Maria" not in str(event.facts)


def test_taking_a_tag_away_is_on_the_record(ready, pat):
    tagging.tag(ready, factor(), actor=pat)
    tagging.untag(ready, factor(), actor=pat)
    assert trail(ready.audit_chain)[0].kind == "untagged"


def test_a_title_is_on_the_record_without_its_words(ready, pat):
    tagging.name_exhibit(ready, "Divorce of Maria", actor=pat)
    assert trail(ready.audit_chain)[0].facts == {"field": "title"}


# Each wrong person


@pytest.mark.parametrize("name", ["tag", "untag", "document_title"])
@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not(request, ready, browser, name, who, answer):
    user = request.getfixturevalue(who)
    assert browser(user).post(reverse(name, args=[ready.pk]), typed(title="x")).status_code == answer
    assert not ready.tags.exists()


@pytest.mark.parametrize("name", ["tag", "untag", "document_title"])
def test_nobody_signs_in_first(ready, name):
    answer = Client().post(reverse(name, args=[ready.pk]), typed())
    assert answer["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("name", ["tag", "untag", "document_title"])
def test_reading_changes_nothing(ready, pats, name):
    assert pats.get(reverse(name, args=[ready.pk])).status_code == 405


# Wrong state


def test_what_is_not_ready_is_not_tagged(received, pat):
    with pytest.raises(tagging.CannotTag):
        tagging.tag(received, factor(), actor=pat)


def test_a_document_that_was_quarantined_meanwhile_is_not_tagged(ready, pat):
    lifecycle.move(Document.objects.get(pk=ready.pk), Document.State.QUARANTINED, actor=None)
    with pytest.raises(tagging.CannotTag):
        tagging.tag(ready, factor(), actor=pat)


def test_the_page_says_so_when_it_is_not_ready(received, pats):
    answer = pats.post(reverse("tag", args=[received.pk]), typed())
    assert (answer.status_code, "not ready yet" in answer.content.decode()) == (422, True)


# Hostile input

RANGES = [
    ("0", "1"), ("-1", "1"), ("1", "9999"), ("2", "1"), ("1e3", "2"), ("1.5", "2"), ("1_0", "2"), ("١", "٢"),
    ("²", "2"), ("1", ""), ("", "2"), ("9" * 5000, "2"), ("1\x00", "2"), ("' OR 1=1 --", "2"), ("3", "3"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), RANGES)
def test_a_range_that_cannot_be_keeps_what_was_typed(ready, pats, first, last):
    answer = pats.post(reverse("tag", args=[ready.pk]), typed(first_page=first, last_page=last, note="keep me"))
    assert (answer.status_code, "keep me" in answer.content.decode()) == (422, True)
    assert not ready.tags.exists()


@pytest.mark.parametrize("code", ["", "NO_SUCH", "family_usc_lpr", "\x00", "A" * 5000, "<script>", "1"])
def test_a_factor_that_is_none_is_refused(ready, pats, code):
    assert pats.post(reverse("tag", args=[ready.pk]), typed(factor=code)).status_code == 422
    assert pats.post(reverse("untag", args=[ready.pk]), {"factor": code}).status_code == 302


@pytest.mark.parametrize("change", [{"strength": "overwhelming"}, {"note": "x" * 1001}, {"note": "a\x00b"}])
def test_other_fields_are_checked_too(ready, pats, change):
    assert pats.post(reverse("tag", args=[ready.pk]), typed(**change)).status_code == 422


@pytest.mark.parametrize("title", ["x" * 201, "a\x00b"])
def test_a_title_that_cannot_be_kept_is_refused(ready, pats, title):
    assert pats.post(reverse("document_title", args=[ready.pk]), {"title": title}).status_code == 422


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{ 7 }}{% now %}", "'\"><img src=x>", "ᡒ\u202e𝔥"])
def test_what_is_typed_is_shown_as_text(ready, pat, pats, text):
    tagging.tag(ready, factor(), note=text, actor=pat)
    page = pats.get(reverse("document", args=[ready.pk])).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


@pytest.mark.parametrize("field", ["tagged_by", "document", "review", "state", "holds", "pk"])
def test_only_the_fields_of_the_form_are_taken(ready, pat, ana, pats, field):
    pats.post(reverse("tag", args=[ready.pk]), {**typed(), field: str(ana.pk)})
    ready.refresh_from_db()
    assert (ready.tags.get().tagged_by, ready.review, ready.state) == (pat, "pending", "ready")


def test_a_tag_cannot_be_moved_to_a_document_of_another_matter(ready, max_, browser):
    browser(max_).post(reverse("tag", args=[ready.pk]), typed())
    assert not Tag.objects.exists()
