"""The rules about the papers that are filed."""

from collections.abc import Iterator
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from documents import tagging
from documents.models import Document, Factor, Page
from documents.packets.rules.facts import Facts, Problem, Review, Rule, State, mark_of, of_document
from documents.preparing import Warning_ as Warn

HARD_TO_READ: Final[dict[str, Promise]] = {
    Warn.BLURRED: gettext_lazy("not sharp"),
    Warn.DARK: gettext_lazy("dark"),
    Warn.LOW_RESOLUTION: gettext_lazy("small"),
}


def settled(facts: Facts) -> Iterator[Problem]:
    """V09"""
    if not facts.accepted:
        yield Problem(_("No document is accepted yet. Accept at least one."))
    for document in facts.documents:
        if document.state == State.READY and tagging.is_set_aside(document):
            continue
        if document.on_hold:
            yield Problem(_("%s is on attorney hold.") % document, document, always=True)
        elif document.state != State.READY:
            words = {"document": document, "state": str(document.get_state_display()).lower()}
            yield Problem(_("%(document)s is %(state)s.") % words, document)
        elif document.review == Review.PENDING:
            yield Problem(_("%s is not reviewed yet.") % document, document)
        elif document.review == Review.ACCEPTED and any(box.is_proposed for box in document.redactions.all()):
            yield Problem(_("%s has boxes that nobody has approved.") % document, document)
        elif document.review == Review.ACCEPTED and not document.tags.all():
            yield Problem(_("%s is accepted but supports no factor.") % document, document)


def released(facts: Facts) -> Iterator[Problem]:
    """V10: a negative tag needs a hold that an attorney lifted; a tag made since needs a new one."""
    for document in facts.accepted:
        lifted = {hold.factor_id for hold in document.holds.all() if hold.lifted_at}
        for tag in document.tags.all():
            if tag.factor.holds and tag.factor_id not in lifted:
                yield Problem(_("%s: an attorney has not released it.") % document, document, always=True)


def filable(facts: Facts) -> Iterator[Problem]:
    """V11"""
    for document in facts.accepted:
        for tag in document.tags.all():
            if tag.factor_id in Factor.NEVER_FILED:
                words = {"document": document, "tag": tag.factor}
                yield Problem(_("%(document)s is marked “%(tag)s”.") % words, document, always=True)


def legible(facts: Facts) -> Iterator[Problem]:
    """V33, of what the portal measured on each photo when it came: sharpness, light and size."""
    for document in facts.filed:
        seen = {
            word: [page.number for page in document.page_set.all() if word in page.noticed] for word in HARD_TO_READ
        }
        noticed = [word for word in HARD_TO_READ if seen[word] or word in document.warnings]
        if noticed:
            said = ", ".join(_of_pages(HARD_TO_READ[word], seen[word]) for word in noticed)
            why = _("%(document)s is hard to read: %(said)s. Ask for it again, or say why it will do.")
            yield Problem(why % {"document": document, "said": said}, document, str(document.pk), of_document(document))


def _of_pages(word: Promise, numbers: list[int]) -> str:
    if not numbers:
        return str(word)
    words = {"word": word, "pages": ", ".join(map(str, numbers))}
    return ngettext("%(word)s (page %(pages)s)", "%(word)s (pages %(pages)s)", len(numbers)) % words


def once(facts: Facts) -> Iterator[Problem]:
    """V46: the very same prepared file, or the very same picture of a page; else what looks alike and nobody judged."""
    files: dict[str, Document] = {}
    pictures: dict[str, tuple[Document, int]] = {}
    for document in facts.filed:
        twin = files.setdefault(document.print_sha256, document)
        same = [] if twin is not document else [_again(page, document, pictures) for page in document.page_set.all()]
        words = {"document": document, "twin": twin, "pages": ", ".join(filter(None, same))}
        yield from () if twin is not document or words["pages"] else _alike(document, facts)
        if twin is not document:
            why = _("%(document)s is the same file as %(twin)s. Take one of them out.") % words
        elif words["pages"]:
            why = _("%(document)s repeats pages, dot for dot: %(pages)s. Take them out, or say why.") % words
        else:
            continue
        yield Problem(
            why, document, str(document.pk), mark_of(of_document(document), of_document(twin), words["pages"])
        )


def _alike(document: Document, facts: Facts) -> Iterator[Problem]:
    """What it looks like, of what is filed too."""
    others = {each.pk: each for each in facts.filed}
    for found in facts.likenesses:
        if found.document_id == document.pk and (other := others.get(found.other_id)):
            words = {"document": document, "other": other, "pages": found.pages, "of": found.of}
            why = _("%(document)s looks like %(other)s (%(pages)d of %(of)d pages). Say on its page whether it is the same.")
            mark = mark_of(of_document(document), of_document(other), found.pages)
            yield Problem(why % words, document, f"alike {document.number} {other.number}", mark)


def _again(page: Page, document: Document, pictures: dict[str, tuple[Document, int]]) -> str:
    """Where the same picture stood before; an empty page may come as often as it likes."""
    there = pictures.setdefault(page.preview_sha256, (document, page.number))
    if page.blank or there == (document, page.number):
        return ""
    words = {"page": page.number, "other": there[1], "document": there[0]}
    return _("%(page)d (page %(other)d of %(document)s)") % words


RULES = (
    Rule(
        "V09", "B", "measured", gettext_lazy("Every document is checked, reviewed and free of holds"),
        "design", settled, "matter", before="order",
    ),
    Rule(
        "V10", "B", "measured", gettext_lazy("Nothing negative goes in unless an attorney released it"),
        "practice: harmful evidence", released, "matter", before="order",
    ),
    Rule(
        "V11", "B", "measured", gettext_lazy("Nothing goes in that must never be filed"),
        "Rule 1.6", filable, "matter", before="order",
    ),
    Rule(
        "V33", "W", "measured", gettext_lazy("Photos are sharp, light and large enough, as measured when they came"),
        "scanning guidance", legible, "matter",
    ),
    Rule(
        "V46", "W", "measured", gettext_lazy("No file or page goes in twice; what looks alike was judged"),
        "design", once, "matter",
    ),
)  # fmt: skip
