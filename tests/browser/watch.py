"""What no page may do: complain in the console, break its own content policy, fail, or talk to another host."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, CDPSession, ConsoleMessage, Page, Request, Response


class Watch:
    """`troubles` of every page of a window, in the order they came. Our own 4xx answers are no trouble."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.host, self.troubles, self.bytes = urlsplit(url).netloc, list[str](), 0
        self._wire: CDPSession | None = None
        self._papers: set[str] = set()  # requests for pictures of somebody's own papers
        context.on("console", self._said)
        context.on("weberror", lambda error: self.troubles.append(f"error: {error.error}"))
        context.on("request", self._asked)
        context.on("response", self._answered)

    def weigh(self, page: Page) -> None:
        """Count from now on what comes over the wire, compressed as it came and nothing from the cache."""
        if not self._wire:
            self._wire = page.context.new_cdp_session(page)
            self._wire.send("Network.enable")
            self._wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
            self._wire.on("Network.responseReceived", self._kind)
            self._wire.on("Network.loadingFinished", self._came)
        self.bytes = 0

    def _kind(self, event: dict[str, Any]) -> None:
        if event["type"] == "Image" and urlsplit(event["response"]["url"]).path.startswith(
            ("/documents/", "/packets/")
        ):
            self._papers.add(event["requestId"])

    def _came(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._papers:
            self.bytes += int(event["encodedDataLength"])

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.troubles.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.netloc != self.host and address.scheme not in {"data", "blob"}:
            self.troubles.append(f"another host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.status}: {response.url}")
