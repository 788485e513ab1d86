"""Sending from a phone while everything breaks: each file ends whole, or says how it goes on."""

import io
import re
from collections.abc import Iterator
from hashlib import sha256

import pikepdf
import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from tests import fixtures
from tests.browser.chrome import window
from tests.browser.walk import choose_files, in_spanish, press
from tests.browser.watch import Watch
from tests.stack import Stack, wait_until

MARIA = "maria@amparo.example"
SLOW = 400_000  # bytes a second


def file(words: str) -> bytes:
    """A good PDF of three pieces."""
    into, pdf = io.BytesIO(), pikepdf.new()
    page = pdf.add_blank_page(page_size=(612, 792))
    page.Contents = pdf.make_stream(f"% {words}\n0 0 100 100 re f".encode() + b" " * (5 << 20))
    pdf.save(into, compress_streams=False, deterministic_id=True)
    return into.getvalue()


@pytest.fixture
def matter(stack: Stack) -> str:
    sql = "SELECT matter_id FROM documents_membership m JOIN accounts_user u ON u.id = m.user_id WHERE u.email = %s"
    return str(stack.value(sql, MARIA))


@pytest.fixture
def phone(stack: Stack, chromium: Browser) -> Iterator[BrowserContext]:
    with window(chromium, stack, MARIA, phone=True, language="es") as context:
        yield context


@pytest.fixture
def page(phone: BrowserContext, matter: str) -> Page:
    page = phone.new_page()
    page.goto(f"/matters/{matter}/send/")
    return page


def slowed(page: Page) -> CDPSession:
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    network(wire, speed=SLOW)
    return wire


def network(wire: CDPSession, *, offline: bool = False, speed: float = -1) -> None:
    told = {"offline": offline, "latency": 0, "downloadThroughput": speed, "uploadThroughput": speed}
    wire.send("Network.emulateNetworkConditions", told)


def arrived(stack: Stack, content: bytes) -> int:
    """Bytes that lie in intake of the file on its way."""
    sql = "SELECT \"offset\" FROM documents_upload WHERE state = 'arriving' AND size = %s"
    return max((int(row["offset"]) for row in stack.rows(sql, len(content))), default=0)


def documents(stack: Stack, content: bytes) -> int:
    """How many there are of these bytes."""
    digest = sha256(content).hexdigest()
    return int(stack.value("SELECT count(*) FROM documents_document WHERE sha256 = %s", digest))


def send_slowly(page: Page, stack: Stack, content: bytes) -> CDPSession:
    """Chosen, and the first piece of it has arrived."""
    wire = slowed(page)
    choose_files(page, {"carta.pdf": ("application/pdf", content)})
    wait_until(lambda: arrived(stack, content), 60)
    return wire


def received(page: Page, files: int = 1) -> None:
    expect(page.get_by_text(in_spanish("Everything is sent."))).to_be_visible(timeout=60_000)
    press(page, in_spanish("Done"))
    page.wait_for_url("**/send/?receipt=*")
    expect(page.locator("#came li")).to_have_count(files)


def test_twenty_photos_end_with_a_receipt(page: Page, phone: BrowserContext, stack: Stack) -> None:
    watch = Watch(phone, stack.url)
    photos = {f"IMG_{n:04}.jpg": ("image/jpeg", fixtures.jpeg(640 + n, 480)) for n in range(20)}
    choose_files(page, photos)
    received(page, 20)
    assert [documents(stack, content) for _kind, content in photos.values()] == [1] * 20
    assert watch.troubles == []


def test_a_phone_without_a_network_goes_on_by_itself(page: Page, stack: Stack) -> None:
    content = file("offline")
    wire = send_slowly(page, stack, content)
    wire.send(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    expect(page.get_by_text(in_spanish("No signal. We go on when it is back."))).to_be_visible()
    wire.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    received(page)
    assert documents(stack, content) == 1


def test_a_killed_web_costs_at_most_a_piece(page: Page, stack: Stack) -> None:
    content = file("killed")
    wire = send_slowly(page, stack, content)
    before = arrived(stack, content)
    assert stack.kill_web_workers("pieces")
    wire.detach()
    received(page)
    assert documents(stack, content) == 1
    assert before >= 2 << 20


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(page: Page, stack: Stack) -> None:
    content = file("reloaded")
    wire = send_slowly(page, stack, content)
    page.reload()
    wire.detach()
    choose_files(page, {"carta.pdf": ("application/pdf", content)})
    received(page)
    assert documents(stack, content) == 1
    assert len(stack.rows("SELECT 1 FROM documents_upload WHERE size = %s", len(content))) == 1


def test_a_session_that_ended_says_how_to_go_on(page: Page, stack: Stack, matter: str) -> None:
    content = file("signed out")
    wire = send_slowly(page, stack, content)
    kept = page.context.cookies()
    page.context.clear_cookies()
    expect(
        page.get_by_text(
            in_spanish("You were signed out. Sign in again and choose the same file. We go on where it stopped.")
        )
    ).to_be_visible(timeout=60_000)
    page.context.add_cookies(kept)  # type: ignore[arg-type]  # as they were given
    wire.detach()
    page.goto(f"/matters/{matter}/send/")
    choose_files(page, {"carta.pdf": ("application/pdf", content)})
    received(page)
    assert documents(stack, content) == 1


def test_what_was_removed_before_it_came_is_no_document(page: Page, stack: Stack) -> None:
    content = file("removed")
    send_slowly(page, stack, content)
    press(page, in_spanish("Remove"))
    expect(page.get_by_text("carta.pdf")).to_have_count(0)
    wait_until(
        lambda: stack.rows("SELECT 1 FROM documents_upload WHERE state = 'abandoned' AND size = %s", len(content)), 30
    )
    assert documents(stack, content) == 0


def test_each_refusal_has_its_sentence_where_the_file_was_chosen(page: Page, stack: Stack) -> None:
    choose_files(page, {
        "nada.pdf": ("application/pdf", b""),
        "lista.zip": ("application/zip", b"PK\x03\x04 no"),
        "rota.pdf": ("application/pdf", fixtures.pdf(2, words="cut")[:600]),
    })  # fmt: skip
    rows = page.locator("[data-chosen] li")
    for words in ("vac", "PDF", "da"):
        expect(rows.filter(has_text=re.compile(words))).not_to_have_count(0, timeout=60_000)
    expect(page.locator("[data-chosen] [data-tone=do]")).to_have_count(3, timeout=60_000)


def test_nothing_of_a_photo_stays_on_the_phone(page: Page, stack: Stack) -> None:
    choose_files(page, {"IMG_1.jpg": ("image/jpeg", fixtures.jpeg(333, 222))})
    received(page)
    kept = "async () => [localStorage.length, sessionStorage.length, ...await indexedDB.databases(), ...await caches.keys()]"
    assert page.evaluate(kept) == [0, 0]
