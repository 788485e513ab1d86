"""From clean bytes to print-ready pages that people can look at."""

import hashlib
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEvent
from documents import lifecycle, likeness, preparing, queue, suggesting, tagging, vault
from documents.intake.workspace import BytesChanged, fetch, keep_file, workspace
from documents.models import Document, Page, Redaction, Verdict
from documents.packets import asfiled
from documents.preparing import Placed, Reason, Warning_
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
            made, arrangement = _made(document, source, folder)
            _finish(document, _blackened(document, made, folder), arrangement)
    except preparing.Refused as problem:
        lifecycle.move(document, State.REFUSED, actor=None, why=problem.reason.value, reason=problem.reason.value)
    except preparing.NotBurnt as problem:
        log.error("%s is held, its boxes are not burnt in: %s", document.pk, problem)
        reason = Reason.NOT_REDACTED.value
        lifecycle.move(document, State.HELD, actor=None, why=reason, reason=reason)
    except preparing.PreparingFailed as problem:
        log.warning("preparing %s failed: %s", document.pk, problem)
        if problem.ours:
            _wait(document)
        else:
            _failed(document, Reason.TIMEOUT.value if problem.timed_out else "crash")
    except (vault.StoreUnavailable, BytesChanged, OSError) as problem:
        log.error("preparing %s waits: %s", document.pk, problem)
        _wait(document)


def _made(document: Document, source: Path, folder: Path) -> tuple[preparing.Prepared, list[Any]]:
    """Its pages, and the arrangement that made them. One that cannot be followed costs nobody a page: then it is all
    of them, as they are."""
    made = folder / "made"
    made.mkdir()
    if document.arrangement:
        try:
            arrangement = [Placed.from_json(each) for each in document.arrangement]
            return preparing.prepare(source, document.name, made, arrangement), document.arrangement
        except (preparing.Misplaced, preparing.Refused) as problem:
            log.error("%s is prepared as it came, not as arranged: %s", document.pk, problem)
        made = folder / "made-as-it-came"
        made.mkdir()
    return preparing.prepare(source, document.name, made), []


def _blackened(document: Document, made: preparing.Prepared, folder: Path) -> preparing.Prepared:
    """With its approved boxes burnt in. Raises NotBurnt, also where these are not the pages the boxes were drawn on."""
    boxes = list(document.redactions.filter(Redaction.BURNT_IN))
    if not boxes:
        return made
    with made.pdf.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if any(box.of_sha256 != sha256 for box in boxes):
        raise preparing.NotBurnt("its pages are not those that the boxes were drawn on")
    into = folder / "burnt"
    into.mkdir()
    return preparing.burn(made, [box.box for box in boxes], into)


def _finish(document: Document, made: preparing.Prepared, arrangement: list[Any]) -> None:
    """Bytes first: the print-ready form and each page's picture are kept, then one transaction promises them.

    What it was printed as before is then nobody's, and is swept, unless it was filed like that.
    """
    printed = keep_file(made.pdf, matter=document.matter)
    pages = [(page, keep_file(page.preview, matter=document.matter)) for page in made.pages]
    with transaction.atomic():
        asfiled.keep(document)
        asfiled.let_go(document, printed.sha256)
        Page.objects.filter(document=document).delete()  # a page of an earlier preparing of the same bytes
        rows = Page.objects.bulk_create(_page(document, page, picture) for page, picture in pages)
        likeness.keep(zip(rows, (page.look for page, _picture in pages), strict=True))
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
            leaves=made.leaves,
            photos=made.photos,
            arrangement=arrangement,
            suggestions=_suggested(document, made),
            reason="",
            crashes=0,
            read_at=None,
            compared_at=None,
        )
        if not document.matter.throwaway:
            queue.defer("read", document)
            queue.defer("find_alike", document)
        _take_out_what_it_replaces(document)
        suggesting.suggest(document)


def _take_out_what_it_replaces(document: Document) -> None:
    """The paper that this one was sent instead of, as long as nobody has worked on it: now that there is a better one."""
    old = document.replaces
    if old and old.sender_id == document.sender_id and tagging.is_untouched(old):
        with suppress(lifecycle.LostRace, lifecycle.IllegalMove):
            lifecycle.move(old, State.WITHDRAWN, actor=document.sender, why="replaced")


def _page(document: Document, page: preparing.PreparedPage, picture: vault.Sealed) -> Page:
    return Page(
        document=document,
        number=page.number,
        leaf=page.leaf,
        blank=page.blank,
        noticed=[word.value for word in page.noticed],
        preview_key=picture.key,
        preview_sha256=picture.sha256,
    )


def _suggested(document: Document, made: preparing.Prepared) -> list[Any]:
    """By photo, also for those that are left out now: they were looked at before, and their bytes are the same."""
    known = {each["photo"]: each for each in document.suggestions}
    return [*(known | {placed.photo: placed.to_json() for placed in made.suggestions}).values()]


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
