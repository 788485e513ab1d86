"""Programs in the background, each known by its pid and the moment that pid began, so that no other is ever stopped."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path


class Failed(Exception):
    """Something did not start or stop; the message is for the person at the terminal."""


def memory_dir(folder: Path, name: str) -> Path:
    """A private folder for plain bytes: in memory where there is such a place, and nobody else's."""
    memory, unique = Path("/dev/shm"), sha256(str(folder).encode()).hexdigest()[:12]
    chosen = memory / f"amparo-{unique}-{name}" if memory.is_dir() else folder / name
    chosen.mkdir(mode=0o700, parents=True, exist_ok=True)
    if chosen.is_symlink() or chosen.stat().st_uid != os.geteuid():
        raise Failed(f"{chosen} belongs to somebody else: remove it.")
    chosen.chmod(0o700)
    return chosen


def began(pid: int) -> str | None:
    """The kernel's start time of a living process (clock ticks since boot), or None when it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else fields[19]


def pid_of(folder: Path, name: str) -> int | None:
    try:
        pid, start = (folder / f"{name}.pid").read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    return int(pid) if began(int(pid)) == start else None


def spawn(folder: Path, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    """Start a program in a session of its own; its output is appended to `<name>.log`."""
    with (folder / f"{name}.log").open("ab") as log:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
            env={**os.environ, **(env or {})},
        )  # fmt: skip
    (folder / f"{name}.pid").write_text(f"{child.pid} {began(child.pid)}")


def stop(folder: Path, name: str, how: signal.Signals, seconds: float = 20) -> None:
    """Ask our own process to end, and end it when it does not."""
    for sent, patience in ((how, seconds), (signal.SIGKILL, 5)):
        pid = pid_of(folder, name)
        if pid is None:
            break
        os.kill(pid, sent)
        until(lambda: pid_of(folder, name) is None, patience)
    (folder / f"{name}.pid").unlink(missing_ok=True)


def until(true: Callable[[], bool], seconds: float) -> bool:
    """Ask every 30 ms until the answer is yes or the time is over."""
    deadline = time.monotonic() + seconds
    while not (answer := true()) and time.monotonic() < deadline:
        time.sleep(0.03)
    return answer


def wait_ready(folder: Path, name: str, ready: Callable[[], bool], seconds: float = 30) -> None:
    if until(lambda: ready() or pid_of(folder, name) is None, seconds) and pid_of(folder, name):
        return
    log = folder / f"{name}.log"
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
    raise Failed(f"{name} did not start. The end of {log}:\n{tail}")


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_block(first: int, count: int, *offsets: int) -> bool:
    """Whether `count` neighbouring ports, and their neighbours at each offset, are free."""
    return all(free(first + n + offset) for n in range(count) for offset in (0, *offsets))


def choose_block(count: int, *offsets: int) -> int:
    """The first port of a free block below 32768, where the kernel's own choices begin."""
    while not free_block(first := random.randrange(10_000, 22_000, count), count, *offsets):
        pass
    return first
