"""The real clamd, with the test signatures."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from documents import scanning
from documents.scanning import EICAR, MARKER, Outcome
from scripts import signatures as written

MEBI = 1024 * 1024
STREAM_MAX = 110 * MEBI  # StreamMaxLength


class Zeros:
    """A stream of `size` bytes that ends in `tail`, never held in memory."""

    def __init__(self, size: int, tail: bytes = b"") -> None:
        self.left, self.tail = size - len(tail), tail

    def read(self, size: int) -> bytes:
        if self.left:
            size = min(size, self.left)
            self.left -= size
            return bytes(size)
        tail, self.tail = self.tail, b""
        return tail


def scan(content: bytes) -> scanning.Verdict:
    return scanning.scan(io.BytesIO(content))


def archive(content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("letter.txt", content)
    return made.getvalue()


def test_we_look_for_what_the_test_signatures_find():
    assert (EICAR, MARKER) == (written.EICAR, written.MARKER)


def test_a_letter_is_clean():
    verdict = scan(b"Dear Sir or Madam")
    assert verdict.outcome == Outcome.CLEAN
    assert verdict.engine.startswith("ClamAV 1.")


def test_eicar_is_infected():
    verdict = scan(EICAR)
    assert (verdict.outcome, verdict.name) == (Outcome.INFECTED, "Eicar-Test-Signature.UNOFFICIAL")


@pytest.mark.parametrize("wrapped", [archive(MARKER), archive(archive(MARKER)), b"\xff\xd8\xff\xfe" + MARKER])
def test_what_is_inside_something_else_is_found(wrapped):
    assert scan(wrapped).outcome == Outcome.INFECTED


def test_an_encrypted_archive_is_locked():
    locked = bytearray(archive(b"A letter."))
    locked[6] |= 1  # the encryption bit of the member's own header
    locked[locked.rindex(b"PK\1\2") + 8] |= 1  # and of the directory
    assert scan(bytes(locked)).outcome == Outcome.LOCKED


def test_an_empty_stream_gets_a_verdict():
    assert scan(b"").size == 0


@pytest.mark.parametrize("size", [STREAM_MAX - 1, STREAM_MAX])
def test_the_last_byte_is_looked_at(size):
    verdict = scanning.scan(Zeros(size, tail=MARKER))
    assert (verdict.outcome, verdict.size) == (Outcome.INFECTED, size)


def test_one_byte_over_the_scanners_limit_is_too_complex():
    verdict = scanning.scan(Zeros(STREAM_MAX + 1))
    assert (verdict.outcome, verdict.size) == (Outcome.TOO_COMPLEX, STREAM_MAX + 1)


def test_signatures_have_a_date():
    found = scanning.signatures()
    assert timedelta() <= datetime.now(UTC) - found.at < timedelta(hours=25)
    assert found.require_fresh() is found


def test_threads_never_get_each_others_verdict():
    def scans(thread: int) -> list[bool]:
        bad = [(thread + turn) % 2 == 0 for turn in range(20)]
        outcomes = [scan(EICAR if each else f"letter {thread}".encode()).outcome for each in bad]
        return [(outcome == Outcome.INFECTED) == each for outcome, each in zip(outcomes, bad, strict=True)]

    with ThreadPoolExecutor(8) as pool:
        assert [all(right) for right in pool.map(scans, range(8))] == [True] * 8


def test_every_probe_holds():
    assert [(probe.name, probe.detail) for probe in scanning.probe() if not probe.ok] == []


def test_every_probe_holds_without_our_own_marker(settings):
    settings.SCANNER_SIGNATURES = "official"
    settings.UPLOAD_LIMIT = STREAM_MAX
    assert [(probe.name, probe.detail) for probe in scanning.probe() if not probe.ok] == []
