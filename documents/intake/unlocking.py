"""A file that came locked: whoever may send it gives its password in place, and it goes through the door once more.

The password is sealed in the document's row until the unlocked copy is made and scanned, and nowhere else.
"""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, queue
from documents.intake.looking import NOT_OPENED
from documents.models import Document
from documents.preparing import Kind, Reason

State = Document.State


class CannotUnlock(Exception):
    """A password would not help this document now; the message says what to do."""


def unlock(document: Document, password: str, *, actor: User) -> None:
    """Have the document opened with this password, scanned inside and prepared. Whether it fits, the check finds out.

    Raises IllegalMove for one that does not wait for a password, CannotUnlock where the same file was sent again.
    """
    try:
        with transaction.atomic():
            lifecycle.take_turns(str(document.matter_id))  # whoever is receiving the same file ends first
            audit.take_turns(document.audit_chain)
            document.refresh_from_db(from_queryset=Document.objects.select_for_update())
            if not waits_for_password(document):
                raise lifecycle.IllegalMove(f"{document} is {document.state}: it waits for no password")
            record(AuditEvent.Kind.UNLOCKED, document, actor=actor)
            _send_back(document, password, actor)
    except IntegrityError as problem:
        raise CannotUnlock(_("The same file was sent again meanwhile. Work with that one.")) from problem


def _send_back(document: Document, password: str, actor: User) -> None:
    fresh = {"reason": "", "mime": "", "waits": 0, "crashes": 0, "retry_at": timezone.now()}
    lifecycle.move(document, State.RECEIVED, actor=actor, why="unlock", password=password, **fresh)
    queue.defer("check", document)


def waits_for_password(document: Document) -> bool:
    """Refused as a locked PDF (see checking: then its `mime` is noted), and its bytes are still here."""
    locked = document.state == State.REFUSED and document.reason == Reason.LOCKED and document.mime == Kind.PDF.mime
    return locked and bool(document.intake_key or document.vault_key)


def was_wrong(document: Document) -> bool:
    """The last password that somebody gave for it did not open it."""
    moved = audit.trail(document.audit_chain, kinds=[AuditEvent.Kind.MOVED]).filter(subject_id=str(document.pk))
    last = moved.first()
    return last is not None and last.facts.get("why") == NOT_OPENED
