"""Files on their way that stop: a form half way over the wire, until the test lets it go on; a file between two pieces."""

import socket
from base64 import b64encode
from types import TracebackType
from uuid import uuid4

from scripts import services, store
from tests.faults.conftest import Case
from tests.stack import Stack, wait_until
from tests.visitor import CSRF, Answer

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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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


class InPieces:
    """A file sent as the page sends it: whatever happened, it goes on from where the portal says that it has arrived."""

    def __init__(self, case: Case, content: bytes, **told: str) -> None:
        self.case, self.content = case, content
        words = {"matter": case.matter, "id": str(uuid4()), "filename": "carta", **told}
        metadata = ",".join(f"{word} {b64encode(value.encode()).decode()}" for word, value in words.items())
        begun = self._ask("POST", "/uploads/", {"Upload-Length": str(len(content)), "Upload-Metadata": metadata})
        self.where = begun.headers["Location"]
        self.pk = self.where.split("/")[2]

    def send(self, at: int, to: int) -> int:
        """The status of the answer."""
        headers = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        return self._ask("PATCH", self.where, headers, self.content[at:to]).status

    def arrived(self) -> int | None:
        """None while nobody answers."""
        answer = self._ask("HEAD", self.where, {})
        return int(answer.headers["Upload-Offset"]) if answer.status == 200 else None

    def go_on(self) -> int:
        """Where it went on from; all has arrived afterwards. A piece may be taken only as far as it lies there already."""
        first = at = int(wait_until(lambda: str(told) if (told := self.arrived()) is not None else "", 30))
        while at < len(self.content):
            assert self.send(at, len(self.content)) == 204
            before, at = at, self.arrived() or 0
            assert at > before
        return first

    def row(self) -> dict[str, object]:
        [row] = self.case.stack.rows("SELECT * FROM documents_upload WHERE id = %s", self.pk)
        return row

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
        sender = self.case.sender
        ours = {"Tus-Resumable": "1.0.0", "X-CSRFToken": sender.cookies[CSRF]}
        return sender._ask(method, path, body, {**ours, **headers})
