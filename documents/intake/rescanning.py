"""What was let in is looked at again when the scanner knows more, the longest unseen first.

Found harmful then, it is in quarantine in the same moment, and every packet that holds it is out of use.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from accounts import audit
from documents import alarms, lifecycle, preparing, scanning, vault
from documents.alarms import Kind
from documents.intake.checking import note
from documents.intake.looking import REFUSALS, Found, look
from documents.intake.workspace import BytesChanged, workspace
from documents.models import Document, Verdict
from documents.preparing import Reason
from documents.scanning import Outcome

log = logging.getLogger(__name__)
State = Document.State
KEPT = [State.CLEAN, State.READY, State.HELD, State.WITHDRAWN]  # whose bytes lie in the vault
NO_ANSWER = scanning.ScannerUnavailable, vault.StoreUnavailable, OSError
Told = Callable[[Document, Outcome], None]


def due() -> QuerySet[Document]:
    """What was last judged by older signatures than the scanner's. Raises ScannerUnavailable."""
    return _judged_before(scanning.signatures().require_fresh().version)


def longest_unseen(version: int) -> datetime | None:
    """When the one that these signatures have not seen, and others for the longest time neither, was last judged."""
    at: datetime | None = _judged_before(version).annotate(last=F("at")).values_list("last", flat=True).first()
    return at


def _judged_before(version: int) -> QuerySet[Document]:
    last = Verdict.objects.filter(document=OuterRef("pk")).order_by("-pk")
    kept = Document.objects.filter(state__in=KEPT, matter__purged_at=None).exclude(vault_key="")
    judged = kept.alias(
        version=Subquery(last.values("signature_version")[:1]), at=Subquery(last.values("scanned_at")[:1])
    )
    return judged.filter(version__lt=version).order_by("at").select_related("matter")


def rescan_all(*, until: datetime | None = None, tell: Told = lambda _document, _outcome: None) -> bool:
    """Look at everything that is due, or at as much as there is time for; whether nothing is left.

    `tell` hears of each and what was found. Where there is no answer about one, the others are looked at all the same;
    then, or at once where scanner or store are away altogether, raises what was the matter with the first:
    ScannerUnavailable, StoreUnavailable or OSError. What was not looked at stays due.
    """
    unanswered: list[Exception] = []
    left = list(due().values_list("pk", flat=True))
    while left and not (until and timezone.now() >= until):
        pk = left.pop(0)
        try:
            _rescan(pk, tell)
        except NO_ANSWER as problem:
            log.warning("there was no answer about %s, it stays due: %s", pk, problem)
            unanswered.append(problem)
            _require_answers()
    if unanswered:
        raise unanswered[0]
    return not left


def _rescan(pk: UUID, tell: Told) -> None:
    document = Document.objects.select_related("matter").get(pk=pk)
    if (outcome := rescan(document)) is not None:
        tell(document, outcome)


def _require_answers() -> None:
    """It was about that one file, and not that nobody is there. Raises ScannerUnavailable, StoreUnavailable."""
    scanning.signatures()
    away = [f"{area}: {word}" for area, word in vault.probe().items() if word != "ok"]
    if away:
        raise vault.StoreUnavailable("; ".join(away))


def rescan(document: Document) -> Outcome | None:
    """One more look at a document's bytes. None where somebody is at work on it, or it could not be looked at."""
    with lifecycle.claimed(document) as mine:
        if not mine:
            return None
        document.refresh_from_db()
        if document.state not in KEPT:
            return None
        try:
            with workspace() as folder:
                return _judge(document, look(document, folder))
        except BytesChanged as problem:
            log.error("the stored bytes of %s are not what was received: %s", document.pk, problem)
            alarms.raise_(Kind.BYTES_CHANGED, "A document's stored bytes are not what was received.")
        except preparing.PreparingFailed as problem:
            log.warning("looking into %s again failed: %s", document.pk, problem)
    return None


def _judge(document: Document, found: Found) -> Outcome:
    """Put the verdict on the record. What is not clean any more goes where nobody can open it; what was withdrawn stays
    so, and goes there if it is brought back."""
    outcome = found.worst.outcome
    if outcome == Outcome.UNKNOWN:
        raise scanning.ScannerUnavailable(f"no verdict on these bytes: {found.worst.name}")
    with transaction.atomic():
        audit.take_turns(document.audit_chain)  # people moved it while it was looked at
        document.refresh_from_db(fields=["state", "was"], from_queryset=Document.objects.select_for_update())
        note(document, found, let_in=not found.refused)
        good = outcome == Outcome.CLEAN and not found.refused
        if not good and document.state in KEPT and document.state != State.WITHDRAWN:
            reason = found.refused or REFUSALS.get(outcome, Reason.INFECTED)
            lifecycle.move(document, State.QUARANTINED, actor=None, why="rescan", reason=reason.value)
    return outcome if good or outcome != Outcome.CLEAN else Outcome.UNKNOWN
