"""The order of the board is the order of the letter's outline, and the team may change it."""

import pytest
from django.urls import reverse

from accounts.audit import trail
from documents.models import Factor, Request
from documents.packets import drafting, lineup, order
from documents.packets.argued import heading_of, sections
from tests.test_board_gaps import file, look

pytestmark = pytest.mark.django_db
USUAL = ["EDUCATION", "FAMILY_USC_LPR", "TAXES"]


@pytest.fixture
def board(request_, matter, pat):
    for code in USUAL:
        file(matter, pat, code)
    return request_


def outline(request_):
    fresh = Request.objects.select_related("matter", "parent").get(pk=request_.pk)
    letter = drafting.draft(fresh, order.freeze(fresh))
    names = {heading_of(code, ""): code for code in USUAL}
    return [names[part.heading] for part in sections(letter) if part.heading in names]


def shown(request_, actor):
    """The codes of the squares that have papers, as the board shows them."""
    return [each.factor.code for each in look(request_.matter, actor).positive.shown if each.tags]


def sent(request_, client, **about):
    codes = " ".join(
        each.factor.code for each in look(request_.matter, request_.matter.memberships.first().user).squares
    )
    fresh = Request.objects.get(pk=request_.pk)
    typed = {"order": codes, "seen": lineup.mark(fresh.factor_order)} | about
    return client.post(reverse("line_up", args=[request_.pk]), typed)


def test_board_and_outline_have_the_usual_order(board, pat):
    assert outline(board) == shown(board, pat) == USUAL


def test_a_factor_that_goes_down_goes_down_in_both(board, browser, pat):
    answer = sent(board, browser(pat), down="EDUCATION", order="EDUCATION FAMILY_USC_LPR TAXES")
    assert answer["Location"].endswith("/board/#EDUCATION")
    assert outline(board) == shown(board, pat) == ["FAMILY_USC_LPR", "EDUCATION", "TAXES"]


def test_it_is_dragged_anywhere(board, browser, pat):
    sent(board, browser(pat), order="TAXES FAMILY_USC_LPR EDUCATION")
    assert outline(board) == shown(board, pat) == ["TAXES", "FAMILY_USC_LPR", "EDUCATION"]


def test_it_is_on_the_record_and_in_the_activity(board, browser, pat, matter):
    sent(board, browser(pat), up="TAXES", order=" ".join(USUAL))
    event = trail(matter.audit_chain).filter(kind="moved", facts__field="factors")[0]
    assert (event.actor, event.facts["factors"]) == (pat, ["EDUCATION", "TAXES", "FAMILY_USC_LPR"])
    page = browser(pat).get(reverse("activity", args=[matter.pk])).content.decode()
    assert "Pat Nguyen changed the order of the factors of Request 1." in page


def test_the_usual_order_is_kept_as_none(board, browser, pat):
    sent(board, browser(pat), order="TAXES FAMILY_USC_LPR EDUCATION")
    sent(board, browser(pat), order=" ".join(USUAL))
    assert Request.objects.get(pk=board.pk).factor_order == []


def test_a_colleagues_order_is_not_undone_unseen(board, browser, pat):
    sent(board, browser(pat), order="TAXES FAMILY_USC_LPR EDUCATION")
    answer = sent(board, browser(pat), order=" ".join(USUAL), seen=lineup.mark([]))
    assert answer.status_code == 302
    assert shown(board, pat) == ["TAXES", "FAMILY_USC_LPR", "EDUCATION"]


@pytest.mark.parametrize(
    "typed",
    [
        {"order": ""},
        {"order": "EDUCATION EDUCATION"},
        {"order": "EDUCATION", "up": "TAXES"},
        {"order": "education"},
        {"order": "NO_SUCH_FACTOR"},
        {"order": "EDUCATION\x00"},
        {"order": "EDUCATION", "seen": ""},
    ],
)
def test_what_is_no_order_changes_nothing(board, browser, pat, typed):
    assert sent(board, browser(pat), **typed).status_code == 302
    assert Request.objects.get(pk=board.pk).factor_order == []


def test_one_that_comes_later_stands_after_what_it_usually_follows(db):
    known = [Factor.objects.get(code=code) for code in (*USUAL, "CHILD_ENTRY", "HEALTH", "CRIMINAL_HISTORY")]
    found = [each.code for each in lineup.ordered(known, ["TAXES", "CRIMINAL_HISTORY", "EDUCATION"])]
    assert found == ["CHILD_ENTRY", "TAXES", "EDUCATION", "FAMILY_USC_LPR", "HEALTH", "CRIMINAL_HISTORY"]


@pytest.mark.parametrize(
    ("code", "step", "found"),
    [("B", -1, "BAC"), ("A", -1, "ABC"), ("C", 1, "ABC"), ("A", 1, "BAC"), ("A", 9, "BCA")],
)
def test_a_step_goes_no_further_than_the_end(code, step, found):
    assert "".join(lineup.moved(list("ABC"), code, step)) == found
