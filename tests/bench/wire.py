"""HTTP over a plain socket in one event loop: as slow as a phone, and broken off wherever one likes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic

BEATS = 4  # times a second that a slow line gets a part of its bytes


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # their names in small letters
    sent_at: float  # when the last byte of the request was handed over


class Line:
    """One connection at a time to `host` ("name:port"), opened when it is needed, with the same headers each time.

    `speed`: bytes a second that go out, 0 for as many as fit. Raises OSError where the other side hangs up.
    """

    def __init__(self, host: str, headers: Mapping[str, str], *, speed: int = 0) -> None:
        self.host, self._headers, self._speed = host, headers, speed
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """One request, and its answer without what is in it."""
        try:
            await self._send(self._head(method, path, headers, len(body)), body)
            return await self._answer(method, monotonic())
        except (OSError, asyncio.IncompleteReadError) as problem:
            self.drop()
            raise ConnectionError(f"{method}: {problem}") from problem

    async def break_off(self, path: str, headers: Mapping[str, str], body: bytes, sent: int) -> None:
        """A PATCH of which only so many bytes of its body are sent before the connection is gone."""
        try:
            await self._send(self._head("PATCH", path, headers, len(body)), body[:sent])
        finally:
            self.drop()

    def drop(self) -> None:
        if self._streams:
            self._streams[1].transport.abort()
        self._streams = None

    def _head(self, method: str, path: str, headers: Mapping[str, str], length: int) -> bytes:
        told = {"Host": self.host, "Content-Length": str(length), **self._headers, **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
        return "\r\n".join(lines).encode()

    async def _send(self, head: bytes, body: bytes) -> None:
        if self._streams is None:
            name, _colon, port = self.host.partition(":")
            self._streams = await asyncio.open_connection(name, int(port))
        _reader, writer = self._streams
        writer.write(head)
        step = self._speed // BEATS or len(body) or 1
        for at in range(0, len(body), step):
            writer.write(body[at : at + step])
            await writer.drain()
            if self._speed:
                await asyncio.sleep(1 / BEATS)

    async def _answer(self, method: str, sent_at: float) -> Answer:
        assert self._streams
        reader = self._streams[0]
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines[1:])}
        if method != "HEAD" and status != HTTPStatus.NO_CONTENT:
            await self._skip(reader, headers)
        if headers.get("connection") == "close":
            self.drop()
        return Answer(status, headers, sent_at)

    async def _skip(self, reader: asyncio.StreamReader, headers: Mapping[str, str]) -> None:
        if "content-length" in headers:
            await reader.readexactly(int(headers["content-length"]))
        else:  # of a page whose length is not told nothing is read: the next request has a connection of its own
            self.drop()
