"""Several photos of one paper, put in order on the phone: one document, each page once."""

from typing import Any

from playwright.sync_api import Page, expect

from tests import fixtures
from tests.browser.test_resumable import matter as matter
from tests.browser.test_resumable import page as page
from tests.browser.test_resumable import phone as phone
from tests.browser.walk import choose_files, in_spanish, press
from tests.stack import Stack, wait_until


def chosen(page: Page, *widths: int) -> None:
    page.get_by_label(in_spanish("These photos are pages of one paper")).check()
    choose_files(page, {f"IMG_{width}.jpg": ("image/jpeg", fixtures.jpeg(width, 480)) for width in widths})
    expect(page.locator("[data-chosen] .status[data-tone=good]")).to_have_count(len(widths))


def bound(page: Page, stack: Stack) -> dict[str, Any]:
    press(page, in_spanish("Done"))
    page.wait_for_url("**/send/?receipt=*")
    expect(page.locator("#came li")).to_have_count(1)
    sql = "SELECT * FROM documents_document ORDER BY received_at DESC LIMIT 1"
    wait_until(lambda: stack.rows(sql)[0]["state"] == "ready", 60)
    return stack.rows(sql)[0]


def test_pages_are_moved_turned_and_removed_before_they_go(page: Page, stack: Stack) -> None:
    chosen(page, 701, 702, 703)
    rows = page.locator("[data-chosen] li")
    rows.nth(2).get_by_role("button", name=in_spanish("Up")).click()
    expect(rows.nth(1)).to_contain_text("IMG_703.jpg")
    rows.nth(1).get_by_role("button", name=in_spanish("Turn")).click()
    rows.nth(0).get_by_role("button", name=in_spanish("Remove")).click()
    document = bound(page, stack)
    assert (document["pages"], document["photos"]) == (2, 2)
    assert [each["turn"] for each in document["arrangement"]] == [90, 0]


def test_a_page_is_taken_again_in_its_place(page: Page, stack: Stack) -> None:
    chosen(page, 711, 712)
    with page.expect_file_chooser() as asked:
        page.locator("[data-chosen] li").first.get_by_role("button", name=in_spanish("Take again")).click()
    asked.value.set_files({"name": "IMG_713.jpg", "mimeType": "image/jpeg", "buffer": fixtures.jpeg(713, 480)})
    rows = page.locator("[data-chosen] li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("IMG_713.jpg")
    expect(page.locator("[data-chosen] .status[data-tone=good]")).to_have_count(2)
    assert bound(page, stack)["pages"] == 2
