"""Chromium as Debian ships it, looking at the one running portal. Every page that is opened is watched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chrome import launched
from tests.browser.walk import Walk, walk
from tests.stack import Stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Ends before other tests begin: Playwright's event loop would forbid them Django's rows."""
    with sync_playwright() as playwright, launched(playwright) as browser:
        yield browser


@pytest.fixture(scope="package")
def walked(stack: Stack, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The whole journey, once, and what it left."""
    return walk(stack, chromium, tmp_path_factory.mktemp("downloads"))
