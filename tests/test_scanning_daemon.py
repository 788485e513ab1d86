"""A real clamd of our own, stopped, killed, paused and badly configured: the gate stays shut, and opens again after it."""

import io
import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from documents import scanning
from documents.intake.checking import check
from documents.management.commands.worker import Command
from documents.models import Document
from documents.preparing import Limits
from documents.scanning import MARKER, Deadlines, Outcome, ScannerUnavailable
from scripts import clamav, process, signatures

IMPATIENT = Deadlines(connect=0.5, send=0.5, answer=0.5, overall=2.0)
CONFIGURATION = Path(__file__).parents[1] / "deploy" / "clamd.conf"


class Daemon:
    """clamd in a folder of its own, on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, process.choose_block(1)

    def start(self) -> None:
        clamav.start(self.folder, self.port)

    def send(self, what: signal.Signals) -> None:
        pid = process.pid_of(self.folder, "clamd")
        assert pid
        os.kill(pid, what)

    def end(self, how: signal.Signals) -> None:
        process.stop(self.folder, "clamd", how)

    def restart_with(self, *written: str) -> None:
        """Once more, with these lines instead of those of the same names."""
        self.end(signal.SIGKILL)
        configuration = self.folder / "clamd.conf"
        names = tuple(line.split()[0] for line in written)
        kept = [line for line in configuration.read_text().splitlines() if not line.startswith(names)]
        configuration.write_text("\n".join([*kept, *written, ""]))
        command = ["clamd", "--config-file", str(configuration)]
        process.spawn(self.folder, "clamd", command, {"PATH": "/usr/sbin:/usr/bin", "TZ": "UTC"})
        process.wait_ready(self.folder, "clamd", lambda: clamav.ask(self.port, "PING") == "PONG")


@pytest.fixture
def daemon(tmp_path: Path, settings: Any) -> Iterator[Daemon]:
    made = Daemon(tmp_path / "clamd")
    made.start()
    settings.CLAMD_ADDRESS = f"127.0.0.1:{made.port}"
    yield made
    made.end(signal.SIGKILL)
    shutil.rmtree(process.memory_dir(made.folder, "tmp"), ignore_errors=True)


def tried(document: Document) -> tuple[str, str]:
    check(document)
    document.refresh_from_db()
    return document.state, document.reason


WAITS = ("received", "scanner_unavailable")


# It ends


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_file_waits_for_a_scanner_that_has_ended(daemon: Daemon, received: Document, how: signal.Signals) -> None:
    daemon.end(how)
    assert tried(received) == WAITS
    daemon.start()
    assert tried(received) == ("clean", "")


def test_a_file_waits_for_a_scanner_that_is_paused(
    daemon: Daemon, received: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.send(signal.SIGSTOP)
    with monkeypatch.context() as impatient:
        impatient.setattr(scanning.scanner, "DEADLINES", IMPATIENT)
        assert tried(received) == WAITS
    daemon.send(signal.SIGCONT)
    assert tried(received) == ("clean", "")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_scanner_that_ends_in_the_middle_of_a_scan_gives_no_verdict(daemon: Daemon, how: signal.Signals) -> None:
    class Stream(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 1 << 20 and process.pid_of(daemon.folder, "clamd"):
                daemon.end(how)
            return super().read(size)

    with pytest.raises(ScannerUnavailable):
        scanning.scan(Stream(bytes(4 << 20)))


# Its signatures


def test_a_file_waits_while_signatures_have_no_date(daemon: Daemon, received: Document) -> None:
    folder = daemon.folder / "signatures"
    (folder / "daily.cud").unlink()
    (folder / "own.ndb").write_text(signatures.SIGNATURES["daily.ndb"])
    daemon.restart_with(f"DatabaseDirectory {folder}")
    assert tried(received) == WAITS


def test_a_file_waits_while_signatures_are_old(daemon: Daemon, received: Document) -> None:
    old = signatures.database(1, datetime.now(UTC) - timedelta(hours=49))
    (daemon.folder / "signatures" / "daily.cud").write_bytes(old)
    daemon.restart_with(f"DatabaseDirectory {daemon.folder / 'signatures'}")
    assert tried(received) == WAITS
    signatures.write(daemon.folder / "signatures")
    daemon.restart_with(f"DatabaseDirectory {daemon.folder / 'signatures'}")
    assert tried(received) == ("clean", "")


# Its limits


def test_a_file_waits_for_a_scanner_that_takes_less_than_we_do(daemon: Daemon, received: Document) -> None:
    daemon.restart_with("StreamMaxLength 500")
    assert received.size > 500
    assert tried(received) == WAITS


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (["StreamMaxLength 50M"], "last_byte"),
        (["StreamMaxLength 300M", "AlertExceedsMax no"], "over_limit"),
        (["MaxFileSize 50M"], "in_a_large_part"),
        (["MaxScanSize 50M"], "in_a_large_part"),
        (["AlertEncrypted no"], "encrypted_zip"),
        (["ScanArchive no"], "in_a_zip"),
    ],
)
def test_the_probes_tell_of_a_scanner_that_would_let_things_through(
    daemon: Daemon, written: list[str], told: str
) -> None:
    daemon.restart_with(*written)
    assert told in {probe.name for probe in scanning.probe() if not probe.ok}


def test_the_quick_probes_do_not_take_long_and_hold(daemon: Daemon) -> None:
    assert [probe.name for probe in scanning.probe(quick=True) if probe.ok] == ["ping", "signatures", "eicar", "clean"]


# What we ship


def sizes() -> dict[str, int]:
    """The numbers of our configuration, in bytes where they are sizes."""
    lines = [line.split() for line in CONFIGURATION.read_text().splitlines() if line and not line.startswith("#")]
    numbers = {name: value for name, value in lines if value.rstrip("M").isdigit()}
    return {name: int(value.rstrip("M")) << (20 if value.endswith("M") else 0) for name, value in numbers.items()}


def test_the_limits_that_we_ship_are_in_order(settings: Any) -> None:
    found = sizes()
    assert max(settings.UPLOAD_LIMIT, Limits().part_bytes) < found["StreamMaxLength"]
    assert found["StreamMaxLength"] <= found["MaxFileSize"] <= found["MaxScanSize"]
    assert found["MaxScanTime"] / 1000 < Deadlines().answer


def test_one_worker_never_asks_more_at_once_than_the_scanner_does() -> None:
    workers = Command().create_parser("manage.py", "worker").get_default("concurrency")
    assert workers <= sizes()["MaxThreads"] < sizes()["MaxQueue"]


# More at once than it has hands


def test_who_has_to_wait_in_line_gets_an_answer(daemon: Daemon) -> None:
    daemon.restart_with("MaxThreads 1", "MaxQueue 2")
    letters = [b"a letter" if number % 2 else MARKER for number in range(24)]
    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(lambda letter: scanning.scan(io.BytesIO(letter)).outcome, letters))
    assert outcomes == [Outcome.INFECTED, Outcome.CLEAN] * 12
