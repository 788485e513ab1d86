from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, queue, vault
from documents.models import ChecklistItem, Document, DocumentType, Matter
from documents.preparing import Reason


class NotTaken(Exception):
    """The file cannot be taken, and the sender is told so now: nothing was received."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class NotKept(Exception):
    """What is stored is not what was sent: nothing was received, and the sender is asked to send it again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    document: Document
    duplicate: bool  # the same bytes were here already: this is the first one


def receive(
    sealed: vault.Sealed,
    *,
    matter: Matter,
    name: str,
    item: DocumentType | None = None,
    asked: ChecklistItem | None = None,
    on_behalf: bool = False,
    actor: User,
) -> Receipt:
    """Turn sealed intake bytes into a received document. Only after this may anybody read "Received".

    What is *stored* is read back: its size and SHA-256 must equal what was sent. Raises NotTaken for a file of no
    bytes or over the limit, NotKept when the store did not keep it.
    """
    if sealed.size == 0:
        raise NotTaken(Reason.EMPTY)
    if sealed.size > settings.UPLOAD_LIMIT:
        raise NotTaken(Reason.TOO_LARGE)
    kept = vault.fingerprint(vault.Area.INTAKE, sealed.key, under=bytes(matter.key))
    if (kept.sha256, kept.size) != (sealed.sha256, sealed.size):
        raise NotKept(f"{sealed.size} bytes were sent, {kept.size} are stored")
    return keep(sealed, matter=matter, name=name, item=item, asked=asked, on_behalf=on_behalf, actor=actor)


def keep(
    sealed: vault.Sealed,
    *,
    matter: Matter,
    name: str,
    item: DocumentType | None,
    asked: ChecklistItem | None = None,
    replaces: Document | None = None,
    arrangement: Sequence[dict[str, Any]] = (),
    on_behalf: bool,
    actor: User,
) -> Receipt:
    """The same for bytes that were read back from the store just now.

    `replaces`: the paper that this one was sent instead of. `arrangement`: how its photos become pages (preparing.Placed).
    """
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))
        if first := _already_here(matter, sealed.sha256):
            record(AuditEvent.Kind.RECEIVED, first, actor=actor, outcome="duplicate", sha256=sealed.sha256)
            _show_what_they_have(first, name, on_behalf=on_behalf or actor.is_client)
            _replace_what_is_lost(first, sealed)
            return Receipt(first, duplicate=True)
        document = Document.objects.create(
            matter=matter,
            number=1 + (matter.documents.aggregate(last=Max("number"))["last"] or 0),
            sender=actor,
            on_behalf=on_behalf,
            name=shown_name(name),
            item=item or (asked.item if asked else None),
            asked=asked,
            replaces=replaces,
            arrangement=list(arrangement),
            size=sealed.size,
            sha256=sealed.sha256,
            intake_key=sealed.key,
        )
        record(
            AuditEvent.Kind.RECEIVED,
            document,
            actor=actor,
            sha256=sealed.sha256,
            size=sealed.size,
            on_behalf=on_behalf,
        )
        queue.defer("check", document)
    return Receipt(document, duplicate=False)


def shown_name(name: str) -> str:
    """A sender's file name as people may see it: its last part, printable, at most 150 characters. Never a path."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[:150] or "file"


def _already_here(matter: Matter, sha256: str) -> Document | None:
    return matter.documents.filter(sha256=sha256).exclude(state__in=Document.OVER).first()


def _show_what_they_have(first: Document, name: str, *, on_behalf: bool) -> None:
    """The team alone saw it; now the client sent the very file, or it was sent for them: it is theirs, under this name."""
    if on_behalf and not first.on_behalf and not first.sender.is_client:
        first.on_behalf, first.name = True, shown_name(name)
        first.save(update_fields=["on_behalf", "name"])


def _replace_what_is_lost(first: Document, sealed: vault.Sealed) -> None:
    """The stored copy of the first one was found changed or gone, and here are the very bytes again.

    What was made of it without its lock goes too: it may be what is lost, and its password makes it anew.
    """
    waiting = Document.objects.filter(pk=first.pk, state=Document.State.RECEIVED, reason=Reason.DAMAGED)
    unlocked = {"unlocked_key": "", "unlocked_sha256": "", "unlocked_size": 0}
    waiting.update(intake_key=sealed.key, vault_key="", **unlocked, retry_at=timezone.now())
