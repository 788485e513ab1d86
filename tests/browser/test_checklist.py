"""The list as a client and a paralegal use it: by touch on a phone, by keys on a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chrome import window
from tests.browser.places import MARIA
from tests.browser.walk import PAT, in_spanish, press
from tests.browser.watch import Watch
from tests.stack import Stack

ANSWER = "SELECT answer FROM documents_checklistitem WHERE item_id = 'passport'"


@pytest.fixture
def matter(stack: Stack) -> Iterator[str]:
    """María's, with nothing answered; left as it was."""
    yield str(stack.value("SELECT id FROM documents_matter WHERE number = 1"))
    stack.rows("UPDATE documents_checklistitem SET answer = '', answered_at = NULL, remind_on = NULL")


def test_a_client_says_what_she_cannot_find_and_finds_it(stack: Stack, chromium: Browser, matter: str) -> None:
    with window(chromium, stack, MARIA, phone=True, language="es") as phone:
        watch, page = Watch(phone, stack.url), phone.new_page()
        page.goto(f"/matters/{matter}/")
        passport = page.locator("li[id^=asked-]").filter(has_text="Pasaporte")
        passport.get_by_text(in_spanish("I don’t have it")).click()
        passport.get_by_role("button", name=in_spanish("I can’t find it")).click()
        expect(
            page.get_by_role("status").filter(has_text=in_spanish("We wrote it down. You can change it below."))
        ).to_be_visible()
        assert stack.value(ANSWER) == "cant_find"
        told = page.locator("section[aria-labelledby=told] li").filter(has_text="Pasaporte")
        told.get_by_role("button").click()
        expect(page.locator("section[aria-labelledby=told]")).to_have_count(0)
        assert stack.value(ANSWER) == ""
        assert watch.troubles == []


def test_the_send_button_leads_to_sending_that_very_paper(stack: Stack, chromium: Browser, matter: str) -> None:
    with window(chromium, stack, MARIA, phone=True, language="es") as phone:
        page = phone.new_page()
        page.goto(f"/matters/{matter}/")
        passport = page.locator("li[id^=asked-]").filter(has_text="Pasaporte")
        pk = str(passport.get_attribute("id")).removeprefix("asked-")
        passport.get_by_role("link").click()
        page.wait_for_url(f"**/send/?asked={pk}")


def test_a_paralegal_adds_a_list_and_undoes_it_by_keys(stack: Stack, chromium: Browser, matter: str) -> None:
    with window(chromium, stack, PAT) as desk:
        watch, page = Watch(desk, stack.url), desk.new_page()
        page.goto(f"/matters/{matter}/checklist/")
        rows = page.locator("tbody tr")
        before = rows.count()
        page.locator("summary").filter(has_text="Main positive factors").click()
        page.get_by_label("School").first.check()
        press(page, "Add these lists")
        expect(page.get_by_role("status").first).to_contain_text("Added: 5")
        expect(rows).to_have_count(before + 5)
        page.keyboard.press("u")
        expect(rows).to_have_count(before)
        page.keyboard.press("a")
        expect(page.get_by_label("Kind of paper")).to_be_focused()
        assert watch.troubles == []
