"""kill -9 at every step of a file's way, before and after its effect, of a file of one page and of a large one of many.

First all the deaths, while no worker lives to mend anything; what a dead worker's queue says is said of every job. Then one
fresh worker, then one sweep, and then a judge who shares no code with the portal (judge.py) looks at each of them.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scripts import run, services
from scripts.signatures import EICAR
from tests import fixtures
from tests.faults import judge
from tests.faults.conftest import Case
from tests.faults.dying import CONTROL, REACHED, WEB, Point, Work, line_of
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.skipif(bool(services.ELSEWHERE), reason="the S3 server is not ours to look into")
MANY = 5
CANARY = "tordo-6d1f0b"
CHECK = [
    Point("S1 before the lease", "documents.lifecycle", "move", "before", "checking"),
    Point("S1 after the lease", "documents.lifecycle", "move", "after", "checking"),
    Point("S2 before the bytes are fetched", "documents.vault.opening", "copy_to_file", "before"),
    Point("S2 after the bytes are fetched", "documents.vault.opening", "copy_to_file", "after"),
    Point("S3 before the scan", "documents.scanning.scanner", "scan", "before"),
    Point("S3 after the scan", "documents.scanning.scanner", "scan", "after"),
    Point("S4 after the look inside", "documents.preparing", "attachments", "after"),
    Point("S6 before the vault has it", "documents.vault.sealing", "Seal.close", "before", "vault"),
    Point("S6 after the vault has it", "documents.vault.sealing", "Seal.close", "after", "vault"),
    Point("S6 after it is read back", "documents.vault.opening", "fingerprint", "after", "vault"),
    Point("S7 before it is committed", "documents.queue", "defer", "after", "prepare"),
    Point("S7 after it is committed", "documents.intake.checking", "_let_in", "after"),
    Point("S8 before intake lets go", "documents.vault.store", "shred", "before", "intake"),
    Point("S8 after intake let go", "documents.vault.store", "shred", "after", "intake"),
]
REFUSE = [
    Point("S5 before the find is committed", "documents.lifecycle", "move", "before", "quarantined"),
    Point("S5 after the find is committed", "documents.intake.checking", "_settle", "after"),
]
PREPARE = [
    Point("D1 before the pages are made", "documents.preparing", "prepare", "before"),
    Point("D1 the sandbox alone", "documents.preparing.sandbox", "_ends", "before", victim="child"),
    Point("D1 after the pages are made", "documents.preparing", "prepare", "after"),
    Point("D2 before the print is put", "documents.vault.sealing", "Seal.close", "before", "vault"),
    Point("D2 after the print is put", "documents.vault.sealing", "Seal.close", "after", "vault"),
    Point("D2 after a picture is put", "documents.vault.sealing", "Seal.close", "after", "vault", nth=2),
    Point("D3 before it is committed", "documents.lifecycle", "move", "before", "ready"),
    Point("D3 after it is committed", "documents.intake.readying", "_finish", "after"),
]
BIND = [
    Point("P1 before the files are made", "documents.packets.caged", "bind_and_draw", "before"),
    Point("P1 the sandbox alone", "documents.preparing.sandbox", "_ends", "before", victim="child"),
    Point("P1 after the files are made", "documents.packets.caged", "bind_and_draw", "after"),
    Point("P2 before a part is put", "documents.vault.sealing", "Seal.close", "before", "vault"),
    Point("P2 after a part is put", "documents.vault.sealing", "Seal.close", "after", "vault"),
    Point("P2 after a picture is put", "documents.vault.sealing", "Seal.close", "after", "vault", nth=2),
    Point("P3 before it is committed", "documents.lifecycle", "move", "before", "bound"),
    Point("P3 after it is committed", "documents.packets.binding", "_keep", "after"),
]
STEPS = {"send": WEB, "check": CHECK, "prepare": PREPARE, "bind": BIND}


@dataclass(frozen=True)
class Death:
    step: str
    point: Point
    pages: int
    infected: bool = False

    @property
    def name(self) -> str:
        return f"{self.point.name}, {'infected' if self.infected else 'one page' if self.pages == 1 else 'many pages'}"

    @property
    def content(self) -> bytes:
        """Every death has a file of its own; the large ones are more than one part of an upload."""
        return content_of(self.name, self.pages, self.infected)


@cache
def content_of(name: str, pages: int, infected: bool) -> bytes:
    file = fixtures.attached_pdf(EICAR) if infected else fixtures.pdf(pages, words=f"{CANARY} {name}")
    padding = Random(name).randbytes(4_500_000).hex().encode() if pages > 1 else b""
    return file + f"%% {CANARY} {name} ".encode() + padding


DEATHS = [
    *(Death(step, point, pages) for step, points in STEPS.items() for point, pages in product(points, (1, MANY))),
    *(Death("check", point, 1, infected=True) for point in REFUSE),
]


class Workers:
    """Processes in which tasks are done one by one, each in a fork of its own, with the worker's settings."""

    def __init__(self, stack: Stack) -> None:
        command = [sys.executable, "-m", "tests.faults.dying"]
        self._process = subprocess.Popen(
            command, cwd=run.ROOT, env={**os.environ, **stack.worker_settings}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __call__(self, work: Work) -> int:
        """The signal that ended it, as a negative number, or its exit status."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(line_of(work))
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


@dataclass
class Afterwards:
    """How each process ended, what was left in plain by then, and what the sender was told of a file whose taker died."""

    stack: Stack
    cases: dict[str, Case]
    ended: dict[str, int] = field(default_factory=dict)
    told: dict[str, tuple[int, bool]] = field(default_factory=dict)
    leaked: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def row(self, death: Death) -> dict[str, Any]:
        [row] = self.cases[death.name].documents(death.content)
        return row


@pytest.fixture(scope="module")
def after(stack: Stack, opened: Callable[..., Case]) -> Afterwards:
    shared = opened("Prueba, Muertes")
    done = Afterwards(stack, {death.name: opened() if death.step == "bind" else shared for death in DEATHS})
    make_packets_possible(done)
    with no_worker(stack):
        with dying_web(stack) as control:
            for death in of("send"):
                die_while_taking(done, death, control)
        die_at_work(done)
        done.left = judge.found_in(Path(stack.settings["WORK_DIR"]), [CANARY.encode()])
    for death in of("send"):
        done.cases[death.name].send(("otra vez.pdf", death.content))
    recovered(done)
    workers = Workers(stack)
    assert workers(Work(["sweep"])) == REACHED
    workers.end()
    return done


def of(*steps: str) -> list[Death]:
    return [death for death in DEATHS if death.step in steps]


def make_packets_possible(done: Afterwards) -> None:
    """Accepted documents, one a matter; the worker that made them ready is still alive."""
    for death in of("bind"):
        done.cases[death.name].send(("prueba.pdf", death.content))
    for death in of("bind"):
        done.cases[death.name].becomes("ready", death.content)
        done.cases[death.name].accept(death.content)


@contextmanager
def no_worker(stack: Stack) -> Iterator[None]:
    """None lives meanwhile; afterwards a fresh one finds every job as dead workers leave them."""
    with stack.no_worker(whole_group=True):
        try:
            yield
        finally:
            stack.rows("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")


@contextmanager
def dying_web(stack: Stack, of: str = "web") -> Iterator[Path]:
    """The web processes, started so that they die at the point whose name is written into a file."""
    control = stack.folder / "dies-at"
    hook = f"{Path(__file__).parent / 'hook'}:{run.ROOT}"
    stack.restart(of, **{CONTROL: str(control), "PYTHONPATH": hook, "GRANIAN_RESPAWN_INTERVAL": "0.2"})
    try:
        yield control
    finally:
        stack.restart(of)


def die_while_taking(done: Afterwards, death: Death, control: Path) -> None:
    case = done.cases[death.name]
    wait_until(done.stack.stands, 90)
    control.write_text(death.point.name)
    answer = case.send(("fatal.pdf", death.content))
    done.told[death.name] = answer.status, "receipt" in answer.path
    done.ended[death.name] = 0 if control.exists() else -9


def die_at_work(done: Afterwards) -> None:
    """Every task in a process that dies in it, two at a time; nobody sees a page of what is not ready meanwhile."""
    papers = of("check", "prepare")
    for start in range(0, len(papers), 15):
        done.cases[papers[0].name].send(*(("fatal.pdf", death.content) for death in papers[start : start + 15]))
    for death in of("bind"):
        done.cases[death.name].order()
    at_work = papers + of("bind")
    shares = [at_work[::2], at_work[1::2]]
    with ThreadPoolExecutor() as pool:
        for ended in pool.map(one_by_one, shares, [done] * len(shares)):
            done.ended |= ended
    done.leaked = [death.name for death in papers if served(done, death)]


def one_by_one(deaths: list[Death], done: Afterwards) -> dict[str, int]:
    workers, ended = Workers(done.stack), {}
    for death in deaths:
        thing = done.cases[death.name].packets()[0] if death.step == "bind" else done.row(death)
        earlier = ["check"] if death.step == "prepare" else []
        ended[death.name] = workers(Work([*earlier, death.step], str(thing["id"]), death.point))
    workers.end()
    return ended


def served(done: Afterwards, death: Death) -> bool:
    row = done.row(death)
    addresses = [f"/documents/{row['id']}/{rest}" for rest in ("pages/1.jpg", "original/")]
    return row["state"] != "ready" and {done.cases[death.name].sender.get(where).status for where in addresses} != {404}


def recovered(done: Afterwards) -> None:
    """I5: everything ends by itself."""
    ids = [done.row(death)["id"] for death in DEATHS]
    papers = "SELECT count(*) FROM documents_document WHERE id = ANY(%s) AND state NOT IN ('ready', 'quarantined')"
    packets = "SELECT count(*) FROM documents_packet WHERE state <> 'bound' AND request_id = ANY(%s)"
    requests = [done.cases[death.name].request for death in of("bind")]
    wait_until(lambda: done.stack.value(papers, ids) == 0, 300)
    wait_until(lambda: done.stack.value(packets, requests) == 0, 300)


each_death = pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.name)


@each_death
def test_it_died_there(after: Afterwards, death: Death) -> None:
    assert after.ended[death.name] == (-9 if death.point.victim == "self" else REACHED)


@each_death
def test_nothing_is_lost_and_nothing_is_there_twice(after: Afterwards, death: Death) -> None:
    ends = "quarantined" if death.infected else "ready"
    pages = 0 if death.infected else death.pages
    assert list(judge.of_document(after.stack, after.row(death), death.content, pages, ends)) == []


@pytest.mark.parametrize("death", [death for death in DEATHS if not death.infected], ids=lambda death: death.name)
def test_the_very_bytes_come_back(after: Afterwards, death: Death) -> None:
    answer = after.cases[death.name].sender.get(f"/documents/{after.row(death)['id']}/original/")
    assert (answer.status, sha256(answer.body).digest()) == (200, sha256(death.content).digest())


@pytest.mark.parametrize("death", of("bind"), ids=lambda death: death.name)
def test_the_packet_has_every_page_exactly_once(after: Afterwards, death: Death) -> None:
    [packet] = after.cases[death.name].packets()
    assert list(judge.of_packet(after.stack, packet, after.row(death))) == []


@pytest.mark.parametrize("death", of("send"), ids=lambda death: death.name)
def test_whoever_sent_it_was_not_told_that_it_was_received(after: Afterwards, death: Death) -> None:
    assert after.told[death.name] == (503, False)


def test_nobody_saw_a_byte_of_what_was_not_ready(after: Afterwards) -> None:
    assert after.leaked == []


def test_the_dead_left_plain_bytes_and_none_are_there_now(after: Afterwards) -> None:
    assert len(after.left) > 10
    assert judge.found_in(Path(after.stack.settings["WORK_DIR"]), [CANARY.encode()]) == []


def test_every_object_has_its_row_and_every_row_its_object(after: Afterwards) -> None:
    assert list(judge.of_buckets(after.stack)) == []


def test_every_chain_is_whole(after: Afterwards, proved: None) -> None:
    assert list(judge.of_chains(after.stack)) == []
