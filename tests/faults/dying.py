"""kill -9 at a point of the portal's own code, which knows nothing of it: the function there is wrapped in a process of the
test's.

A web process is started with the folder `hook` in PYTHONPATH: once the portal is loaded, its points are armed, and the one
whose name stands in the file CONTROL kills the process that comes by, once. A worker's task is done in a process forked
for it (`python -m tests.faults.dying`), with one point armed.
"""

import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import partial, wraps
from importlib.machinery import ModuleSpec, PathFinder
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

CONTROL = "AMPARO_DIES_AT"
REACHED = 77  # exit status of a process that came through its task alive


@dataclass(frozen=True)
class Point:
    """`before` or `after` the `nth` call of `module`'s function (or Class.method) that has `word` among its arguments,
    or is on an object whose area it is. `victim`: this process, or the one whose number is the first argument."""

    name: str
    module: str
    function: str
    when: str
    word: str = ""
    nth: int = 1
    victim: str = "self"


# Where a web process dies while it takes a file.
WEB = [
    Point("U4 before the bytes are put", "documents.vault.sealing", "Seal.close", "before", "intake"),
    Point("U4 after the bytes are put", "documents.vault.sealing", "Seal.close", "after", "intake"),
    Point("U4 after it is read back", "documents.vault.opening", "fingerprint", "after", "intake"),
    Point("U5 before it is committed", "documents.queue", "defer", "after", "check"),
    Point("U5 after it is committed", "documents.intake.receiving", "receive", "after"),
    Point("U6 before the answer", "documents.forms.sending", "remember", "after"),
]
# And where it does while it takes a file in pieces: any piece, the last one, and the last one of a paper's page.
PIECE = [
    Point("T1 before the piece is put", "documents.vault.sealing", "put_piece", "before"),
    Point("T1 after the piece is put", "documents.vault.sealing", "put_piece", "after"),
    Point("T2 after its row says so", "documents.intake.arriving", "_keep_piece", "after"),
]
WHOLE = [
    Point("T3 before it is read back", "documents.vault.opening", "fingerprint", "before", "intake"),
    Point("T3 after it is read back", "documents.vault.opening", "fingerprint", "after", "intake"),
]
FILE = [
    Point("T4 before it is committed", "documents.queue", "defer", "after", "check"),
    Point("T4 before the upload ends", "documents.lifecycle", "move", "before", "received"),
    Point("T5 after it is committed", "documents.intake.arriving", "_receive", "after"),
    Point("T6 before the answer", "documents.intake.arriving", "append", "after"),
]
PAGE = [
    Point("T4 before the page waits", "documents.lifecycle", "move", "before", "kept"),
    Point("T5 after the page waits", "documents.intake.arriving", "_keep_page", "after"),
]


def always() -> bool:
    return True


def arm(point: Point, due: Callable[[], bool] = always, mine: Callable[[], bool] = always) -> None:
    """Wrap the function, wherever it was imported to by name. Calls count while it is `due`; `mine` is asked at the point."""
    owner: Any = importlib.import_module(point.module)
    *within, name = point.function.split(".")
    for each in within:
        owner = getattr(owner, each)
    original, calls = getattr(owner, name), count(1)

    @wraps(original)
    def dying(*given: Any, **named: Any) -> Any:
        here = _fits(point, given, named) and due() and next(calls) == point.nth
        if here and point.when == "before" and mine():
            _kill(point, given)
        answer = original(*given, **named)
        if here and point.when == "after" and mine():
            _kill(point, given)
        return answer

    setattr(owner, name, dying)
    for module in list(sys.modules.values()):
        if module.__name__.startswith("documents") and vars(module).get(name) is original:
            setattr(module, name, dying)


def _fits(point: Point, given: Sequence[Any], named: dict[str, Any]) -> bool:
    words = {str(each) for each in (*given, *named.values()) if isinstance(each, str)}
    return not point.word or point.word in words | {str(getattr(each, "area", "")) for each in given}


def _kill(point: Point, given: Sequence[Any]) -> None:
    os.kill(os.getpid() if point.victim == "self" else given[0], signal.SIGKILL)


class WhenLoaded:
    """Arms the points of a web process once this module of it is loaded."""

    def __init__(self, module: str) -> None:
        self._module = module

    def find_spec(self, name: str, path: Any = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name == self._module else None
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_and_arm(module: ModuleType) -> None:
            load(module)
            for point in (*WEB, *PIECE, *WHOLE, *FILE, *PAGE):
                arm(point, partial(_due, point), partial(_called, point))

        spec.loader.exec_module = load_and_arm  # type: ignore[method-assign]
        return spec


def _due(point: Point) -> bool:
    """Whether it is this point's turn."""
    try:
        return Path(os.environ[CONTROL]).read_text() == point.name
    except FileNotFoundError:
        return False


def _called(point: Point) -> bool:
    """The same; only one process can say so, once."""
    try:
        if due := _due(point):
            Path(os.environ[CONTROL]).unlink()
    except FileNotFoundError:
        return False
    return due


# A worker's task in a process forked for it


@dataclass(frozen=True)
class Work:
    """Tasks of documents.tasks for one row, the last of them with the point armed; or "sweep", with nothing too young, or
    "compose", with no paper that may still be waited for."""

    tasks: list[str]
    pk: str = ""
    point: Point | None = None


def work_of(line: str) -> Work:
    told = json.loads(line)
    return Work(told["tasks"], told["pk"], Point(**told["point"]) if told["point"] else None)


def line_of(work: Work) -> str:
    return json.dumps(asdict(work)) + "\n"


def do(work: Work) -> None:
    tasks = importlib.import_module("documents.tasks")
    for task in work.tasks:
        if task == work.tasks[-1] and work.point:
            arm(work.point)
        if task in {"sweep", "compose"}:
            {"sweep": sweep, "compose": compose}[task]()
        else:
            getattr(tasks, task)(work.pk)


def sweep() -> None:
    custody: Any = importlib.import_module("documents.custody")
    custody.MIN_AGE = custody.UNFINISHED_AGE = timedelta(0)
    custody.sweep_store(many=True)


def compose() -> None:
    arriving: Any = importlib.import_module("documents.intake.arriving")
    arriving.A_WHILE = timedelta(0)
    arriving.expire()


def answers(lines: Iterator[str]) -> Iterator[int]:
    """What became of each: the signal that ended it, as a negative number, or its exit status."""
    for line in lines:
        if (child := os.fork()) == 0:
            _end(work_of(line))
        yield os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _end(work: Work) -> None:
    """Never back into the loop, whatever happens."""
    status = 1
    try:
        do(work)
        status = REACHED
    finally:
        if status != REACHED:
            traceback.print_exc()
        os._exit(status)


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    importlib.import_module("django").setup()
    importlib.import_module("documents.tasks")
    for status in answers(iter(sys.stdin.readline, "")):
        print(status, flush=True)


if __name__ == "__main__":
    main()
