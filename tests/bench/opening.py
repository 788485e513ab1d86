"""What the page that sends costs a phone: bytes over the wire, and when something can be seen, in Debian's Chromium."""

import statistics
from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.browser.chrome import launched, window
from tests.stack import Stack

SLOWER, LATENCY, SPEED = 4, 150, 1_600_000 // 8  # times; milliseconds there and back; bytes a second
PAINT = "performance.getEntriesByName('first-contentful-paint').map(entry => entry.startTime)"


@dataclass(frozen=True, slots=True)
class Opened:
    bytes: int  # compressed, with the heads of the answers
    requests: int
    paint: float  # milliseconds from the press on the link to the first thing seen


def open_page(stack: Stack, email: str, path: str, times: int) -> Opened:
    """The median of so many first visits, each in a window that knows nothing yet."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        seen = [_visit(browser, stack, email, path) for _time in range(times)]
    paint = statistics.median(one.paint for one in seen)
    return Opened(seen[0].bytes, seen[0].requests, paint)


def _visit(browser: Browser, stack: Stack, email: str, path: str) -> Opened:
    with window(browser, stack, email, phone=True, language="es") as context:
        page = context.new_page()
        came: list[int] = []
        wire = _slowed(page)
        wire.on("Network.loadingFinished", lambda told: came.append(int(told["encodedDataLength"])))
        page.goto(path, wait_until="networkidle")
        [paint] = page.evaluate(PAINT)
        return Opened(sum(came), len(came), paint)


def _slowed(page: Page) -> CDPSession:
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    told = {"offline": False, "latency": LATENCY, "downloadThroughput": SPEED, "uploadThroughput": SPEED}
    wire.send("Network.emulateNetworkConditions", told)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return wire
