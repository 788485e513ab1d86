"""What the scanner learns later shuts the gate then, at once and for everything that holds the document."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from socket import socket
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from documents import lifecycle, quarantine, tagging
from documents.intake.checking import check
from documents.intake.rescanning import due, rescan, rescan_all
from documents.models import Document, Matter, Packet, Request
from documents.packets import order, releasing
from documents.packets.binding import bind_packet
from documents.scanning import ScannerUnavailable
from tests import releasable
from tests.clamd_double import Clamd, hangs_up, says, says_in_turn, version
from tests.conftest import Browser, made_ready, simple_pdf
from tests.test_lifecycle import other_connection

FOUND, OK = b"stream: Some.Thing-1 FOUND\0", b"stream: OK\0"
NEWER = 10**9  # than any real one's


@pytest.fixture
def scanner(settings: Any) -> Iterator[Callable[..., None]]:
    """A scanner that answers so, under signatures that are newer than the real one's."""
    with ExitStack() as stack:

        def start(answer: bytes, number: int = NEWER) -> None:
            double = stack.enter_context(Clamd(says(answer), [version(number=number)]))
            settings.CLAMD_ADDRESS = double.address

        yield start


@pytest.fixture
def released(accepted: Document, request_: Request, ana: User) -> Packet:
    """A released packet that holds the accepted document."""
    releasable.represented(request_.matter, ana)
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    releasable.cleared(packet, ana)
    releasing.release(packet, confirmed=True, actor=ana)
    return packet


def test_nothing_is_due_under_the_same_signatures(ready: Document) -> None:
    assert not due().exists()


def test_newer_signatures_make_it_due_once(ready: Document, scanner: Callable[..., None]) -> None:
    scanner(OK)
    assert list(due()) == [ready]
    assert rescan_all()
    assert not due().exists()
    assert ready.verdicts.count() == 2
    ready.refresh_from_db()
    assert ready.state == "ready"


def test_the_longest_unseen_is_first(
    ready: Document, matter: Matter, maria: User, scanner: Callable[..., None]
) -> None:
    second = made_ready(simple_pdf(1, "Otra"), "otra.pdf", matter, maria)
    scanner(OK)
    assert list(due()) == [ready, second]
    rescan(ready)
    scanner(OK, NEWER + 1)
    assert list(due()) == [second, ready]


def test_what_is_found_then_is_shut_at_once(
    released: Packet, accepted: Document, scanner: Callable[..., None], browser: Browser, ana: User
) -> None:
    attorney = browser(ana)
    part = reverse("packet_part", args=[released.pk, 1])
    assert attorney.get(part).status_code == 200
    scanner(FOUND)
    rescan_all()
    accepted.refresh_from_db()
    released.refresh_from_db()
    assert (accepted.state, accepted.reason, released.state) == ("quarantined", "infected", "invalidated")
    for where in (part, reverse("page", args=[accepted.pk, 1]), reverse("original", args=[accepted.pk])):
        assert attorney.get(where).status_code == 404


@pytest.mark.parametrize(
    ("name", "reason"),
    [("Heuristics.Encrypted.PDF", "locked"), ("Heuristics.Limits.Exceeded.MaxScanSize", "too_complex")],
)
def test_a_scanner_that_cannot_look_into_it_any_more_shuts_it_too(
    ready: Document, scanner: Callable[..., None], name: str, reason: str
) -> None:
    scanner(f"stream: {name} FOUND\0".encode())
    rescan_all()
    ready.refresh_from_db()
    assert (ready.state, ready.reason) == ("quarantined", reason)


def test_what_was_withdrawn_stays_so_and_comes_back_into_quarantine(
    ready: Document, pat: User, scanner: Callable[..., None]
) -> None:
    tagging.withdraw(ready, actor=pat)
    scanner(FOUND)
    rescan_all()
    ready.refresh_from_db()
    assert ready.state == "withdrawn"
    tagging.restore(ready, actor=pat)
    assert ready.state == "quarantined"


def test_no_answer_changes_nothing_and_it_stays_due(
    ready: Document, scanner: Callable[..., None], settings: Any
) -> None:
    with Clamd(hangs_up, [version(number=NEWER)]) as away:
        settings.CLAMD_ADDRESS = away.address
        with pytest.raises(ScannerUnavailable):
            rescan_all()
    scanner(OK)
    assert list(due()) == [ready]


def test_one_without_an_answer_keeps_no_other_from_being_looked_at(
    ready: Document, matter: Matter, maria: User, settings: Any
) -> None:
    made_ready(simple_pdf(1, "Otra"), "otra.pdf", matter, maria)
    seen: list[Document] = []
    with Clamd(says_in_turn(b"stream: Can't allocate memory ERROR\0", OK), [version(number=NEWER)]) as one_sick:
        settings.CLAMD_ADDRESS = one_sick.address
        with pytest.raises(ScannerUnavailable):
            rescan_all(tell=lambda document, _outcome: seen.append(document))
        assert (len(seen), due().get()) == (1, ready)


def test_when_nobody_answers_any_more_the_night_is_over(
    ready: Document, matter: Matter, maria: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    made_ready(simple_pdf(1, "Otra"), "otra.pdf", matter, maria)

    def goes_away(clamd: Clamd, line: socket) -> None:
        settings.CLAMD_ADDRESS = "127.0.0.1:1"
        hangs_up(clamd, line)

    with Clamd(goes_away, [version(number=NEWER)]) as last:
        settings.CLAMD_ADDRESS = last.address
        with pytest.raises(ScannerUnavailable):
            rescan_all()
    assert len([record for record in caplog.records if "no answer about" in record.message]) == 1


def test_no_verdict_changes_nothing(ready: Document, scanner: Callable[..., None]) -> None:
    scanner(b"stream: Can't allocate memory ERROR\0")
    with pytest.raises(ScannerUnavailable):
        rescan_all()
    assert ready.verdicts.count() == 1


def test_a_night_is_over_some_time(ready: Document, scanner: Callable[..., None]) -> None:
    scanner(OK)
    assert not rescan_all(until=timezone.now() - timedelta(seconds=1))
    assert due().exists()


def test_what_somebody_works_on_is_left_alone(ready: Document, scanner: Callable[..., None]) -> None:
    scanner(FOUND)
    with locked_elsewhere(ready):
        assert rescan(ready) is None
    ready.refresh_from_db()
    assert ready.state == "ready"


@contextmanager
def locked_elsewhere(document: Document) -> Iterator[None]:
    with other_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [lifecycle._lock(document)])
        yield


def test_older_signatures_do_not_undo_what_newer_ones_found(
    ready: Document, scanner: Callable[..., None], ana: User, ada: User
) -> None:
    scanner(FOUND, NEWER)
    rescan_all()
    ready.refresh_from_db()
    proposal = quarantine.propose(ready, "release", "Known to the office.", actor=ana)
    quarantine.decide(proposal, approve=True, actor=ada)
    scanner(OK, NEWER + 1)
    quarantine.settle(ready)
    scanner(OK, NEWER)
    check(ready)
    ready.refresh_from_db()
    assert (ready.state, ready.reason) == ("received", "scanner_unavailable")
    scanner(OK, NEWER + 1)
    check(ready)
    ready.refresh_from_db()
    assert ready.state == "clean"


def test_the_command_tells_what_is_not_clean_any_more(
    ready: Document, scanner: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    scanner(FOUND)
    call_command("rescan")
    lines = capsys.readouterr().out.splitlines()
    assert str(ready.pk) in lines[0]
    assert '"looked_at": 1, "not_clean": 1' in lines[1]


def test_the_command_fails_when_the_scanner_is_away(ready: Document, settings: Any) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    with pytest.raises(CommandError):
        call_command("rescan")
