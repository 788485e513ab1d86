"""The page of the inbox: counts are true, each line leads somewhere, whatever is asked for it answers."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from documents import access, checklist, matters, messages
from documents.inbox import Group, What
from documents.models import (
    Agreement,
    Matter,
    Request,
)
from tests.conftest import Browser
from tests.papers import paper
from tests.test_matters import many
from tests.waiting import DOCUMENTS, at, made, packet

pytestmark = pytest.mark.django_db


def page(browser: Browser, user: User, **query: Any) -> Any:
    return browser(user).get("/inbox/", query)


def test_counts_add_up_to_what_is_listed(browser: Browser, matter: Matter, request_: Request, maria: User, ana: User):
    for state in DOCUMENTS:
        made(matter, maria, state)
    packet(request_, "bound")
    messages.write(matter, "Hola", token=matter.pk, actor=maria)
    for group, _name, number in page(browser, ana).context["groups"]:
        assert len(page(browser, ana, show=group.value).context["lines"]) == number, group


def test_the_oldest_is_first_and_each_leads_to_where_it_is_done(browser, matter, request_, maria: User, ana: User):
    bound, document = packet(request_, "bound"), made(matter, maria, "quarantined")
    messages.write(matter, "Hola", token=matter.pk, actor=maria)
    lines = page(browser, ana, show="me").context["lines"]
    assert [line.what for line in lines] == [What.DISPOSITION, What.RELEASE, What.MESSAGES]
    assert [line.where for line in lines] == [
        reverse("document", args=[document.pk]), reverse("packet", args=[bound.pk]), reverse("messages", args=[matter.pk]),
    ]  # fmt: skip


def test_every_line_leads_to_a_page_that_is_there(
    browser: Browser, matter, request_, maria: User, pat: User, ana: User
):
    for state in DOCUMENTS:
        made(matter, maria, state)
    packet(request_, "released")
    again = matters.open_request(
        matter, parent=request_, stage="before_court", form="dismissal", profile="OPLA", office="OPLA", actor=ana
    )
    packet(again, "failed")
    matters.change_letter(again, "Dear Counsel", actor=pat)
    checklist.answer(checklist.add(matter, words="A letter", actor=pat), "cant_find", actor=maria)
    Agreement.objects.create(request=again, person=maria, kind="outcome", version="1", language="es", agreed=False)
    chrome = browser(ana)
    lines = [line for group in Group for line in chrome.get("/inbox/", {"show": group.value}).context["lines"]]
    assert {line.what for line in lines} >= {What.SIGN, What.FILE, What.ANSWER, What.AGREEMENT, What.FAILED}
    assert {chrome.get(line.where).status_code for line in lines} == {200}


def test_the_first_group_with_something_is_shown_and_one_may_ask_for_another(
    browser: Browser, matter, maria, pat: User
):
    made(matter, maria, "held")
    assert page(browser, pat).context["show"] == "me"
    assert page(browser, pat, show="failed").context["show"] == "failed"
    assert "Nothing failed" in page(browser, pat, show="failed").content.decode()
    assert "Go on with: Needs me, 1" in page(browser, pat, show="failed").content.decode()


@pytest.mark.parametrize(
    "query", [{"show": "\0"}, {"show": "<b>"}, {"page": "x"}, {"page": "99"}, {"show": "new", "page": "-1"}]
)
def test_the_page_takes_anything(browser: Browser, matter: Matter, maria: User, pat: User, query):
    paper(matter, maria)
    answer = page(browser, pat, **query)
    assert (answer.status_code, len(answer.context["lines"])) == (200, 1)


def test_one_matter_alone(browser: Browser, matter: Matter, maria: User, ana: User):
    other = matters.open_matter("Okonkwo, Chidi", actor=ana)
    mine, _theirs = paper(matter, maria), paper(other, ana)
    answer = page(browser, ana, matter=str(matter.pk))
    assert [line.document for line in answer.context["lines"]] == [mine]
    assert f'href="?matter={matter.pk}&amp;show=held"' in answer.content.decode()
    assert len(page(browser, ana).context["lines"]) == 2


@pytest.mark.parametrize("matter_id", ["x", "\0", "0d4d7a1c-7c1d-4f1c-9f57-2f9b8b3f1a11", "theirs"])
def test_a_matter_that_is_not_ones_own_is_not_there(browser: Browser, matter: Matter, max_: User, matter_id):
    wanted = str(matter.pk) if matter_id == "theirs" else matter_id
    assert page(browser, max_, matter=wanted).status_code == 404


def test_the_title_says_nothing_of_the_field(browser: Browser, matter: Matter, pat: User):
    assert "<title>Inbox</title>" in page(browser, pat).content.decode()


def test_an_empty_inbox_says_why_and_what_next(browser: Browser, matter: Matter, pat: User, max_: User):
    assert "Nothing waits in any group." in page(browser, pat).content.decode()
    assert "You are on no matter yet." in page(browser, max_).content.decode()


def test_the_pager_keeps_group_and_matter(browser: Browser, matter: Matter, maria: User, pat: User):
    many(matter, maria, 60, received_at=at(2), state_since=at(2))
    first = page(browser, pat, show="failed", matter=str(matter.pk))
    assert len(first.context["lines"]) == 50
    assert f'href="?show=failed&amp;matter={matter.pk}&amp;page=2"' in first.content.decode()


def test_queries_do_not_grow_with_matters_or_documents(
    browser: Browser, matter: Matter, maria: User, ana: User, django_assert_max_num_queries
):
    chrome = browser(ana)
    old = {"received_at": at(2), "state_since": at(2)}
    many(matter, maria, 10, **old)
    with django_assert_max_num_queries(11) as few:
        chrome.get("/inbox/", {"show": "failed"})
    for n in range(20):
        many(matters.open_matter(f"Client {n}", actor=ana), maria, 50, **old)
    with django_assert_max_num_queries(len(few)):
        answer = chrome.get("/inbox/", {"show": "failed"})
    assert answer.context["page"].paginator.count == 1010
    assert access.matters(ana).count() == 21
