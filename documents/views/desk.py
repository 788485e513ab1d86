"""What the review page shows beside a document: its place among the others, its tags, its holds, what to look at."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet, prefetch_related_objects
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import SignedInRequest, User
from documents import access, arranging, deeds, lifecycle, likewise, matters, presence, redacting, tagging, words
from documents.access import To
from documents.forms.coding import HoldForm
from documents.forms.particulars import ParticularsForm
from documents.forms.review import AskAgainForm, DispositionForm, TagForm, TitleForm
from documents.forms.unlocking import UnlockForm
from documents.intake import unlocking
from documents.models import Disposition, Document, Tag
from documents.models.coding import Decision
from documents.preparing import Reason
from documents.preparing import Warning_ as Warn
from documents.views import careful, noted, paired
from documents.views.stepping import ahead

SHOWN = 5  # suggestions at once: each has a digit
AROUND = 12  # documents shown on each side of the open one
State = Document.State
MOVING = frozenset({State.RECEIVED, State.CHECKING, State.CLEAN, State.PREPARING})
WARNINGS: Final[dict[str, Promise]] = {
    Warn.REPAIRED: _("The file was damaged and has been repaired. Compare it with the original."),
    Warn.RESTRICTIONS_REMOVED: _("Its printing or copying limits were taken off in our copy."),
    Warn.FORMS_FLATTENED: _("What was typed into its form fields is now part of the page."),
    Warn.ATTACHMENTS_SET_ASIDE: _("Files attached to this PDF were checked. They are not in our copy."),
    Warn.FIRST_FRAME_ONLY: _("Only the first picture of several is shown and filed."),
    Warn.ACTIVE_CONTENT_REMOVED: _("Scripts and links in the file were taken out of our copy."),
    Warn.LOW_RESOLUTION: _("The photo is small. Look whether every word can be read in print."),
    Warn.BLURRED: _("A photo is not sharp. Look whether every word can be read in print."),
    Warn.DARK: _("A photo is dark. Look whether every word can be read in print."),
    Warn.BLANK_PAGES: _("Some pages are empty. They are kept. Ask the client if you miss something."),
}
TONES: Final[dict[str, str]] = {Document.Review.ACCEPTED: "good", Document.Review.ASK_AGAIN: "stop"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One document in the row of documents."""

    pk: UUID
    number: int
    tone: str
    word: Promise | str


@dataclass(frozen=True, slots=True)
class Boxes:
    """What is blacked out of a document, told in a line: how many boxes, on which pages, by whom; and how many wait."""

    burnt_in: int
    pages: str
    who: str
    waiting: int

    @classmethod
    def of(cls, document: Document) -> "Boxes":
        standing = list(redacting.standing(document))
        there = [box for box in standing if box.approved_at]
        pages = ", ".join(str(page) for page in sorted({box.page for box in there}))
        who = ", ".join(dict.fromkeys(str(person) for box in there for person in (box.drawn_by, box.approved_by)))
        return cls(len(there), pages, who, len(standing) - len(there))


@dataclass(frozen=True, slots=True)
class Walk:
    """The documents around this one, and where it stands: `place` of `total`, counted from 1."""

    cells: list[Cell]
    place: int
    total: int
    before: Cell | None
    after: Cell | None
    ahead: Cell | None  # what most likely follows


def beside(user: Any, document: Document) -> QuerySet[Document]:
    """The documents of the same matter that `user` may see, in order."""
    return access.documents(user).filter(matter_id=document.matter_id).order_by("number")


def walk(user: Any, document: Document) -> Walk:
    others = beside(user, document).select_related(None).filter(~Q(state__in=Document.OVER) | Q(pk=document.pk))
    held = Count("holds", filter=Q(holds__lifted_at__isnull=True))
    others = tagging.telling_aside(others).annotate(open_holds=held)
    rows = list(others.values_list("pk", "number", "state", "review", "open_holds", "aside"))
    here = next(place for place, row in enumerate(rows) if row[0] == document.pk)
    start = max(0, min(here - AROUND, len(rows) - 2 * AROUND - 1))
    return Walk(
        cells=[_cell(*row[:5]) for row in rows[start : start + 2 * AROUND + 1]],
        place=here + 1,
        total=len(rows),
        before=_cell(*rows[here - 1][:5]) if here else None,
        after=_cell(*rows[here + 1][:5]) if here + 1 < len(rows) else None,
        ahead=_ahead(rows, here),
    )


def _ahead(rows: list[Any], here: int) -> Cell | None:
    """As tagging.next_to_review finds it."""
    later = [*rows[here + 1 :], *rows[:here]]
    waiting = (row for row in later if (row[2], row[3], row[5]) == (State.READY, Document.Review.PENDING, False))
    return next((_cell(*row[:5]) for row in waiting), None)


def _cell(pk: UUID, number: int, state: str, review: str, open_holds: int) -> Cell:
    if state != State.READY:
        return Cell(pk, number, "stop" if state == State.QUARANTINED else "wait", State(state).label)
    if open_holds:
        return Cell(pk, number, "do", _("On attorney hold"))
    return Cell(pk, number, TONES.get(review, "wait"), Document.Review(review).label)


def status(document: Document) -> dict[str, Any]:
    """For the fragment that tells where a document is on its way."""
    locked = unlocking.waits_for_password(document)
    return {
        "document": document,
        "moving": document.state in MOVING,
        "locked": locked,
        "wrong": locked and unlocking.was_wrong(document),
        "sentence": words.TYPE_PASSWORD if locked else words.sentence(document.reason or Reason.INFECTED),
        "verdict": document.verdicts.first() if document.state == State.QUARANTINED else None,
    }


def about(request: SignedInRequest, document: Document, **forms: Any) -> dict[str, Any]:
    """Everything for the page of one document. `forms`: those to show again as they were filled in."""
    prefetch_related_objects([document], *careful.ROWS)
    client = matters.client_of(document.matter)
    holds = list(document.holds.select_related("factor", "placed_by", "lifted_by").prefetch_related("lifted_pages__by"))
    tags = list(document.tags.all())
    pages = list(document.page_set.select_related("text").defer("text__text", "text__words"))  # that it was read
    return {
        **status(document),
        "matter": document.matter,
        "client": client,
        "pages": pages,
        "walk": walk(request.user, document),
        "tags": tags,
        "tagged": {tag.factor_id for tag in tags},
        "open_holds": [hold for hold in holds if not hold.lifted_at],
        "lifted_holds": [hold for hold in holds if hold.lifted_at],
        "warnings": [WARNINGS[word] for word in document.warnings if word in WARNINGS],
        "may_lift": access.may(request.user, To.LIFT_HOLD),
        "may_withdraw": document.state in lifecycle.LEAVES,
        **_lying(document),
        "boxes": Boxes.of(document),
        "tag_form": TagForm(document=document, initial=_changing(request, tags)),
        "particulars_form": ParticularsForm(document=document),
        "title_form": TitleForm(initial={"title": document.title}),
        "ask_form": AskAgainForm(language=client.language if client else "en"),
        "unlock_form": UnlockForm(),
        "hold_form": HoldForm(),
        "seen": document.review,
        **careful.about(request.user, document),
        **(coding(request, document, tags) if document.state == State.READY else {}),
        **noted.beside(request.user, document.matter, document),
        **(disposition(request.user, document) if document.state == State.QUARANTINED else {}),
        "disposition_form": DispositionForm(),
        **paired.about(request.user, document, pages),
        **forms,
    }


def _lying(document: Document) -> dict[str, Any]:
    """Whether its pages may be turned and moved, or why not. Where it was not noted yet which page shows what, and they were
    moved before, only the page for photos knows."""
    fixed, known = arranging.why_not(document), bool(document.leaves or not document.arrangement)
    return {
        "pages_fixed": fixed,
        "may_turn": not fixed and known,
        "may_arrange": bool(document.photos) and not fixed,
        "leaves": len(arranging.arranged(document)),
    }


def coding(request: SignedInRequest, document: Document, tags: list[Tag]) -> dict[str, Any]:
    """What saves keys: suggestions, the tags of the document before, the last deed; and who else is here."""
    tagged = {tag.factor_id for tag in tags}
    open_ = document.guesses.filter(decision=Decision.PROPOSED).exclude(factor__in=tagged)
    if not access.may_read(request.user, document):
        open_ = open_.none()  # they tell what stands on its pages
    before = [tag for tag in likewise.previous(document, request.user) if tag.factor_id not in tagged]
    return {
        "guesses": list(open_.select_related("factor")[:SHOWN]),
        "before": before,
        "deed": deeds.last(request.user),
        "ahead": ahead(request),
        "person": salted_hmac("drafts", str(request.user.pk), algorithm="sha256").hexdigest()[:16],
        "changing": request.GET.get("change") in tagged,
        **lookers(document, request.user, document.review),
    }


def _changing(request: SignedInRequest, tags: list[Tag]) -> dict[str, Any]:
    """What the tag says that somebody is about to change."""
    tag = next((tag for tag in tags if tag.factor_id == request.GET.get("change")), None)
    fields = ("first_page", "last_page", "strength", "note")
    return {"factor": tag.factor_id, **{name: getattr(tag, name) for name in fields}} if tag else {}


def lookers(document: Document, person: User, seen: str) -> dict[str, Any]:
    """Who else has it before them, and who changed its review since it was `seen`."""
    changed = seen in Document.Review.values and document.review != seen and document.reviewed_by_id != person.pk
    return {
        "document": document,
        "seen": seen,
        "others": presence.others(document, person),
        "by": document.reviewed_by if changed else None,
    }


def disposition(user: User, document: Document) -> dict[str, Any]:
    """What was found in a quarantined document, what was proposed and decided since; what this person may do."""
    since = [each for each in document.dispositions.all() if each.proposed_at >= document.state_since]
    newest = since[0] if since else None
    is_open = newest is not None and newest.decision == Disposition.Decision.OPEN
    decides = access.may(user, To.DECIDE_DISPOSITION) and is_open
    return {
        "verdict": next(iter(document.verdicts.all()), None),
        "disposition": newest,
        "may_decide": decides,
        "may_approve": decides and newest is not None and newest.proposed_by_id != user.pk,
        "may_propose": access.may(user, To.PROPOSE_DISPOSITION) and not is_open,
        "approved": newest is not None and newest.decision == Disposition.Decision.APPROVED,
    }
