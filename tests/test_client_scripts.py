"""The client's pages on a phone in a real browser: what two small scripts add, and what accessibility checks say."""

import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect, sync_playwright

from accounts.models import Role
from documents import matters, tagging
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Matter
from documents.preparing import Reason
from documents.views.standing import sentence
from tests import fixtures
from tests.conftest import made_ready, person
from tests.databases import cloned

pytestmark = pytest.mark.browser
PHONE = ViewportSize(width=390, height=844)


@dataclass(frozen=True)
class Portal:
    url: str
    matter: Matter
    again: Document
    cookies: SimpleCookie

    @property
    def home(self) -> str:
        return f"{self.url}/matters/{self.matter.pk}/"


class Quiet(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """The tests say what is wrong."""


@pytest.fixture(scope="module")
def portal(django_db_setup, django_db_blocker) -> Iterator[Portal]:
    """A portal on a port, with Maria, her matter, and one paper that Pat asked for again."""
    with cloned(django_db_blocker):
        ana, pat = person("Ana Cortés", Role.ATTORNEY), person("Pat Nguyen", Role.PARALEGAL)
        maria = person("Maria Rodríguez", Role.CLIENT)
        matter = matters.open_matter("Rodríguez, Maria", actor=ana)
        for member in (pat, maria):
            matters.add_member(matter, member, actor=ana)
        again = made_ready(fixtures.pdf(pages=2), "acta.pdf", matter, maria)
        tagging.ask_again(again, "The date is cut off.", actor=pat)
        client = Client()
        client.force_login(maria, backend=settings.AUTHENTICATION_BACKENDS[0])
        server = ThreadedWSGIServer(("localhost", 0), Quiet)
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Portal(f"http://localhost:{server.server_port}", matter, again, client.cookies)
        server.shutdown()
        server.server_close()
        connections.close_all()


def signed_in(context: BrowserContext, portal: Portal) -> None:
    name = settings.SESSION_COOKIE_NAME
    value = portal.cookies[name].value
    context.add_cookies([{"name": name, "value": value, "url": "https://localhost/", "secure": True}])


@pytest.fixture(scope="module")
def phone(portal) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        context = chromium.new_context(viewport=PHONE, locale="en-US", timezone_id="America/Chicago")
        signed_in(context, portal)
        yield context
        chromium.close()


@pytest.fixture
def page(phone) -> Iterator[Page]:
    opened = phone.new_page()
    opened.set_default_timeout(15_000)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert complaints == []


def make_ready(sha256: str) -> None:
    """What a worker does, in another thread: Playwright's own loop runs in this one, and Django wants none."""

    def work() -> None:
        document = Document.objects.get(sha256=sha256)
        check(document)
        prepare(document)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def chosen(page: Page, portal: Portal, folder: Path, *contents: bytes) -> None:
    paths = [folder / f"foto{number}.pdf" for number, _content in enumerate(contents, 1)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    page.goto(portal.home + "send/")
    page.set_input_files("#files", paths)


def silent(page: Page) -> bool:
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []
    return True


def test_what_moves_brings_its_script(db, browser, maria, received):
    text = browser(maria).get(f"/documents/{received.pk}/").content.decode()
    assert "data-refresh" in text
    assert 'src="/static/refresh.' in text


def test_what_was_chosen_is_shown_before_it_goes(page, portal, tmp_path):
    chosen(page, portal, tmp_path, b"x" * 2048, b"y" * 3_000_000)
    expect(page.locator("[data-chosen] li")).to_have_count(2)
    expect(page.locator("[data-chosen]")).to_contain_text("2.9 MB")
    assert silent(page)


def test_what_was_chosen_is_sent_once_and_ends_with_a_receipt(page, portal, tmp_path):
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    chosen(page, portal, tmp_path, fixtures.pdf(pages=3))
    expect(page.locator("[data-say]")).to_contain_text("Everything is sent.")
    page.evaluate("() => { const go = document.querySelector('.go'); go.click(); go.click() }")
    expect(page.get_by_role("heading", name="We have your papers")).to_be_visible()
    assert len(posts) == 1
    assert silent(page)


def test_a_broken_connection_keeps_what_was_chosen(page, portal, tmp_path):
    page.route("**/uploads/", lambda route: route.abort())
    chosen(page, portal, tmp_path, fixtures.pdf(pages=4))
    expect(page.locator("[data-chosen] li")).to_contain_text("No signal. We go on when it is back.")
    page.unroute("**/uploads/")
    expect(page.locator("[data-chosen] li")).to_contain_text("Received")


def rows_answer(page, status: int) -> None:
    """What the portal says of a file is answered like this, whatever it would say."""
    page.route(re.compile("/uploads/.+"), lambda route: route.fulfill(status=status)
               if route.request.method == "GET" else route.fallback())  # fmt: skip


def test_nothing_is_called_received_before_the_portal_says_so(page, portal, tmp_path):
    rows_answer(page, 502)
    with page.expect_response(lambda answer: answer.status == 502):
        chosen(page, portal, tmp_path, fixtures.pdf(pages=7))
    expect(page.locator("[data-chosen] li")).not_to_contain_text("Received")
    expect(page.locator("[data-remove]")).to_be_hidden()
    page.unroute_all()
    expect(page.locator("[data-chosen] li")).to_contain_text("Received")
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_row_that_cannot_follow_its_file_any_more_says_so_and_rests(page, portal, tmp_path, status):
    chosen(page, portal, tmp_path, fixtures.pdf(pages=8 + status % 10))
    expect(page.locator("[data-chosen] li")).to_contain_text("Received")
    rows_answer(page, status)
    expect(page.locator("[data-chosen] li")).to_contain_text("Load this page again to see how it went.")
    assert page.locator("[data-chosen] [data-refresh]").count() == 0


def test_pages_that_cannot_be_put_together_stay_where_they_are(page, portal, tmp_path):
    page.goto(portal.home + "send/")
    page.get_by_label("These photos are pages of one paper").check()
    page.set_input_files("#files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": fixtures.jpeg(501, 400)})
    expect(page.locator("[data-chosen] li .status")).to_have_attribute("data-tone", "good")
    page.route("**/papers/", lambda route: route.fulfill(status=409, content_type="text/plain", body="Not now."))
    page.click(".go")
    expect(page.locator("[data-say]")).to_have_text("Not now.")
    page.unroute_all()
    page.click(".go")
    expect(page.get_by_role("heading", name="We have your papers")).to_be_visible()


def test_what_is_no_photo_is_no_page_and_says_so(page, portal, tmp_path):
    page.goto(portal.home + "send/")
    page.get_by_label("These photos are pages of one paper").check()
    content = fixtures.pdf(pages=20)
    page.set_input_files("#files", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": content})
    expect(page.locator("[data-chosen] li")).to_contain_text("We are checking it")
    make_ready(hashlib.sha256(content).hexdigest())
    expect(page.locator("[data-chosen] li")).to_contain_text("This is no photo.")
    expect(page.get_by_role("button", name="Turn")).to_have_count(0)


def test_a_photo_that_the_phone_does_not_know_as_one_is_a_page(page, portal):
    page.goto(portal.home + "send/")
    page.get_by_label("These photos are pages of one paper").check()
    page.set_input_files("#files", {"name": "a.heic", "mimeType": "", "buffer": fixtures.jpeg(502, 400)})
    expect(page.get_by_role("button", name="Turn")).to_be_visible()
    expect(page.locator("[data-say]")).to_contain_text("Everything is sent.")
    assert silent(page)


def test_what_is_refused_at_once_is_told_in_its_row(page, portal, tmp_path):
    chosen(page, portal, tmp_path, b"")
    expect(page.locator("[data-chosen] li .status")).to_have_text(str(sentence(Reason.EMPTY)))
    assert page.locator(".go").get_attribute("aria-disabled") == "true"


def test_the_receipt_follows_the_checking_and_keeps_the_focus(page, portal, tmp_path):
    content = fixtures.pdf(pages=5)
    chosen(page, portal, tmp_path, content)
    page.click(".go")
    expect(page.locator("#came")).to_contain_text("We are checking it")
    page.focus("#came a")
    make_ready(hashlib.sha256(content).hexdigest())
    expect(page.locator("#came")).not_to_contain_text("We are checking it")
    expect(page.locator("#came a").first).to_be_focused()


def test_the_time_of_receipt_is_told_where_the_reader_is(page, portal):
    page.goto(f"{portal.url}/documents/{portal.again.pk}/")
    expect(page.locator("time")).to_have_text(page.evaluate(
        "new Date(document.querySelector('time').dateTime)"
        ".toLocaleString('en', {dateStyle: 'long', timeStyle: 'short', timeZone: 'America/Chicago'})"
    ))  # fmt: skip


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_pages_are_open_to_everybody_and_fit(page, portal, width):
    page.set_viewport_size({"width": width, "height": 800})
    for address in ("/", f"/matters/{portal.matter.pk}/send/", f"/documents/{portal.again.pk}/"):
        page.goto(portal.url + address)
        assert silent(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address


def test_it_all_works_without_a_script(phone, portal, tmp_path):
    plain = phone.browser.new_context(java_script_enabled=False)
    signed_in(plain, portal)
    page = plain.new_page()
    chosen(page, portal, tmp_path, fixtures.pdf(pages=6))
    page.click(".go")
    expect(page.get_by_role("heading", name="We have your papers")).to_be_visible()
    plain.close()
