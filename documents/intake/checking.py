"""The gate: one look at the stored bytes. No verdict, and the file waits, however long it takes."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEvent
from documents import gate, lifecycle, preparing, queue, scanning, vault
from documents.intake.looking import Found, look
from documents.intake.workspace import BytesChanged, keep_file, keep_sealed, workspace, write_file
from documents.models import Document, Verdict
from documents.preparing import Kind, Reason
from documents.scanning import Outcome

log = logging.getLogger(__name__)
State = Document.State
TRIES = 3
LONGEST_WAIT = timedelta(seconds=30)
A_REST = timedelta(minutes=2)


def check(document: Document) -> None:
    """Scan a received document and move it on. May be called twice, at once, and after a death at any point."""
    with lifecycle.claimed(document) as mine:
        if not mine:
            return
        document.refresh_from_db()
        left_over = document.intake_key
        rests = document.state == State.CHECKING and _take_up(document)
        if document.state == State.RECEIVED and not rests and _scanner_is_well(document):
            _check(document)
    # Not while we hold the row: its next job is waiting for it.
    if left_over and document.state == State.CLEAN:
        vault.shred(vault.Area.INTAKE, left_over)


def _take_up(document: Document) -> bool:
    """Claimed by nobody: whoever was at it died. Whether it rests now: from the third time on it kills fewer workers."""
    crashes = document.crashes + 1
    rests = crashes >= TRIES
    retry_at = timezone.now() + (A_REST if rests else timedelta(0))
    lifecycle.move(document, State.RECEIVED, actor=None, why="worker_gone", crashes=crashes, retry_at=retry_at)
    return rests


def _scanner_is_well(document: Document) -> bool:
    """Asked first: while it is not, nothing is fetched and nothing is written but when to look again."""
    try:
        scanning.signatures().require_fresh()
        gate.require_open()
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
            _look(document, folder)
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


def _look(document: Document, folder: Path) -> None:
    """While the scanner is at the bytes they are sealed; the vault has them when the seal is closed, once they are clean."""
    with vault.Seal(vault.Area.VAULT, under=bytes(document.matter.key)) as seal:

        def keep(as_came: Path) -> None:
            if not document.vault_key:
                write_file(as_came, seal)

        found = look(document, folder, keep)
        _decide(document, found, seal)


def _decide(document: Document, found: Found, seal: vault.Seal) -> None:
    if found.worst.outcome == Outcome.INFECTED:
        _settle(document, found, State.QUARANTINED, Reason.INFECTED)
    elif found.refused:
        _settle(document, found, State.REFUSED, found.refused)
    elif found.worst.outcome == Outcome.CLEAN:
        _require_newer(document, found)
        _let_in(document, found, seal)
    else:
        raise scanning.ScannerUnavailable(f"no verdict on these bytes: {found.worst.outcome}")


def _require_newer(document: Document, found: Found) -> None:
    """Signatures that found something in these bytes are not followed by older ones that do not."""
    doubts = document.verdicts.filter(outcome=Outcome.INFECTED).values_list("signature_version", flat=True)
    if found.worst.version <= max(doubts, default=-1):
        raise scanning.ScannerUnavailable("the signatures are not newer than those that found something in it")


def _let_in(document: Document, found: Found, seal: vault.Seal) -> None:
    """Keep the clean bytes in the vault as they came, beside them the copy without their lock, and only then say so."""
    gate.require_open()  # it may have been shut while this was looked at
    facts: dict[str, Any] = {}
    if not document.vault_key:
        facts["vault_key"] = keep_sealed(seal, matter=document.matter, sha256=document.sha256).key
    if found.unlocked and not document.unlocked_key:
        copy = keep_file(found.unlocked.pdf, matter=document.matter, sha256=found.sha256)
        facts |= {"unlocked_key": copy.key, "unlocked_sha256": copy.sha256, "unlocked_size": copy.size}
        facts["warnings"] = sorted(found.unlocked.warnings)
    with transaction.atomic():
        note(document, found, let_in=True)
        facts |= {"password": "", "intake_key": "", "reason": "", "waits": 0, "crashes": 0}
        lifecycle.move(document, State.CLEAN, actor=None, **facts)
        queue.defer("prepare", document)


def _settle(document: Document, found: Found, to: str, reason: Reason) -> None:
    """`mime` of a locked file says that its password would open it."""
    mime = Kind.PDF.mime if found.openable else ""
    why = found.why or reason.value
    with transaction.atomic():
        note(document, found, let_in=False)
        lifecycle.move(document, to, actor=None, why=why, reason=reason.value, mime=mime, waits=0, crashes=0)


def note(document: Document, found: Found, *, let_in: bool) -> None:
    """The verdict on the whole. A file that was refused is never on the record as clean: not all of it was looked at."""
    worst = found.worst
    outcome = Outcome.UNKNOWN if worst.outcome == Outcome.CLEAN and not let_in else worst.outcome
    Verdict.objects.create(
        document=document,
        sha256=found.sha256,
        outcome=outcome,
        engine=worst.engine,
        signature_version=worst.version,
        signatures_at=min(verdict.signatures for verdict in found.verdicts),
        found=worst.name,
        parts=len(found.verdicts),
    )
    record(
        AuditEvent.Kind.SCANNED,
        document,
        actor=None,
        verdict=outcome.value,
        version=worst.version,
        parts=len(found.verdicts),
        sha256=found.sha256,
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
