"""Words that must not get out: of a file, its name, and an A-number. Nothing the portal leaves behind repeats them."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts import postgres, process, services
from tests import fixtures
from tests.faults.conftest import Case
from tests.stack import Stack, wait_until

WORD, NAME, A_NUMBER = b"colibri-5e1f02c9", "zorzal-83ab77d1.pdf", "219384756"
MANY = 150  # pages: long enough in the sandbox to be stopped there
CANARIES = {"word": WORD, "name": NAME.removesuffix(".pdf").encode(), "a-number": A_NUMBER.encode()}


def told(pages: int) -> bytes:
    return fixtures.pdf(pages, words=WORD.decode()) + b"%% " + WORD  # on its pages, and once where nothing packs it


@dataclass(frozen=True)
class Used:
    """A portal after a life with the canaries: sent, looked at, revealed, mistyped, and a worker killed over them."""

    case: Case
    in_work: bytes  # what the killed worker had in plain, seen while it was stopped: or the test would prove nothing


@pytest.fixture(scope="module")
def used(stack: Stack, opened: Callable[..., Case]) -> Used:
    case = opened("Prueba, Canaria", A_NUMBER)
    small, large = told(1), told(MANY)
    case.send((NAME, small))
    case.becomes("ready", small)
    [row] = case.documents(small)
    for path in (f"/documents/{row['id']}/", f"/documents/{row['id']}/pages/1.jpg", f"/documents/{row['id']}/original/"):
        assert case.sender.get(path).status == 200
    assert A_NUMBER in case.sender.post(f"/matters/{case.matter}/a-number/").text
    case.sender.get(f"/matters/{case.matter}/nothing-here/?{NAME}")
    case.send((NAME, large))
    case.becomes("preparing", large)
    wait_until(lambda: has_it(Path(stack.settings["WORK_DIR"])), 20)
    stack.freeze_worker()
    assert case.state(large) == "preparing"
    in_work = plain(Path(stack.settings["WORK_DIR"]))
    stack.kill_worker()
    stack.start_worker()
    case.becomes("ready", large)
    return Used(case, in_work)


def plain(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def has_it(folder: Path) -> bool:
    """Whether the file is there in plain by now; while somebody works there, files come and go."""
    try:
        return WORD in plain(folder)
    except OSError:
        return False


@pytest.fixture(params=CANARIES)
def canary(request: pytest.FixtureRequest) -> bytes:
    return CANARIES[request.param]


def test_the_killed_worker_did_have_it(used: Used) -> None:
    assert WORD in used.in_work


def test_no_log_repeats_it(used: Used, stack: Stack, canary: bytes) -> None:
    logs = {path.name: path.read_bytes() for path in stack.folder.rglob("*.log")}
    assert {"web.log", "worker.log", "nginx.log", "postgres.log", "clamd.log"} <= logs.keys()
    assert [name for name, text in logs.items() if canary in text] == []


def test_no_mail_repeats_it(used: Used, stack: Stack, canary: bytes) -> None:
    assert canary not in plain(stack.folder / "mail")


def test_nothing_left_in_memory_repeats_it(used: Used, stack: Stack, canary: bytes) -> None:
    work, scanned = Path(stack.settings["WORK_DIR"]), process.memory_dir(stack.folder / "clamd", "tmp")
    wait_until(lambda: not list(work.iterdir()), 10)
    assert canary not in plain(work) + plain(scanned) + plain(stack.folder / "nginx")


@pytest.mark.skipif(bool(services.ELSEWHERE), reason="the S3 server's disk is not here")
def test_no_stored_object_repeats_it(used: Used, stack: Stack, canary: bytes) -> None:
    kept = plain(stack.folder / "seaweedfs" / "data")
    assert len(kept) > len(told(MANY))
    assert canary not in kept


def test_no_row_repeats_it(used: Used, stack: Stack, canary: bytes) -> None:
    url = postgres.url("postgres", stack.state["postgres"], services.port(stack.folder, services.POSTGRES))
    dump = subprocess.run([postgres.program("pg_dump"), url], capture_output=True, check=True).stdout
    assert b"Prueba, Canaria" not in dump
    assert canary not in dump
