"""The record of a matter as it is read: in sentences, with names that stay, page by page."""

import pytest
from django.urls import reverse

from accounts.models import Role, User
from documents import matters
from documents.models import Document, Factor, Matter
from tests.conftest import Browser, person


def told(browser: Browser, matter: Matter, user: User) -> list[str]:
    return [line.text for line in browser(user).get(reverse("activity", args=[matter.pk])).context["lines"]]


def test_the_record_reads_in_sentences(browser: Browser, accepted: Document, ana: User):
    lines = told(browser, accepted.matter, ana)
    assert lines[-1] == "Ana Cortés opened the matter."
    assert "Ana Cortés added Pat Nguyen to the matter." in lines
    assert "Maria Rodríguez sent Document 1." in lines
    assert f"Pat Nguyen tagged Document 1: {Factor.objects.get(pk='FAMILY_USC_LPR').name_en}." in lines
    assert lines[0] == "Pat Nguyen reviewed Document 1. It is now: Accepted."
    assert not [line for line in lines if "_" in line]


def test_the_record_keeps_the_names_of_those_who_left(browser: Browser, matter: Matter, pat: User, ana: User):
    matters.remove_member(matter.memberships.get(user=pat), actor=ana)
    assert told(browser, matter, ana)[0] == "Ana Cortés took Pat Nguyen off the matter."


def test_a_name_full_of_braces_is_only_a_name(browser: Browser, matter: Matter, ana: User):
    odd = person("{0.__class__} {who}", Role.PARALEGAL)
    matters.add_member(matter, odd, actor=ana)
    assert told(browser, matter, ana)[0] == "Ana Cortés added {0.__class__} {who} to the matter."


def test_the_record_is_paged(browser: Browser, matter: Matter, ana: User, django_assert_max_num_queries):
    chrome, where = browser(ana), reverse("reveal", args=[matter.pk])
    for _n in range(50):
        chrome.post(where)
    with django_assert_max_num_queries(10):
        page = chrome.get(reverse("activity", args=[matter.pk])).context["page"]
    assert (len(page), page.paginator.num_pages) == (50, 2)


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "%00"])
def test_a_page_that_is_not_there_is_the_nearest(browser: Browser, matter: Matter, ana: User, number):
    assert browser(ana).get(reverse("activity", args=[matter.pk]), {"page": number}).status_code == 200
