"""Which documents are filed, and in which order their tabs stand: the usual one, or what the legal team made of it."""

import hashlib
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents.models import Document, Factor, Request

APPEARANCE = "REPRESENTATION"
APPLICATION = "form_i246"  # a type: the form a stay is asked on, which is what the rest supports
BEFORE = ["DECLARATION", "IDENTITY", "CHARGING"]  # what comes before the factors, in this order
AFTER = ["PRIOR_REQUEST", "BACKGROUND_CHECK", "PHOTO_EXHIBIT", "TRANSLATION"]  # and what comes after them


class CannotArrange(Exception):
    """The order is not one of the tabs that are there; the message says what to do."""


def arrange(request: Request, documents: list[UUID], *, seen: str = "", actor: User) -> None:
    """Put the tabs in this order: exactly the documents now filed behind a tab, each once. Raises CannotArrange.

    `seen`: the mark of the order that was on the page; a colleague's later order is not undone unseen. The usual order
    is kept as none at all, so that later documents take their usual places in it.
    """
    with transaction.atomic():
        request.refresh_from_db(fields=["tab_order"], from_queryset=Request.objects.select_for_update())
        standing = _usual(request)[1]
        as_usual = [document.pk for document in standing]
        if len(documents) != len(as_usual) or set(documents) != set(as_usual):
            raise CannotArrange(_("The list of exhibits changed, or was not whole. Here it is as it is now."))
        now = [document.pk for document in _merged(standing, request.tab_order)]
        if documents == now:
            return
        if seen and seen != mark(now):
            raise CannotArrange(_("Somebody else changed the order meanwhile. Here it is as it is now."))
        request.tab_order = [] if documents == as_usual else [str(pk) for pk in documents]
        request.save(update_fields=["tab_order"])
        numbers = {document.pk: document.number for document in standing}
        record(AuditEvent.Kind.MOVED, request, actor=actor, field="tabs", documents=[numbers[pk] for pk in documents])


def mark(documents: Iterable[UUID]) -> str:
    """Tells one order from another."""
    return hashlib.sha256(" ".join(map(str, documents)).encode()).hexdigest()[:16]


def filed(request: Request) -> tuple[Document | None, list[Document]]:
    """The appearance form, which is always the first page and behind no tab; and the documents in order of tabs."""
    appearance, exhibits = _usual(request)
    return appearance, _merged(exhibits, request.tab_order)


def tabs(request: Request) -> list[UUID]:
    """The documents behind the tabs, in the order they are printed."""
    return [document.pk for document in filed(request)[1]]


def usual(request: Request) -> list[UUID]:
    """The same in the order of the practice: sections, factors, the checklist's items, then as they came."""
    return [document.pk for document in _usual(request)[1]]


def moved(request: Request, document: UUID, step: int) -> list[UUID]:
    """The order now, with one document `step` places further on (negative: further up), at most to the end."""
    now = tabs(request)
    if document not in now:
        raise CannotArrange(_("This document is not behind a tab any more."))
    place = now.index(document)
    now.insert(max(0, place + step), now.pop(place))
    return now


def factors(document: Document) -> list[Factor]:
    """What the document supports; the first is the tab it is printed behind."""
    return sorted((tag.factor for tag in document.tags.all()), key=_rank)


def _usual(request: Request) -> tuple[Document | None, list[Document]]:
    """The accepted documents of one look at the rows: none can fall between the form and the tabs."""
    accepted = request.matter.documents.filter(state=Document.State.READY, review=Document.Review.ACCEPTED)
    tagged = accepted.filter(tags__isnull=False).distinct().select_related("item").prefetch_related("tags__factor")
    found = sorted((document for document in tagged if document.tags.all()), key=_place)
    if found and factors(found[0])[0].code == APPEARANCE:
        return found[0], found[1:]
    return None, found


def _place(document: Document) -> tuple[object, ...]:
    return (*_standing(document), document.item.position if document.item else 999, document.number)


def _standing(document: Document) -> tuple[int, int]:
    """Its section, and its place there."""
    return (0, 1) if document.item_id == APPLICATION else _rank(factors(document)[0])


def _rank(factor: Factor) -> tuple[int, int]:
    """Sections: appearance; declaration, identity; the positive factors, the seed's first; then the rest."""
    if factor.code == APPEARANCE:
        return (0, 0)
    for section, codes in ((1, BEFORE), (6, AFTER)):
        if factor.code in codes:
            return (section, codes.index(factor.code))
    if factor.code == "RELIEF_ELIGIBLE":
        return (3, 0)
    if factor.holds:
        return (4, factor.position)
    return (2 if factor.polarity == Factor.Polarity.POSITIVE else 5, factor.position)


def _merged(usual: list[Document], chosen: list[str]) -> list[Document]:
    """The chosen order; what it does not name stands beside those it usually stands with."""
    there = {str(document.pk): document for document in usual}
    merged = [there[pk] for pk in chosen if pk in there]
    if not merged:
        return usual
    placed = {document.pk for document in merged}
    for place, document in enumerate(usual):
        if document.pk not in placed:
            merged.insert(_beside(place, usual, merged), document)
            placed.add(document.pk)
    return merged


def _beside(place: int, usual: list[Document], merged: list[Document]) -> int:
    """Where a new one goes: after the last before it in its section, else before the first after it there, else after
    whatever usually comes before it."""
    section, placed = _section(usual[place]), {document.pk: at for at, document in enumerate(merged)}
    before = [other for other in usual[:place] if other.pk in placed]
    near = [other for other in before if _section(other) == section]
    after = [other for other in usual[place:] if other.pk in placed and _section(other) == section]
    if near or not after:
        found = near or before
        return placed[found[-1].pk] + 1 if found else 0
    return placed[after[0].pk]


def _section(document: Document) -> int:
    return _standing(document)[0]
