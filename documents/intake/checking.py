"""The gate: one look at the stored bytes. No verdict, and the file waits, however long it takes."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEvent
from documents import lifecycle, preparing, queue, scanning, vault
from documents.intake.workspace import BytesChanged, fetch, seal_file, workspace
from documents.models import Document, Verdict
from documents.preparing import Reason
from documents.scanning import Outcome

log = logging.getLogger(__name__)
State = Document.State
TRIES = 3
LONGEST_WAIT = timedelta(seconds=30)
REFUSALS = {
    Outcome.LOCKED: Reason.LOCKED,
    Outcome.TOO_COMPLEX: Reason.TOO_COMPLEX,
    Outcome.ACTIVE: Reason.ACTIVE_CONTENT,
    Outcome.DAMAGED: Reason.DAMAGED,
}
# Of a file and what is inside it, the worst verdict counts.
WORST_FIRST = [Outcome.INFECTED, Outcome.ACTIVE, Outcome.LOCKED, Outcome.TOO_COMPLEX, Outcome.DAMAGED, Outcome.CLEAN]


def check(document: Document) -> None:
    """Scan a received document and move it on. May be called twice, at once, and after a death at any point."""
    with lifecycle.claimed(document) as mine:
        if not mine:
            return
        document.refresh_from_db()
        left_over = document.intake_key
        if document.state == State.CHECKING:  # claimed by nobody: whoever was at it died
            lifecycle.move(document, State.RECEIVED, actor=None, why="worker_gone")
        if document.state == State.RECEIVED and _scanner_is_well(document):
            _check(document)
    # Not while we hold the row: its next job is waiting for it.
    if left_over and document.state == State.CLEAN:
        vault.shred(vault.Area.INTAKE, left_over)


def _scanner_is_well(document: Document) -> bool:
    """Asked first: while it is not, nothing is fetched and nothing is written but when to look again."""
    try:
        scanning.signatures().require_fresh()
    except scanning.ScannerUnavailable as problem:
        log.warning("%s of %s waits: %s", document.pk, document.matter, problem)
        later = {**_later(document), "reason": Reason.SCANNER_UNAVAILABLE.value}
        Document.objects.filter(pk=document.pk, state=State.RECEIVED).update(**later)
        document.refresh_from_db()
        return False
    return True


def _check(document: Document) -> None:
    lifecycle.move(document, State.CHECKING, actor=None)
    try:
        with workspace() as folder:
            _decide(document, folder)
    except (scanning.ScannerUnavailable, vault.StoreUnavailable, OSError) as problem:
        log.warning("%s of %s waits: %s", document.pk, document.matter, problem)
        _wait(document, Reason.SCANNER_UNAVAILABLE)
    except BytesChanged as problem:
        log.error("the stored bytes of %s are not what was received: %s", document.pk, problem)
        _wait(document, Reason.DAMAGED)
    except preparing.PreparingFailed as problem:
        log.warning("looking into %s failed: %s", document.pk, problem)
        if problem.ours:
            _wait(document, Reason.SCANNER_UNAVAILABLE)
        else:
            _try_again(document)


def _decide(document: Document, folder: Path) -> None:
    path = _fetch(document, folder / "file")
    verdicts = [_scan(path)]
    try:
        if verdicts[0].outcome == Outcome.CLEAN:
            preparing.sniff(path, document.name)
            inside = folder / "inside"
            inside.mkdir()
            verdicts += [_scan(part) for part in preparing.attachments(path, inside)]
        refused = REFUSALS.get(_worst(verdicts).outcome)
    except preparing.Refused as problem:
        refused = problem.reason
    worst = _worst(verdicts)
    if worst.outcome == Outcome.INFECTED:
        _settle(document, verdicts, State.QUARANTINED, Reason.INFECTED)
    elif refused:
        _settle(document, verdicts, State.REFUSED, refused)
    elif worst.outcome == Outcome.CLEAN and worst.sha256 == document.sha256:
        _let_in(document, verdicts, path)
    else:
        raise scanning.ScannerUnavailable(f"no verdict on these bytes: {worst.outcome}")


def _fetch(document: Document, path: Path) -> Path:
    """From intake; from the vault where the bytes already are (a hold released, a re-scan)."""
    area = vault.Area.VAULT if document.vault_key else vault.Area.INTAKE
    key = document.vault_key or document.intake_key
    return fetch(area, key, document.sha256, path, matter=document.matter)


def _scan(path: Path) -> scanning.Verdict:
    with path.open("rb") as stream:
        return scanning.scan(stream)


def _worst(verdicts: list[scanning.Verdict]) -> scanning.Verdict:
    known = {outcome: place for place, outcome in enumerate(WORST_FIRST)}
    return min(verdicts, key=lambda verdict: known.get(verdict.outcome, -1))


def _let_in(document: Document, verdicts: list[scanning.Verdict], path: Path) -> None:
    """Seal the clean bytes in the vault as they came, read them back, and only then say so."""
    under, key = bytes(document.matter.key), document.vault_key
    if not key:
        key = seal_file(path, vault.Area.VAULT, matter=document.matter).key
        if vault.fingerprint(vault.Area.VAULT, key, under=under).sha256 != document.sha256:
            vault.shred(vault.Area.VAULT, key)
            raise vault.StoreUnavailable("the vault did not keep what was put there")
    with transaction.atomic():
        _note(document, verdicts, let_in=True)
        lifecycle.move(
            document, State.CLEAN, actor=None, vault_key=key, intake_key="", reason="", waits=0, crashes=0
        )
        queue.defer("prepare", document)


def _settle(document: Document, verdicts: list[scanning.Verdict], to: str, reason: Reason) -> None:
    with transaction.atomic():
        _note(document, verdicts, let_in=False)
        lifecycle.move(document, to, actor=None, why=reason.value, reason=reason.value, waits=0, crashes=0)


def _note(document: Document, verdicts: list[scanning.Verdict], *, let_in: bool) -> None:
    """The verdict on the whole. A file that was refused is never on the record as clean: not all of it was looked at."""
    worst = _worst(verdicts)
    outcome = Outcome.UNKNOWN if worst.outcome == Outcome.CLEAN and not let_in else worst.outcome
    Verdict.objects.create(
        document=document,
        sha256=document.sha256,
        outcome=outcome,
        engine=worst.engine,
        signature_version=worst.version,
        signatures_at=min(verdict.signatures for verdict in verdicts),
        found=worst.name,
        parts=len(verdicts),
    )
    record(
        AuditEvent.Kind.SCANNED,
        document,
        actor=None,
        verdict=outcome.value,
        version=worst.version,
        parts=len(verdicts),
        sha256=document.sha256,
    )


def _wait(document: Document, reason: Reason) -> None:
    """Back to waiting. It is not an attempt: there is no number of these after which anything else happens."""
    later = _later(document)
    lifecycle.move(document, State.RECEIVED, actor=None, why=reason.value, reason=reason.value, **later)


def _later(document: Document) -> dict[str, Any]:
    pause = min(timedelta(seconds=2 ** min(document.waits, 10)), LONGEST_WAIT)
    return {"waits": document.waits + 1, "retry_at": timezone.now() + pause}


def _try_again(document: Document) -> None:
    """The sandbox died over this file. Thrice is an answer: we could not read it."""
    crashes = document.crashes + 1
    if crashes >= TRIES:
        lifecycle.move(document, State.REFUSED, actor=None, why="crashes", reason=Reason.DAMAGED.value, crashes=0)
    else:
        lifecycle.move(document, State.RECEIVED, actor=None, why="crash", crashes=crashes, retry_at=timezone.now())
