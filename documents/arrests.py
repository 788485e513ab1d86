"""The criminal history chart of a matter: what is known to have happened, and the paper that says how each ended."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents.models import Arrest, Document, Matter

FIELDS: Final = ("date", "place", "charge", "outcome")


class CannotChart(Exception):
    """There is no such line, or no such paper; the message says which."""


def add(matter: Matter, about: dict[str, str], disposition: Document | None = None, *, actor: User) -> Arrest:
    """One line more. `about`: the words for each of FIELDS that are known."""
    with transaction.atomic():
        kept = {field: about[field] for field in FIELDS if about.get(field)}
        arrest = Arrest.objects.create(matter=matter, about=kept, disposition=disposition, added_by=actor)
        _record(arrest, "added", actor)
    return arrest


def give_paper(arrest: Arrest, disposition: Document | None, *, actor: User) -> None:
    """Which paper says how it ended; None: no paper does."""
    with transaction.atomic():
        arrest = _take(arrest)
        if arrest.disposition_id != (disposition and disposition.pk):
            arrest.disposition = disposition
            arrest.save(update_fields=["disposition"])
            _record(arrest, "paper", actor)


def note(arrest: Arrest, words: str, *, actor: User) -> None:
    """An attorney's word where there is no paper; no words take it away."""
    with transaction.atomic():
        arrest = _take(arrest)
        if arrest.note != words:
            arrest.note, arrest.note_by = words, actor if words else None
            arrest.save(update_fields=["note", "note_by"])
            _record(arrest, "noted", actor)


def remove(arrest: Arrest, *, actor: User) -> None:
    """Take the line away; that there was one stays on the record."""
    with transaction.atomic():
        arrest = _take(arrest)
        _record(arrest, "removed", actor)
        arrest.delete()


def _take(arrest: Arrest) -> Arrest:
    """As it is now. Raises CannotChart when a colleague removed it."""
    audit.take_turns(arrest.audit_chain)
    if ours := Arrest.objects.select_for_update(of=("self",)).filter(pk=arrest.pk).first():
        return ours
    raise CannotChart(_("This line is not on the chart any more."))


def _record(arrest: Arrest, action: str, actor: User) -> None:
    document = {"document": str(arrest.disposition_id)} if arrest.disposition_id else {}
    record(AuditEvent.Kind.ARREST_NOTED, arrest, actor=actor, action=action, **document)
