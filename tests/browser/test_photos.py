"""A paper of three photos on a phone: put in order, turned, taken out, and made anew by the worker."""

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect

from tests import fixtures
from tests.browser.chrome import window
from tests.browser.walk import LIVE, in_spanish
from tests.browser.watch import Watch
from tests.stack import Stack, wait_until

MARIA = "maria@amparo.example"
COLOURS = [fixtures.RED, fixtures.GREEN, fixtures.BLUE]
SHEET = (200, 300, 1300, 1750)  # pixels of 1500 × 2000
NEWS = count(1)  # no two papers of these tests are the same bytes
NEAR = 12  # of 255, which a JPEG may be off
axe = Axe()


def album(*, shade: int) -> bytes:
    """Three upright photos, each of a colour of its own; another `shade` is another paper."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as file:
        for number, (red, green, blue) in enumerate(COLOURS, 1):
            photo = fixtures.saved_picture(
                Image.new("RGB", (900, 1200), (red, green, blue - shade)), "JPEG", quality=90
            )
            file.writestr(zipfile.ZipInfo(f"{number}.jpg"), photo)
    return into.getvalue()


def on_a_table() -> bytes:
    """A photo of a white sheet with writing on it, on a dark table."""
    photo = Image.new("RGB", (1500, 2000), (90, 70, 50 + next(NEWS)))
    draw = ImageDraw.Draw(photo)
    draw.rectangle(SHEET, fill=(245, 243, 238))
    for line in range(20):
        draw.line([(320, 420 + line * 60), (1150, 420 + line * 60)], fill=(60, 60, 60), width=8)
    return fixtures.saved_picture(photo, "JPEG", quality=85)


def sent(stack: Stack, name: str, content: bytes) -> str:
    """The address of its page, once it is ready."""
    sql = "SELECT matter_id FROM documents_membership m JOIN accounts_user u ON u.id = m.user_id WHERE u.email = %s"
    matter = stack.value(sql, MARIA)
    stack.visitor(MARIA).send(f"/matters/{matter}/send/", [(name, content)])
    newest = "SELECT id FROM documents_document WHERE matter_id = %s ORDER BY number DESC LIMIT 1"
    document = stack.value(newest, matter)
    wait_until(lambda: state(stack, document) == "ready", 60)
    return f"/documents/{document}/photos/"


def state(stack: Stack, document: object) -> str:
    return str(stack.value("SELECT state FROM documents_document WHERE id = %s", document))


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def phone(stack: Stack, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with window(chromium, stack, MARIA, phone=True, language="es", java_script_enabled=request.param) as context:
        watch = Watch(context, stack.url)
        page = context.new_page()
        page.goto(sent(stack, "fotos.zip", album(shade=next(NEWS))))
        yield page
        assert watch.troubles == []


def photos(page: Page) -> list[str | None]:
    return [each.get_attribute("id") for each in page.locator("[data-photo]").all()]


def do(page: Page, step: str, then: str) -> None:
    page.locator(f'[name=do][value="{step}"]').click()
    page.wait_for_url(f"**plan={then}**")


def colour(stack: Stack, address: str, number: int) -> tuple[int, ...]:
    """Of the middle of what one page shows."""
    body = stack.visitor(MARIA).get(address.replace("photos/", f"pages/{number}.jpg")).body
    middle = Image.open(io.BytesIO(body)).convert("RGB").getpixel((500, 500))
    assert isinstance(middle, tuple)
    return middle


def test_pages_are_put_right_and_made_anew(stack: Stack, phone: Page) -> None:
    address = "/" + phone.url.split("/", 3)[3]
    assert photos(phone) == ["photo-1", "photo-2", "photo-3"]
    was = [colour(stack, address, number) for number in (1, 2, 3)]
    do(phone, "up-3", "1.3.2")
    assert photos(phone) == ["photo-1", "photo-3", "photo-2"]
    do(phone, "turn-2", "1.3.2t90")
    do(phone, "remove-1", "3.2t90")
    expect(phone.get_by_text(in_spanish("Not saved yet"))).to_be_visible()
    phone.locator("[value=save]").click()
    wait_until(lambda: state(stack, address.split("/")[2]) == "ready", 60)
    phone.goto(address)
    expect(phone.locator("#photo-3 ~ #photo-2")).to_be_visible(timeout=LIVE)
    assert colour(stack, address, 1) == pytest.approx(was[2], abs=NEAR)
    assert colour(stack, address, 2) == pytest.approx(was[1], abs=NEAR)
    expect(phone.locator('[value="back-1"]')).to_be_visible()


@pytest.fixture
def page(stack: Stack, chromium: Browser) -> Iterator[Page]:
    with window(chromium, stack, MARIA, phone=True, language="es") as context:
        page = context.new_page()
        page.goto(sent(stack, "fotos.zip", album(shade=next(NEWS))))
        yield page


def test_a_step_keeps_the_focus_and_fetches_no_picture_again(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.locator('[value="down-1"]').scroll_into_view_if_needed()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    do(page, "down-1", "2.1.3")
    expect(page.locator('[value="down-1"]')).to_be_focused()
    do(page, "turn-1", "2.1t90.3")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if url.endswith(".jpg")]


def test_back_is_one_step_back(page: Page) -> None:
    do(page, "down-1", "2.1.3")
    do(page, "turn-1", "2.1t90.3")
    page.go_back()
    page.wait_for_url("**plan=2.1.3")
    expect(page.locator("[data-turn]")).to_have_count(0)


def test_the_page_says_that_it_is_prepared_and_comes_back_by_itself(stack: Stack, page: Page) -> None:
    do(page, "remove-1", "2.3")
    stack.freeze_worker()
    page.locator("[value=save]").click()
    expect(page.locator("#photos")).to_contain_text(in_spanish("We are preparing it"))
    stack.restart_worker()
    expect(page.locator('[value="back-1"]')).to_be_visible(timeout=LIVE)


def test_it_is_for_everybody(page: Page) -> None:
    do(page, "turn-1", "1t90.2.3")
    found = axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_the_suggestion_is_drawn_over_the_photo_and_used(stack: Stack, page: Page) -> None:
    address = sent(stack, "mesa.jpg", on_a_table())
    page.goto(address)
    line = page.locator(".page polygon")
    expect(line).to_have_count(1)
    points = [float(part) for part in re.findall(r"[0-9.]+", line.get_attribute("points") or "")]
    drawn = min(points[::2]), min(points[1::2]), max(points[::2]), max(points[1::2])
    left, top, right, bottom = (side / length for side, length in zip(SHEET, (1500, 2000) * 2, strict=True))
    wide, tall = 0.92 * 792 * 0.75 / 612, 0.92  # of the page, which such a photo fills from top to bottom
    there = [0.5 + (left - 0.5) * wide, 0.0345 + top * tall, 0.5 + (right - 0.5) * wide, 0.0345 + bottom * tall]
    assert [part / 100 for part in drawn] == pytest.approx(there, abs=0.03)
    do(page, "use-1", "1c")
    expect(line).to_have_count(0)
    page.locator("[value=save]").click()
    expect(page.get_by_text(in_spanish("Cut to the paper and straight"))).to_be_visible(timeout=LIVE)


def test_a_photo_is_taken_again(stack: Stack, phone: Page, tmp_path: Path) -> None:
    address, new = "/" + phone.url.split("/", 3)[3], tmp_path / "otra.jpg"
    wanted = [colour(stack, address, 1), fixtures.YELLOW, colour(stack, address, 3)]
    new.write_bytes(fixtures.saved_picture(Image.new("RGB", (900, 1200), fixtures.YELLOW), "JPEG"))
    item = phone.locator("#photo-2")
    item.locator("summary").click()
    item.locator("[type=file]").set_input_files(new)
    item.get_by_role("button", name=in_spanish("Send this photo instead")).click()
    phone.wait_for_url(lambda url: url.split("/")[4] != address.split("/")[2])
    again = "/" + phone.url.split("/", 3)[3] + "photos/"
    wait_until(lambda: state(stack, again.split("/")[2]) == "ready", 60)
    for number, shade in enumerate(wanted, 1):
        assert colour(stack, again, number) == pytest.approx(shade, abs=NEAR)
    assert state(stack, address.split("/")[2]) == "withdrawn"
