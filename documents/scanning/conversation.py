"""Talk with clamd: one connection, one stream, one answer. No answer is not a yes."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

import clamd
from django.conf import settings

CHUNK = 256 * 1024  # bytes a frame of INSTREAM


class ScannerUnavailable(Exception):
    """No verdict. The file waits: it is never let through because nobody was there to look."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. `answer` is longer than clamd's MaxScanTime (60), so that its own "too long" still reaches us."""

    connect: float = 3.0
    send: float = 60.0
    answer: float = 90.0
    overall: float = 120.0
    bytes_per_second: int = 1_000_000  # what the overall deadline allows for the size, which is not known beforehand


DEADLINES = Deadlines()


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Tcp(clamd.ClamdNetworkSocket):
    """The package connects before it sets a time limit; this one cannot hang."""

    connect_timeout: float

    def _init_socket(self) -> None:
        self.clamd_socket = socket.create_connection((self.host, self.port), self.connect_timeout)
        self.clamd_socket.settimeout(self.timeout)


class _Unix(clamd.ClamdUnixSocket):
    connect_timeout: float

    def _init_socket(self) -> None:
        self.clamd_socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.clamd_socket.settimeout(self.connect_timeout)
            self.clamd_socket.connect(self.unix_socket)
        except OSError:
            self.clamd_socket.close()
            raise
        self.clamd_socket.settimeout(self.timeout)


def client(deadlines: Deadlines) -> _Tcp | _Unix:
    """The package's client for CLAMD_ADDRESS, a socket's path or host:port; used for one question."""
    address = settings.CLAMD_ADDRESS
    host, _colon, port = address.rpartition(":")
    made = _Unix(address) if address.startswith("/") else _Tcp(host, int(port))
    made.connect_timeout, made.timeout = deadlines.connect, deadlines.answer
    return made


@contextmanager
def answering() -> Iterator[None]:
    """Around talk with the scanner alone, never around reading the stream: its errors are not the scanner's."""
    try:
        yield
    except (clamd.ClamdError, OSError, UnicodeDecodeError) as error:
        raise ScannerUnavailable(f"The scanner did not answer ({type(error).__name__}).") from error


class Conversation:
    """One connection, one stream, one answer."""

    complete = False  # the scanner was told that the stream has ended, and had not answered before

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._until = time.monotonic() + deadlines.overall
        self._listening = True
        line = client(deadlines)
        with answering():
            line._init_socket()
        self._socket: socket.socket = line.clamd_socket

    def close(self) -> None:
        self._socket.close()

    def send(self, stream: Readable) -> tuple[str, int]:
        """SHA-256 and size of the whole stream, also where the scanner stopped listening before its end."""
        digest, size = sha256(), 0
        self._write(b"zINSTREAM\0")
        while (chunk := stream.read(CHUNK)) != b"":
            digest.update(chunk)
            size += len(chunk)
            self._until += len(chunk) / self._deadlines.bytes_per_second
            self._write(struct.pack("!L", len(chunk)) + chunk)
        self.complete = self._silent() and self._write(struct.pack("!L", 0))
        return digest.hexdigest(), size

    def meanwhile(self, work: Callable[[], object]) -> None:
        """Do something else while the scanner is at it. The time that takes is not the scanner's."""
        began = time.monotonic()
        work()
        self._until += time.monotonic() - began

    def answer(self) -> bytes:
        """Everything the scanner says until it hangs up, as it does after one answer; 4 KiB are more than any."""
        answer = b""
        with answering():
            while len(answer) < 4096:
                self._socket.settimeout(self._left(self._deadlines.answer))
                if not (part := self._socket.recv(4096)):
                    break
                answer += part
        return answer

    def _write(self, data: bytes) -> bool:
        """Whether the scanner took it. One that hangs up over a limit still says why, so that is no error yet."""
        if self._listening:
            with answering():
                try:
                    self._socket.settimeout(self._left(self._deadlines.send))
                    self._socket.sendall(data)
                except (BrokenPipeError, ConnectionResetError):
                    self._listening = False
        return self._listening

    def _silent(self) -> bool:
        """Whether nothing was said so far: words about a stream that has not ended are not about the stream."""
        with answering():
            self._socket.settimeout(0)
            try:
                self._socket.recv(1, socket.MSG_PEEK)
            except BlockingIOError:
                return True
            except ConnectionResetError:
                return False
        with suppress(OSError):  # it may have hung up; what it said can still be read
            self._socket.shutdown(socket.SHUT_WR)
        return False

    def _left(self, limit: float) -> float:
        left = min(limit, self._until - time.monotonic())
        if left <= 0:
            raise TimeoutError
        return left
