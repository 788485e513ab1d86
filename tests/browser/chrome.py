"""Starting Chromium, and windows in it: a phone or a desk, with or without somebody signed in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Playwright, ViewportSize

from tests.stack import Stack

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
TIMEOUT = 30_000  # milliseconds: patience with a machine of two cores


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    switches = ["--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=switches)
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def window(
    browser: Browser, stack: Stack, email: str = "", *, phone: bool = False, language: str = "en", **more: Any
) -> Iterator[BrowserContext]:
    """A window of its own; `email` signs in with a session that was made once for all tests."""
    size = PHONE if phone else DESK
    context = browser.new_context(
        base_url=stack.url, viewport=size, is_mobile=phone, has_touch=phone, locale=language, **more
    )
    context.set_default_timeout(TIMEOUT)
    try:
        if email:
            address = stack.url.replace(
                "http:", "https:"
            )  # to localhost Chromium sends what only secure places may set
            cookies = stack.visitor(email).cookies.items()
            context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies])
        yield context
    finally:
        context.close()
