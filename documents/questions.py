"""What can be read on a paper: a closed list of questions, and which of them each kind of paper is asked.

Codes are immutable once used. Types are those of the taxonomy, tags its procedural tags and factors.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.models import Document

type Types = frozenset[str]

LETTERS: Final[Types] = frozenset({"support_letter", "family_letter", "faith_letter", "employer_letter", "mil_letter"})
OTHERS_STATEMENTS: Final[Types] = frozenset({"witness_decl", "hardship_decl"})
DECLARATIONS: Final[Types] = OTHERS_STATEMENTS | {"client_declaration"}
DOCTORS: Final[Types] = frozenset({"doctor_letter"})
RECORD_CHECKS: Final[Types] = frozenset({"rap_sheet", "clean_record"})
IDS: Final[Types] = frozenset({"passport", "consular_id", "us_photo_id", "ead", "green_card"})
DISPOSITIONS: Final[Types] = frozenset({"court_disposition", "vacatur_order", "probation_done"})
PUBLICATIONS: Final[Types] = frozenset({"country_report"})
PHOTOS: Final[Types] = frozenset({"family_photos"})
RESIDENCE: Final[Types] = frozenset({
    "lease", "utility_bill", "bank_statement", "tax_transcript", "pay_stub", "medical_visit", "church_record", "dated_mail",
    "report_card", "enrollment_letter", "transcript", "property", "joint_life",
})  # fmt: skip
ENTRIES: Final[Types] = frozenset({"client_declaration", "passport", "i94", "visa", "border_papers", "nta"})
MARRIAGES: Final[Types] = frozenset({"client_declaration", "marriage_cert"})
LANGUAGES: Final = (
    ("en", _("English")), ("es", _("Spanish")), ("other", _("Another language")), ("none", _("No words on it")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """`label`: a noun, that reads alone and in a list of what is missing. `choices`: of a "choice", code and words."""

    code: str
    kind: Literal["yes", "date", "text", "choice"]
    label: Promise
    choices: tuple[tuple[str, Promise], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Questions, and the papers they are asked of: by type or by tag; without either, of every one."""

    questions: tuple[Question, ...]
    types: Types = frozenset()
    tags: Types = frozenset()

    def of(self, item: str | None, tags: Collection[str]) -> bool:
        return not (self.types or self.tags) or item in self.types or not self.tags.isdisjoint(tags)


_DATED = Question("dated", "date", _("Date on it"))
_A_NUMBER = Question("a_number", "yes", _("The A-number of this matter"))
_ASKED: Final = (
    _Asked((Question("language", "choice", _("Language"), LANGUAGES), _DATED)),
    _Asked(
        (Question("signed", "yes", _("Signature")),),
        LETTERS | DECLARATIONS | DOCTORS,
        frozenset({"DECLARATION", "REPRESENTATION"}),
    ),
    _Asked((_A_NUMBER,), tags=frozenset({"REPRESENTATION"})),
    _Asked((Question("expires", "date", _("Date it ends")),), IDS),
    _Asked(
        (
            Question("perjury", "yes", _("Words “under penalty of perjury”")),
            Question("understands", "yes", _("Signer who understands English")),
            Question("interpreted", "yes", _("Certificate of interpretation")),
        ),
        DECLARATIONS,
        frozenset({"DECLARATION"}),
    ),
    _Asked(
        (
            Question("holds_original", "yes", _("The paper it translates, in the same file")),
            Question("names", "yes", _("Certificate that names these papers")),
            Question("competence", "yes", _("Translator's word of being competent")),
            Question("accuracy", "yes", _("Translator's word that it is true and accurate")),
            Question("translator_signed", "yes", _("Translator's signature")),
            Question("translator_address", "yes", _("Translator's address")),
            Question("translator_phone", "yes", _("Translator's telephone")),
        ),
        tags=frozenset({"TRANSLATION"}),
    ),
    _Asked(
        (
            Question("certified", "yes", _("Court's certification")),
            Question("sealed", "yes", _("Order that seals or expunges it")),
        ),
        DISPOSITIONS,
    ),
    _Asked(
        (
            Question("source", "text", _("Source")),
            Question("url", "text", _("Web address")),
            Question("marked", "yes", _("Marked passage")),
        ),
        PUBLICATIONS,
    ),
    _Asked(
        (
            Question("who", "text", _("People in it")),
            Question("when", "text", _("When it was taken")),
            Question("relation", "text", _("What they are to the client")),
            Question("minors", "yes", _("Faces of children")),
        ),
        PHOTOS,
        frozenset({"PHOTO_EXHIBIT"}),
    ),
    _Asked(
        (
            Question("covers_from", "date", _("First day it covers")),
            Question("covers_to", "date", _("Last day it covers")),
        ),
        RESIDENCE,
        frozenset({"US_RESIDENCE"}),
    ),
    _Asked((Question("entered", "date", _("Day of entry it names")),), ENTRIES),
    _Asked((Question("married", "date", _("Day of marriage it names")),), MARRIAGES),
    _Asked((Question("us_born", "yes", _("Birth in the United States")),), frozenset({"child_birth_cert"})),
)


def asked_of(document: Document) -> list[Question]:
    """What this paper is asked, by its type and its tags, in the order of the page."""
    tags = {tag.factor_id for tag in document.tags.all()}
    asked = [question for each in _ASKED if each.of(document.item_id, tags) for question in each.questions]
    without = {_DATED} if is_photo(document) else set()
    if not document.matter.a_number:
        without.add(_A_NUMBER)
    return [question for question in asked if question not in without]


def is_photo(document: Document) -> bool:
    return document.item_id in PHOTOS or tagged(document, "PHOTO_EXHIBIT")


def is_declaration(document: Document) -> bool:
    return document.item_id in DECLARATIONS or tagged(document, "DECLARATION")


def proves_residence(document: Document) -> bool:
    return document.item_id in RESIDENCE or tagged(document, "US_RESIDENCE")


def tagged(document: Document, *codes: str) -> bool:
    return any(tag.factor_id in codes for tag in document.tags.all())
