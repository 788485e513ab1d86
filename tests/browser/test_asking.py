"""Before anything is filed: a client on a phone, in Spanish, reads what a yes means; then the rule lets the packet go."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chrome import window
from tests.browser.places import MARIA
from tests.browser.walk import ANA, PAT, in_spanish, press
from tests.browser.watch import Watch
from tests.stack import Stack

ANSWERED = "SELECT language, agreed, read_aloud FROM documents_agreement ORDER BY id DESC LIMIT 1"


@pytest.fixture
def request_(stack: Stack) -> Iterator[str]:
    """María's, of which nothing was read; left as it was."""
    first = "SELECT r.id FROM documents_request r JOIN documents_matter m ON m.id = r.matter_id WHERE m.number = 1"
    yield str(stack.value(f"{first} ORDER BY r.number LIMIT 1"))
    stack.rows("DELETE FROM documents_agreement")
    stack.rows("DELETE FROM documents_arrest")


def test_an_acknowledgement_in_spanish_satisfies_its_rule(stack: Stack, chromium: Browser, request_: str) -> None:
    with window(chromium, stack, ANA) as desk, window(chromium, stack, MARIA, phone=True, language="es") as phone:
        watch, office, page = Watch(phone, stack.url), desk.new_page(), phone.new_page()
        office.goto(f"/requests/{request_}/rules/")
        expect(office.locator("#v21")).to_contain_text("has not said yet")
        page.goto("/")
        page.locator("section[aria-labelledby=read]").get_by_role("link").first.click()
        expect(page.get_by_role("heading", name="Qué significa un sí", level=1)).to_be_visible()
        expect(page.get_by_text("No le da un permiso de trabajo.")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        press(page, in_spanish("I understand"))
        expect(page.get_by_role("status").first).to_be_visible()
        assert stack.rows(ANSWERED) == [{"language": "es", "agreed": True, "read_aloud": False}]
        office.reload()
        expect(office.locator("[aria-labelledby=passed] #v21")).to_be_visible()
        assert watch.troubles == []


def test_a_question_from_the_phone_stands_before_the_team(stack: Stack, chromium: Browser, request_: str) -> None:
    with window(chromium, stack, PAT) as desk, window(chromium, stack, MARIA, phone=True, language="es") as phone:
        office, page = desk.new_page(), phone.new_page()
        page.goto(f"/requests/{request_}/read/outcome/")
        page.locator("summary").filter(has_text=in_spanish("I have a question")).click()
        page.get_by_label(in_spanish("Your question")).fill("¿Y mi permiso?")
        press(page, in_spanish("Send my question"))
        expect(page.get_by_role("status").first).to_be_visible()
        office.goto(f"/requests/{request_}/asking/")
        expect(office.get_by_text("¿Y mi permiso?")).to_be_visible()


def test_a_paralegal_keeps_the_history_chart(stack: Stack, chromium: Browser, request_: str) -> None:
    matter = stack.value("SELECT id FROM documents_matter WHERE number = 1")
    with window(chromium, stack, PAT) as desk:
        watch, page = Watch(desk, stack.url), desk.new_page()
        page.goto(f"/matters/{matter}/history-chart/")
        page.get_by_label("What it was for").fill("Driving without a license")
        press(page, "Add")
        expect(page.get_by_text("No paper and no attorney's note")).to_be_visible()
        page.locator("summary").filter(has_text="Remove").click()
        press(page, "Remove this line")
        expect(page.get_by_text("No arrest is on the chart.")).to_be_visible()
        assert watch.troubles == []
