"""A parser in a cage: one task on one hostile file, in a process of its own that can be killed.

The process has no network, no capability, none of our environment or open files, a private directory, and bounds on
processor, memory, files and time (confinement.py). Whatever happens to it, the caller gets a value, Refused or
PreparingFailed, the whole process group is gone, and its private directory with it.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any

from documents.preparing.words import Limits, PreparingFailed, Reason, Refused

_PACKAGE = Path(__file__).resolve().parent
_ROOT = _PACKAGE.parents[1]
# What any parser may read besides its file: the system's and Python's libraries, fonts. Never the rest of the project.
_LIBRARIES = ["/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/etc/magic", "/etc/localtime"]
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from documents.preparing.nursery import main; "
_NURSERY = _BOOT + "main(int(sys.argv[2]))"
# One thread for what reads letters and what sets them: more take processors from whoever waits for a page, and gain little.
_ONE_THREAD = {"OMP_THREAD_LIMIT": "1", "RAYON_NUM_THREADS": "1"}
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **_ONE_THREAD}
_ANSWER_BYTES = 4 << 20
_SECRET_BYTES = 4096


def run(
    task: str,
    source: Path,
    into: Path,
    *,
    suffix: str = "",
    secret: str = "",
    wish: Any = None,
    limits: Limits,
    programs: bool = False,
    readable: tuple[Path, ...] = (),
) -> Any:
    """Runs `task` (`package.module:function`, called with a Job) on `source` and returns its JSON answer.

    It may write into the existing directory `into` and nowhere else; `readable` adds paths it may read, `programs`
    lets it start others (an office converter). `secret`, at most 4096 bytes in UTF-8, goes through a pipe: it stands in
    no command line, no environment and no file. `wish` is JSON for the task. Raises Refused as it did, or PreparingFailed.
    """
    if len(secret.encode()) > _SECRET_BYTES:
        raise ValueError(f"A secret of {len(secret.encode())} bytes is longer than any password.")
    with tempfile.TemporaryDirectory(prefix=".cage-", dir=into) as own:
        order = {
            "task": task,
            "source": str(source.resolve()),
            "into": str(into.resolve()),
            "suffix": suffix,
            "wish": wish,
            "limits": asdict(limits),
            "programs": programs,
            "readable": [*_LIBRARIES, sys.prefix, sys.base_prefix, str(_PACKAGE), *map(str, readable)],
            "own": own,
            "secret": secret,
        }
        status = _run(task.partition(":")[0], order, limits.seconds)
        return _value(Path(own) / "answer.json", status)


def _run(module: str, order: dict[str, Any], seconds: float) -> int:
    """A process from the nursery carries out `order`; its status as subprocess tells it (negative: the signal)."""
    with _line(module, json.dumps(order).encode()) as line:
        ended = _ends(_heard(line), seconds)
        with suppress(BrokenPipeError):
            line.send(b".")  # over: its whole group is killed
        status = _heard(line)
    if not ended:
        raise PreparingFailed(f"It took longer than {seconds:g} seconds.", timed_out=True)
    return status


@contextmanager
def _line(module: str, order: bytes) -> Iterator[socket.socket]:
    """A new process that reads `order`, over a pipe; the line to the nursery about it. It lives as long as the line."""
    line, theirs = socket.socketpair()
    reads, writes = os.pipe()
    with line, os.fdopen(writes, "wb") as pipe:
        with theirs, os.fdopen(reads, "rb"):
            _send_in(module.encode(), [reads, theirs.fileno()])
        with suppress(BrokenPipeError):  # it died before it had read all of it
            pipe.write(order)
            pipe.close()
        yield line


def _heard(line: socket.socket) -> int:
    """A number from the nursery."""
    if not (told := line.recv(16)):
        raise PreparingFailed("The process that parsers come from ended.", ours=True)
    return int(told)


class Nursery:
    """The process that parsers come from, and the door to it; started when it is needed and not there."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None

    def door(self) -> socket.socket:
        with self._lock:
            if self._door is None:
                self._door, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                with inner:
                    self._process = subprocess.Popen(
                        [sys.executable, "-I", "-c", _NURSERY, str(_ROOT), str(inner.fileno())],
                        pass_fds=[inner.fileno()],
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        cwd="/",
                        env=ENVIRONMENT,
                        start_new_session=True,
                    )
            return self._door

    def is_gone(self, door: socket.socket) -> None:
        """Nobody answers at this door any more."""
        with self._lock:
            if self._door is door and self._process:
                door.close()
                self._door = None
                self._process.poll()


_nursery = Nursery()


def _send_in(module: bytes, ends: list[int]) -> None:
    door = _nursery.door()
    try:
        socket.send_fds(door, [module], ends)
    except (BrokenPipeError, ConnectionResetError):
        _nursery.is_gone(door)
        socket.send_fds(_nursery.door(), [module], ends)


def _ends(pid: int, seconds: float) -> bool:
    watch = os.pidfd_open(pid)
    try:
        poll = select.poll()
        poll.register(watch, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(watch)


def _value(answer: Path, status: int) -> Any:
    if status == -signal.SIGXCPU:
        raise PreparingFailed("It took more processor time than one file may take.", timed_out=True)
    if status < 0:
        raise PreparingFailed(f"Its process was ended by {_signal(-status)}.")
    if status > 0:
        raise PreparingFailed(f"Its process ended with status {status}.")
    match read_json(answer, _ANSWER_BYTES):
        case {"done": value}:
            return value
        case {"refused": str(reason), "detail": str(detail)} if reason in Reason:
            raise Refused(Reason(reason), detail)
        case {"failed": str(sentence)}:
            raise PreparingFailed(sentence, ours=True)
    raise PreparingFailed("Its process left an answer that makes no sense.")


def _signal(number: int) -> str:
    """Its name; real-time signals, which a process can choose to die of, have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def read_json(answer: Path, limit: int) -> Any:
    """What a task left, as JSON. Its writer may have been taken over: no link is followed, no pipe waited for, and no
    more than `limit` bytes are read. Raises PreparingFailed."""
    try:
        with os.fdopen(os.open(answer, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return json.loads(file.read(limit))
    except (OSError, ValueError, RecursionError):
        raise PreparingFailed("Its process left no answer.") from None
