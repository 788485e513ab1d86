"""The letter's page in a real browser: what its script adds, what works without it, and that it is open to everybody."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from uuid import UUID

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.models import Role
from documents import matters, snippets
from documents.models import Factor
from tests.conftest import person
from tests.databases import cloned
from tests.test_client_scripts import Quiet, silent
from tests.test_drafting import filed
from tests.test_plan_scripts import signed_in, window

pytestmark = pytest.mark.browser
LETTER = "# Family\n\nThey are married ({tab:D1}).\n"


@dataclass(frozen=True)
class Portal:
    url: str
    request: UUID
    cookies: SimpleCookie

    def at(self, rest: str) -> str:
        return f"{self.url}/requests/{self.request}/letter/{rest}"


@pytest.fixture(scope="module")
def portal(django_db_setup, django_db_blocker) -> Iterator[Portal]:
    """A portal on a port, with Ana, two exhibits, a paragraph of the firm and a letter in two versions."""
    with cloned(django_db_blocker):
        ana = person("Ana Cortés", Role.ATTORNEY)
        matter = matters.open_matter("Rodríguez, Maria", actor=ana)
        asked = {"stage": "before_court", "form": "administrative_closure", "profile": "OPLA", "office": "OPLA Chicago"}
        request = matters.open_request(matter, **asked, actor=ana)
        filed(request, ana, "Marriage certificate", "FAMILY_USC_LPR")
        filed(request, ana, "School records 2004 to 2016", "EDUCATION", pages=(2, 4))
        school = Factor.objects.get(code="EDUCATION")
        snippets.keep(school, "Ties by school", "School binds {client}, see {tab:EDUCATION}.", actor=ana)
        for text in ("# Family\n", LETTER):
            matters.change_letter(request, text, actor=ana)
        client = signed_in(ana)
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


@pytest.fixture
def page(chromium, portal) -> Iterator[Page]:
    """The letter as it was saved."""
    with window(chromium, portal) as context:
        page = context.new_page()
        page.set_default_timeout(15_000)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(portal.at(""))
        yield page
        assert complaints == []


def text(page: Page):
    return page.get_by_label("Request letter")


def preview(page: Page):
    return page.locator("#preview")


def insert(page: Page, name: str):
    return page.get_by_role("button", name=f"Insert {name}")


def test_the_page_brings_its_script(db, browser, pat, request_):
    assert 'src="/static/letter.' in browser(pat).get(f"/requests/{request_.pk}/letter/").content.decode()


def test_the_preview_follows_what_is_typed(page):
    expect(preview(page)).to_contain_text("They are married (Tab B, p. 12).")
    text(page).press("Control+End")
    text(page).press_sequentially("And {tab:D9}, <b>too</b>.")
    expect(preview(page)).to_contain_text("{tab:D9}")
    expect(preview(page)).to_contain_text("<b>too</b>")
    expect(page.locator("[role=status][data-said]")).to_have_text("1 citation leads nowhere.")


def test_the_button_shows_it_at_once(page):
    text(page).fill("# Another heading")
    page.get_by_role("button", name="Preview").click()
    expect(preview(page).get_by_role("heading", name="Another heading")).to_be_visible()
    assert page.url.endswith("/letter/")


def test_a_citation_inserts_itself_at_the_cursor_and_is_undone(page):
    text(page).fill("One two")
    text(page).evaluate("field => field.setSelectionRange(4, 4)")
    insert(page, "School records").click()
    expect(text(page)).to_have_value("One {tab:D2 p.2} to {tab:D2 p.4}two")
    expect(text(page)).to_be_focused()
    expect(preview(page)).to_contain_text("One Tab A, p. 6 to Tab A, p. 8two")
    page.keyboard.press("Control+Z")
    expect(text(page)).to_have_value("One two")


def test_a_paragraph_of_the_firm_inserts_itself_filled_in(page):
    text(page).fill("")
    insert(page, "Ties by school").click()
    expect(text(page)).to_have_value("School binds Maria Rodríguez, see {tab:D2 p.2} to {tab:D2 p.4}.")


def test_without_a_connection_the_text_stays(page):
    page.context.set_offline(True)
    text(page).fill("Typed on the train.")
    page.get_by_role("button", name="Preview").click()
    expect(text(page)).to_have_value("Typed on the train.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Preview").click()
    expect(preview(page)).to_contain_text("Typed on the train.")


def test_without_a_script_it_previews_and_there_is_text_to_copy(chromium, portal):
    with window(chromium, portal, scripts=False) as context:
        page = context.new_page()
        page.goto(portal.at(""))
        expect(insert(page, "School records")).to_be_hidden()
        expect(page.get_by_text("{tab:D2 p.2} to {tab:D2 p.4}", exact=True)).to_be_visible()
        text(page).fill("See {tab:D2}.")
        page.get_by_role("button", name="Preview").click()
        expect(preview(page)).to_contain_text("See Tab A, p. 5.")
        expect(text(page)).to_have_value("See {tab:D2}.")


@pytest.mark.parametrize("where", ["", "versions/", "/snippets/"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_pages_are_open_to_everybody_and_fit(page, portal, where, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(portal.url + where if where.startswith("/") else portal.at(where))
    assert silent(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
