"""The last thing a person did while reviewing, and taking it back: also from the next document."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from documents import access, suggesting, tagging
from documents.models import Document, Factor, LastDeed, Tag
from documents.models.coding import Decision

What = LastDeed.What
OFFERED = timedelta(minutes=30)


class CannotUndo(Exception):
    """It is not this person's any more; the message says so."""


def doing(document: Document, what: str, rule: Callable[[], Any], *, factors: Iterable[str] = (), actor: User) -> None:
    """Do it by `rule`, and note what the tags of `factors` said before."""
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        before = dict.fromkeys(factors) | {
            tag.factor_id: _said(tag) for tag in document.tags.filter(factor__in=factors)
        }
        rule()
        new = {"document": document, "what": what, "before": before, "at": timezone.now()}
        LastDeed.objects.update_or_create(person=actor, defaults=new)


def last(actor: User) -> LastDeed | None:
    """What may still be undone, with its document. One query."""
    mine = LastDeed.objects.filter(person=actor, at__gt=timezone.now() - OFFERED)
    return (
        mine.filter(document__in=access.documents(actor).select_related(None)).select_related("document__item").first()
    )


def undo(document: Document, *, actor: User) -> LastDeed:
    """Take back what `actor` did last, to this document. Raises CannotUndo, or as the rule that undoes it."""
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        deed = LastDeed.objects.select_for_update().filter(person=actor, document=document).first()
        if deed is None:
            raise CannotUndo(_("There is nothing of yours to undo here."))
        _take_back(deed, document, actor)
        deed.delete()
    return deed


def _take_back(deed: LastDeed, document: Document, actor: User) -> None:
    if deed.what in {What.ACCEPTED, What.ASKED_AGAIN}:
        return tagging.reopen(document, seen=deed.what, actor=actor)
    for code, was in deed.before.items():
        if deed.what == What.REJECTED:
            suggesting.reconsider(document, code, actor=actor)
        else:
            _restore(document, code, was, actor)
    return None


def _restore(document: Document, code: str, was: dict[str, Any] | None, actor: User) -> None:
    """The tag as it was, unless somebody else changed it since."""
    now = document.tags.filter(factor=code).first()
    if now and now.tagged_by_id != actor.pk:
        raise CannotUndo(_("Somebody changed this since. Nothing was undone. Look again."))
    factor = Factor.everything.get(pk=code)  # also the matter's own
    if was is None:
        tagging.untag(document, factor, actor=actor)
        mine = document.guesses.filter(factor=code, decision=Decision.CONFIRMED, decided_by=actor)
        mine.update(decision=Decision.PROPOSED, decided_by=None, decided_at=None)
    else:
        pages = (was["pages"][0], was["pages"][1]) if was["pages"] else None
        tagging.tag(document, factor, pages=pages, note=was["note"], strength=was["strength"], actor=actor)


def _said(tag: Tag) -> dict[str, Any]:
    pages = [tag.first_page, tag.last_page] if tag.first_page else None
    return {"pages": pages, "note": tag.note, "strength": tag.strength}
