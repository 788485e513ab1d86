"""The sandbox: what a file that has taken over its parser still cannot do, and what its caller sees of it."""

import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from documents.preparing import confinement, sandbox
from documents.preparing.words import Limits, PreparingFailed, Reason, Refused

TESTS = Path(__file__).parent
LIMITS = Limits(seconds=20, cpu_seconds=10, memory=256 << 20, output=1 << 20)
Run = Callable[..., Any]


@pytest.fixture
def caged(tmp_path: Path) -> Iterator[Run]:
    """Runs a probe of sandbox_probes.py in the sandbox; afterwards nothing of its private directory may be left."""
    source, into = tmp_path / "in" / "source", tmp_path / "out"
    source.parent.mkdir()
    into.mkdir()
    source.write_bytes(b"hostile")
    (tmp_path / "in" / "neighbour").write_bytes(b"secret")
    (tmp_path / "secret").write_bytes(b"secret")

    def run(probe: str, *, limits: Limits = LIMITS, programs: bool = False) -> Any:
        task = f"tests.sandbox_probes:{probe}"
        readable = (TESTS, Path("/proc/self"), Path("/proc/thread-self"))
        return sandbox.run(task, source, into, limits=limits, programs=programs, readable=readable)

    yield run
    assert not list(into.glob(".cage-*"))


def test_no_socket_at_all(caged: Run) -> None:
    assert set(caged("sockets").values()) == {"Permission denied"}


def test_programs_may_use_sockets_of_this_machine_only(caged: Run) -> None:
    got = caged("sockets", programs=True)
    assert got.pop("AF_UNIX") == "done"
    assert set(got.values()) == {"Permission denied"}


@pytest.mark.parametrize("programs", [False, True])
def test_io_uring_is_no_way_round(caged: Run, programs: bool) -> None:
    assert caged("io_uring", programs=programs) == 1  # EPERM


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="only x86-64 has a second set of numbers")
def test_a_second_numbering_of_system_calls_is_death(caged: Run) -> None:
    with pytest.raises(PreparingFailed, match="SIGSYS"):
        caged("x32")


def test_nothing_of_our_environment_gets_in(caged: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_ENCRYPTION_KEYS", "one:secret")
    got = caged("environment")
    threads = {"OMP_THREAD_LIMIT", "RAYON_NUM_THREADS"}
    assert set(got["environ"]) <= {"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", *threads}
    assert got["environ"]["HOME"] == got["environ"]["TMPDIR"] == got["cwd"]


def test_no_open_file_of_ours_gets_in(caged: Run, tmp_path: Path) -> None:
    with (tmp_path / "secret").open() as ours:
        os.set_inheritable(ours.fileno(), True)
        got = caged("environment")
    assert not [path for path in got["files"] if "secret" in path]
    assert got["stdin"] == ""


def test_no_power_is_left(caged: Run) -> None:
    got = caged("powers")
    assert got["CapEff"] == got["CapPrm"] == "0" * 16
    assert got["NoNewPrivs"] == "1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to lose")
def test_root_cannot_gain_its_power_back(caged: Run) -> None:
    assert caged("powers")["CapBnd"] == "0" * 16


def landlocked() -> bool:
    """Whether this kernel confines paths."""
    return bool(confinement._LIBC.syscall(444, None, 0, 1) > 0)


needs_landlock = pytest.mark.skipif(not landlocked(), reason="this kernel has no Landlock")


@needs_landlock
def test_it_reads_its_own_file_and_no_other(caged: Run) -> None:
    denied = "Permission denied"
    assert caged("reads") == {"own": "done", "neighbour": denied, "beside": denied, "parent": denied}


@needs_landlock
def test_it_writes_into_its_folder_and_nowhere_else(caged: Run) -> None:
    assert caged("writes") == {"into": "done", "beside": "Permission denied", "source": "Permission denied"}


def test_it_starts_nothing(caged: Run) -> None:
    assert caged("starts") == {
        "program": "Operation not permitted",
        "session": "Operation not permitted",
        "thread": "done",
    }
    assert caged("forks") == "Operation not permitted"


def test_programs_may_be_started_but_stay_in_the_group(caged: Run) -> None:
    assert caged("starts", programs=True) == {"program": "done", "session": "Operation not permitted", "thread": "done"}


def test_too_much_memory_is_too_complex(caged: Run) -> None:
    with pytest.raises(Refused) as refused:
        caged("takes_memory")
    assert refused.value.reason is Reason.TOO_COMPLEX


def test_too_large_an_output_is_too_large(caged: Run) -> None:
    with pytest.raises(Refused) as refused:
        caged("fills_disk")
    assert refused.value.reason is Reason.TOO_LARGE


def test_processor_time_ends(caged: Run) -> None:
    with pytest.raises(PreparingFailed) as failed:
        caged("spins", limits=replace(LIMITS, cpu_seconds=1))
    assert failed.value.timed_out


def test_the_deadline_ends_it(caged: Run) -> None:
    with pytest.raises(PreparingFailed) as failed:
        caged("waits", limits=replace(LIMITS, seconds=0.5))
    assert failed.value.timed_out


def test_the_deadline_ends_what_it_started(caged: Run, tmp_path: Path) -> None:
    with pytest.raises(PreparingFailed):
        caged("breeds", limits=replace(LIMITS, seconds=2), programs=True)
    grandchild = int((tmp_path / "out" / "grandchild").read_text())
    wait_until(lambda: gone(grandchild))


ORPHAN = """
import sys
from pathlib import Path
from documents.preparing import sandbox
from documents.preparing.words import Limits
source, into, tests = map(Path, sys.argv[1:])
sandbox.run("tests.sandbox_probes:waits", source, into, limits=Limits(seconds=60), readable=(tests,))
"""


def test_it_dies_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    worker = subprocess.Popen([sys.executable, "-c", ORPHAN, __file__, str(tmp_path), str(TESTS)], cwd=TESTS.parent)
    waiting = tmp_path / "waiting"
    wait_until(lambda: waiting.exists() and waiting.read_text())
    process = os.pidfd_open(int(waiting.read_text()))
    worker.kill()
    worker.wait()
    assert select.select([process], [], [], 5)[0]
    os.close(process)


def test_a_crash_is_an_attempt_and_we_live(caged: Run) -> None:
    with pytest.raises(PreparingFailed, match="SIGSEGV") as failed:
        caged("crashes")
    assert not failed.value.timed_out


@pytest.mark.parametrize("probe", ["leaves", "lies", "links"])
def test_an_answer_that_is_none_is_an_attempt(caged: Run, probe: str) -> None:
    with pytest.raises(PreparingFailed):
        caged(probe)


def test_a_refusal_comes_through(caged: Run) -> None:
    with pytest.raises(Refused) as refused:
        caged("refuses")
    assert (refused.value.reason, refused.value.detail) == (Reason.LOCKED, "A password is needed.")


def test_any_exception_is_damage_and_its_words_stay_inside(caged: Run) -> None:
    with pytest.raises(Refused) as refused:
        caged("stumbles")
    assert refused.value.reason is Reason.DAMAGED
    assert "KeyError" in refused.value.detail
    assert "123" not in refused.value.detail


def test_a_missing_library_is_never_the_files_fault(caged: Run) -> None:
    with pytest.raises(PreparingFailed, match="libheif"):
        caged("lacks")


def test_no_other_cage_reads_its_memory(caged: Run) -> None:
    assert caged("dumpable") == 0


@needs_landlock
def test_it_cannot_signal_the_worker(caged: Run) -> None:
    heard = threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda *_: heard.set())
    try:
        assert caged("kills_parent") == "Operation not permitted"
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert not heard.is_set()


def test_a_nursery_that_is_gone_is_replaced_unnoticed(caged: Run) -> None:
    first = caged("parent")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: gone(first))
    assert caged("parent") not in {first, os.getpid()}


def test_a_run_whose_nursery_goes_is_the_machines_fault(caged: Run, tmp_path: Path) -> None:
    def kill_its_nursery() -> None:
        waiting = tmp_path / "out" / "waiting"
        wait_until(lambda: waiting.exists() and waiting.read_text())
        os.kill(nursery_of(int(waiting.read_text())), signal.SIGKILL)

    with ThreadPoolExecutor() as pool:
        killer = pool.submit(kill_its_nursery)
        with pytest.raises(PreparingFailed) as failed:
            caged("waits", limits=replace(LIMITS, seconds=60))
        killer.result()
    assert failed.value.ours


def test_nothing_of_one_run_is_in_the_next(caged: Run) -> None:
    assert [caged("remembers"), caged("remembers")] == [[], []]


def test_many_at_once_are_kept_apart(caged: Run) -> None:
    with ThreadPoolExecutor(8) as pool:
        parents = list(pool.map(lambda _: caged("parent"), range(24)))
    assert len(set(parents)) == 1


def wait_until(true: Callable[[], object]) -> None:
    """Waits for something to become true, ten seconds at most."""
    beat = threading.Event()
    for _ in range(1000):
        if true():
            return
        beat.wait(0.01)
    pytest.fail("It never became true.")


def gone(pid: int) -> bool:
    """Whether a process has ended: it is no more, or only waits for somebody to take note."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True


def nursery_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
