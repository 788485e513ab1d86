"""Search within a matter: pages by the words on them. Rows come from `access.readable` alone: what it narrows is narrowed
here, in what is found and in what is counted.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from accounts.models import User
from documents import access, blind, delivery, vault
from documents.blind import Span, Term
from documents.models import Document, Matter, PageText

AROUND: Final = 90  # letters of a page shown on each side of what was found
_SHOWN = (  # of the rows; everything else of a document stays sealed
    "text", "source", "language", "page__number", "page__document__number", "page__document__title",
    "page__document__item__label_en", "page__document__state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """Some letters of a page; `hit`: what was sought."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A page, and the words around what was found on it."""

    number: int
    language: str
    pieces: list[Piece]


def open_to(user: User, matter: Matter) -> QuerySet[Document]:
    """What this person may search: documents that this person may see, and whose pages may be looked at now."""
    return delivery.cleared(access.readable(user).filter(matter=matter))


def pages(user: User, matter: Matter, wanted: list[Term]) -> QuerySet[PageText]:
    """The pages on which all of the terms stand, in the order of their documents."""
    sought = SearchQuery(blind.query(wanted, vault.index_key(bytes(matter.key))), search_type="raw", config="simple")
    inside = open_to(user, matter).order_by().values("pk")
    found = PageText.objects.filter(page__document__in=inside, words=sought)
    found = found.select_related("page__document__item").only(*_SHOWN)
    return found.order_by("page__document__number", "page__number")


def unread(user: User, matter: Matter) -> int:
    """How many of these documents are still to be read."""
    return open_to(user, matter).filter(read_at=None).count()


def unreadable(user: User, matter: Matter) -> int:
    """And how many pages could not be."""
    inside = open_to(user, matter).order_by().values("pk")
    return PageText.objects.filter(page__document__in=inside, source=PageText.Source.NONE).count()


def by_document(found: list[PageText], wanted: list[Term]) -> list[tuple[Document, list[Hit]]]:
    """The pages of each document together."""
    together = groupby(found, key=lambda each: each.page.document)
    return [(document, [_hit(each, wanted) for each in texts]) for document, texts in together]


def _hit(found: PageText, wanted: list[Term]) -> Hit:
    return Hit(found.page.number, found.language, snippet(found.text, blind.found(found.text, wanted)))


def snippet(text: str, spans: list[Span]) -> list[Piece]:
    """The text around the first of the places, in pieces; words at its edges are whole."""
    start, end = spans[0] if spans else (0, 0)
    first = text.rfind(" ", 0, max(0, start - AROUND)) + 1
    last = text.find(" ", end + AROUND)
    last = len(text) if last < 0 or last > end + 2 * AROUND else last
    last = min(last, end + 2 * AROUND)
    pieces, at = [Piece("…", hit=False)] if first else [], first
    for start, end in (span for span in spans if span[1] <= last):
        pieces += [Piece(text[at:start], hit=False), Piece(text[start:end], hit=True)]
        at = end
    rest = text[at:last] + ("…" if last < len(text) else "")
    return [piece for piece in [*pieces, Piece(rest, hit=False)] if piece.text]
