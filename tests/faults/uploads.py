"""A form that stops half way over the wire, until the test lets it go on."""

import socket
from types import TracebackType

from scripts import services, store
from tests.faults.conftest import Case
from tests.stack import Stack, wait_until

PART = 8 * 1024 * 1024  # what the portal keeps in memory: more than this, and some of it is in the store already


class HalfSent:
    """`with HalfSent(case, name, content) as upload:` some of the file is in the store, some not sent yet."""

    def __init__(self, case: Case, name: str, content: bytes) -> None:
        assert len(content) > 2 * PART
        body, kind = case.sender.form([(name, content)])
        head = (
            f"POST {case.door} HTTP/1.1\r\nHost: {case.sender.host}\r\nCookie: {case.sender.cookie()}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self._first, self._rest = head.encode() + body[: 3 * PART // 2], body[3 * PART // 2 :]
        host, _colon, port = case.sender.host.partition(":")
        self._line = socket.create_connection((host, int(port)), timeout=60)
        self._stack = case.stack

    def __enter__(self) -> "HalfSent":
        before = unfinished(self._stack)
        self._line.sendall(self._first)
        wait_until(lambda: unfinished(self._stack) > before, 30)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._line.close()

    def finish(self) -> str:
        """Send the rest; the whole answer, or nothing when the other side hung up."""
        answer = b""
        try:
            self._line.sendall(self._rest)
            while more := self._line.recv(65536):
                answer += more
        except OSError:
            return answer.decode()
        return answer.decode()


def unfinished(stack: Stack) -> int:
    """Uploads into the intake bucket that were begun and not completed."""
    owner = store.client(services.port(stack.folder, services.S3), stack.state["s3_owner"])
    return len(owner.list_multipart_uploads(Bucket="amparo-intake").get("Uploads", []))
