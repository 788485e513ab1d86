"""The criminal history chart: what is known, which paper says how it ended, and an attorney's note where none does."""

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent
from documents import arrests
from documents.models import Arrest

pytestmark = pytest.mark.django_db
ABOUT = {"date": "March 2012", "place": "Chicago PD", "charge": "Driving without a license", "outcome": "Dismissed"}


@pytest.fixture
def where(matter) -> str:
    return reverse("arrests", args=[matter.pk])


@pytest.fixture
def line(matter, pat) -> Arrest:
    return arrests.add(matter, ABOUT, actor=pat)


def noted(matter) -> list[str]:
    events = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.ARREST_NOTED])
    return [event.facts["action"] for event in reversed(events)]


def test_an_empty_chart_says_what_to_do(browser, where, pat, ana, request_):
    assert "an attorney states it on the rules page" in browser(pat).get(where).content.decode()
    page = browser(ana).get(where).content.decode()
    assert f"{reverse('rules', args=[request_.pk])}#v26" in page


@pytest.mark.parametrize("who", ["pat", "ana"])
def test_the_team_adds_a_line(request, browser, where, matter, who, ready):
    user = request.getfixturevalue(who)
    answer = browser(user).post(where, {**ABOUT, "disposition": str(ready.pk), "do": "add"})
    assert answer["Location"] == where
    added = matter.arrests.get()
    assert (added.about, added.disposition, added.added_by) == (ABOUT, ready, user)
    page = browser(user).get(where).content.decode()
    assert all(words in page for words in ABOUT.values())


def test_it_is_on_the_record_without_a_word_of_it(matter, line, pat):
    event = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.ARREST_NOTED]).get()
    assert (event.actor, event.subject_id, event.facts) == (pat, str(line.pk), {"action": "added"})


def test_a_line_needs_what_it_was_for_and_what_was_typed_stays(browser, where, matter, pat):
    answer = browser(pat).post(where, {"place": "Chicago PD", "do": "add"})
    assert (answer.status_code, "Chicago PD" in answer.content.decode()) == (422, True)
    assert not matter.arrests.exists()


def test_what_is_not_known_may_stay_open(browser, where, pat):
    browser(pat).post(where, {"charge": "Theft", "do": "add"})
    page = browser(pat).get(where).content.decode()
    assert "Date not known" in page
    assert "How it ended is not known" in page
    assert "No paper and no attorney" in page


def test_the_paper_that_says_how_it_ended_can_be_given_later_and_taken_away(browser, where, matter, line, ready, pat):
    desk = browser(pat)
    desk.post(where, {"do": "paper", "on": str(line.pk), "disposition": str(ready.pk)})
    assert matter.arrests.get().disposition == ready
    desk.post(where, {"do": "paper", "on": str(line.pk), "disposition": str(ready.pk)})
    desk.post(where, {"do": "paper", "on": str(line.pk), "disposition": ""})
    assert matter.arrests.get().disposition is None
    assert noted(matter) == ["added", "paper", "paper"]


def test_a_paper_of_another_matter_is_no_paper(browser, where, matter, line, pat):
    desk = browser(pat)
    desk.post(where, {"do": "paper", "on": str(line.pk), "disposition": str(uuid4())})
    assert matter.arrests.get().disposition is None
    assert desk.post(where, {**ABOUT, "do": "add", "disposition": str(uuid4())}).status_code == 422


def test_an_attorney_notes_and_takes_the_note_away(browser, where, matter, line, ana):
    browser(ana).post(where, {"do": "note", "on": str(line.pk), "note": "The court destroyed its file."})
    assert (matter.arrests.get().note, matter.arrests.get().note_by) == ("The court destroyed its file.", ana)
    browser(ana).post(where, {"do": "note", "on": str(line.pk), "note": ""})
    assert (matter.arrests.get().note, matter.arrests.get().note_by) == ("", None)
    assert noted(matter) == ["added", "noted", "noted"]


def test_a_paralegal_does_not_note(browser, where, matter, line, pat):
    assert browser(pat).post(where, {"do": "note", "on": str(line.pk), "note": "Old."}).status_code == 403
    assert "Attorney&#x27;s note" not in browser(pat).get(where).content.decode()
    assert matter.arrests.get().note == ""


def test_a_removed_line_leaves_its_trace(browser, where, matter, line, pat):
    browser(pat).post(where, {"do": "remove", "on": str(line.pk)})
    assert not matter.arrests.exists()
    assert noted(matter) == ["added", "removed"]


@pytest.mark.parametrize("do", ["paper", "remove"])
@pytest.mark.parametrize("on", ["", "nothing", str(uuid4())], ids=["none", "no id", "unknown"])
def test_a_line_that_is_not_there_changes_nothing(browser, where, matter, line, pat, do, on):
    page = browser(pat).post(where, {"do": do, "on": on}, follow=True).content.decode()
    assert 'data-tone="stop"' in page
    assert noted(matter) == ["added"]


def test_a_colleague_who_removed_it_first_wins(matter, line, pat, ana):
    arrests.remove(line, actor=pat)
    with pytest.raises(arrests.CannotChart):
        arrests.note(Arrest(pk=line.pk, matter=matter), "Old.", actor=ana)


@pytest.mark.parametrize(("who", "status"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not(request, browser, where, matter, who, status):
    client = browser(request.getfixturevalue(who))
    assert (client.get(where).status_code, client.post(where, ABOUT).status_code) == (status, status)
    assert not matter.arrests.exists()
