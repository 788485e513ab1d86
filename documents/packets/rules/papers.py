"""The rules about what a paper says of itself, as somebody of the team noted it (documents.particulars)."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from documents import pairing, particulars, questions
from documents.models import Document, Translation
from documents.packets import arranging
from documents.packets.rules.facts import Facts, Problem, Rule, mark_of, of_document
from documents.pairing import CERTIFICATE
from portal.hours import today

# How many months old a paper may be, and what has to be noted on it before that can be told.
AGES: Final[dict[str, int]] = dict.fromkeys(questions.LETTERS | questions.DOCTORS, 6) | dict.fromkeys(
    questions.RECORD_CHECKS, 12
)
NAMED = 5  # documents of a longer list that a sentence names


def appears(facts: Facts) -> Iterator[Problem]:
    """V04"""
    if not facts.now.appearance:
        tag = facts.factors[arranging.APPEARANCE]
        why = _("There is no appearance form. Send it, tag it “%s” and accept it, or state where it was filed already.")
        yield Problem(why % tag, about="form", mark=mark_of(facts.request.office), stated=True)
        return
    form = facts.filed[0]
    if not facts.request.matter.a_number:
        why = _("The matter has no A-number. State that none is known, or whose number stands on %s.") % form
        yield Problem(why, form, str(form.pk), of_document(form), stated=True)
    if why := wanting(form, "signed", "a_number"):
        yield Problem(why, form)


def declared(facts: Facts) -> Iterator[Problem]:
    """V07: whoever does not understand English had it read in a language they do, and a certificate says so."""
    for document in filter(questions.is_declaration, facts.filed):
        foreign = particulars.language(document) not in ("", "en") or document.particulars.get("understands") is False
        codes = ["signed", "dated", "perjury", *(["interpreted"] if foreign else [])]
        if not foreign and "understands" not in document.particulars:
            codes.append("understands")
        if why := wanting(document, *codes):
            yield Problem(why, document)


def translated(facts: Facts) -> Iterator[Problem]:
    """V08"""
    if unread := particulars.without_language(facts.filed):
        words = {"count": len(unread), "which": listed(unread)}
        why = ngettext(
            "The language of %(count)d paper is not noted yet: %(which)s. Say it, or that all the others are in English.",
            "The language of %(count)d papers is not noted yet: %(which)s. Say it, or that all the others are in English.",
            len(unread),
        )
        yield Problem(why % words)
    for document in facts.filed:
        if particulars.language(document) not in ("", "en", "none"):
            yield from _translation(document, facts)
    yield from _without_original(facts)


def _translation(document: Document, facts: Facts) -> Iterator[Problem]:
    """A pair, or one file that holds both. `document` is filed; what is missing in the packet is named."""
    pairs = pairing.sides(document, facts.pairs).of_it
    papers = [pairing.certifying(each) for each in pairs] or ([document] if pairing.holds_original(document) else [])
    if not papers:
        why = _("%s is not in English and has no translation. Pair it with one on its page, or ask for one.") % document
        yield Problem(why, document)
    for each in pairs:
        yield from _missing(each, facts)
    for known in (each for each in papers if each in facts.filed):
        paper = next(each for each in facts.filed if each == known)  # with its tags
        if lacks := wanting(paper, *CERTIFICATE):
            yield Problem(_("The translation of %(document)s: %(why)s") % {"document": document, "why": lacks}, paper)


def _missing(made: Translation, facts: Facts) -> Iterator[Problem]:
    """Its translation or certificate is not accepted."""
    words = {"document": made.original}
    for paper, why in (
        (made.translation, _("The translation of %(document)s, %(paper)s, is not accepted. They are filed together.")),
        (made.certificate, _("The certificate of %(document)s, %(paper)s, is not accepted. They are filed together.")),
    ):
        if paper and paper not in facts.filed:
            yield Problem(why % (words | {"paper": paper}), paper)


def _without_original(facts: Facts) -> Iterator[Problem]:
    """A translation or a certificate that is filed, and nothing of what it is of."""
    for document in facts.filed:
        side = pairing.sides(document, facts.pairs)
        originals = [each.original for each in (*side.by_it, *side.names_it)]
        if originals and not any(each in facts.filed for each in originals):
            words = {"document": document, "papers": listed(originals)}
            why = _("%(document)s is of a translation whose original is not accepted: %(papers)s. Accept both or neither.")
            yield Problem(why % words, document)


def fresh(facts: Facts) -> Iterator[Problem]:
    """V34"""
    for document in facts.filed:
        if why := " ".join(_stale(document)):
            yield Problem(why, document, str(document.pk), of_document(document))


def _stale(document: Document) -> Iterator[str]:
    """Why this one may be too old, or what of it is not known."""
    item = document.item_id or ""
    codes = ["signed"] if item in questions.LETTERS else []
    if why := wanting(document, *codes, *(["dated"] if item in AGES else []), "expires"):
        yield why
    dated, expires = particulars.day(document, "dated"), particulars.day(document, "expires")
    words = {"document": document, "months": AGES.get(item, 0)}
    if item in AGES and dated and dated < months_before(today(), AGES[item]):
        yield _("%(document)s is of %(day)s, more than %(months)d months ago.") % (words | {"day": written(dated)})
    if item in questions.IDS and expires and expires < today():
        yield _("%(document)s ended on %(day)s.") % (words | {"day": written(expires)})


def sourced(facts: Facts) -> Iterator[Problem]:
    """V38"""
    for document in facts.of_types(*questions.PUBLICATIONS):
        if why := wanting(document, "source", "dated", "url", "marked"):
            yield Problem(why, document, str(document.pk), of_document(document))


def certified(facts: Facts) -> Iterator[Problem]:
    """V43: what was noted may answer it; else an attorney does."""
    for document in facts.of_types(*questions.DISPOSITIONS):
        if particulars.says(document, "sealed"):
            why = _("%(document)s was sealed or expunged. State why it is filed all the same.") % {"document": document}
        else:
            unread, _missing = particulars.lacking(document, "sealed")
            why = wanting(document, "certified", *(question.code for question in unread))
        if why:
            yield Problem(why, document, str(document.pk), of_document(document))


def wanting(document: Document, *codes: str) -> str:
    """A sentence on what the paper lacks of these and on what nobody noted yet; nothing when all is there."""
    unread, missing = particulars.lacking(document, *codes)
    said = []
    for shape, found in ((_("%(document)s lacks: %(what)s."), missing), (_("Note of %(document)s: %(what)s."), unread)):
        if found:
            said.append(shape % {"document": document, "what": ", ".join(f"“{question.label}”" for question in found)})
    return " ".join(said)


def listed(documents: list[Document]) -> str:
    """“Document 1, Document 2, …”"""
    return ", ".join([*map(str, documents[:NAMED]), *(["…"] if documents[NAMED:] else [])])


def written(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


RULES = (
    Rule(
        "V04", "B", "measured", gettext_lazy("The appearance form is signed and of this matter, as noted"),
        "office fact sheet, September 2015; ICPM 10.4", appears, "matter",
    ),
    Rule(
        "V07", "B", "measured", gettext_lazy("Declarations are signed, dated, sworn and interpreted, as noted"),
        "ICPM 3.3(a)", declared, "matter",
    ),
    Rule(
        "V08", "B", "measured", gettext_lazy("What is not in English has a certified translation, as noted"),
        "8 CFR 1003.33; ICPM 3.3(a)", translated, "matter",
    ),
    Rule(
        "V34", "W", "measured", gettext_lazy("Letters, record checks and IDs are signed and not too old, as noted"),
        "design", fresh, "matter",
    ),
    Rule(
        "V38", "W", "measured", gettext_lazy("Publications name source, date and address, as noted"),
        "ICPM 3.3(e)", sourced, "matter",
    ),
    Rule(
        "V43", "W", "attested", gettext_lazy("Dispositions are certified, and none is sealed or expunged"),
        "ICPM 3.3(f)", certified, "matter",
    ),
)  # fmt: skip
