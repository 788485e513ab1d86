"""Every page, in both languages, on a phone and on a desk: accessible, silent, light, and it keeps nothing back."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests import fixtures
from tests.browser.chrome import DESK, PHONE, window
from tests.browser.places import PLACES, Place, arrive, facts, speak
from tests.browser.walk import CLIENT, Walk, choose_files, in_spanish, press
from tests.browser.watch import Watch
from tests.stack import Stack

LIMIT = 60_000  # bytes over the wire, for a client's page with everything on it but the pictures of her own papers
NARROW: ViewportSize = {"width": 320, "height": 640}
TELLING = r"immigra|inmigra|migra|asylum|asilo|deport|removal|expuls|discretion|Lucía|Paredes|Rodríguez"
axe = Axe()


class Windows:
    """One window a person and language, kept open, because opening one costs more than a page."""

    def __init__(self, stack: Stack, chromium: Browser, facts: dict[str, str], open_: ExitStack) -> None:
        self.stack, self.chromium, self.facts, self._open = stack, chromium, facts, open_
        self._pages: dict[tuple[str, str], tuple[Page, Watch]] = {}

    def at(self, place: Place, language: str) -> tuple[Page, Watch]:
        key = place.who, language
        if key not in self._pages or not place.who:
            context = self._open.enter_context(window(self.chromium, self.stack, place.who, language=language))
            self._pages[key] = context.new_page(), Watch(context, self.stack.url)
        page, watch = self._pages[key]
        watch.troubles.clear()
        speak(self.stack, language)
        page.set_viewport_size(DESK)
        watch.weigh(page)
        assert arrive(page, place, self.facts) == place.status
        return page, watch


@pytest.fixture(scope="module")
def windows(stack: Stack, chromium: Browser, walked: Walk) -> Iterator[Windows]:
    with ExitStack() as open_:
        yield Windows(stack, chromium, facts(stack, walked), open_)
    speak(stack, "en")
    stack.rows("UPDATE accounts_user SET language = 'es' WHERE role = 'client'")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page(windows: Windows, place: Place, language: str) -> None:
    page, watch = windows.at(place, language)
    troubles = [*spoken(page, language), *accessible(page, "on a desk")]
    page.set_viewport_size(PHONE)
    troubles += accessible(page, "on a phone")
    page.set_viewport_size(NARROW)
    troubles += [*no_wider(page), *keeps_nothing(page)]
    if place.client and watch.bytes > LIMIT:
        troubles.append(f"{watch.bytes} bytes over the wire")
    assert troubles + watch.troubles == []


def spoken(page: Page, language: str) -> list[str]:
    title, headings = page.title(), page.locator("h1").count()
    return [
        *([f"its title is {title!r}"] if not title or re.search(TELLING, title, re.IGNORECASE) else []),
        *([f"{headings} first headings"] if headings != 1 else []),
        *([] if page.locator("html").get_attribute("lang") == language else ["another language"]),
    ]


def accessible(page: Page, where: str) -> list[str]:
    found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{where}: {one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


def no_wider(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wide} pixels wider than a phone of 320"] if wide > 0 else []


def keeps_nothing(page: Page) -> list[str]:
    kept = page.evaluate(
        "async () => localStorage.length + sessionStorage.length + (await indexedDB.databases()).length"
    )
    return [f"{kept} things kept in the browser"] if kept else []


def test_without_script_a_client_sends_files(stack: Stack, chromium: Browser, walked: Walk) -> None:
    with window(chromium, stack, CLIENT, phone=True, language="es", java_script_enabled=False) as phone:
        page = phone.new_page()
        page.goto(f"{walked.matter}send/")
        choose_files(page, {"sin guion.pdf": ("application/pdf", fixtures.pdf(words="without script"))})
        press(page, in_spanish("Send"))
        expect(page.get_by_role("heading", level=1)).to_contain_text(in_spanish("We have your papers"))
        expect(page.get_by_text(in_spanish("Received"), exact=True)).to_be_visible()
