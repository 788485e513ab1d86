"""The options memo: an attorney weighs every other way to stay, nothing is preset, and a dismissal asks two questions more."""

import re

import pytest
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent
from documents import options
from documents.matters import CannotSave
from documents.models import Request
from tests.releasable import SCREENED, WEIGHED

pytestmark = pytest.mark.django_db


@pytest.fixture
def where(request_) -> str:
    return reverse("options", args=[request_.pk])


@pytest.fixture
def dismissal(request_) -> Request:
    request_.form = Request.Form.DISMISSAL
    request_.save()
    return request_


def fresh(request_) -> Request:
    return Request.objects.get(pk=request_.pk)


def test_an_attorney_fills_it_in(browser, where, request_, ana):
    answer = browser(ana).post(where, {**WEIGHED, "asylum": "not_available", "asylum_note": "No fear of return."})
    assert answer["Location"] == where
    now = fresh(request_)
    assert (now.options["asylum"], now.options["asylum_note"]) == ("not_available", "No fear of return.")
    assert (now.options_by, now.options_at is not None) == (ana, True)
    assert options.complete(now)


def test_it_is_on_the_record_without_a_word_of_it(browser, where, request_, ana):
    browser(ana).post(where, {"appeal": "not_available", "appeal_note": "Nothing to appeal."})
    event = audit.trail(request_.audit_chain, kinds=[AuditEvent.Kind.WEIGHED]).get()
    assert (event.actor, event.facts["fields"]) == (ana, ["appeal", "appeal_note"])
    assert "Nothing to appeal" not in str(event.facts)


def test_the_same_again_changes_nothing(request_, ana):
    options.weigh(request_, WEIGHED, actor=ana)
    at = fresh(request_).options_at
    options.weigh(request_, WEIGHED, actor=ana)
    assert fresh(request_).options_at == at
    assert audit.trail(request_.audit_chain, kinds=[AuditEvent.Kind.WEIGHED]).count() == 1


def test_nothing_is_preset(browser, where, ana):
    page = browser(ana).get(where).content.decode()
    assert len(re.findall('type="radio"', page)) == 3 * len(options.Way)
    assert not re.findall(r"<input[^>]* checked", page)


def test_half_a_memo_is_kept_and_what_is_missing_is_named(browser, where, request_, ana):
    answer = browser(ana).post(where, {"asylum": "pursued"}, follow=True).content.decode()
    assert "Saved, not complete yet." in answer
    assert "Cancellation of removal" in "".join(options.missing(fresh(request_)))
    assert len(list(options.missing(fresh(request_)))) == len(options.Way)  # the others, and the work permit


def test_not_available_needs_its_reason_and_what_was_typed_stays(browser, where, request_, ana):
    answer = browser(ana).post(where, {"asylum": "not_available", "work_permit": "It would end."})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Say in a few words why it is not available." in page
    assert "It would end." in page
    assert fresh(request_).options == {}


def test_an_answer_that_does_not_exist_is_refused(browser, where, request_, ana):
    assert browser(ana).post(where, {"asylum": "granted"}).status_code == 422
    assert fresh(request_).options == {}


def test_colleagues_do_not_overwrite_each_other_unseen(browser, where, request_, ana):
    seen = options.mark(request_)
    options.weigh(request_, {"appeal": "pursued"}, actor=ana)
    answer = browser(ana).post(where, {"asylum": "pursued", "seen": seen})
    assert answer.status_code == 422
    assert "Somebody else changed the memo meanwhile" in answer.content.decode()
    assert fresh(request_).options == {"appeal": "pursued"}
    with pytest.raises(CannotSave):
        options.weigh(request_, {"asylum": "pursued"}, seen=seen, actor=ana)


def test_after_that_the_page_carries_the_new_mark(browser, where, request_, ana):
    seen = options.mark(request_)
    options.weigh(request_, {"appeal": "pursued"}, actor=ana)
    page = browser(ana).post(where, {"asylum": "pursued", "seen": seen}).content.decode()
    assert f'name="seen" value="{options.mark(fresh(request_))}"' in page


def test_only_a_dismissal_asks_about_the_two_years(browser, where, request_, dismissal, ana):
    assert "under two years, or unable to prove longer" in browser(ana).get(where).content.decode()
    options.weigh(dismissal, WEIGHED, actor=ana)
    assert len(list(options.missing(dismissal))) == 2
    options.weigh(dismissal, WEIGHED | SCREENED, actor=ana)
    assert options.complete(dismissal)


def test_another_form_does_not(browser, where, ana):
    assert "under two years" not in browser(ana).get(where).content.decode()


@pytest.mark.parametrize(
    ("said", "warned"),
    [
        ({"two_years": "yes", "closure": "yes"}, ["A dismissal is a risk for this client."]),
        ({"two_years": "no", "closure": "no"}, ["Administrative closure was not considered."]),
        ({"two_years": "no", "closure": "yes"}, []),
        ({}, []),
    ],
)
def test_a_risky_answer_stands_at_the_top_for_everybody(browser, where, dismissal, ana, pat, said, warned):
    options.weigh(dismissal, WEIGHED | said, actor=ana)
    for user in (ana, pat):
        page = browser(user).get(where).content.decode()
        assert ('role="alert" data-tone="stop"' in page) == bool(warned)
        assert all(words in page for words in warned)


def test_a_paralegal_reads_it_and_has_no_form(browser, where, request_, ana, pat):
    options.weigh(request_, WEIGHED | {"asylum": "not_available", "asylum_note": "No fear of return."}, actor=ana)
    page = browser(pat).get(where).content.decode()
    assert "No fear of return." in page
    assert "Save the memo" not in page
    assert browser(pat).post(where, WEIGHED).status_code == 403


@pytest.mark.parametrize(("who", "status"), [("maria", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not(request, browser, where, request_, who, status):
    client = browser(request.getfixturevalue(who))
    assert (client.get(where).status_code, client.post(where, WEIGHED).status_code) == (status, status)
    assert fresh(request_).options == {}
