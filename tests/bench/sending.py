"""Phones that send: by the resumable door, slow or fast, over connections that break, each ending its file or saying why."""

import base64
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic
from uuid import uuid4

from tests.bench import inputs
from tests.bench.wire import Answer, Line
from tests.visitor import CSRF, Visitor

PIECE = 2 << 20
TRIES = 20  # times in a row that a file may come no further


@dataclass
class Tally:
    """What happened to all of them."""

    answers: Counter[int] = field(default_factory=Counter)
    resent: list[int] = field(default_factory=list)  # bytes that had to be sent again after each break
    failed: list[str] = field(default_factory=list)

    @property
    def errors(self) -> int:
        return sum(count for status, count in self.answers.items() if status >= HTTPStatus.INTERNAL_SERVER_ERROR)


class Phone:
    """Sends files into one matter as `visitor`. `breaks`: the share of pieces in the middle of which the line goes dead."""

    def __init__(
        self, visitor: Visitor, matter: str, tally: Tally, *, speed: int = 0, breaks: float = 0, seed: int = 0
    ):
        headers = {"Cookie": visitor.cookie(), "X-CSRFToken": visitor.cookies[CSRF], "Tus-Resumable": "1.0.0"}
        self._line = Line(visitor.host, headers, speed=speed)
        self._matter, self._tally, self._breaks, self._chance = matter, tally, breaks, random.Random(seed)

    async def send(self, content: bytes) -> float:
        """When the last byte of it was handed over (monotonic seconds); a file that does not arrive is in the tally."""
        at = stuck = 0
        sent_at = monotonic()
        where = await self._begin(len(content))
        while where and at < len(content) and stuck < TRIES:
            arrived, sent_at = await self._send_piece(where, at, content[at : at + PIECE])
            stuck = 0 if arrived > at else stuck + 1
            at = arrived
        if at < len(content):
            self._tally.failed.append(f"ended at {at} of {len(content)}")
        self._line.drop()
        return sent_at

    async def _begin(self, size: int) -> str:
        told = {"matter": self._matter, "id": str(uuid4()), "filename": "IMG_0001.jpg"}
        words = ",".join(f"{word} {base64.b64encode(value.encode()).decode()}" for word, value in told.items())
        answer = await self._ask("POST", "/uploads/", {"Upload-Length": str(size), "Upload-Metadata": words})
        return answer.headers.get("location", "")

    async def _send_piece(self, where: str, at: int, piece: bytes) -> tuple[int, float]:
        """Where the file has arrived afterwards, and when the last byte went out."""
        headers = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        if self._chance.random() < self._breaks:
            return await self._broken(where, at, headers, piece), monotonic()
        try:
            answer = await self._ask("PATCH", where, headers, piece)
        except ConnectionError:  # not of our doing
            return await self._arrived(where), monotonic()
        if answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT} and "upload-offset" in answer.headers:
            return int(answer.headers["upload-offset"]), answer.sent_at
        return await self._arrived(where), answer.sent_at

    async def _broken(self, where: str, at: int, headers: Mapping[str, str], piece: bytes) -> int:
        """Now and then all of the piece went out, and only its answer is lost."""
        sent = min(int(self._chance.random() * 1.2 * len(piece)), len(piece))
        await self._line.break_off(where, headers, piece, sent)
        arrived = await self._arrived(where)
        self._tally.resent.append(max(0, at + sent - arrived))
        return arrived

    async def _arrived(self, where: str) -> int:
        answer = await self._ask("HEAD", where, {})
        return int(answer.headers.get("upload-offset", 0))

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        answer = await self._line.ask(method, path, headers, body)
        self._tally.answers[answer.status] += 1
        return answer


def photos(count: int, size: int = 0) -> Iterator[bytes]:
    """Phone photos of 12 megapixels, each of other bytes than any before; with `size`, of so many bytes."""
    photo = inputs.photo(0)
    filling = random.Random(0).randbytes(max(0, size - len(photo)))
    for _number in range(count):
        yield (photo + filling)[: max(size, len(photo)) - 16] + uuid4().bytes
