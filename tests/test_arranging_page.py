"""The page on which photos are put right: one button a step, and nothing kept before it is saved."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents import arranging
from documents.forms import photos
from documents.models import Document, Page
from documents.preparing.placing import Placed
from tests.arrangements import CROP, OFFER, here, order_of, shown, step, tag
from tests.arrangements import phone as phone
from tests.arrangements import three as three
from tests.papers import paper

# Its page


def test_every_photo_has_its_picture_and_its_buttons(three, phone):
    text = shown(phone, three)
    assert order_of(text) == [1, 2, 3]
    assert all(reverse("page", args=[three.pk, number]) in text for number in (1, 2, 3))
    assert re.findall(r'value="((?:up|down)-\d)"', text) == ["down-1", "up-2", "down-2", "up-3"]
    assert text.count('loading="lazy"') == 2


@pytest.mark.parametrize(
    ("do", "after"),
    [
        ("up-2", "2.1.3"),
        ("down-2", "1.3.2"),
        ("up-1", "as it is"),
        ("down-3", "as it is"),
        ("turn-3", "1.2.3t90"),
        ("remove-1", "2.3"),
        ("use-2", "1.2c.3"),
        ("use-1", "as it is"),
        ("turn-9", "as it is"),
        ("", "as it is"),
        ("fly-1", "as it is"),
    ],
)
def test_a_step_changes_the_plan_and_nothing_else(three, phone, do, after):
    assert step(phone, three, do) == after
    three.refresh_from_db()
    assert (three.state, three.arrangement) == ("ready", [])


def test_steps_lead_back(three, phone):
    assert step(phone, three, "back-1", "2.3") == "as it is"
    assert step(phone, three, "undo-2", "1.2c.3") == "as it is"
    assert step(phone, three, "turn-1", "1t270.2.3") == "as it is"
    assert step(phone, three, "up-2", "1.2c.3t90") == "2c.1.3t90"


def test_the_last_page_stays(three, phone):
    assert step(phone, three, "remove-2", "2") == "2"
    assert 'value="remove-2"' not in shown(phone, three, "2")


def test_a_step_comes_back_to_its_page(three, phone):
    assert phone.post(here(three), {"plan": "1.2.3", "do": "up-3"})["Location"].endswith("#photo-3")


def test_what_is_planned_is_shown_and_not_saved(three, phone):
    text = shown(phone, three, "3t90.1")
    assert order_of(text) == [3, 1]
    assert 'data-turn="90"' in text
    assert 'value="back-2"' in text
    assert "Not saved yet" in text
    assert "Not saved yet" not in shown(phone, three)


def test_saving_has_the_pages_made_like_that(three, phone):
    assert phone.post(here(three), {"plan": "3t90.2c", "do": "save"})["Location"] == here(three)
    three.refresh_from_db()
    assert three.state == "clean"
    assert arranging.arranged(three) == [Placed(3, turn=90), Placed(2, crop=CROP, tilt=1.5)]


def test_a_crop_in_use_can_be_undone_and_used_again(three, phone):
    Document.objects.filter(pk=three.pk).update(arrangement=[OFFER.to_json()], suggestions=[], pages=1)
    assert 'value="undo-2"' in shown(phone, three)
    assert step(phone, three, "undo-2", "2c") == "2"
    assert step(phone, three, "use-2", "2") == "as it is"


def test_a_page_turned_before_is_shown_as_it_would_be(three, phone):
    Document.objects.filter(pk=three.pk).update(arrangement=[Placed(1, turn=90).to_json()], pages=1)
    Page.objects.filter(document=three, number__gt=1).delete()
    assert "data-turn" not in shown(phone, three)
    assert 'data-turn="270"' in shown(phone, three, "1")


@pytest.mark.parametrize("plan", ["", "x", "1.1", "9", "1.2t45.3", "-1", "1" * 9, "1..2", "1t90c9", "١", "0"])
def test_a_plan_that_is_none_is_the_pages_as_they_are(three, phone, plan):
    assert order_of(shown(phone, three, plan)) == [1, 2, 3]
    phone.post(here(three), {"plan": plan, "do": "save"})
    three.refresh_from_db()
    assert three.state == "ready"


def test_a_plan_is_read_as_it_was_written(three):
    plan = [Placed(3, turn=270), OFFER, Placed(1)]
    assert photos.read(photos.write(plan), three) == plan


def test_a_photo_of_several_pages_has_no_picture_beside_it(three, phone):
    Page.objects.create(document=three, number=4, preview_key="k", preview_sha256="s")
    text = shown(phone, three)
    assert order_of(text) == [1, 2, 3]
    assert "<img" not in text


def test_a_blurry_page_is_named(three, phone):
    Page.objects.filter(document=three, number=2).update(noticed=["blurred", "dark", "news"])
    text = shown(phone, three)
    assert text.count("This photo is not sharp.") == text.count("This photo is dark.") == 1


def test_when_it_is_too_late_the_page_says_whom_to_call(three, phone, pat):
    tag(three, pat)
    text = shown(phone, three)
    assert "The office works with these pages." in text
    assert "<button form" not in text
    phone.post(here(three), {"plan": "2", "do": "save"})
    assert "Call the office, they can help." in shown(phone, three)


def test_who_was_second_is_told(three, pat, browser):
    tag(three, pat)
    staff = browser(pat)
    staff.post(here(three), {"plan": "2", "do": "save"})
    assert "is tagged, accepted, filed or not ready" in shown(staff, three)


def test_a_paper_without_photos_has_its_own_page(matter, maria, phone):
    letter = paper(matter, maria)
    assert phone.get(here(letter))["Location"] == reverse("document", args=[letter.pk])
    assert phone.post(here(letter), {"do": "save"})["Location"] == reverse("document", args=[letter.pk])


def queries(client: Client, document: Document) -> int:
    with CaptureQueriesContext(connection) as asked:
        shown(client, document)
    return len(asked)


def test_its_queries_do_not_grow_with_its_photos(matter, maria, three, phone):
    shown(phone, three)
    assert queries(phone, paper(matter, maria, pages=40, photos=40)) == queries(phone, three)
