"""What each kind of paper is checked for before it is filed: the points of the taxonomy, and who looked at which."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents.models import Document, LookedAt


class NoSuchPrompt(Exception):
    """This kind of paper is not checked for that (any more); the message says so."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """`words`: as the taxonomy says it, in English. `looked`: who looked at it, and when; None: nobody yet."""

    words: str
    looked: LookedAt | None


def of(document: Document) -> list[Prompt]:
    """In the order of the taxonomy. One query."""
    asked: list[str] = document.item.check_before_filing if document.item else []
    looked = {each.prompt: each for each in document.looked_at.select_related("by")} if asked else {}
    return [Prompt(words, looked.get(words)) for words in asked]


def unticked(document: Document) -> int:
    return sum(prompt.looked is None for prompt in of(document))


def tick(document: Document, words: str, *, actor: User) -> None:
    """Say that one looked at this. Once is enough: the first who did stays named. Raises NoSuchPrompt."""
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        at = _place(document, words)
        _looked, created = LookedAt.objects.get_or_create(document=document, prompt=words, defaults={"by": actor})
        if created:
            record(AuditEvent.Kind.LOOKED_AT, document, actor=actor, item=document.item_id or "", count=at)


def untick(document: Document, words: str, *, actor: User) -> None:
    """As if nobody had looked. Raises NoSuchPrompt."""
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        at = _place(document, words)
        gone, _rows = LookedAt.objects.filter(document=document, prompt=words).delete()
        if gone:
            record(
                AuditEvent.Kind.LOOKED_AT,
                document,
                actor=actor,
                outcome="undone",
                item=document.item_id or "",
                count=at,
            )


def _place(document: Document, words: str) -> int:
    """Its number in the list, from 1."""
    asked = document.item.check_before_filing if document.item else []
    if words not in asked:
        raise NoSuchPrompt(_("This kind of paper is not checked for that (any more). Look at the page again."))
    return int(asked.index(words)) + 1
