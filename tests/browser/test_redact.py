"""A box drawn with the mouse and one typed by keys alone, approved by an attorney, and black in the picture."""

import io
from collections.abc import Iterator
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.chrome import window
from tests.browser.walk import ANA, PAT
from tests.browser.watch import Watch
from tests.conftest import simple_pdf
from tests.stack import Stack, wait_until

MARIA = "maria@amparo.example"
NEWS = count(1)
INSIDE = (100, 130, 200, 145)  # points of the page, within every box that is drawn here


def sent(stack: Stack) -> str:
    """A document of the seed's matter, once it is ready."""
    sql = "SELECT matter_id FROM documents_membership m JOIN accounts_user u ON u.id = m.user_id WHERE u.email = %s"
    matter = stack.value(sql, MARIA)
    stack.visitor(MARIA).send(f"/matters/{matter}/send/", [("carta.pdf", simple_pdf(2, f"Número {next(NEWS)}"))])
    newest = "SELECT id FROM documents_document WHERE matter_id = %s ORDER BY number DESC LIMIT 1"
    document = stack.value(newest, matter)
    wait_until(lambda: state(stack, document) == "ready", 60)
    return str(document)


def state(stack: Stack, document: object) -> str:
    return str(stack.value("SELECT state FROM documents_document WHERE id = %s", document))


def darkest_and_lightest(page: Page, document: str, number: int) -> tuple[float, float]:
    picture = page.request.get(f"/documents/{document}/pages/{number}.jpg").body()
    with Image.open(io.BytesIO(picture)) as image:
        scale = image.width / 612
        return image.convert("L").crop(tuple(round(edge * scale) for edge in INSIDE)).getextrema()  # type: ignore[return-value, arg-type]


@pytest.fixture
def pat(stack: Stack, chromium: Browser) -> Iterator[Page]:
    with window(chromium, stack, PAT) as context:
        watch = Watch(context, stack.url)
        yield context.new_page()
        assert not watch.troubles


def test_by_mouse_and_by_keys(stack: Stack, chromium: Browser, pat: Page) -> None:
    document = sent(stack)
    pat.goto(f"/documents/{document}/redact/")
    area = pat.locator(".boxes svg").bounding_box()
    assert area
    at = [
        (area["x"] + area["width"] * x / 612, area["y"] + area["height"] * y / 792) for x, y in ((60, 120), (320, 150))
    ]
    pat.mouse.move(*at[0])
    pat.mouse.down()
    pat.mouse.move(*at[1], steps=4)
    pat.mouse.up()
    expect(pat.locator("#id_why")).to_be_focused()
    pat.locator("#id_why").select_option("ssn")
    pat.keyboard.press("Tab")
    pat.keyboard.press("Enter")
    expect(pat.locator(".boxes rect:not([data-new])")).to_have_count(1)
    # The second page by keys alone
    pat.locator("a[rel=next]").press("Enter")
    pat.locator("#id_left").focus()
    for typed in ("0.8", "1.6", "4", "0.5"):
        pat.keyboard.press("Control+A")
        pat.keyboard.type(typed)
        pat.keyboard.press("Tab")
    expect(pat.locator(".boxes [data-new]")).to_have_attribute("width", "288")
    pat.keyboard.type("Bank")
    pat.keyboard.press("Tab")
    pat.keyboard.press("Enter")
    expect(pat.locator("#boxes ~ ol > li")).to_have_count(2)
    assert not Axe().run(pat).response["violations"]
    assert darkest_and_lightest(pat, document, 1)[1] > 200
    with window(chromium, stack, ANA, phone=True) as context:
        ana = context.new_page()
        ana.goto(f"/documents/{document}/redact/")
        ana.locator("form[action$='/approve/'] button").click()
        wait_until(lambda: state(stack, document) == "ready", 60)
        expect(ana.locator(".boxes img")).to_be_visible(timeout=30_000)  # the page renewed itself
        expect(ana.get_by_text("Burnt in")).to_have_count(2)
        assert not Axe().run(ana).response["violations"]
    for number in (1, 2):
        assert darkest_and_lightest(pat, document, number)[1] < 40
