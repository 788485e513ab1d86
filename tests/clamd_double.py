"""A clamd that misbehaves as it is told, at the other end of a real socket."""

import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

Behaviour = Callable[["Clamd", socket.socket], None]


def version(age: timedelta = timedelta(), number: int = 27_000) -> bytes:
    """What clamd answers to VERSION under signatures of this age."""
    return f"ClamAV 1.4.6/{number}/{datetime.now(UTC) - age:%a %b %d %H:%M:%S %Y}".encode()


def frames(line: socket.socket) -> int:
    """Bytes of the stream, read to its end."""
    size = 0
    with line.makefile("rb") as reader:
        while length := struct.unpack("!L", reader.read(4))[0]:
            size += len(reader.read(length))
    return size


def says(answer: bytes) -> Behaviour:
    """Reads the whole stream, then answers and hangs up."""

    def behave(_clamd: "Clamd", line: socket.socket) -> None:
        frames(line)
        line.sendall(answer)

    return behave


def says_in_turn(*answers: bytes) -> Behaviour:
    """The next answer for each stream."""
    left = iter(answers)
    return lambda clamd, line: says(next(left))(clamd, line)


def says_at_once(answer: bytes) -> Behaviour:
    """Answers before the stream has begun, tells that it did (`clamd.answered`), and reads the stream afterwards."""

    def behave(clamd: "Clamd", line: socket.socket) -> None:
        line.sendall(answer)
        clamd.answered.set()
        frames(line)

    return behave


def says_too_late(answer: bytes) -> Behaviour:
    """Answers when nobody waits any more."""

    def behave(clamd: "Clamd", line: socket.socket) -> None:
        frames(line)
        clamd.over.wait()
        line.sendall(answer)

    return behave


def keeps_silent(clamd: "Clamd", line: socket.socket) -> None:
    frames(line)
    clamd.over.wait()


def stops_reading(clamd: "Clamd", _line: socket.socket) -> None:
    clamd.over.wait()


def hangs_up(_clamd: "Clamd", line: socket.socket) -> None:
    frames(line)


def stops_mid_scan(_clamd: "Clamd", line: socket.socket) -> None:
    """SIGTERM: the connection is closed in order while the stream comes."""
    line.recv(1000)
    line.shutdown(socket.SHUT_WR)


def dies_mid_scan(_clamd: "Clamd", line: socket.socket) -> None:
    """SIGKILL: the connection is reset while the stream comes."""
    line.recv(1000)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def takes_at_most(limit: int) -> Behaviour:
    """StreamMaxLength: says so and hangs up as soon as there is more."""

    def behave(_clamd: "Clamd", line: socket.socket) -> None:
        size = 0
        with line.makefile("rb") as reader:
            while length := struct.unpack("!L", reader.read(4))[0]:
                size += length
                if size > limit:
                    line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                    line.shutdown(socket.SHUT_WR)
                reader.read(length)
        with suppress(OSError):
            line.sendall(b"stream: OK\0")

    return behave


class Clamd:
    """`with Clamd(says(b"stream: OK\\0")) as clamd:` listens at `clamd.address`; one thread a connection.

    `versions` are what VERSION answers, one after the other; the last one stays. None: it does not answer at all.
    """

    def __init__(self, behaviour: Behaviour, versions: list[bytes | None] | None = None) -> None:
        self.behaviour, self.versions = behaviour, [version()] if versions is None else versions
        self.over, self.answered = threading.Event(), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "Clamd":
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.over.set()
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                line, _peer = self._listener.accept()
                threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with line, suppress(OSError, struct.error):  # the client may hang up first
            command = b""
            while not command.endswith((b"\0", b"\n")):
                command += line.recv(1)
            if b"PING" in command:
                line.sendall(b"PONG\n")
            elif b"VERSION" in command:
                self._tell_version(line)
            else:
                self.behaviour(self, line)

    def _tell_version(self, line: socket.socket) -> None:
        told = self.versions.pop(0) if len(self.versions) > 1 else self.versions[0]
        if told is None:
            self.over.wait()
        else:
            line.sendall(told + b"\n")
