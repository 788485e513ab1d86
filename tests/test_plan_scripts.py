"""The tabs in another order in a real browser: by keys, by dragging, by buttons, and without a script."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from http.cookies import SimpleCookie
from uuid import UUID

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from accounts.models import Role, User, policy
from documents import matters, tagging
from documents.models import Factor
from tests.conftest import person
from tests.databases import cloned
from tests.papers import paper
from tests.test_client_scripts import Quiet, silent

pytestmark = pytest.mark.browser
DESK = ViewportSize(width=1280, height=800)
EXHIBITS = [
    ("Declaration, certificate of interpretation", ["DECLARATION"], 10, 600_000),
    ("Passport, every page", ["IDENTITY"], 23, 4_800_000),
    ("School records 2004 to 2016", ["EDUCATION", "CHILD_ENTRY"], 37, 12_000_000),
    ("Marriage certificate, Puebla, 2009", ["FAMILY_USC_LPR"], 7, 9_400_000),
]
"""Title, what it supports, pages, bytes: more than one file may have."""


@dataclass(frozen=True)
class Portal:
    url: str
    request: UUID
    cookies: SimpleCookie

    @property
    def address(self) -> str:
        return f"{self.url}/requests/{self.request}/"


def signed_in(user: User) -> Client:
    firm, client = policy(), Client()
    firm.totp_until = date(2099, 12, 31)
    firm.save()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session.save()
    return client


@pytest.fixture(scope="module")
def portal(django_db_setup, django_db_blocker) -> Iterator[Portal]:
    """A portal on a port, with Pat, a matter and four accepted exhibits."""
    with cloned(django_db_blocker):
        ana, pat = person("Ana Cortés", Role.ATTORNEY), person("Pat Nguyen", Role.PARALEGAL)
        matter = matters.open_matter("Rodríguez, Maria", actor=ana)
        matters.add_member(matter, pat, actor=ana)
        asked = {"stage": "before_court", "form": "administrative_closure", "profile": "OPLA", "office": "OPLA Chicago"}
        request = matters.open_request(matter, **asked, actor=ana)
        for title, codes, pages, size in EXHIBITS:
            document = paper(matter, pat, title=title, pages=pages, print_size=size)
            for code in codes:
                tagging.tag(document, Factor.objects.get(code=code), actor=pat)
            tagging.accept(document, actor=pat)
        client = signed_in(pat)
        server = ThreadedWSGIServer(("localhost", 0), Quiet)
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Portal(f"http://localhost:{server.server_port}", request.pk, client.cookies)
        server.shutdown()
        server.server_close()
        connections.close_all()


@pytest.fixture(scope="module")
def chromium(portal) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


def window(chromium: Browser, portal: Portal, *, scripts: bool = True) -> BrowserContext:
    context = chromium.new_context(viewport=DESK, locale="en-US", java_script_enabled=scripts)
    name = settings.SESSION_COOKIE_NAME
    value = portal.cookies[name].value
    context.add_cookies([{"name": name, "value": value, "url": "https://localhost/", "secure": True}])
    return context


@pytest.fixture
def page(chromium, portal) -> Iterator[Page]:
    """The plan in its usual order."""
    with window(chromium, portal) as context:
        page = context.new_page()
        page.set_default_timeout(15_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(portal.address)
        if page.get_by_role("button", name="Use the usual order").count():
            page.get_by_role("button", name="Use the usual order").click()
            expect(page.locator("[data-say]")).to_contain_text("Saved.")
            page.reload()
        yield page
        assert complaints == []


def first_words(page: Page) -> list[str]:
    titles = page.locator("tr[data-document] td:nth-child(3) > .row > a").all_text_contents()
    return [title.split()[0].strip(",") for title in titles]


def said(page: Page) -> str:
    expect(page.locator("[data-say]")).to_contain_text("Saved.")
    return " ".join(page.locator("[data-say]").inner_text().split())


def kept(page: Page) -> list[str]:
    """The order that the server has."""
    page.reload()
    return first_words(page)


def title(page: Page, words: str):
    return page.get_by_role("link", name=words)


def grip(page: Page, words: str):
    return page.get_by_role("row").filter(has_text=words).locator("[data-grip]")


def test_the_page_brings_its_script(db, browser, pat, request_):
    text = browser(pat).get(f"/requests/{request_.pk}/").content.decode()
    assert 'src="/static/plan.' in text


def test_alt_and_an_arrow_move_the_row_and_keep_the_focus(page):
    title(page, "Passport").focus()
    page.keyboard.press("Alt+ArrowDown")
    assert said(page) == "Saved. “Passport, every page” is Tab C now."
    expect(title(page, "Passport")).to_be_focused()
    assert kept(page) == ["Declaration", "School", "Passport", "Marriage"]


def test_keys_in_a_hurry_are_all_kept(page):
    title(page, "Declaration").focus()
    for _press in range(3):
        page.keyboard.press("Alt+ArrowDown")
    assert "Tab D now" in said(page)
    assert kept(page) == ["Passport", "School", "Marriage", "Declaration"]


def test_u_takes_the_last_move_back(page):
    title(page, "Marriage").focus()
    page.keyboard.press("Alt+ArrowUp")
    assert "Tab C now" in said(page)
    page.keyboard.press("u")
    expect(page.get_by_role("button", name="Use the usual order")).to_have_count(0)
    assert kept(page) == ["Declaration", "Passport", "School", "Marriage"]


def test_a_row_is_dragged_by_its_grip(page):
    page.set_viewport_size({"width": 1280, "height": 1200})
    there, here = grip(page, "Declaration").bounding_box(), grip(page, "Marriage").bounding_box()
    page.mouse.move(here["x"] + 9, here["y"] + 9)
    page.mouse.down()
    page.mouse.move(there["x"] + 9, there["y"] + 200, steps=4)
    page.mouse.move(there["x"] + 9, there["y"] + 1, steps=4)
    page.mouse.up()
    assert "Tab A now" in said(page)
    assert kept(page) == ["Marriage", "Declaration", "Passport", "School"]


def test_escape_puts_a_dragged_row_back(page):
    page.set_viewport_size({"width": 1280, "height": 1200})
    here, there = grip(page, "Passport").bounding_box(), grip(page, "Marriage").bounding_box()
    page.mouse.move(here["x"] + 9, here["y"] + 9)
    page.mouse.down()
    page.mouse.move(there["x"] + 9, there["y"] + 25, steps=8)
    assert first_words(page)[1] != "Passport"
    page.keyboard.press("Escape")
    page.mouse.up()
    assert first_words(page) == kept(page) == ["Declaration", "Passport", "School", "Marriage"]


def test_without_a_connection_it_says_so_and_saves_later(page):
    title(page, "Passport").focus()
    page.context.set_offline(True)
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("[data-say]")).to_contain_text("Not saved yet.")
    page.context.set_offline(False)
    expect(page.locator("[data-say]")).to_contain_text("Saved.")
    assert kept(page)[0] == "Passport"


def test_a_title_that_is_being_typed_outlives_a_move(page):
    page.get_by_text("Change").nth(3).click()
    page.get_by_label("Exhibit title").last.fill("Marriage certificate")
    title(page, "Passport").focus()
    page.keyboard.press("Alt+ArrowDown")
    assert "Tab C now" in said(page)
    expect(page.get_by_label("Exhibit title").last).to_have_value("Marriage certificate")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_is_open_to_everybody_and_fits(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert silent(page)
    page.get_by_text("Change").first.click()
    assert silent(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_all_works_without_a_script(chromium, portal):
    with window(chromium, portal, scripts=False) as context:
        page = context.new_page()
        page.goto(portal.address)
        last = first_words(page)[-1]
        page.locator("td summary").last.click()
        page.get_by_role("button", name="Move up").last.click()
        expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
        assert first_words(page)[-2] == last
        expect(page.locator("[data-grip]").first).to_be_hidden()
