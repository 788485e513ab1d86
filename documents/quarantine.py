"""What becomes of a quarantined document: one person proposes it with a reason, another decides, the worker does it.

Released, it waits for signatures newer than those that found something, and is scanned again like any other; destroyed,
its bytes are gone and its row stays. Until then nobody sees a byte of it.
"""

import logging
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, queue, scanning, vault
from documents.models import Disposition, Document, Matter, Page, PageText, Upload

log = logging.getLogger(__name__)
Kind, Decision = Disposition.Kind, Disposition.Decision
State = Document.State
KEYS = ("intake_key", "vault_key", "unlocked_key", "print_key")
TOMBSTONE = {"name": "", "title": "", "review_reason": "", "item": None}  # what people typed is not kept


class CannotPropose(Exception):
    """Something is proposed for this document already; the message says so."""


class CannotDecide(Exception):
    """This person cannot decide this now; the message says why."""


def propose(document: Document, kind: str, why: str, *, actor: User) -> Disposition:
    """Ask that the document be released or destroyed. `why` stays in the row: the one who decides reads it."""
    with transaction.atomic():
        _take(document)
        if document.dispositions.filter(decision=Decision.OPEN).exists() or standing(document):
            raise CannotPropose(_("Something is proposed already. It is decided first."))
        doubted = document.verdicts.first()
        made = Disposition.objects.create(
            document=document,
            kind=kind,
            why=why,
            proposed_by=actor,
            signature_version=doubted.signature_version if doubted else 0,
        )
        record(AuditEvent.Kind.PROPOSED, document, actor=actor, action=kind)
    return made


def decide(disposition: Disposition, *, approve: bool, actor: User) -> None:
    """Approve what another person proposed, or decline it, one's own too. The worker then does what was approved.

    Raises CannotDecide; LostRace or IllegalMove where it was decided already or the document has moved on.
    """
    document = disposition.document
    with transaction.atomic():
        _take(document)
        if approve and disposition.proposed_by_id == actor.pk:
            raise CannotDecide(_("You proposed this. Another person decides."))
        if approve and disposition.kind == Kind.DESTROY and document.matter.legal_hold:
            raise CannotDecide(_("This matter is under legal hold. Nothing of it is destroyed."))
        decision = Decision.APPROVED if approve else Decision.DECLINED
        still_open = Disposition.objects.filter(pk=disposition.pk, decision=Decision.OPEN)
        if not still_open.update(decision=decision, decided_by=actor, decided_at=timezone.now()):
            raise lifecycle.LostRace(f"{disposition} was decided already")
        record(AuditEvent.Kind.DECIDED, document, actor=actor, action=disposition.kind, outcome=decision.value)
        queue.defer("settle", document)


def _take(document: Document) -> None:
    """The row as it is now, ours until the transaction ends, and still in quarantine."""
    audit.take_turns(document.audit_chain)
    document.refresh_from_db(fields=["state", "state_since"], from_queryset=Document.objects.select_for_update())
    if document.state != State.QUARANTINED:
        raise lifecycle.IllegalMove(f"{document} is {document.state}, not quarantined")


def standing(document: Document) -> Disposition | None:
    """What was approved since the document came into quarantine: each time asks for a decision of its own."""
    return document.dispositions.filter(decision=Decision.APPROVED, decided_at__gte=document.state_since).first()


def settle(document: Document) -> None:
    """Do what was approved. May be called twice, at once, and after a death at any point."""
    with lifecycle.claimed(document) as mine:
        if not mine:
            return
        document.refresh_from_db()
        approved = standing(document) if document.state == State.QUARANTINED else None
        if approved and approved.kind == Kind.RELEASE:
            _release(document, approved)
        elif approved:
            _destroy(document)
        if document.state == State.PURGED and document.matter.purged_at is None:
            _shred(document)


def unsettled() -> QuerySet[Document]:
    """Approved and not done yet, or destroyed with bytes left."""
    approved = Q(
        state=State.QUARANTINED,
        dispositions__decision=Decision.APPROVED,
        dispositions__decided_at__gte=F("state_since"),
    )
    left = ~Q(**dict.fromkeys(KEYS, "")) & Q(state=State.PURGED, matter__purged_at=None)
    return Document.objects.filter(approved | left).select_related("matter").distinct()


def settle_all() -> int:
    """Take up whatever is not settled; how many were looked at. A store that is away is for the next time."""
    documents = list(unsettled())
    for document in documents:
        try:
            settle(document)
        except (lifecycle.LostRace, vault.StoreUnavailable) as problem:
            log.warning("what was decided of %s has to wait: %s", document.pk, problem)
    return len(documents)


def _release(document: Document, approved: Disposition) -> None:
    """Back to the door, once the scanner knows more than when it found something."""
    try:
        now = scanning.signatures().require_fresh().version
    except scanning.ScannerUnavailable as problem:
        log.warning("the release of %s waits: %s", document.pk, problem)
        return
    if now <= approved.signature_version:
        return
    with transaction.atomic():
        lifecycle.move(
            document,
            State.RECEIVED,
            actor=approved.decided_by,
            why="released",
            reason="",
            review=Document.Review.PENDING,
            retry_at=timezone.now(),
        )
        queue.defer("check", document)


def _destroy(document: Document) -> None:
    """The row promises nothing from here on; the bytes follow. A legal hold set meanwhile is the last word."""
    with transaction.atomic():
        matter = Matter.objects.select_for_update().get(pk=document.matter_id)
        if not matter.legal_hold:
            lifecycle.move(document, State.PURGED, actor=None, why="destroyed", **TOMBSTONE)
            PageText.objects.filter(page__document=document).delete()
            Upload.objects.filter(document=document).update(name="", item=None)


def _shred(document: Document) -> None:
    for area, key in _objects(document):
        vault.shred(area, key)
    with transaction.atomic():
        Page.objects.filter(document=document).delete()
        document.fitted.all().delete()
        Document.objects.filter(pk=document.pk).update(**dict.fromkeys(KEYS, ""))


def _objects(document: Document) -> Iterator[tuple[vault.Area, str]]:
    for field in KEYS:
        if key := getattr(document, field):
            yield vault.Area.INTAKE if field == "intake_key" else vault.Area.VAULT, key
    for key in document.page_set.values_list("preview_key", flat=True):
        yield vault.Area.VAULT, key
    for key in document.fitted.exclude(key="").values_list("key", flat=True):
        yield vault.Area.VAULT, key
