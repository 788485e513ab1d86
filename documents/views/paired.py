"""What the review page shows of a document's pairs, of what it looks like, and of the marks that set it aside."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from documents import access, likeness, pairing, particulars, questions, tagging
from documents.forms.pairing import PairForm
from documents.models import Document, Likeness, Page, Translation
from documents.questions import LANGUAGES, Question


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair and what its certificate lacks, or nobody noted yet."""

    row: Translation
    certifying: Document
    lacks: list[Question]


@dataclass(frozen=True, slots=True)
class Twin:
    """Another document that looks like this one."""

    row: Likeness
    other: Document


def about(user: User, document: Document, pages: Iterable[Page]) -> dict[str, Any]:
    """For the page of one document, with its pages and their texts. The number of queries does not grow with the matter."""
    side = pairing.sides(document, pairing.standing(document.matter))
    set_aside, closed = tagging.is_set_aside(document), questions.tagged(document, "WRONG_PERSON")
    twins = _twins(document)
    open_twins = [] if set_aside or closed else [twin for twin in twins if twin.row.said == Likeness.Said.OPEN]
    return {
        "pairs": [_pair(each) for each in (*side.of_it, *side.by_it, *side.names_it)],
        "hint": particulars.hint(document, pages),
        "foreign": particulars.language(document) not in ("", "en", "none"),
        "in_one_file": pairing.holds_original(document),
        "languages": dict(LANGUAGES),
        "pair_form": PairForm(document=document, as_=role(document)),
        "open_twins": open_twins,
        "more_twins": max(0, len(open_twins) - 1),
        "told_twins": [twin for twin in twins if twin.row.said != Likeness.Said.OPEN],
        "readable": access.may_read(user, document),
        "wrong_person": closed,
        "set_aside": set_aside,
    }


def role(document: Document) -> str:
    """What it is in a pair that is made on its page."""
    return "translation" if questions.tagged(document, pairing.TRANSLATION) else "original"


def _twins(document: Document) -> list[Twin]:
    found = likeness.of_document(document)
    return [Twin(row, row.other if row.document_id == document.pk else row.document) for row in found]


def _pair(row: Translation) -> Pair:
    paper = pairing.certifying(row)
    unread, missing = particulars.lacking(paper, *pairing.CERTIFICATE)
    return Pair(row, paper, [*missing, *unread])
