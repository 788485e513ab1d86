"""What a document may support, guessed from what it was asked for as, its name and its words. A guess is never a tag.

A person confirms it, and it becomes that person's tag, or rejects it, and it does not come back.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import reading, tagging
from documents.models import Document, DocumentType, Factor, Suggestion, Tag
from documents.models.coding import Decision, Source

type Range = tuple[int, int] | None  # pages, 1-based and inclusive; None: the whole document
TELLING: Final = Path(__file__).with_name("telling.json")
ANYTHING: Final = "other"  # the kind of paper that says nothing
SMALL_WORDS: Final = frozenset({"a", "al", "and", "de", "del", "el", "la", "las", "los", "of", "or", "the", "to", "y"})


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a factor is suggested."""

    factor: str
    source: Source
    pages: Range = None


def suggest(document: Document) -> int:
    """Guess anew; how many guesses wait for a person. What somebody decided or tagged stays decided. May be repeated."""
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        document.refresh_from_db(fields=["state", "pages", "item", "asked"])
        if document.state != Document.State.READY:
            return 0
        was = {guess.factor_id for guess in document.guesses.filter(decision=Decision.PROPOSED)}
        document.guesses.filter(decision=Decision.PROPOSED).delete()
        decided = {*document.guesses.values_list("factor", flat=True), *document.tags.values_list("factor", flat=True)}
        known = set(Factor.objects.values_list("code", flat=True)) - decided
        made = [guess for guess in _guesses(document) if guess.factor_id in known]
        Suggestion.objects.bulk_create(made)
        if new := sorted({guess.factor_id for guess in made} - was):
            record(AuditEvent.Kind.SUGGESTED, document, actor=None, factors=new)
    return len(made)


def confirm(guess: Suggestion, *, actor: User) -> Tag:
    """It is so: a tag of this person's. Raises CannotTag as tagging.tag does."""
    last = guess.last_page or 0
    pages = (guess.first_page, last) if guess.first_page and last <= guess.document.pages else None
    return tagging.tag(guess.document, guess.factor, pages=pages, origin="suggested", actor=actor)


def reject(guess: Suggestion, *, actor: User) -> None:
    """It is not so, and is not suggested again for this document."""
    _decide(guess.document, guess.factor_id, Decision.PROPOSED, Decision.REJECTED, actor)


def reconsider(document: Document, factor: str, *, actor: User) -> None:
    """Undo a rejection: it is suggested again."""
    _decide(document, factor, Decision.REJECTED, Decision.PROPOSED, actor)


def _decide(document: Document, factor: str, was: Decision, to: Decision, actor: User) -> None:
    by, at = (None, None) if to == Decision.PROPOSED else (actor, timezone.now())
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        same = document.guesses.filter(factor=factor, decision=was)
        if same.update(decision=to, decided_by=by, decided_at=at):
            record(AuditEvent.Kind.SUGGESTION_DECIDED, document, actor=actor, outcome=to.value, factor=factor)


# What speaks for what


def _guesses(document: Document) -> list[Suggestion]:
    """One for each factor that anything speaks for, from its best ground."""
    of: defaultdict[str, dict[Source, Range]] = defaultdict(dict)
    for ground in _grounds(document):
        of[ground.factor].setdefault(ground.source, ground.pages)
    return [_guess(document, factor, grounds) for factor, grounds in of.items()]


def _guess(document: Document, factor: str, grounds: dict[Source, Range]) -> Suggestion:
    best = min(grounds, key=list(Source).index)
    first, last = grounds.get(Source.TEXT) or (None, None)
    return Suggestion(
        document=document, factor_id=factor, source=best, grounds=len(grounds), first_page=first, last_page=last
    )


def _grounds(document: Document) -> Iterable[Ground]:
    asked = document.asked
    if asked and asked.item:
        yield from _of_type(asked.item, Source.CHECKLIST)
    elif document.item:
        yield from _of_type(document.item, Source.TYPE)
    if asked and asked.words:
        yield from _named(asked.words, Source.CHECKLIST)
    yield from _named(re.sub(r"\.\w{2,5}$", "", document.name), Source.NAME)
    yield from _of_text(reading.texts(document), document.pages)


def _of_type(kind: DocumentType, source: Source) -> Iterable[Ground]:
    codes = kind.factors.exclude(pk__in=Factor.NEVER_FILED).values_list("code", flat=True)
    for code in () if kind.code == ANYTHING else codes:
        yield Ground(code, source)


def _named(words: str, source: Source) -> Iterable[Ground]:
    plain = folded(words)
    for code, phrases in telling().items():
        if any(phrase in plain for phrase in phrases):
            yield Ground(code, source)


def _of_text(texts: dict[int, str], pages: int) -> Iterable[Ground]:
    """With the pages on which the words stand; without, where these are all of them."""
    plain = {number: folded(text) for number, text in texts.items()}
    for code, phrases in telling().items():
        found = [number for number, text in plain.items() if any(phrase in text for phrase in phrases)]
        if found:
            first, last = min(found), max(found)
            yield Ground(code, Source.TEXT, None if (first, last) == (1, pages) else (first, last))


@cache
def telling() -> dict[str, tuple[str, ...]]:
    """For each factor the phrases that tell of it, in both languages, folded as texts are."""
    lists = json.loads(TELLING.read_text())
    return {code: tuple(folded(each) for side in of.values() for each in side) for code, of in lists.items()}


def folded(text: str) -> str:
    """Its words in small letters without accents and small words, one space around each."""
    bare = "".join(each for each in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(each))
    words = [word for word in re.findall(r"[a-z]+|[0-9]+", bare) if word not in SMALL_WORDS]
    return f" {' '.join(words)} "
