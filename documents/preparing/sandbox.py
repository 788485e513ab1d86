"""A parser in a cage: one task on one hostile file, in a process of its own that can be killed.

The process has no network, no capability, none of our environment or open files, a private directory, and bounds on
processor, memory, files and time (confinement.py). Whatever happens to it, the caller gets a value, Refused or
PreparingFailed, the whole process group is gone, and its private directory with it.
"""

import compileall
import functools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from documents.preparing.words import Limits, PreparingFailed, Reason, Refused

_PACKAGE = Path(__file__).resolve().parent
_ROOT = _PACKAGE.parents[1]
# What any parser may read besides its file: the system's and Python's libraries, fonts. Never the rest of the project.
_LIBRARIES = ["/usr", "/lib", "/lib64", "/bin", "/etc/fonts", "/etc/ld.so.cache", "/etc/magic", "/etc/localtime"]
_BOOT = "import sys, json; sys.path.insert(0, sys.argv[1]); from documents.preparing.child import main; "
_START = _BOOT + "main(json.loads(sys.argv[2]))"
# One thread for what reads letters: it would take all processors from whoever waits for a page, and gain little.
_SETTINGS = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "OMP_THREAD_LIMIT": "1"}
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
    _compile_once()
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
            "parent": os.getpid(),
        }
        status = _run(order, Path(own), secret, limits.seconds)
        return _value(Path(own) / "answer.json", status)


def _run(order: dict[str, Any], own: Path, secret: str, seconds: float) -> int:
    """Starts the process, waits, ends its whole group; returns its status as subprocess does (negative: the signal)."""
    with _told(secret) as stdin:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _START, str(_ROOT), json.dumps(order)],
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=own,
            env={"PATH": "/usr/bin:/bin", "HOME": str(own), "TMPDIR": str(own), **_SETTINGS},
            start_new_session=True,
        )
    try:
        ended = _ends(process.pid, seconds)
    finally:
        # The leader is not reaped yet, so the group's number cannot have passed to anybody else.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if not ended:
        raise PreparingFailed(f"It took longer than {seconds:g} seconds.", timed_out=True)
    return process.returncode


@contextmanager
def _told(secret: str) -> Iterator[int]:
    """What the process reads at its start: the secret, and then nothing. It fits into any pipe, so nobody waits."""
    content = secret.encode()
    if len(content) > _SECRET_BYTES:
        raise ValueError(f"A secret of {len(content)} bytes is longer than any password.")
    reads, writes = os.pipe()
    try:
        os.write(writes, content)
        os.close(writes)
        yield reads
    finally:
        os.close(reads)


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


@functools.cache
def _compile_once() -> None:
    """Leaves bytecode beside the sources while that is still allowed: a locked-in process cannot write any."""
    compileall.compile_dir(_PACKAGE, maxlevels=0, quiet=2)
