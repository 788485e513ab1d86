"""A relay in front of the real store that misbehaves as it is told. One request a connection."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

LOST = 0  # bytes of the answer that come through
# What to do with a request, by its first line: pass it on (None), pass it on but cut the answer after so many bytes, or
# answer it ourselves.
Rule = Callable[[str], "int | bytes | None"]


def answer(status: str, code: str) -> bytes:
    """An S3 error."""
    body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>"
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


class Relay:
    """`with Relay(settings.S3_ENDPOINT_URL, rule) as relay:` listens at `relay.url`; `relay.asked` are the requests."""

    def __init__(self, endpoint: str, rule: Rule) -> None:
        parts = urlsplit(endpoint)
        self._store, self._rule = (parts.hostname, parts.port), rule
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "Relay":
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                line, _peer = self._listener.accept()
                threading.Thread(target=self._relay, args=(line,), daemon=True).start()

    def _relay(self, line: socket.socket) -> None:
        with line, suppress(OSError):
            head, body = self._request(line)
            first = head.split("\r\n")[0].removesuffix(" HTTP/1.1")
            self.asked.append(first)
            told = self._rule(first)
            if isinstance(told, bytes):
                line.sendall(told)
            else:
                self._pass_on(line, head.encode() + body, told)

    def _request(self, line: socket.socket) -> tuple[str, bytes]:
        """Head and body; the body is asked for where the client waits for that."""
        with line.makefile("rb") as reader:
            head = ""
            while not head.endswith("\r\n\r\n"):
                head += reader.readline().decode()
            if re.search(r"(?i)^expect:", head, re.MULTILINE):
                line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            length = re.search(r"(?i)^content-length: (\d+)", head, re.MULTILINE)
            body = reader.read(int(length[1])) if length else b""
        head = re.sub(r"(?im)^(expect|connection):.*\r\n", "", head)
        return head[:-2] + "Connection: close\r\n\r\n", body

    def _pass_on(self, line: socket.socket, request: bytes, limit: int | None) -> None:
        with socket.create_connection(self._store) as store:
            store.sendall(request)
            with store.makefile("rb") as reader:
                got = reader.read()
        line.sendall(got[:limit])
