"""What the scanner says about these very bytes, under signatures known to be fresh."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

from django.conf import settings

from documents.scanning.conversation import (
    DEADLINES,
    Conversation,
    Deadlines,
    Readable,
    ScannerUnavailable,
    answering,
    client,
)

FRESH = timedelta(hours=48)
CLOCK_SKEW = timedelta(hours=1)


class StaleSignatures(ScannerUnavailable):
    """The scanner's signatures have no date, are older than 48 hours, or are from the future."""


class Outcome(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    LOCKED = "locked"
    TOO_COMPLEX = "too_complex"
    ACTIVE = "active"
    DAMAGED = "damaged"
    UNKNOWN = "unknown"  # the scanner answered that it could not tell: the file waits


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said about the bytes with this hash; `size` in bytes."""

    outcome: Outcome
    sha256: str
    size: int
    signatures: datetime
    engine: str  # clamd's whole answer to VERSION
    version: int  # of the signatures
    name: str = ""  # of the signature found, or the scanner's own words when it could not tell


@dataclass(frozen=True, slots=True)
class Signatures:
    version: int
    at: datetime
    text: str

    def require_fresh(self) -> Self:
        """Itself. Raises StaleSignatures."""
        age = datetime.now(UTC) - self.at
        if not -CLOCK_SKEW <= age <= FRESH:
            raise StaleSignatures(f"The scanner's signatures are of {self.at:%Y-%m-%d %H:%M} UTC.")
        return self


def scan(
    stream: Readable, *, meanwhile: Callable[[], object] = lambda: None, deadlines: Deadlines | None = None
) -> Verdict:
    """The verdict on everything `stream` still has to give; SHA-256 and size are of the bytes as they were sent.

    Asks for the signatures before and after: both must be fresh, the older are recorded. The scanner begins when it has
    the whole stream, and `meanwhile` is called then: nothing is known of the bytes yet. Raises ScannerUnavailable
    (StaleSignatures) when there is no verdict; errors of reading `stream` and of `meanwhile` are passed on.
    """
    deadlines = deadlines or DEADLINES
    before = signatures(deadlines).require_fresh()
    with closing(Conversation(deadlines)) as conversation:
        digest, size = conversation.send(stream)
        conversation.meanwhile(meanwhile)
        outcome, name = _meaning(conversation.answer(), complete=conversation.complete, size=size)
    older = min(before, signatures(deadlines).require_fresh(), key=lambda each: each.at)
    return Verdict(outcome, digest, size, older.at, older.text, older.version, name)


def signatures(deadlines: Deadlines | None = None) -> Signatures:
    """What the scanner looks with now, fresh or not. clamd prints its local time: it must run with TZ=UTC.

    Raises ScannerUnavailable, and StaleSignatures where they have no date.
    """
    with answering():
        text: str = client(deadlines or DEADLINES).version()
    if not text.startswith("ClamAV "):
        raise ScannerUnavailable("The scanner did not answer VERSION.")
    try:
        _engine, version, date = text.split("/")
        at = datetime.strptime(date, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        return Signatures(int(version), at, text)
    except ValueError as error:
        raise StaleSignatures("The scanner's signatures have no date.") from error


_OVER_LIMIT = b"INSTREAM size limit exceeded. ERROR\0"
_OK = b"stream: OK\0"
_FOUND = re.compile(rb"stream: (?!\(null\) )([!-~]+) FOUND\0")
_ERROR = re.compile(rb"([ -~]+) ERROR\0")
_NAMES = {
    "Heuristics.Encrypted.": Outcome.LOCKED,
    "Heuristics.Limits.Exceeded": Outcome.TOO_COMPLEX,
    "Heuristics.OLE2.ContainsMacros": Outcome.ACTIVE,
    "Heuristics.Broken.": Outcome.DAMAGED,
}


def _meaning(answer: bytes, *, complete: bool, size: int) -> tuple[Outcome, str]:
    """Outcome and name of what was found. Whatever is not exactly one whole answer to this stream is no verdict."""
    if answer == _OVER_LIMIT and size > settings.UPLOAD_LIMIT:
        return Outcome.TOO_COMPLEX, "INSTREAM size limit exceeded."
    if error := _ERROR.fullmatch(answer):  # a file we promised to take but the scanner's limit does not: it waits
        return Outcome.UNKNOWN, error[1].decode()
    if complete and answer == _OK:
        return Outcome.CLEAN, ""
    if complete and (found := _FOUND.fullmatch(answer)):
        name = found[1].decode()
        return next((each for start, each in _NAMES.items() if name.startswith(start)), Outcome.INFECTED), name
    raise ScannerUnavailable("The scanner hung up without a whole answer.")
