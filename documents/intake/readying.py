"""From clean bytes to print-ready pages that people can look at."""

import logging

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEvent
from documents import lifecycle, preparing, vault
from documents.intake.workspace import BytesChanged, fetch, keep_file, workspace
from documents.models import Document, Page, Verdict
from documents.preparing import Reason, Warning_
from documents.scanning import Outcome

log = logging.getLogger(__name__)
State = Document.State
TRIES = 3


def prepare(document: Document) -> None:
    """Make a clean document ready. May be called twice, at once, and after a death at any point."""
    with lifecycle.claimed(document, patience=2) as mine:  # its check may be just letting go of it
        if not mine:
            return
        document.refresh_from_db()
        if document.state == State.PREPARING:  # claimed by nobody: whoever was at it died
            _failed(document, "worker_gone")
        if document.state == State.CLEAN:
            _prepare(document)


def _prepare(document: Document) -> None:
    if not Verdict.objects.filter(document=document, outcome=Outcome.CLEAN, sha256=document.judged_sha256).exists():
        raise lifecycle.IllegalMove(f"{document} has no clean verdict on its bytes")
    lifecycle.move(document, State.PREPARING, actor=None)
    try:
        with workspace() as folder:
            key, sha256 = document.judged_key, document.judged_sha256
            source = fetch(vault.Area.VAULT, key, sha256, folder / "file", matter=document.matter)
            made = folder / "made"
            made.mkdir()
            _finish(document, preparing.prepare(source, document.name, made))
    except preparing.Refused as problem:
        lifecycle.move(document, State.REFUSED, actor=None, why=problem.reason.value, reason=problem.reason.value)
    except preparing.PreparingFailed as problem:
        log.warning("preparing %s failed: %s", document.pk, problem)
        if problem.ours:
            _wait(document)
        else:
            _failed(document, Reason.TIMEOUT.value if problem.timed_out else "crash")
    except (vault.StoreUnavailable, BytesChanged, OSError) as problem:
        log.error("preparing %s waits: %s", document.pk, problem)
        _wait(document)


def _finish(document: Document, made: preparing.Prepared) -> None:
    """Bytes first: the print-ready form and each page's picture are kept, then one transaction promises them."""
    printed = keep_file(made.pdf, matter=document.matter)
    pages = [(page, keep_file(page.preview, matter=document.matter)) for page in made.pages]
    with transaction.atomic():
        Page.objects.filter(document=document).delete()  # a page of an earlier preparing of the same bytes
        Page.objects.bulk_create(
            Page(document=document, number=p.number, blank=p.blank, preview_key=s.key, preview_sha256=s.sha256)
            for p, s in pages
        )
        warnings = sorted({*(warning.value for warning in made.warnings), *_of_its_lock(document)})
        record(
            AuditEvent.Kind.PREPARED,
            document,
            actor=None,
            sha256_in=document.judged_sha256,
            sha256_out=printed.sha256,
            pages=len(pages),
            warnings=warnings,
        )
        lifecycle.move(
            document,
            State.READY,
            actor=None,
            print_key=printed.key,
            print_sha256=printed.sha256,
            print_size=printed.size,
            pages=len(pages),
            warnings=warnings,
            mime=made.mime,
            reason="",
            crashes=0,
        )


def _of_its_lock(document: Document) -> set[str]:
    """What was noticed when the copy without a lock was made: that copy shows nothing of it any more."""
    noticed = {Warning_.RESTRICTIONS_REMOVED.value, Warning_.REPAIRED.value} if document.unlocked_key else set()
    return noticed & set(document.warnings)


def _wait(document: Document) -> None:
    """The machine's fault, not the file's: it is not an attempt."""
    retry_at = timezone.now() + lifecycle.A_LONG_WHILE
    lifecycle.move(document, State.CLEAN, actor=None, why="machine", retry_at=retry_at)


def _failed(document: Document, why: str) -> None:
    """Three crashes or deadlines, and a person decides."""
    crashes = document.crashes + 1
    to, reason = (State.HELD, Reason.TIMEOUT.value) if crashes >= TRIES else (State.CLEAN, "")
    lifecycle.move(
        document, to, actor=None, why=why, crashes=crashes, reason=reason, retry_at=timezone.now() + lifecycle.A_WHILE
    )
