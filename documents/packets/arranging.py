"""Which documents are filed, and in which order their tabs stand: the usual one, or what the legal team made of it."""

import hashlib
from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import compartments, pairing
from documents.models import Document, Factor, Request, Translation
from documents.pairing import Group

APPEARANCE = "REPRESENTATION"
APPLICATION = "form_i246"  # a type: the form a stay is asked on, which is what the rest supports
BEFORE = ["DECLARATION", "IDENTITY", "CHARGING"]  # what comes before the factors, in this order
FAMILY = "FAMILY_USC_LPR"
RELATIVES = ["marriage_cert", "spouse_status", "child_birth_cert", "parent_status", "birth_cert"]  # the spouse first
AFTER = ["PRIOR_REQUEST", "BACKGROUND_CHECK", "PHOTO_EXHIBIT", "TRANSLATION"]  # and what comes after them


class CannotArrange(Exception):
    """The order is not one of the tabs that are there; the message says what to do."""


def arrange(request: Request, documents: list[UUID], *, seen: str = "", actor: User) -> None:
    """Put the tabs in this order: exactly the first documents now filed behind each tab, each once. Raises CannotArrange.

    `seen`: the mark of the order that was on the page; a colleague's later order is not undone unseen. The usual order
    is kept as none at all, so that later documents take their usual places in it.
    """
    with transaction.atomic():
        request.refresh_from_db(fields=["tab_order"], from_queryset=Request.objects.select_for_update())
        standing = _usual(request)[1]
        as_usual = _firsts(standing)
        if len(documents) != len(as_usual) or set(documents) != set(as_usual):
            raise CannotArrange(_("The list of exhibits changed, or was not whole. Here it is as it is now."))
        now = _firsts(_merged(standing, request.tab_order))
        if documents == now:
            return
        if seen and seen != mark(now):
            raise CannotArrange(_("Somebody else changed the order meanwhile. Here it is as it is now."))
        request.tab_order = [] if documents == as_usual else [str(pk) for pk in documents]
        request.save(update_fields=["tab_order"])
        numbers = {group.documents[0].pk: group.documents[0].number for group in standing}
        record(AuditEvent.Kind.MOVED, request, actor=actor, field="tabs", documents=[numbers[pk] for pk in documents])


def mark(documents: Iterable[UUID]) -> str:
    """Tells one order from another."""
    return hashlib.sha256(" ".join(map(str, documents)).encode()).hexdigest()[:16]


def filed(request: Request) -> tuple[Document | None, list[Document]]:
    """The appearance form, which is always the first page and behind no tab; and the documents in the order they are
    printed."""
    appearance, found = groups(request)
    return appearance, [document for group in found for document in group.documents]


def groups(request: Request, *, without: Collection[str] = ()) -> tuple[Document | None, list[Group]]:
    """The same by tabs: what is translated stands behind one, with its translation and the certificate before it.
    `without`: documents (ids) that are left out."""
    appearance, found = _usual(request, without)
    return appearance, _merged(found, request.tab_order)


def among(
    documents: Iterable[Document], pairs: Iterable[Translation], chosen: list[str]
) -> tuple[Document | None, list[Group]]:  # fmt: skip
    """`groups` of documents that were fetched with their types and tags; `chosen`: the order of a request, or nothing."""
    accepted = (document for document in documents if document.review == Document.Review.ACCEPTED)
    ready = (document for document in accepted if document.state == Document.State.READY)
    never = Factor.NEVER_FILED
    appearance, found = _sorted((each for each in ready if not {tag.factor_id for tag in each.tags.all()} & never), pairs)
    return appearance, _merged(found, chosen)


def tabs(request: Request) -> list[UUID]:
    """The first document behind each tab, in the order they are printed."""
    return _firsts(groups(request)[1])


def usual(request: Request) -> list[UUID]:
    """The same in the order of the practice: sections, factors, the checklist's items, then as they came."""
    return _firsts(_usual(request)[1])


def _firsts(found: list[Group]) -> list[UUID]:
    return [group.documents[0].pk for group in found]


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


def factors_of(group: Group) -> list[Factor]:
    """What the documents behind a tab support, the head's first. That some of them are translations says nothing more."""
    found = [*factors(group.head), *(factor for document in group.documents for factor in factors(document))]
    telling = [factor for factor in found if factor.code != pairing.TRANSLATION]
    return list(dict.fromkeys(telling or found))


def _usual(request: Request, without: Collection[str] = ()) -> tuple[Document | None, list[Group]]:
    """The accepted documents of one look at the rows: none can fall between the form and the tabs.

    What is withheld is not among them, nor what must never be filed, whoever accepted it and how.
    """
    accepted = request.matter.documents.filter(state=Document.State.READY, review=Document.Review.ACCEPTED)
    accepted = accepted.exclude(tags__factor__in=Factor.NEVER_FILED).exclude(pk__in=without)
    tagged = accepted.filter(tags__isnull=False).distinct().select_related("item").prefetch_related("tags__factor")
    return _sorted(tagged.prefetch_related(*compartments.ROWS), pairing.standing(request.matter))


def _sorted(
    documents: Iterable[Document], pairs: Iterable[Translation]
) -> tuple[Document | None, list[Group]]:  # fmt: skip
    found = sorted((each for each in documents if each.tags.all() and not compartments.withheld(each)), key=_place)
    appearance = found.pop(0) if found and factors(found[0])[0].code == APPEARANCE else None
    return appearance, pairing.together(found, pairs)


def _place(document: Document) -> tuple[object, ...]:
    first = factors(document)[0]
    return (*_standing(document), *within(document, first))


def _standing(document: Document) -> tuple[int, int]:
    """Its section, and its place there."""
    return (0, 1) if document.item_id == APPLICATION else _rank(factors(document)[0])


def within(document: Document, factor: Factor) -> tuple[int, int, int]:
    """The place of a document among those behind the same factor: in family the spouse, the children, the parents; then
    as the checklist names them, then as they came."""
    known = RELATIVES if factor.code == FAMILY else []
    kin = known.index(document.item_id) if document.item_id in known else len(known)
    return kin, document.item.position if document.item else 999, document.number


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


def _merged(usual: list[Group], chosen: list[str]) -> list[Group]:
    """The chosen order; what it does not name stands beside those it usually stands with."""
    there = {str(document.pk): place for place, group in enumerate(usual) for document in group.documents}
    placed = dict.fromkeys(there[pk] for pk in chosen if pk in there)
    if not placed:
        return usual
    merged = list(placed)
    for place in range(len(usual)):
        if place not in placed:
            merged.insert(_beside(place, usual, merged), place)
    return [usual[place] for place in merged]


def _beside(place: int, usual: list[Group], merged: list[int]) -> int:
    """Where a new one goes: after the last before it in its section, else before the first after it there, else after
    whatever usually comes before it."""
    section, placed = _section(usual[place]), {other: at for at, other in enumerate(merged)}
    before = [other for other in range(place) if other in placed]
    near = [other for other in before if _section(usual[other]) == section]
    after = [other for other in range(place, len(usual)) if other in placed and _section(usual[other]) == section]
    if near or not after:
        found = near or before
        return placed[found[-1]] + 1 if found else 0
    return placed[after[0]]


def _section(group: Group) -> int:
    return _standing(group.head)[0]
