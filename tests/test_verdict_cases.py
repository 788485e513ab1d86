"""Every way a scanner can answer, or not, through the whole gate: received, checked, asked for, and checked once more.

No case lets a byte out. Where there was no verdict the file waits, and is ready after one more try with a scanner that is well.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents import scanning
from documents.intake import NotTaken
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Matter
from documents.scanning import Deadlines
from tests import hiding
from tests.clamd_double import (
    Behaviour,
    Clamd,
    dies_mid_scan,
    hangs_up,
    keeps_silent,
    says,
    says_in_turn,
    says_too_late,
    stops_mid_scan,
    takes_at_most,
    version,
)
from tests.conftest import Browser, sent, simple_pdf

LETTER = simple_pdf()
OK = b"stream: OK\0"
WAITS, QUARANTINED, CLEAN = ("received", "scanner_unavailable"), ("quarantined", "infected"), ("clean", "")
PATIENT = Deadlines()
IMPATIENT = Deadlines(connect=0.3, send=0.3, answer=0.3, overall=1.0)
Start = Callable[[ExitStack, Path], str]
Use = Callable[["Case | None"], None]


@dataclass(frozen=True)
class Case:
    """`start` makes a scanner and tells its address; then a file is (state, reason). `limit`: the most bytes we take.

    `patience`: how long we wait; where there will be no answer, not long.
    """

    start: Start
    becomes: tuple[str, str]
    limit: int = len(LETTER)
    patience: Deadlines = PATIENT


def double(behaviour: Behaviour, *versions: bytes) -> Start:
    return lambda stack, _folder: stack.enter_context(Clamd(behaviour, list(versions) or None)).address


def found(name: str) -> Start:
    return double(says(f"stream: {name} FOUND\0".encode()))


def refused(reason: str) -> tuple[str, str]:
    return "refused", reason


def nobody(_stack: ExitStack, _folder: Path) -> str:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return f"127.0.0.1:{closed.getsockname()[1]}"


def no_socket(_stack: ExitStack, folder: Path) -> str:
    return str(folder / "clamd.sock")


def full_queue(stack: ExitStack, _folder: Path) -> str:
    """Its queue of connections has one place, and that is taken: connecting hangs."""
    full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    stack.enter_context(socket.create_connection(full.getsockname()))
    return f"127.0.0.1:{full.getsockname()[1]}"


CASES = {
    "down": Case(nobody, WAITS),
    "socket missing": Case(no_socket, WAITS),
    "connect hang": Case(full_queue, WAITS, patience=IMPATIENT),
    "accept then silence": Case(double(keeps_silent), WAITS, patience=IMPATIENT),
    "close before reply": Case(double(hangs_up), WAITS),
    "SIGTERM mid-scan": Case(double(stops_mid_scan), WAITS),
    "SIGKILL mid-scan": Case(double(dies_mid_scan), WAITS),
    "reply truncated": Case(double(says(b"stream: O")), WAITS),
    "ERROR generic": Case(double(says(b"stream: Something went wrong ERROR\0")), WAITS),
    "Can't allocate memory ERROR": Case(double(says(b"stream: Can't allocate memory ERROR\0")), WAITS),
    "size-limit ERROR": Case(double(takes_at_most(100)), WAITS),
    "(null) FOUND": Case(double(says(b"stream: (null) FOUND\0")), WAITS),
    "FOUND": Case(found("Win.Test.EICAR_HDB-1"), QUARANTINED),
    "Heuristics.Limits.Exceeded.MaxFileSize": Case(
        found("Heuristics.Limits.Exceeded.MaxFileSize"), refused("too_complex")
    ),
    "Heuristics.Limits.Exceeded.MaxScanSize": Case(
        found("Heuristics.Limits.Exceeded.MaxScanSize"), refused("too_complex")
    ),
    "Heuristics.Limits.Exceeded.MaxFiles": Case(found("Heuristics.Limits.Exceeded.MaxFiles"), refused("too_complex")),
    "Heuristics.Limits.Exceeded.MaxRecursion": Case(
        found("Heuristics.Limits.Exceeded.MaxRecursion"), refused("too_complex")
    ),
    "Encrypted.Zip": Case(found("Heuristics.Encrypted.Zip"), refused("locked")),
    "Encrypted.PDF": Case(found("Heuristics.Encrypted.PDF"), refused("locked")),
    "Encrypted.Doc": Case(found("Heuristics.Encrypted.Doc"), refused("locked")),
    "ContainsMacros": Case(found("Heuristics.OLE2.ContainsMacros.VBA"), refused("active_content")),
    "Broken.Media": Case(found("Heuristics.Broken.Media.JPEG.Truncated"), refused("damaged")),
    "two replies on one socket": Case(double(says(OK + b"stream: Some.Thing FOUND\0")), WAITS),
    "reply for another id": Case(double(says(b"2: " + OK)), WAITS),
    "reply later than we wait": Case(double(says_too_late(OK)), WAITS, patience=IMPATIENT),
    "VERSION without date": Case(double(says(OK), b"ClamAV 1.4.6"), WAITS),
    "date 49 h old": Case(double(says(OK), version(timedelta(hours=49))), WAITS),
    "date in the future": Case(double(says(OK), version(-timedelta(hours=2))), WAITS),
    "0-byte file": Case(double(says(OK)), refused("empty")),
    "file = limit-1": Case(double(takes_at_most(len(LETTER))), CLEAN, len(LETTER) + 1),
    "file = limit": Case(double(takes_at_most(len(LETTER))), CLEAN, len(LETTER)),
    "file = limit+1": Case(double(takes_at_most(len(LETTER))), refused("too_large"), len(LETTER) - 1),
}
AT_THE_DOOR = {"0-byte file": b"", "file = limit+1": LETTER}  # these are told at once, and nothing is received


@pytest.fixture
def scanner(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Use]:
    """Use the scanner of this case from now on; None: the real one."""
    real = django_settings.CLAMD_ADDRESS
    with ExitStack() as stack:

        def use(case: Case | None) -> None:
            settings.CLAMD_ADDRESS = case.start(stack, tmp_path) if case else real
            monkeypatch.setattr(scanning.scanner, "DEADLINES", case.patience if case else PATIENT)

        yield use


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def answers(document: Document, staff: Client) -> set[int]:
    """What its page and its original answer."""
    places = [reverse("page", args=[document.pk, 1]), reverse("original", args=[document.pk])]
    return {staff.get(place).status_code for place in places}


def tried(document: Document) -> tuple[str, str]:
    """Once through the gate; where it is now."""
    check(document)
    document.refresh_from_db()
    return document.state, document.reason


def test_there_are_thirty_two_of_them() -> None:
    assert len(CASES) == 32


@pytest.mark.parametrize("name", [name for name in CASES if name not in AT_THE_DOOR])
def test_no_answer_lets_a_byte_out(
    name: str, scanner: Use, matter: Matter, maria: User, pats: Client, settings: Any
) -> None:
    settings.UPLOAD_LIMIT = CASES[name].limit
    document = sent(LETTER, "carta.pdf", matter, maria)
    scanner(CASES[name])
    assert tried(document) == CASES[name].becomes
    assert answers(document, pats) == {404}
    assert bool(document.vault_key) == (CASES[name].becomes == CLEAN)


@pytest.mark.parametrize("name", AT_THE_DOOR)
def test_what_is_no_file_for_us_is_told_at_the_door(
    name: str, scanner: Use, matter: Matter, maria: User, settings: Any
) -> None:
    settings.UPLOAD_LIMIT = CASES[name].limit
    scanner(CASES[name])
    with pytest.raises(NotTaken) as told:
        sent(AT_THE_DOOR[name], "carta.pdf", matter, maria)
    assert ("refused", told.value.reason) == CASES[name].becomes
    assert not matter.documents.exists()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.becomes == WAITS])
def test_what_waited_is_ready_after_one_more_try(
    name: str, scanner: Use, matter: Matter, maria: User, pats: Client
) -> None:
    document = sent(LETTER, "carta.pdf", matter, maria)
    scanner(CASES[name])
    tried(document)
    assert (document.crashes, document.waits) == (0, 1)  # it was no attempt
    scanner(None)
    assert tried(document) == CLEAN
    prepare(document)
    assert answers(document, pats) == {200}


@pytest.mark.parametrize(
    "name", sorted({n for n, c in CASES.items() if c.becomes not in (WAITS, CLEAN)} - {*AT_THE_DOOR})
)
def test_what_was_not_taken_stays_out_when_the_scanner_says_otherwise(
    name: str, scanner: Use, matter: Matter, maria: User, pats: Client
) -> None:
    document = sent(LETTER, "carta.pdf", matter, maria)
    scanner(CASES[name])
    tried(document)
    scanner(None)
    assert tried(document) == CASES[name].becomes
    assert answers(document, pats) == {404}


@pytest.mark.parametrize(
    ("second", "becomes"),
    [
        (b"stream: Some.Thing FOUND\0", QUARANTINED),
        (b"stream: Heuristics.Encrypted.Zip FOUND\0", refused("locked")),
        (b"stream: Something went wrong ERROR\0", WAITS),
        (b"stream: O", WAITS),
        (OK, CLEAN),
    ],
    ids=["FOUND", "locked", "ERROR", "cut short", "OK"],
)
def test_what_is_attached_counts_like_the_whole(
    second: bytes, becomes: tuple[str, str], scanner: Use, matter: Matter, maria: User, pats: Client
) -> None:
    document = sent(hiding.attached(b"a note"), "carta.pdf", matter, maria)
    scanner(Case(double(says_in_turn(OK, second)), becomes))
    assert tried(document) == becomes
    assert answers(document, pats) == {404}
