"""Opening a request: what is asked, of whom, at which stage."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from documents.forms.matters import FORMS, STAGES, RequestForm
from documents.models import Matter, Request
from documents.packets import profiles
from tests.conftest import Browser

ABOUT = {"stage": "before_court", "form": "dismissal", "profile": "OPLA", "office": "OPLA Chicago"}


@pytest.fixture
def where(matter: Matter) -> str:
    return reverse("request_new", args=[matter.pk])


@pytest.mark.parametrize("who", ["pat", "ana"])
def test_the_team_opens_a_request(request, browser: Browser, where, matter: Matter, who):
    answer = browser(request.getfixturevalue(who)).post(where, ABOUT)
    assert answer["Location"] == reverse("matter", args=[matter.pk])
    opened = matter.requests.get()
    assert (opened.number, opened.form, opened.detained, opened.next_hearing) == (1, "dismissal", False, None)


def test_it_keeps_all_that_was_said(browser: Browser, where, matter: Matter, ana: User):
    hearing = (timezone.now() + timedelta(days=69)).replace(second=0, microsecond=0)
    more = {"judge": "Hon. R. Alvarado", "next_hearing": f"{hearing:%Y-%m-%dT%H:%M}", "detained": "on"}
    browser(ana).post(where, ABOUT | more)
    opened = matter.requests.get()
    assert (opened.judge, opened.next_hearing, opened.detained) == ("Hon. R. Alvarado", hearing, True)


def test_opening_is_on_the_record(browser: Browser, where, matter: Matter, pat: User):
    browser(pat).post(where, ABOUT)
    event = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.REQUEST_OPENED]).get()
    assert (event.actor, event.facts) == (pat, {"request": 1, "stage": "before_court"})


def test_requests_are_numbered(browser: Browser, where, matter: Matter, request_: Request, ana: User):
    browser(ana).post(where, ABOUT)
    assert [one.number for one in matter.requests.all()] == [2, 1]


@pytest.mark.parametrize(("who", "status"), [("maria", 403), ("max_", 404), ("ada", 404)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not(request, browser: Browser, where, matter: Matter, who, status, method):
    assert getattr(browser(request.getfixturevalue(who)), method)(where, ABOUT).status_code == status
    assert not matter.requests.exists()


def test_a_stranger_signs_in_first(client, where):
    assert client.post(where, ABOUT)["Location"].startswith("/sign-in/")


def test_wrong_methods_are_refused(browser: Browser, where, ana: User):
    assert browser(ana).delete(where).status_code == 405


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("stage", "x"), ("form", "\0"), ("profile", "../OPLA"), ("office", ""), ("office", "x" * 121),
     ("next_hearing", "2001-01-01T09:00"), ("next_hearing", "tomorrow"), ("next_hearing", "9999999-01-01T00:00")],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(browser: Browser, where, matter: Matter, ana: User, field, wrong):
    answer = browser(ana).post(where, ABOUT | {field: wrong, "judge": "Hon. R. Alvarado"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert "Hon. R. Alvarado" in answer.content.decode()
    assert not matter.requests.exists()


def test_a_form_sets_nothing_else(browser: Browser, where, matter: Matter, ana: User):
    browser(ana).post(where, ABOUT | {"state": "granted", "number": "9", "letter": "signed", "matter": "0"})
    opened = matter.requests.get()
    assert (opened.state, opened.number, opened.letter) == ("gathering", 1, "")


def test_every_choice_is_explained():
    assert set(STAGES) == set(Request.Stage)
    assert set(FORMS) == set(Request.Form)


def test_every_profile_says_when_it_was_looked_at(browser: Browser, where, ana: User):
    page = browser(ana).get(where).content.decode()
    assert page.count("Last checked") == len(profiles.available()) == len(RequestForm().offices)
    assert "Ask before you file" in page
