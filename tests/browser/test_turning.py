"""A page turned and moved by keys alone, and the focus back on the button when the pages are made anew."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.test_redact import pat as pat
from tests.browser.test_redact import sent
from tests.stack import Stack


def test_a_page_is_turned_and_moved_by_keys(stack: Stack, chromium: Browser, pat: Page) -> None:
    document = sent(stack)
    pat.goto(f"/documents/{document}/#page-1")
    pat.keyboard.press("t")
    expect(pat.locator('[data-lie="1"] [value="right"]')).to_be_focused(timeout=30_000)
    pat.keyboard.press(".")
    expect(pat.locator('[data-of="2"][data-lie="1"] summary')).to_be_focused(
        timeout=30_000
    )  # the last: no later button
    assert pat.url.endswith("#page-2")
    told = stack.value("SELECT arrangement FROM documents_document WHERE id = %s", document)
    assert [(each["photo"], each["turn"]) for each in told] == [(2, 0), (1, 90)]
