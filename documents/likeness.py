"""Documents of a matter that look alike: found when one becomes ready, kept as rows, and decided by a person.

A machine's word is a hint: it leaves nothing out of a packet. Of exact copies the database takes care
(`the_same_bytes_are_one_document`); here are the photo that was sent twice, and the scan of what came as a photo.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from PIL import Image

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, tagging
from documents.models import Document, Factor, Likeness, Matter, Page, PageLook
from documents.preparing import seeming
from documents.preparing.seeming import Look

SHARE = 0.9  # of the pages of the shorter one
WORDS_AGREE = 0.8  # of the words, and of the figures, of two pages
MOST_AT_ONCE = 50  # documents queued anew by one sweep
ENOUGH: Final = 12  # words on a page, for words to decide
MOST_PAIRS: Final = 20_000  # of pages that are compared closely for one document: some seconds of the worker
DUPLICATE: Final = "DUPLICATE_OR_ILLEGIBLE"
_WORD = re.compile(r"\w+")


class CannotDecide(Exception):
    """Somebody decided it already, or one of the two is not there any more."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page as it is compared."""

    page: int
    document: str
    coarse: int


@dataclass(frozen=True, slots=True)
class Alike:
    """Another document and how many of the shorter one's pages look like its own."""

    other: Document
    pages: int
    of: int


def keep(looks: Iterable[tuple[Page, Look | None]]) -> None:
    """What pages look like that were made just now; of an empty page nothing."""
    rows = [PageLook(page=page, coarse=look.coarse, fine=look.fine) for page, look in looks if look]
    PageLook.objects.bulk_create(rows)


def alike(document: Document) -> list[Alike]:
    """The ready documents of the same matter that look like this one, by number. A fixed number of queries."""
    mine, others = _seen(document)
    if not mine:
        return []
    agreeing = _agreeing(_candidates(mine, others))
    found = {pk: _count(mine, pages, agreeing) for pk, pages in others.items()}
    enough = {pk: (count, of) for pk, (count, of) in found.items() if count >= SHARE * of}
    rows = Document.objects.filter(pk__in=enough).order_by("number")
    return [Alike(other, *enough[str(other.pk)]) for other in rows]


def find(document: Document) -> None:
    """Keep what looks like this one as an open question, once a pair; what was decided stays. May be called again, and at
    any time: only of pages that are still the document's it is told that they were compared."""
    as_it_was = {"pk": document.pk, "print_sha256": document.print_sha256, "read_at": document.read_at}
    known = Likeness.objects.filter(Q(document=document) | Q(other=document)).values_list("document", "other")
    asked = {frozenset(pair) for pair in known}
    rows = []
    for each in alike(document):
        if frozenset((document.pk, each.other.pk)) not in asked:
            later, earlier = sorted((document, each.other), key=lambda one: -one.number)
            rows.append(Likeness(document=later, other=earlier, pages=each.pages, of=each.of))
    Likeness.objects.bulk_create(rows, ignore_conflicts=True)
    Document.objects.filter(**as_it_was, state=Document.State.READY).update(compared_at=timezone.now())


def waiting() -> QuerySet[Document]:
    """Ready documents nobody compared as they are now, some of them: their job was lost, or is still to come."""
    old = timezone.now() - lifecycle.A_LONG_WHILE
    left = Document.objects.filter(state=Document.State.READY, compared_at=None, state_since__lt=old)
    return left.filter(matter__purged_at=None, matter__throwaway=False).order_by("?")[:MOST_AT_ONCE]


def of_document(document: Document) -> QuerySet[Likeness]:
    """Those with it, decided and open, whose other one is still there. For the review page."""
    there = Q(document__state=Document.State.READY, other__state=Document.State.READY)
    mine = Likeness.objects.filter(Q(document=document) | Q(other=document)).filter(there)
    return mine.select_related("document__item", "other__item", "decided_by")


def undecided(matter: Matter) -> QuerySet[Likeness]:
    """Every open question of the matter."""
    return Likeness.objects.filter(document__matter=matter, said=Likeness.Said.OPEN)


def same(found: Likeness, leave_out: Document, *, actor: User) -> None:
    """They are one paper: `leave_out` is tagged so and never filed, the other one stays. Raises CannotDecide."""
    with transaction.atomic():
        _decide(found, Likeness.Said.SAME, actor)
        if leave_out.pk not in (found.document_id, found.other_id):
            raise CannotDecide
        tagging.tag(leave_out, Factor.objects.get(code=DUPLICATE), actor=actor)


def different(found: Likeness, *, actor: User) -> None:
    """They only look alike. Raises CannotDecide."""
    with transaction.atomic():
        _decide(found, Likeness.Said.DIFFERENT, actor)


def _decide(found: Likeness, said: str, actor: User) -> None:
    audit.take_turns(found.audit_chain)
    ready = dict.fromkeys(("document__state", "other__state"), Document.State.READY)
    still = Likeness.objects.filter(pk=found.pk, said=Likeness.Said.OPEN)
    now = {"said": said, "decided_by": actor, "decided_at": timezone.now()}
    if not still.filter(**ready).exists() or not still.update(**now):
        raise CannotDecide
    numbers = [found.document.number, found.other.number]
    record(AuditEvent.Kind.COMPARED, found.document, actor=actor, outcome=said, documents=numbers)


def _seen(document: Document) -> tuple[list[_Seen], dict[str, list[_Seen]]]:
    """The pages of this one, and of each other one of the matter, that show something."""
    rows = PageLook.objects.filter(
        page__document__matter=document.matter_id, page__document__state=Document.State.READY
    ).values_list("page", "page__document", "coarse")
    mine: list[_Seen] = []
    others: dict[str, list[_Seen]] = {}
    for page, owner, coarse in rows.order_by("page__document", "page__number"):
        seen = _Seen(page, str(owner), int(coarse, 16))
        (mine if owner == document.pk else others.setdefault(seen.document, [])).append(seen)
    return mine, others


def _candidates(mine: list[_Seen], others: dict[str, list[_Seen]]) -> list[tuple[_Seen, _Seen]]:
    """Pairs of pages that may be alike; of very many the likeliest."""
    pairs = [
        (bits, one, other)
        for pages in others.values()
        for one in mine
        for other in pages
        if (bits := seeming.apart(one.coarse, other.coarse)) <= seeming.NEAR
    ]
    pairs.sort(key=lambda pair: pair[0])
    return [(one, other) for _bits, one, other in pairs[:MOST_PAIRS]]


def _agreeing(pairs: list[tuple[_Seen, _Seen]]) -> set[tuple[int, int]]:
    """Of pages that may be alike, those that are: by their words where both have enough, else by what they look like."""
    wanted = {seen.page for pair in pairs for seen in pair}
    pages = PageLook.objects.filter(page__in=wanted).select_related("page__text")
    known = {look.page_id: (seeming.opened(look.fine), _words(look)) for look in pages}
    return {(one.page, other.page) for one, other in pairs if _same(known[one.page], known[other.page])}


def _words(look: PageLook) -> Counter[str]:
    text = getattr(look.page, "text", None)
    return Counter(_WORD.findall(text.text.casefold())) if text else Counter()


def _same(one: tuple[Image.Image, Counter[str]], other: tuple[Image.Image, Counter[str]]) -> bool:
    words = one[1], other[1]
    if min(each.total() for each in words) >= ENOUGH:
        figures = [Counter({word: n for word, n in each.items() if word.isdigit()}) for each in words]
        return _share(*words) >= WORDS_AGREE and _share(*figures) >= WORDS_AGREE
    return seeming.same(one[0], other[0])


def _share(one: Counter[str], other: Counter[str]) -> float:
    """How much of both is in both."""
    return (one & other).total() / ((one | other).total() or 1) if one or other else 1.0


def _count(mine: list[_Seen], theirs: list[_Seen], agreeing: set[tuple[int, int]]) -> tuple[int, int]:
    """Pages of the shorter one that have their like in the other, each with one of its own; of how many."""
    left, count = [seen.page for seen in theirs], 0
    for one in mine:
        twin = next((page for page in left if (one.page, page) in agreeing), None)
        if twin is not None:
            left.remove(twin)
            count += 1
    return count, min(len(mine), len(theirs))
