"""A process that has loaded every parser and opened no file: each cage is forked from it, which spares it its start.

It is told over one socket, the door: a message names the module that a task is in, and brings what the new process will
read (its order) and the line of this run. On the line the nursery tells the number of the new process; whatever comes
back, or its end, means that the run is over: the whole process group is killed, and how it ended is told.
"""

import gc
import importlib
import os
import select
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from documents.preparing import child

MESSAGE = 512  # bytes; the longest name of a module


def main(door: int) -> None:
    """Serves until nobody holds the other end of `door`; then every process that is left is killed."""
    for module in sorted(Path(__file__).parent.glob("*.py")):
        importlib.import_module(f"documents.preparing.{module.stem}")
    gc.freeze()  # what is loaded is shared with every cage as long as nobody writes to it
    serve(socket.socket(fileno=door))


def serve(door: socket.socket) -> None:
    runs: dict[int, tuple[socket.socket, int]] = {}
    waiting = select.poll()
    waiting.register(door, select.POLLIN)
    while True:
        for ready, _events in waiting.poll():
            if run := runs.pop(ready, None):
                waiting.unregister(ready)
                _end(*run)
            elif begun := _begin(door):
                line, _pid = runs[begun[0].fileno()] = begun
                waiting.register(line, select.POLLIN)
            else:
                for run in runs.values():
                    _end(*run)
                return


def _begin(door: socket.socket) -> tuple[socket.socket, int] | None:
    """The line of a new run and the number of its process; None when the door is shut."""
    message, [*brought], _flags, _address = socket.recv_fds(door, MESSAGE, 2)
    if not message:
        return None
    order, line = brought
    with suppress(ImportError):  # told by the cage, which tries again
        importlib.import_module(message.decode())
    nursery = os.getpid()
    if (pid := os.fork()) == 0:
        _leave_home(order, nursery)
    os.close(order)
    told = socket.socket(fileno=line)
    with suppress(OSError):
        told.send(str(pid).encode())
    return told, pid


def _leave_home(order: int, nursery: int) -> NoReturn:
    """The new process: a group of its own, its order as its input, and none of what the nursery holds open."""
    try:
        os.setsid()
        os.dup2(order, 0)
        os.closerange(3, 1 << 20)
        child.main(parent=nursery)
    finally:
        os._exit(1)


def _end(line: socket.socket, pid: int) -> None:
    """Its leader is not reaped before, so the group's number cannot have passed to anybody else."""
    os.kill(pid, signal.SIGKILL)  # it may not lead a group yet
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    _pid, status = os.waitpid(pid, 0)
    with line, suppress(OSError):
        line.send(str(os.waitstatus_to_exitcode(status)).encode())
