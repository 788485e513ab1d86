"""What somebody set aside waits for nobody's review: not in the inbox, not on the matter's pages, not as the next one."""

import pytest
from django.urls import reverse

from accounts.models import User
from documents import access, inbox, tagging
from documents.models import Document, Factor, Matter, Request
from documents.packets import boarding
from documents.views import desk, evidence
from tests.conftest import Browser
from tests.papers import paper

ASIDE = sorted(Factor.SET_ASIDE)


def tag(document: Document, code: str, user: User) -> None:
    tagging.tag(document, Factor.objects.get(code=code), actor=user)


@pytest.fixture(params=ASIDE)
def aside(request: pytest.FixtureRequest, matter: Matter, maria: User, pat: User) -> Document:
    document = paper(matter, maria)
    tag(document, "EDUCATION", pat)
    tag(document, request.param, pat)
    return document


def test_it_is_not_in_the_inbox(aside: Document, pat: User) -> None:
    assert not inbox.listed(pat, inbox.Group.NEW).exists()
    tagging.untag(aside, Factor.objects.get(code=aside.tags.exclude(factor="EDUCATION").get().factor_id), actor=pat)
    assert inbox.listed(pat, inbox.Group.NEW).count() == 1


def test_nor_counted_on_the_pages_of_matters(aside: Document, matter: Matter, browser: Browser, pat: User) -> None:
    client = browser(pat)
    home = client.get(reverse("matter", args=[matter.pk]))
    assert (home.context["to_review"], home.context["first_to_review"]) == (0, None)
    assert {code: number for code, _name, number in home.context["filters"]} == {"aside": 1}
    assert [side.documents for side in home.context["sides"]] == [0, 0, 0]
    [row] = client.get(reverse("matters")).context["page"]
    assert (row.to_review, row.waiting_since) == (0, None)


def test_nor_shown_on_the_board_as_what_it_is_not_filed_for(aside: Document, matter: Matter, pat: User) -> None:
    board = boarding.look(matter, None, access.documents(pat).filter(matter=matter))
    assert not any(square.tags for square in board.positive.shown)


def test_nor_fetched_as_what_comes_next(aside: Document, matter: Matter, maria: User, pat: User) -> None:
    open_ = paper(matter, maria)
    assert desk.walk(pat, open_).ahead is None
    later = paper(matter, maria)
    walked = desk.walk(pat, open_).ahead
    assert walked is not None
    assert walked.pk == later.pk


def test_what_nobody_sorted_is_still_to_review(matter: Matter, maria: User, pat: User) -> None:
    tag(paper(matter, maria), "UNSORTED", pat)
    assert inbox.listed(pat, inbox.Group.NEW).count() == 1
    rows = tagging.telling_aside(access.documents(pat))
    assert set(evidence.sorted_out(rows)) == {"review"}


def test_what_is_accepted_although_in_the_record_is_counted(matter: Matter, pat: User, request_: Request) -> None:
    document = paper(matter, pat)
    tag(document, "EDUCATION", pat)
    tag(document, "IN_THE_RECORD", pat)
    tagging.accept(document, actor=pat)
    sides = evidence.sides(access.documents(pat))
    assert [side.documents for side in sides][0] == 1
