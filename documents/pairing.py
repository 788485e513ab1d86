"""A paper in another language, its English translation, and the certificate that names both: said by a person, kept together.

That a page is not in English a machine may notice (PageText.language); it is a hint, and a person says what is so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import compartments, particulars, tagging
from documents.models import Document, Factor, Matter, Translation

TRANSLATION: Final = "TRANSLATION"
CERTIFICATE: Final = (
    "names", "competence", "accuracy", "translator_signed", "translator_address", "translator_phone",
)  # fmt: skip


class CannotPair(Exception):
    """These are no original, translation and certificate; the message says why."""


@dataclass(slots=True)
class Side:
    """What a document is in its pairs."""

    of_it: list[Translation] = field(default_factory=list)  # it is the original of these
    by_it: list[Translation] = field(default_factory=list)  # it is the translation in these
    names_it: list[Translation] = field(default_factory=list)  # it is the certificate of these


def pair(
    original: Document,
    translation: Document,
    certificate: Document | None = None,
    *,
    pages: tuple[int, int] | None = None,
    actor: User,
) -> Translation:
    """Say that one is the English translation of the other (or of its 1-based pages, inclusive).

    `certificate`: None where it is a page of the translation. Translation and certificate are tagged so, where nobody did.
    The same original and pages again: the pair is changed. A compartment of the one is one of the other. Raises CannotPair.
    """
    first, last = pages or (None, None)
    with transaction.atomic():
        audit.take_turns(original.audit_chain)
        three = [each for each in (original, translation, certificate) if each]
        _require_papers(three)
        _require_pages(original, pages)
        _require_no_chain(original, three)
        before = Translation.objects.filter(original=original, first_page=first, last_page=last, undone_at=None).first()
        if before and (before.translation_id, before.certificate_id) == (
            translation.pk,
            certificate and certificate.pk,
        ):
            return before
        if before:
            _undo(before, actor)
        for each in three[1:]:
            if not each.tags.filter(factor=TRANSLATION).exists():
                tagging.tag(each, Factor.objects.get(pk=TRANSLATION), actor=actor)
        made = Translation.objects.create(
            original=original,
            first_page=first,
            last_page=last,
            translation=translation,
            certificate=certificate,
            by=actor,
        )
        numbers = [each.number for each in three]
        record(
            AuditEvent.Kind.PAIRED, original, actor=actor, documents=numbers, first_page=first or 0, last_page=last or 0
        )
        for each in (original, translation):
            compartments.carry(Document.objects.select_related("item", "matter").get(pk=each.pk), actor=actor)
    return made


def unpair(made: Translation, *, actor: User) -> None:
    """Take them apart; that they were together stays on the record. Tags stay."""
    with transaction.atomic():
        audit.take_turns(made.audit_chain)
        made.refresh_from_db(from_queryset=Translation.objects.select_for_update())
        if made.undone_at is None:
            _undo(made, actor)


def _undo(made: Translation, actor: User) -> None:
    made.undone_at, made.undone_by = timezone.now(), actor
    made.save(update_fields=["undone_at", "undone_by"])
    three = [made.original, made.translation, made.certificate]
    numbers = [each.number for each in three if each]
    record(AuditEvent.Kind.UNPAIRED, made.original, actor=actor, documents=numbers)


def _require_papers(three: list[Document]) -> None:
    if len({each.pk for each in three}) < len(three):
        raise CannotPair(_("Original, translation and certificate are different documents."))
    if len({each.matter_id for each in three}) > 1:
        raise CannotPair(_("These are not papers of one matter."))
    states = Document.objects.filter(pk__in=[each.pk for each in three]).values_list("state", flat=True)
    if {*states} != {Document.State.READY}:
        raise CannotPair(_("One of these documents is not ready. Wait for its pages."))


def _require_pages(original: Document, pages: tuple[int, int] | None) -> None:
    if pages and not 1 <= pages[0] <= pages[1] <= original.pages:
        raise CannotPair(_("This document has pages 1 to %(last)d.") % {"last": original.pages})


def _require_no_chain(original: Document, three: list[Document]) -> None:
    """Nothing is a translation here and an original there."""
    turned = standing(original.matter).filter(
        Q(translation=original) | Q(certificate=original) | Q(original__in=three[1:])
    )
    if turned.exists():
        raise CannotPair(
            _("One of these is the original or the translation in another pair. Take that one apart first.")
        )


def standing(matter: Matter) -> QuerySet[Translation]:
    """Every pair of the matter that is not taken apart, with its documents."""
    pairs = Translation.objects.filter(original__matter=matter, undone_at=None)
    return pairs.select_related("original__item", "translation__item", "certificate__item")


def sides(document: Document, pairs: Iterable[Translation]) -> Side:
    """What this document is in these pairs."""
    found = Side()
    for each in pairs:
        places = {each.original_id: found.of_it, each.translation_id: found.by_it, each.certificate_id: found.names_it}
        if document.pk in places:
            places[document.pk].append(each)
    return found


def certifying(made: Translation) -> Document:
    """The paper the certificate stands on."""
    return made.certificate or made.translation


def holds_original(document: Document) -> bool:
    """Whether it was noted that one file holds a paper and its translation."""
    return particulars.says(document, "holds_original")


# Kept together in the packet


@dataclass(frozen=True, slots=True)
class Group:
    """What is printed behind one tab, in order. `head`: the document that says which tab that is, its title and place."""

    head: Document
    documents: list[Document]


def together(documents: list[Document], pairs: Iterable[Translation]) -> list[Group]:
    """The documents in their order, those of a pair as one group: translation, certificate, original. Each document once.

    A group stands where its first original stands; a certificate of several translations brings them all together.
    """
    there = {document.pk: document for document in documents}
    kept = [each for each in pairs if each.original_id in there and each.translation_id in there]
    members = {pk: frozenset({pk}) for pk in there}
    for each in kept:
        joined = frozenset[UUID]().union(*(members[pk] for pk in _three(each) if pk in there))
        members |= dict.fromkeys(joined, joined)
    heads = _heads(documents, members, {each.original_id for each in kept})
    return [Group(head, _in_order(head, members[head.pk], there, kept)) for head in heads]


def _three(made: Translation) -> list[UUID]:
    """In the order they are printed."""
    return [pk for pk in (made.translation_id, made.certificate_id, made.original_id) if pk]


def _heads(documents: list[Document], members: dict[UUID, frozenset[UUID]], originals: set[UUID]) -> list[Document]:
    """One document a group: the first original of it, or what stands alone."""
    seen, heads = set[UUID](), list[Document]()
    for document in documents:
        alone = len(members[document.pk]) == 1
        if document.pk not in seen and (alone or document.pk in originals):
            heads.append(document)
            seen |= members[document.pk]
    return heads


def _in_order(
    head: Document, members: frozenset[UUID], there: dict[UUID, Document], kept: list[Translation]
) -> list[Document]:
    """The head's own three first, then those of the others of its group; each document once."""
    before: dict[UUID, list[UUID]] = {head.pk: []}
    for each in kept:
        if each.original_id in members:
            before.setdefault(each.original_id, []).extend(_three(each)[:-1])
    order = dict.fromkeys(pk for original, others in before.items() for pk in (*others, original))
    return [there[pk] for pk in order if pk in there]
