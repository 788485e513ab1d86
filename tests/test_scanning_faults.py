"""The scanner misbehaves in every way that was seen or imagined; nothing but a whole, fresh OK is clean."""

import hashlib
import io
import socket
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest

from documents import scanning
from documents.scanning import Deadlines, Outcome, ScannerUnavailable, StaleSignatures
from tests.clamd_double import (
    Clamd,
    dies_mid_scan,
    hangs_up,
    keeps_silent,
    says,
    says_at_once,
    says_too_late,
    stops_mid_scan,
    stops_reading,
    takes_at_most,
    version,
)

QUICK = Deadlines(connect=0.2, send=0.2, answer=0.2, overall=0.6)
PATIENT = Deadlines(connect=30, send=30, answer=30, overall=30)
LETTER = b"Dear Sir or Madam, " * 50_000  # a megabyte: several frames
LIMIT = len(LETTER)

NO_VERDICT = {
    "accepts, then silence": keeps_silent,
    "stops reading": stops_reading,
    "answers too late": says_too_late(b"stream: OK\0"),
}
HUNG_UP = {
    "closes before it answers": hangs_up,
    "SIGTERM mid-scan": stops_mid_scan,
    "SIGKILL mid-scan": dies_mid_scan,
    "empty answer": says(b"\0"),
    "answer cut short": says(b"stream: O"),
    "answer without its end": says(b"stream: OK"),
    "answer with another end": says(b"stream: OK\n"),
    "something after the answer": says(b"stream: OK\0\0"),
    "two answers": says(b"stream: OK\0stream: Some.Virus FOUND\0"),
    "something after a find": says(b"stream: Some.Virus FOUND\0stream: OK\0"),
    "two answers, both good": says(b"stream: OK\0stream: OK\0"),
    "answer for another id": says(b"2: stream: OK\0"),
    "answer for another thing": says(b"/tmp/letter.pdf: OK\0"),
    "(null) found": says(b"stream: (null) FOUND\0"),
    "nothing found": says(b"stream:  FOUND\0"),
    "not ASCII": says(b"stream: \xff FOUND\0"),
    "endless answer": says(b"stream: OK" * 10_000),
}
NOT_CLEAN = {
    "ERROR": (b"stream: Something went wrong ERROR\0", Outcome.UNKNOWN),
    "cannot allocate memory": (b"stream: Can't allocate memory ERROR\0", Outcome.UNKNOWN),
    "its limit is below ours": (b"INSTREAM size limit exceeded. ERROR\0", Outcome.UNKNOWN),
    "FOUND": (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", Outcome.INFECTED),
    "unofficial FOUND": (b"stream: Some.Virus-1.UNOFFICIAL FOUND\0", Outcome.INFECTED),
    "another heuristic": (b"stream: Heuristics.Phishing.Email FOUND\0", Outcome.INFECTED),
    "max file size": (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", Outcome.TOO_COMPLEX),
    "max scan size": (b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0", Outcome.TOO_COMPLEX),
    "max scan time": (b"stream: Heuristics.Limits.Exceeded.MaxScanTime FOUND\0", Outcome.TOO_COMPLEX),
    "max recursion": (b"stream: Heuristics.Limits.Exceeded.MaxRecursion FOUND\0", Outcome.TOO_COMPLEX),
    "encrypted zip": (b"stream: Heuristics.Encrypted.Zip FOUND\0", Outcome.LOCKED),
    "encrypted PDF": (b"stream: Heuristics.Encrypted.PDF FOUND\0", Outcome.LOCKED),
    "encrypted doc": (b"stream: Heuristics.Encrypted.Doc FOUND\0", Outcome.LOCKED),
    "macros": (b"stream: Heuristics.OLE2.ContainsMacros.VBA FOUND\0", Outcome.ACTIVE),
    "broken media": (b"stream: Heuristics.Broken.Media.JPEG.Truncated FOUND\0", Outcome.DAMAGED),
}
STALE = {
    "no date": b"ClamAV 1.4.6",
    "no date, but a version": b"ClamAV 1.4.6/27000",
    "49 hours old": version(timedelta(hours=49)),
    "two hours in the future": version(-timedelta(hours=2)),
    "half a date": version()[:-2],
}


def scan(content: bytes = LETTER, deadlines: Deadlines = PATIENT) -> scanning.Verdict:
    return scanning.scan(io.BytesIO(content), deadlines=deadlines)


@pytest.fixture
def clamd(settings):
    """Start a misbehaving clamd and use it."""
    settings.UPLOAD_LIMIT = LIMIT
    with ExitStack() as stack:

        def start(behaviour, *versions):
            started = stack.enter_context(Clamd(behaviour, list(versions) or None))
            settings.CLAMD_ADDRESS = started.address
            return started

        yield start


def test_a_whole_ok_is_clean(clamd):
    clamd(says(b"stream: OK\0"))
    verdict = scan()
    assert (verdict.outcome, verdict.name, verdict.version) == (Outcome.CLEAN, "", 27_000)
    assert (verdict.sha256, verdict.size) == (hashlib.sha256(LETTER).hexdigest(), LIMIT)


@pytest.mark.parametrize("behaviour", NO_VERDICT.values(), ids=NO_VERDICT)
def test_silence_is_no_verdict(clamd, behaviour):
    clamd(behaviour)
    with pytest.raises(ScannerUnavailable, match="TimeoutError"):
        scan(LETTER * 10, QUICK)


@pytest.mark.parametrize("behaviour", HUNG_UP.values(), ids=HUNG_UP)
def test_less_or_more_than_one_answer_is_no_verdict(clamd, behaviour):
    clamd(behaviour)
    with pytest.raises(ScannerUnavailable):
        scan()


@pytest.mark.parametrize("answer", [b"stream: OK\0", b"stream: Some.Virus FOUND\0"])
def test_an_answer_before_the_end_of_the_stream_is_no_verdict(clamd, answer):
    class Stream(io.BytesIO):
        def read(self, size=-1):
            assert double.answered.wait(30)
            return super().read(size)

    double = clamd(says_at_once(answer))
    with pytest.raises(ScannerUnavailable):
        scanning.scan(Stream(LETTER))


@pytest.mark.parametrize(("answer", "outcome"), NOT_CLEAN.values(), ids=NOT_CLEAN)
def test_every_other_answer_has_its_outcome(clamd, answer, outcome):
    clamd(says(answer))
    verdict = scan()
    assert verdict.outcome == outcome
    assert verdict.name in answer.decode()
    assert verdict.name


@pytest.mark.parametrize("told", STALE.values(), ids=STALE)
def test_nothing_is_clean_under_stale_signatures(clamd, told):
    clamd(says(b"stream: OK\0"), told)
    with pytest.raises(StaleSignatures):
        scan()


@pytest.mark.parametrize("told", STALE.values(), ids=STALE)
def test_signatures_that_turn_stale_during_the_scan_are_stale(clamd, told):
    clamd(says(b"stream: OK\0"), version(), told)
    with pytest.raises(StaleSignatures):
        scan()


@pytest.mark.parametrize("told", STALE.values(), ids=STALE)
def test_signatures_that_turn_fresh_during_the_scan_were_stale(clamd, told):
    clamd(says(b"stream: OK\0"), told, version())
    with pytest.raises(StaleSignatures):
        scan()


@pytest.mark.parametrize("told", [b"", b"UNKNOWN COMMAND", b"\xff\xfe"])
def test_no_version_is_no_verdict(clamd, told):
    clamd(says(b"stream: OK\0"), told)
    with pytest.raises(ScannerUnavailable):
        scan()


def test_silence_instead_of_a_version_is_no_verdict(clamd):
    clamd(says(b"stream: OK\0"), None)
    with pytest.raises(ScannerUnavailable):
        scan(deadlines=QUICK)


def test_a_scanner_that_dies_after_its_answer_gave_no_verdict(clamd):
    clamd(says(b"stream: OK\0"), version(), b"")
    with pytest.raises(ScannerUnavailable):
        scan()


def test_new_signatures_during_the_scan_leave_the_older_on_the_record(clamd):
    older = version(timedelta(hours=5), 26_999)
    clamd(says(b"stream: OK\0"), older, version())
    verdict = scan()
    assert (verdict.version, verdict.engine) == (26_999, older.decode())


def test_nobody_listens(settings):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.CLAMD_ADDRESS = f"127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(ScannerUnavailable, match="ConnectionRefusedError"):
        scan()


def test_the_socket_is_missing(settings, tmp_path):
    settings.CLAMD_ADDRESS = str(tmp_path / "clamd.sock")
    with pytest.raises(ScannerUnavailable, match="FileNotFoundError"):
        scan()


def test_connecting_hangs(settings):
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        stack.enter_context(socket.create_connection(full.getsockname()))  # the queue's only place
        settings.CLAMD_ADDRESS = f"127.0.0.1:{full.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(ScannerUnavailable, match="TimeoutError"):
            scan(deadlines=QUICK)
        assert time.monotonic() - began < 20  # the kernel alone would wait for minutes


@pytest.mark.parametrize("size", [0, LIMIT - 1, LIMIT])
def test_all_sizes_up_to_the_limit_get_an_answer(clamd, size):
    clamd(takes_at_most(LIMIT))
    assert scan(LETTER[:size]).outcome == Outcome.CLEAN


def test_over_the_limit_is_too_complex_and_hashed_to_its_end(clamd):
    clamd(takes_at_most(LIMIT))
    content = LETTER + b"!" * 10_000_000
    verdict = scan(content)
    assert (verdict.outcome, verdict.size) == (Outcome.TOO_COMPLEX, len(content))
    assert verdict.sha256 == hashlib.sha256(content).hexdigest()


def test_an_error_of_reading_the_file_is_not_the_scanners(clamd):
    class Gone(Exception):
        pass

    class Stream:
        def read(self, _size):
            raise Gone

    clamd(says(b"stream: OK\0"))
    with pytest.raises(Gone):
        scanning.scan(Stream())


def test_a_stream_that_is_not_ready_is_not_a_stream_that_has_ended(clamd):
    class Stream:
        def read(self, _size):
            return None

    clamd(says(b"stream: OK\0"))
    with pytest.raises(TypeError):
        scanning.scan(Stream())


@pytest.mark.parametrize("behaviour", [hangs_up, says(b"stream: OK\0"), says(b"stream: Some.Virus FOUND\0")])
def test_probes_tell_a_scanner_that_always_says_the_same(clamd, behaviour):
    clamd(behaviour)
    assert not all(probe.ok for probe in scanning.probe(quick=True))
