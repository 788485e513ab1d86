"""What a hostile file might try, run inside the sandbox by test_sandbox.py. Each probe tells what it got."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from documents.preparing.words import Job, Reason, Refused


def sockets(_job: Job) -> dict[str, str]:
    """Which address families give a socket."""
    return {family.name: _attempt(partial(socket.socket, family, socket.SOCK_RAW)) for family in _FAMILIES}


_FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_UNIX, socket.AF_VSOCK)


def io_uring(_job: Job) -> int:
    """What io_uring_setup answers: the error number."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(425, 8, ctypes.create_string_buffer(256))
    return ctypes.get_errno()


def x32(_job: Job) -> int:
    """A system call through the x32 numbers, which would walk past a filter that forgot them."""
    return int(ctypes.CDLL(None).syscall(0x40000000 + 39))


def environment(_job: Job) -> dict[str, object]:
    """All that this process was given."""
    files = [str(Path(f"/proc/self/fd/{number}").readlink()) for number in range(3, 64) if _is_open(number)]
    return {"environ": dict(os.environ), "files": files, "cwd": str(Path.cwd()), "stdin": sys.stdin.read()}


def secrets(job: Job) -> dict[str, str]:
    """What this process was told, and all that others could read of it."""
    own = Path("/proc/self")
    read = {
        "command": (own / "cmdline").read_text(),
        "environ": (own / "environ").read_text(),
        "left": sys.stdin.read(),
    }
    written = [path.read_text() for path in job.into.rglob("*") if path.is_file()]
    return {"secret": job.secret, "files": "".join(written), "job": str(job), **read}


def powers(_job: Job) -> dict[str, str]:
    """What the kernel says this process may do."""
    lines = (line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return {key: value.strip() for key, value in lines if key in ("CapEff", "CapPrm", "CapBnd", "NoNewPrivs")}


def reads(job: Job) -> dict[str, str]:
    """Which files can be read: its own, a neighbour's, the parent's environment."""
    paths = {"own": job.source, "neighbour": job.source.with_name("neighbour"), "beside": job.into.parent / "secret"}
    paths["parent"] = Path(f"/proc/{os.getppid()}/environ")
    return {name: _attempt(path.read_bytes) for name, path in paths.items()}


def writes(job: Job) -> dict[str, str]:
    """Where it can write: into its folder, beside it, over its own source."""
    paths = {"into": job.into / "made", "beside": job.into.parent / "made", "source": job.source}
    return {name: _attempt(partial(path.write_bytes, b"x")) for name, path in paths.items()}


def starts(_job: Job) -> dict[str, str]:
    """What it can start: a program, a copy of itself, a thread, a new session."""
    return {
        "program": _attempt(lambda: subprocess.run(["/bin/true"], check=True)),
        "session": _attempt(os.setsid),
        "thread": _attempt(lambda: threading.Thread(target=int).start()),
    }


def forks(_job: Job) -> str:
    """Whether fork makes a child."""
    return _attempt(lambda: os.fork() or os._exit(0))


def takes_memory(_job: Job) -> int:
    """Asks for far more memory than the limit."""
    return len(bytes(400 << 20))


def fills_disk(job: Job) -> int:
    """Writes one file past the limit."""
    return (job.into / "big").write_bytes(bytes(3 << 20))


def spins(_job: Job) -> None:
    """Burns processor time for ever."""
    while True:
        pass


def parent(_job: Job) -> int:
    """The process it came from."""
    return os.getppid()


_seen: list[int] = []


def remembers(_job: Job) -> list[int]:
    """What a run before it left behind in the memory of its program."""
    before = [*_seen]
    _seen.append(os.getpid())
    return before


def waits(job: Job) -> None:
    """Tells its number and sits there for ever."""
    (job.into / "waiting").write_text(str(os.getpid()))
    threading.Event().wait()


def breeds(job: Job) -> None:
    """Starts a program that would outlive it, tells its number, and waits."""
    process = subprocess.Popen(["/bin/sleep", "600"])
    (job.into / "grandchild").write_text(str(process.pid))
    threading.Event().wait()


def crashes(_job: Job) -> None:
    """Reads address zero."""
    ctypes.string_at(0)


def leaves(_job: Job) -> None:
    """Ends without an answer."""
    os._exit(7)


def lies(_job: Job) -> None:
    """Leaves an answer of its own making and ends quietly."""
    Path("answer.json").write_text('{"refused": "because", "detail": ""}')
    os._exit(0)


def links(job: Job) -> None:
    """Leaves a link to somebody else's file as its answer."""
    Path("answer.json").symlink_to(job.source)
    os._exit(0)


def refuses(_job: Job) -> None:
    """Says no with a reason."""
    raise Refused(Reason.LOCKED, "A password is needed.")


def stumbles(_job: Job) -> None:
    """Fails as parsers fail, quoting what is in the file."""
    raise KeyError("A-number 123 456 789")


def lacks(_job: Job) -> None:
    """Misses a library of this machine."""
    raise ModuleNotFoundError("no", name="libheif")


def dumpable(_job: Job) -> int:
    """Whether another process of the same user may read our memory (PR_GET_DUMPABLE)."""
    return int(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))


def kills_parent(_job: Job) -> str:
    """Signals the worker that started it."""
    return _attempt(lambda: os.kill(os.getppid(), signal.SIGUSR1))


def _attempt(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return os.strerror(error.errno or 0)
    return "done"


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
