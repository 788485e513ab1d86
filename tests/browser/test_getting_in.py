"""Coming in, going on at a phone and leaving at once, in a real browser."""

import io
from collections.abc import Callable, Iterator
from hashlib import sha256
from secrets import token_urlsafe
from uuid import uuid4

import pikepdf
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import fixtures
from tests.browser.chrome import window
from tests.browser.walk import choose_files, received
from tests.browser.watch import Watch
from tests.stack import Stack, wait_until
from tests.visitor import Visitor

MARIA = "maria@amparo.example"
WEATHER = "https://weather.com/"
type Open = Callable[..., tuple[BrowserContext, Page]]


@pytest.fixture
def link(stack: Stack) -> Callable[[str], str]:
    """A hand-over or an invitation whose token the test knows: the portal keeps only its hash."""

    def made(table: str) -> str:
        token, who = token_urlsafe(32), stack.value("SELECT id FROM accounts_user WHERE email = %s", MARIA)
        sql = f"INSERT INTO {table} (token_sha256, user_id, expires_at) VALUES (%s, %s, now() + interval '9 minutes')"
        stack.rows(sql, sha256(token.encode()).hexdigest(), who)
        return token

    return made


@pytest.fixture
def phone(stack: Stack, chromium: Browser) -> Iterator[Page]:
    """Nobody is signed in here, and the way out leads to a page that stands for the weather."""
    with window(chromium, stack, phone=True, language="es") as context:
        context.route(f"{WEATHER}**", lambda route: route.fulfill(body="<title>Weather</title>"))
        watch = Watch(context, stack.url)
        yield context.new_page()
        assert [trouble for trouble in watch.troubles if WEATHER not in trouble] == []


def came_in(page: Page, link: Callable[[str], str]) -> Page:
    page.goto(f"/invitations/{link('accounts_invitation')}/")
    page.locator("main button.go").click()
    page.wait_for_url("**/account/passkeys/add/")
    return page


def cookies(page: Page) -> set[str]:
    return {cookie["name"] for cookie in page.context.cookies()}


def is_out(stack: Stack, session: str) -> bool:
    visitor = Visitor(stack.url)
    visitor.cookies["__Host-session"] = session
    return visitor.get("/account/").path.startswith("/sign-in/")


def session_of(page: Page) -> str:
    [found] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "__Host-session"]
    return found


def test_three_escapes_leave_and_nothing_is_left(stack: Stack, phone: Page, link: Callable[[str], str]) -> None:
    came_in(phone, link)
    session = session_of(phone)
    for _ in range(5):  # who is afraid presses on, and does not stop the way out with it
        phone.keyboard.press("Escape")
    phone.wait_for_url(WEATHER)
    wait_until(lambda: is_out(stack, session), 5)
    wait_until(lambda: not cookies(phone), 5)


def test_two_escapes_and_another_key_leave_nothing(phone: Page, link: Callable[[str], str]) -> None:
    came_in(phone, link)
    for key in ("Escape", "Escape", "a", "Escape", "Escape"):
        phone.keyboard.press(key)
    phone.goto("/account/")
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert "__Host-session" in cookies(phone)


def test_back_does_not_lead_in_again(phone: Page, link: Callable[[str], str]) -> None:
    came_in(phone, link)
    phone.locator("button.exit").click()
    phone.wait_for_url(WEATHER)
    phone.go_back()
    assert "/account/" not in phone.url


def test_signing_out_leaves_nothing_in_the_browser(phone: Page, link: Callable[[str], str]) -> None:
    came_in(phone, link)
    phone.evaluate("localStorage.left = 'behind'")
    phone.goto("/account/")
    for language in ("en", "es"):  # there and back: other tests know Maria in Spanish
        phone.locator("footer [name=language]").click()
        expect(phone.locator("html")).to_have_attribute("lang", language)
    assert "__Host-language" in cookies(phone)
    phone.locator("footer form[action='/sign-out/'] button").click()
    phone.wait_for_url("**/sign-in/**")
    assert "__Host-language" not in cookies(phone)
    assert phone.evaluate("localStorage.length") == 0


def test_a_phone_that_scanned_the_square_sends_and_nothing_else(
    stack: Stack, phone: Page, link: Callable[[str], str]
) -> None:
    phone.goto(f"/on-phone/{link('accounts_handover')}/")
    phone.locator("main button.go").click()
    phone.wait_for_url("**/send/")
    name = f"{uuid4().hex[:8]}.pdf"
    choose_files(phone, {name: ("application/pdf", fixtures.pdf(1))})
    received(phone, 1)
    expect(phone.get_by_text(name).first).to_be_visible()
    assert not phone.locator("main a[href^='/documents/']").count()
    for path in ("/account/", "/hand-over/", "/matters/", "/care/"):
        answer = phone.request.get(path)
        assert (answer.status, "/sign-out/" in answer.text()) == (403, True), path


def test_the_card_is_all_that_is_printed(stack: Stack, chromium: Browser) -> None:
    matter = stack.value("SELECT m.id FROM documents_matter m ORDER BY number LIMIT 1")
    with window(chromium, stack, "ana@amparo.example") as context:
        page = context.new_page()
        page.goto(f"/matters/{matter}/members/")
        page.locator("form[action$='/client/link/'] button").click()
        stack.visitors.pop(MARIA, None)  # a new link ends her sessions
        expect(page.locator(".card .qr svg")).to_be_visible()
        expect(page.locator("[data-print]")).to_be_visible()
        page.emulate_media(media="print")
        expect(page.locator(".card")).to_be_visible()
        for hidden in ("body > header", "#link", "h1"):
            expect(page.locator(hidden).first).to_be_hidden()
        with pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as printed:
            [sheet] = printed.pages
            assert [round(float(side) / 72 * 25.4) for side in sheet.mediabox[2:]] == [105, 148]
