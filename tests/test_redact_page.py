"""The page on which boxes are drawn: works without script, keeps what was typed, and says who has to look."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from documents import redacting
from documents.forms.redacting import BoxForm
from documents.models import Document, Matter
from tests.boxes import box, draw
from tests.conftest import Browser
from tests.papers import paper

TYPED = {"left": "1", "top": "1,5", "width": "3", "height": "0.25", "why": "ssn", "words": ""}


@pytest.fixture
def letter(matter: Matter, maria: User) -> Document:
    return paper(matter, maria)


@pytest.fixture
def desk(browser: Browser, pat: User) -> Client:
    return browser(pat)


def here(document: Document, page: int = 1) -> str:
    return f"{reverse('redact', args=[document.pk])}?page={page}"


def shown(client: Client, document: Document, page: int = 1) -> str:
    return client.get(here(document, page)).content.decode()


def test_a_box_is_drawn_without_script(letter: Document, desk: Client) -> None:
    answer = desk.post(reverse("redact", args=[letter.pk]), TYPED | {"page": "2"})
    assert answer["Location"] == here(letter, 2)
    made = letter.redactions.get()
    assert (made.page, made.left, made.top, made.right, made.bottom) == (2, 72, 108, 288, 126)
    assert '<rect x="72" y="108" width="216" height="18"/>' in shown(desk, letter, 2)
    assert "<rect" not in shown(desk, letter, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"left": "9"}, {"top": "-1", "height": "0.5"}, {"width": "0"}, {"height": "nan"}, {"left": "inf"}, {"left": ""},
        {"left": "1e400"}, {"left": "١x"}, {"why": ""}, {"why": "because"}, {"why": "other"}, {"words": "x" * 301},
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_kept(letter: Document, desk: Client, wrong: dict[str, str]) -> None:
    answer = desk.post(here(letter), TYPED | wrong)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'data-tone="stop"' in text
    assert 'name="height"' in text
    assert not letter.redactions.exists()


sides = st.floats(-20, 20)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sides, sides, sides, sides)
def test_what_lies_outside_of_the_page_is_cut_off_and_nothing_else(
    left: float, top: float, width: float, height: float
) -> None:
    form = BoxForm({"left": left, "top": top, "width": width, "height": height, "why": "ssn"}, page=1)
    if not form.is_valid():
        assert width <= 0 or height <= 0 or left + width <= 0 or top + height <= 0 or left >= 8.5 or top >= 11
        return
    made = form.box
    assert 0 <= made.left <= max(0, left * 72) and 0 <= made.top <= max(0, top * 72)  # noqa: PT018 - one claim
    assert made.right >= min(612, (left + width) * 72) and made.bottom >= min(792, (top + height) * 72)  # noqa: PT018


def test_boxes_of_a_colleague_are_approved_from_the_page(letter: Document, lena: User, pat: User, desk: Client) -> None:
    seen, own = draw(letter, lena), draw(letter, pat, page=2)
    text = shown(desk, letter)
    assert re.findall(r'name="box" value="(\d+)"', text) == [str(seen.pk)]
    assert "Boxes you drew wait" in text
    assert desk.post(reverse("redact_approve", args=[letter.pk]), {"box": [seen.pk]}).status_code == 302
    letter.refresh_from_db()
    own.refresh_from_db()
    assert (letter.state, own.is_proposed) == ("clean", True)


@pytest.mark.parametrize("boxes", [[], ["x"], ["-1"], ["9" * 30], ["٣"]])
def test_no_box_of_it_is_approved_by_chance(letter: Document, lena: User, desk: Client, boxes: list[str]) -> None:
    draw(letter, lena)
    assert desk.post(reverse("redact_approve", args=[letter.pk]), {"box": boxes}).status_code == 302
    letter.refresh_from_db()
    assert letter.state == "ready"


def test_while_pages_are_made_it_renews_itself(letter: Document, lena: User, pat: User, desk: Client) -> None:
    redacting.approve(letter, [draw(letter, lena).pk], actor=pat)
    part = desk.get(here(letter), headers={"X-Requested-With": "fetch"}).content.decode()
    assert part.startswith("<section")
    assert f'data-refresh="{here(letter)}"' in part
    assert "<img" not in part


def test_a_box_is_taken_off_from_the_page(letter: Document, pat: User, matter: Matter, desk: Client) -> None:
    made = draw(letter, pat)
    where = reverse("redact_take_off", args=[letter.pk, made.pk])
    assert where in shown(desk, letter)
    elsewhere = reverse("redact_take_off", args=[paper(matter, pat).pk, made.pk])
    assert desk.post(elsewhere).status_code == 404
    assert desk.post(where)["Location"] == here(letter)
    assert "No box yet" in shown(desk, letter)


def test_what_a_paralegal_cannot_take_off_has_no_button(letter: Document, pat: User, ana: User, desk: Client) -> None:
    made = box(letter, pat, approved_by=ana, approved_at=letter.received_at)
    where = reverse("redact_take_off", args=[letter.pk, made.pk])
    assert where not in shown(desk, letter)
    desk.post(where)
    made.refresh_from_db()
    assert made.removed_at is None


def test_the_page_of_the_document_says_so(letter: Document, pat: User, ana: User, desk: Client) -> None:
    box(letter, pat, approved_by=ana, approved_at=letter.received_at)
    box(letter, pat, page=2)
    text = desk.get(reverse("document", args=[letter.pk])).content.decode()
    assert "Redacted: 1 box on page 1" in text
    assert "By Pat Nguyen, Ana Cortés" in text
    assert "1 box waits for approval" in text


def test_its_client_is_told_and_no_more(letter: Document, maria: User, pat: User, ana: User, browser: Browser) -> None:
    box(letter, pat, approved_by=ana, approved_at=letter.received_at)
    maria.language = "en"
    maria.save()
    text = browser(maria).get(reverse("document", args=[letter.pk])).content.decode()
    assert "covered some words in black" in text
    assert "Pat" not in text
    assert "Social" not in text


def test_more_boxes_cost_no_more_queries(
    letter: Document, pat: User, desk: Client, django_assert_max_num_queries: object
) -> None:
    desk.get(here(letter))
    for top in range(20):
        box(letter, pat, top=100 + top)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        desk.get(here(letter))
