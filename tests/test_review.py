"""Accept, ask again, undo, take out and bring back; and the page of one document."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from documents import lifecycle, tagging
from documents.forms.review import REASONS
from documents.models import Document, DocumentType, Factor, Matter
from tests.conftest import Browser
from tests.papers import paper, shut

FAMILY = "FAMILY_USC_LPR"
State = Document.State


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return paper(matter, maria)


@pytest.fixture
def tagged(ready: Document, pat: User) -> Document:
    tagging.tag(ready, Factor.objects.get(code=FAMILY), actor=pat)
    return ready


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


@pytest.fixture
def marias(browser: Browser, maria: User) -> Client:
    return browser(maria)


def now(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def post(client: Client, name: str, document: Document, **typed: str):
    return client.post(reverse(name, args=[document.pk]), typed, follow=True)


def shown(client: Client, document: Document) -> str:
    return client.get(reverse("document", args=[document.pk])).content.decode()


# Accept, ask again, undo


def test_a_tagged_document_is_accepted(tagged, pats, pat):
    post(pats, "accept", tagged, seen="pending")
    assert (now(tagged).review, now(tagged).reviewed_by) == ("accepted", pat)


def test_what_supports_nothing_is_not_accepted_yet(ready, pats):
    page = post(pats, "accept", ready, seen="pending").content.decode()
    assert now(ready).review == "pending"
    assert "Tag this document to a factor first" in page


def test_after_accepting_comes_the_next_one_to_review(tagged, pats, matter, maria):
    paper(matter, maria, review="accepted")
    following = paper(matter, maria)
    answer = pats.post(reverse("accept", args=[tagged.pk]), {"seen": "pending"})
    assert answer["Location"] == reverse("document", args=[following.pk])


def test_the_message_there_undoes_it(tagged, pats, matter, maria):
    paper(matter, maria)
    page = post(pats, "accept", tagged, seen="pending").content.decode()
    assert "Accepted: Document 1." in page
    assert reverse("undo", args=[tagged.pk]) in page


def test_after_the_last_one_comes_an_earlier_one(matter, maria, pat, pats):
    first, last = paper(matter, maria), paper(matter, maria)
    tagging.tag(last, Factor.objects.get(code=FAMILY), actor=pat)
    answer = pats.post(reverse("accept", args=[last.pk]), {"seen": "pending"})
    assert answer["Location"] == reverse("document", args=[first.pk])


def test_when_all_are_reviewed_the_matter_follows(tagged, pats):
    answer = pats.post(reverse("accept", args=[tagged.pk]), {"seen": "pending"})
    assert answer["Location"] == reverse("matter", args=[tagged.matter_id])


def test_a_reason_of_ours_is_kept_in_the_clients_language(ready, pats):
    post(pats, "ask_again", ready, seen="pending", reason="blurry", words="")
    with override("es"):
        assert now(ready).review_reason == str(REASONS["blurry"])


def test_ones_own_words_follow_the_reason(ready, pats):
    post(pats, "ask_again", ready, seen="pending", reason="cut_off", words="Falta el sello.")
    assert now(ready).review_reason.endswith(" Falta el sello.")


def test_ones_own_words_are_enough(ready, pats):
    post(pats, "ask_again", ready, seen="pending", reason="", words="Falta el sello.")
    assert now(ready).review_reason == "Falta el sello."


@pytest.mark.parametrize("to", ["accepted", "ask_again"])
def test_both_are_undone(ready, pats, to):
    Document.objects.filter(pk=ready.pk).update(review=to)
    post(pats, "reopen", ready, seen=to)
    assert (now(ready).review, now(ready).review_reason) == ("pending", "")


def test_what_was_asked_again_is_accepted_after_all(tagged, pat):
    tagging.ask_again(tagged, "Falta el sello.", actor=pat)
    tagging.accept(tagged, actor=pat)
    assert (now(tagged).review, now(tagged).review_reason) == ("accepted", "")


def test_reviewing_is_on_the_record_without_the_reason(ready, pat):
    tagging.ask_again(ready, "Falta el sello de Maria.", actor=pat)
    event = trail(ready.audit_chain)[0]
    assert (event.kind, event.facts["was"], event.facts["to"]) == ("reviewed", "pending", "ask_again")
    assert "Maria" not in str(event.facts)


# Two reviewers on one document


def test_the_second_reviewer_does_not_undo_the_first(tagged, pat, ana, pats):
    tagging.accept(tagged, actor=ana)
    page = post(pats, "ask_again", tagged, seen="pending", reason="dark", words="Muy oscura.").content.decode()
    assert (now(tagged).review, now(tagged).reviewed_by) == ("accepted", ana)
    assert "Somebody else was first" in page


def test_what_the_second_one_typed_is_kept(tagged, ana, pats):
    tagging.ask_again(tagged, "Falta el sello.", actor=ana)
    tagging.reopen(tagged, actor=ana)
    page = post(pats, "ask_again", tagged, seen="accepted", reason="dark", words="Muy oscura.").content.decode()
    assert "Muy oscura." in page
    assert now(tagged).review == "pending"


def test_an_old_copy_accepts_nothing(tagged, ana, pat):
    copy = now(tagged)
    tagging.ask_again(tagged, "Falta el sello.", actor=ana)
    with pytest.raises(lifecycle.LostRace):
        tagging.accept(copy, actor=pat)


def test_accepting_twice_is_told_and_harmless(tagged, pats):
    post(pats, "accept", tagged, seen="pending")
    before = trail(tagged.audit_chain).count()
    post(pats, "accept", tagged, seen="pending")
    assert trail(tagged.audit_chain).count() == before


# Taking out, bringing back


@pytest.mark.parametrize("state", [State.RECEIVED, State.CLEAN, State.READY, State.HELD])
def test_what_is_taken_out_comes_back_to_where_it_was(ready, pats, state):
    Document.objects.filter(pk=ready.pk).update(state=state)
    post(pats, "withdraw", ready)
    assert now(ready).state == "withdrawn"
    post(pats, "restore", ready)
    assert now(ready).state == state


@pytest.mark.parametrize(("state", "task"), [(State.RECEIVED, "check"), (State.CLEAN, "prepare")])
def test_what_comes_back_unfinished_is_worked_on_at_once(ready, pat, state, task):
    Document.objects.filter(pk=ready.pk).update(state=State.WITHDRAWN, was=state)
    tagging.restore(now(ready), actor=pat)
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE args->>'pk' = %s", [str(ready.pk)])
        assert cursor.fetchall() == [(f"documents.tasks.{task}",)]


def test_what_was_sent_again_meanwhile_does_not_come_back_twice(ready, pats, pat, maria, matter):
    tagging.withdraw(ready, actor=pat)
    again = paper(matter, maria)
    shut(again, sha256=ready.sha256)
    page = post(pats, "restore", ready).content.decode()
    assert now(ready).state == "withdrawn"
    assert "sent again meanwhile" in page


@pytest.mark.parametrize("state", [State.CHECKING, State.PREPARING, State.QUARANTINED, State.REFUSED])
def test_what_is_at_work_or_shut_away_is_not_taken_out(ready, pats, state):
    Document.objects.filter(pk=ready.pk).update(state=state)
    assert post(pats, "withdraw", ready).status_code == 200
    assert now(ready).state == state


def test_taking_out_is_on_the_record(ready, pat):
    tagging.withdraw(ready, actor=pat)
    event = trail(ready.audit_chain)[0]
    assert (event.kind, event.actor, event.facts["to"]) == ("moved", pat, "withdrawn")


def test_a_client_takes_back_what_was_just_sent(ready, marias):
    post(marias, "withdraw", ready)
    assert now(ready).state == "withdrawn"


def test_half_an_hour_later_the_client_asks_instead(ready, maria):
    late = timezone.now() + timedelta(minutes=31)
    ready.received_at -= late - timezone.now()
    assert not tagging.may_undo(ready, maria)


def test_a_client_does_not_take_back_what_is_worked_with(tagged, marias):
    post(marias, "withdraw", tagged)
    assert now(tagged).state == "ready"


def test_a_client_does_not_take_back_what_the_office_sent(matter, ana, marias):
    sent = paper(matter, ana, on_behalf=True)
    post(marias, "withdraw", sent)
    assert now(sent).state == "ready"


# Each wrong person, wrong method


@pytest.mark.parametrize("name", ["accept", "ask_again", "reopen", "restore"])
@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not(request, tagged, browser, name, who, answer):
    client = browser(request.getfixturevalue(who))
    assert client.post(reverse(name, args=[tagged.pk]), {"words": "x"}).status_code == answer
    assert now(tagged).review == "pending"


@pytest.mark.parametrize("who", ["max_", "ada"])
@pytest.mark.parametrize("name", ["document", "document_status"])
def test_for_others_it_does_not_exist(request, ready, browser, name, who):
    assert browser(request.getfixturevalue(who)).get(reverse(name, args=[ready.pk])).status_code == 404


@pytest.mark.parametrize("name", ["accept", "ask_again", "reopen", "withdraw", "restore"])
def test_reading_changes_nothing(tagged, pats, name):
    assert pats.get(reverse(name, args=[tagged.pk])).status_code == 405


EVERY = ["document", "document_status", "accept", "ask_again", "reopen", "withdraw", "restore"]


@pytest.mark.parametrize("name", EVERY)
def test_nobody_signs_in_first(tagged, name):
    assert Client().post(reverse(name, args=[tagged.pk]))["Location"].startswith("/sign-in/")


# Wrong state, hostile input


@pytest.mark.parametrize("name", ["accept", "ask_again", "reopen", "restore"])
@pytest.mark.parametrize("state", [State.RECEIVED, State.QUARANTINED, State.HELD])
def test_what_is_not_ready_is_not_reviewed(tagged, pats, name, state):
    Document.objects.filter(pk=tagged.pk).update(state=state)
    assert post(pats, name, tagged, words="x").status_code in {200, 422}
    assert (now(tagged).state, now(tagged).review) == (state, "pending")


@pytest.mark.parametrize("typed", [{}, {"reason": "nope"}, {"words": "   "}, {"words": "x" * 501}, {"words": "a\x00b"}])
def test_a_client_is_not_asked_again_without_a_reason(ready, pats, typed):
    assert post(pats, "ask_again", ready, seen="pending", **typed).status_code == 422
    assert now(ready).review == "pending"


@pytest.mark.parametrize("seen", ["nonsense", "\x00", "x" * 5000])
def test_a_review_that_never_was_is_not_the_one_that_is(tagged, pats, seen):
    assert post(pats, "accept", tagged, seen=seen).status_code == 200
    assert now(tagged).review == "pending"


# The page


@pytest.mark.parametrize("state", [state for state in State if state != State.READY])
def test_what_is_not_ready_shows_its_state_and_no_page(ready, pats, state):
    Document.objects.filter(pk=ready.pk).update(state=state)
    page = shown(pats, ready)
    assert "/pages/" not in page
    assert "/original/" not in page


@pytest.mark.parametrize(("state", "moving"), [(State.CHECKING, True), (State.PREPARING, True), (State.REFUSED, False)])
def test_the_status_renews_itself_while_something_happens(ready, pats, state, moving):
    Document.objects.filter(pk=ready.pk).update(state=state)
    part = pats.get(reverse("document_status", args=[ready.pk])).content.decode()
    assert ("data-refresh" in part) is moving


def test_a_quarantined_one_says_what_whose_and_why(ready, pats):
    Document.objects.filter(pk=ready.pk).update(state=State.QUARANTINED, reason="infected")
    page = shown(pats, ready)
    assert all(word in page for word in ("Quarantined", "Maria Rodríguez", "harmful", "papel 1.pdf"))


@pytest.mark.parametrize("state", list(State))
def test_its_client_reads_no_word_of_the_team(tagged, marias, state):
    Document.objects.filter(pk=tagged.pk).update(state=state, reason="infected" if state == State.QUARANTINED else "")
    page = shown(marias, tagged) + marias.get(reverse("document_status", args=[tagged.pk])).content.decode()
    assert not re.search(r"positive|negative|factor|harm|virus|infected|quarantine|attorney hold", page, re.IGNORECASE)


def test_every_warning_is_said_in_words(ready, pats):
    Document.objects.filter(pk=ready.pk).update(warnings=["blank_pages", "low_resolution"])
    page = shown(pats, ready)
    assert "Some pages are empty" in page
    assert "The photo is small" in page


def test_what_to_check_before_filing_stands_beside_it(ready, pats):
    Document.objects.filter(pk=ready.pk).update(item=DocumentType.objects.get(code="passport"))
    assert "Entry stamps and dates agree with declaration" in shown(pats, ready)


def test_it_shows_its_neighbours(matter, maria, pats):
    one, two, three = (paper(matter, maria) for _ in range(3))
    page = shown(pats, two)
    assert f'href="{reverse("document", args=[one.pk])}" data-key="k"' in page
    assert f'href="{reverse("document", args=[three.pk])}" data-key="j"' in page
    assert "2 of 3" in page


def test_of_many_documents_it_shows_those_around_it(matter, maria, pats):
    many = [paper(matter, maria, pages=1) for _ in range(40)]
    page = shown(pats, many[30])
    assert "31 of 40" in page
    assert 'aria-label="Document 1:' not in page


def test_more_documents_cost_no_more_queries(tagged, matter, maria, pat, pats):
    shown(pats, tagged)  # the first visit also writes down the session
    with CaptureQueriesContext(connection) as alone:
        shown(pats, tagged)
    for _ in range(5):
        tagging.tag(paper(matter, maria), Factor.objects.get(code=FAMILY), actor=pat)
    with CaptureQueriesContext(connection) as among:
        shown(pats, tagged)
    assert len(among) == len(alone)
