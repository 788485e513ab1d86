"""One look at the stored bytes: what the scanner says of a file and of everything inside it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from documents import preparing, scanning, vault
from documents.intake.workspace import fetch
from documents.models import Document
from documents.preparing import Reason
from documents.scanning import Outcome

REFUSALS = {
    Outcome.LOCKED: Reason.LOCKED,
    Outcome.TOO_COMPLEX: Reason.TOO_COMPLEX,
    Outcome.ACTIVE: Reason.ACTIVE_CONTENT,
    Outcome.DAMAGED: Reason.DAMAGED,
}
# Of a file and what is inside it, the worst verdict counts.
WORST_FIRST = [Outcome.INFECTED, Outcome.ACTIVE, Outcome.LOCKED, Outcome.TOO_COMPLEX, Outcome.DAMAGED, Outcome.CLEAN]
OPENED = frozenset({Outcome.CLEAN, Outcome.LOCKED})  # what we open: the scanner says of a locked file that it is locked
NOT_OPENED = "wrong_password"  # the code for the record


@dataclass(frozen=True, slots=True)
class Found:
    """`verdicts`: on the bytes that are judged, then on each file inside them. `refused`: why it cannot be taken.

    `unlocked` is the copy without a lock, where there is one: then it is judged. `openable`: it is locked, and the right
    password would open it. `why`: a code for the record.
    """

    verdicts: list[scanning.Verdict]
    refused: Reason | None = None
    unlocked: preparing.Unlocked | None = None
    openable: bool = False
    why: str = ""

    @property
    def worst(self) -> scanning.Verdict:
        known = {outcome: place for place, outcome in enumerate(WORST_FIRST)}
        return min(self.verdicts, key=lambda verdict: known.get(verdict.outcome, -1))

    @property
    def sha256(self) -> str:
        """Of the bytes that are judged."""
        return self.verdicts[0].sha256


def look(document: Document, folder: Path, meanwhile: Callable[[Path], object] = lambda _as_came: None) -> Found:
    """Scan the document's bytes as they came; open them where that is safe, with the password where there is one.

    `meanwhile` is given these bytes while the scanner is at them: nobody knows yet what they are. Its errors are passed on.
    Raises ScannerUnavailable, StoreUnavailable, BytesChanged, PreparingFailed, OSError: then nothing is known.
    """
    path = _fetch(document, folder / "file")
    first = _scan(path, lambda: meanwhile(path))
    if first.sha256 != document.sha256:
        raise scanning.ScannerUnavailable("the scanner was sent other bytes")
    if first.outcome not in OPENED:
        return Found([first], REFUSALS.get(first.outcome))
    try:
        unlocked = _unlocked(document, path, folder)
    except preparing.Refused as problem:
        wrong = problem.reason == Reason.LOCKED
        return Found([first], problem.reason, openable=wrong, why=NOT_OPENED if wrong else "")
    return _look_inside(document, path, first, unlocked, folder)


def _look_inside(
    document: Document, path: Path, first: scanning.Verdict, unlocked: preparing.Unlocked | None, folder: Path
) -> Found:
    """Everything in the unlocked copy, or in the file as it came."""
    judged = unlocked.pdf if unlocked else path
    found = Found([_scan(judged) if unlocked else first], unlocked=unlocked)
    refused = REFUSALS.get(found.verdicts[0].outcome)
    try:
        if found.verdicts[0].outcome == Outcome.CLEAN:
            preparing.sniff(judged, document.name)
            inside = folder / "inside"
            inside.mkdir()
            found.verdicts.extend(_scan(part) for part in preparing.attachments(judged, inside))
            refused = REFUSALS.get(found.worst.outcome)
    except preparing.Refused as problem:
        refused = problem.reason
    openable = refused == Reason.LOCKED and not unlocked and preparing.needs_password(path)
    return Found(found.verdicts, refused, unlocked, openable)


def _fetch(document: Document, path: Path) -> Path:
    """From intake; from the vault where the bytes already are (a hold released, a re-scan)."""
    area = vault.Area.VAULT if document.vault_key else vault.Area.INTAKE
    key = document.vault_key or document.intake_key
    return fetch(area, key, document.sha256, path, matter=document.matter)


def _unlocked(document: Document, path: Path, folder: Path) -> preparing.Unlocked | None:
    """The copy without a lock: the one that is kept, or a new one. None where the file did not come locked."""
    into = folder / "unlocked"
    into.mkdir()
    if document.unlocked_key:
        key, sha256 = document.unlocked_key, document.unlocked_sha256
        return preparing.Unlocked(
            fetch(vault.Area.VAULT, key, sha256, into / "kept.pdf", matter=document.matter), frozenset()
        )
    return preparing.unlock(path, document.password, into) if document.password else None


def _scan(path: Path, meanwhile: Callable[[], object] = lambda: None) -> scanning.Verdict:
    with path.open("rb") as stream:
        return scanning.scan(stream, meanwhile=meanwhile)
