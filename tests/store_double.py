"""A relay in front of the real store that misbehaves as it is told. One request a connection."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

LOST = 0  # bytes of the answer that come through


def unspoiled(message: bytes) -> bytes:
    return message


@dataclass(frozen=True)
class Spoil:
    """Passes a request on, with its body or the body of its answer spoiled. What they say of their length stays true."""

    request: Callable[[bytes], bytes] = unspoiled
    answer: Callable[[bytes], bytes] = unspoiled


def flipped(body: bytes) -> bytes:
    """One bit of its middle is another one."""
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :] if body else body


def shortened(body: bytes) -> bytes:
    """Its last tenth is gone."""
    return body[: len(body) - len(body) // 10 - 1]


# What to do with a request, by its first line: pass it on (None), pass it on but cut the answer after so many bytes, pass it
# on spoiled, or answer it ourselves.
Rule = Callable[[str], "int | bytes | Spoil | None"]


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
            elif isinstance(told, Spoil):
                answer = self._asked(_spoiled(head.encode(), body, told.request))
                there, _blank, content = answer.partition(b"\r\n\r\n")
                line.sendall(_spoiled(there + b"\r\n\r\n", content, told.answer))
            else:
                line.sendall(self._asked(head.encode() + body)[:told])

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

    def _asked(self, request: bytes) -> bytes:
        """The store's whole answer."""
        with socket.create_connection(self._store) as store:
            store.sendall(request)
            with store.makefile("rb") as reader:
                return reader.read()


def _spoiled(head: bytes, body: bytes, spoil: Callable[[bytes], bytes]) -> bytes:
    """The message with another body, and its true length."""
    other = spoil(body)
    return re.sub(rb"(?im)^content-length: \d+", b"Content-Length: %d" % len(other), head) + other
