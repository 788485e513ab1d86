"""What somebody of the team read on a paper: kept with it, sealed, and on the record who noted it. A client never sees it.

Empty means not noted yet, never no.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import AuditEvent, User
from documents.models import Document, Matter, Page, PageText
from documents.questions import LANGUAGES, Question, asked_of
from portal.hours import today

type Answer = bool | str | date | None
type Kept = bool | str

LONGEST: Final = 200  # letters of a text
PAST: Final = frozenset({"dated", "entered", "married", "covers_from"})  # days that have come when they are on paper
ENGLISH: Final = ("", "en")  # or too little stands on the page to tell


@dataclass(frozen=True, slots=True)
class Hint:
    """A paper of which nobody noted the language, and that seems to be in another one. `pages`: which, 1-based."""

    language: str
    pages: list[int]


class CannotNote(Exception):
    """The answer is not one to this question, or the paper is not asked this; the message says what to do."""


def note(document: Document, answers: Mapping[str, Answer], *, actor: User) -> None:
    """Keep these answers, by the code of the question; None and nothing take an answer away, what is not named stays.

    Raises CannotNote, and then keeps none of them.
    """
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        locked = Document.objects.select_for_update()
        document.refresh_from_db(fields=["state", "item", "particulars"], from_queryset=locked)
        if document.state != Document.State.READY:
            raise CannotNote(_("This document is not ready yet. Note what it says when its pages are here."))
        kept = document.particulars | _checked(document, answers)
        kept = {code: answer for code, answer in kept.items() if answer != ""}
        if kept.get("covers_from", "") > kept.get("covers_to", "9"):  # days as 2026-01-31
            raise CannotNote(_("The last day it covers is before the first one."))
        changed = sorted(code for code in answers if kept.get(code) != document.particulars.get(code))
        if changed:
            document.particulars = kept
            document.save(update_fields=["particulars"])
            audit.record(AuditEvent.Kind.NOTED, document, actor=actor, codes=changed)


def note_language(matter: Matter, language: str, *, actor: User) -> int:
    """Say of all ready papers whose language is not noted that it is this one. Returns how many that were.

    Not of those that seem to be in another language: each of these is looked at by itself.
    """
    if language not in dict(LANGUAGES):
        raise CannotNote(_("This language is not one of the list."))
    with transaction.atomic():
        audit.take_turns(matter.audit_chain)
        found = without_language(matter.documents.select_for_update())
        other = hints(found)
        found = [document for document in found if document.pk not in other or other[document.pk].language == language]
        for document in found:
            document.particulars = {**document.particulars, "language": language}
        Document.objects.bulk_update(found, ["particulars"])
        if found:
            numbers = [document.number for document in found]
            audit.record(
                AuditEvent.Kind.NOTED, matter, actor=actor, codes=["language"], language=language, documents=numbers
            )
    return len(found)


def without_language(documents: Iterable[Document]) -> list[Document]:
    """Those of them that are ready and of which nobody noted the language yet."""
    return [each for each in documents if each.state == Document.State.READY and not language(each)]


def hints(documents: Iterable[Document]) -> dict[UUID, Hint]:
    """Of those whose language nobody noted: which have pages that seem not to be in English. A machine's word, one query."""
    texts = PageText.objects.filter(page__document__in=without_language(documents)).exclude(language__in=ENGLISH)
    rows = texts.order_by("page__document", "page__number").values_list("page__document", "language", "page__number")
    found: dict[UUID, Hint] = {}
    for pk, spoken, number in rows:
        found.setdefault(pk, Hint(spoken, [])).pages.append(number)
    return found


def hint(document: Document, pages: Iterable[Page]) -> Hint | None:
    """The same of one whose pages are here, with their texts. No query."""
    read = [(page.text.language, page.number) for page in pages if hasattr(page, "text")]
    foreign = [(spoken, number) for spoken, number in read if spoken not in ENGLISH]
    if not foreign or not without_language([document]):
        return None
    return Hint(foreign[0][0], [number for _spoken, number in foreign])


# What was noted, as the rules read it


def language(document: Document) -> str:
    """A code of LANGUAGES; empty: not noted yet."""
    return str(document.particulars.get("language", ""))


def day(document: Document, code: str) -> date | None:
    return parse_date(document.particulars.get(code, ""))


def says(document: Document, code: str) -> bool:
    """Whether it was noted that this is on the paper."""
    return document.particulars.get(code) not in (None, False)


def lacking(document: Document, *codes: str) -> tuple[list[Question], list[Question]]:
    """Of these, what is asked of the paper: what is not noted yet, and what was noted to be missing."""
    asked = [question for question in asked_of(document) if question.code in codes]
    unread = [question for question in asked if question.code not in document.particulars]
    return unread, [question for question in asked if document.particulars.get(question.code) is False]


def _checked(document: Document, answers: Mapping[str, Answer]) -> dict[str, Kept]:
    asked = {question.code: question for question in asked_of(document)}
    if not answers.keys() <= asked.keys():
        raise CannotNote(_("This is not asked of this paper (any more). Look at the page again."))
    return {code: _kept(document, asked[code], answer) for code, answer in answers.items()}


def _kept(document: Document, question: Question, answer: Answer) -> Kept:
    """The answer as it is kept; nothing for nothing."""
    if answer is None or answer == "":
        return ""
    taken = _TAKERS[question.kind](document, question, answer)
    if taken is None:
        raise CannotNote(_("“%s” cannot be answered so.") % question.label)
    return taken


# Each kind's answer as it is kept; None for what is none.


def _yes(_document: Document, _question: Question, answer: Answer) -> Kept | None:
    return answer if isinstance(answer, bool) else None


def _text(_document: Document, _question: Question, answer: Answer) -> Kept | None:
    return answer if isinstance(answer, str) and len(answer) <= LONGEST else None


def _choice(_document: Document, question: Question, answer: Answer) -> Kept | None:
    return answer if isinstance(answer, str) and answer in dict(question.choices) else None


def _day(_document: Document, question: Question, answer: Answer) -> Kept | None:
    try:
        found = parse_date(answer) if isinstance(answer, str) else answer
    except ValueError:  # the 31st of February
        return None
    if not isinstance(found, date):
        return None
    if question.code in PAST and found > today():
        raise CannotNote(_("“%s” is a day that has not come yet.") % question.label)
    return found.isoformat()


_TAKERS: Final = {"yes": _yes, "text": _text, "choice": _choice, "date": _day}
