"""What the review page shows beside a document: its place among the others, its tags, its holds, what to look at."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import SignedInRequest, User
from documents import access, arranging, lifecycle, matters, words
from documents.access import To
from documents.forms.particulars import ParticularsForm
from documents.forms.review import AskAgainForm, DispositionForm, LiftForm, TagForm, TitleForm
from documents.forms.unlocking import UnlockForm
from documents.intake import unlocking
from documents.models import Disposition, Document
from documents.preparing import Reason
from documents.preparing import Warning_ as Warn
from documents.views import paired

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
class Walk:
    """The documents around this one, and where it stands: `place` of `total`, counted from 1."""

    cells: list[Cell]
    place: int
    total: int
    before: Cell | None
    after: Cell | None


def beside(user: Any, document: Document) -> QuerySet[Document]:
    """The documents of the same matter that `user` may see, in order."""
    return access.documents(user).filter(matter_id=document.matter_id).order_by("number")


def walk(user: Any, document: Document) -> Walk:
    others = beside(user, document).select_related(None).filter(~Q(state__in=Document.OVER) | Q(pk=document.pk))
    held = Count("holds", filter=Q(holds__lifted_at__isnull=True))
    cells = [_cell(each) for each in others.annotate(open_holds=held).only("number", "state", "review")]
    here = next(place for place, cell in enumerate(cells) if cell.pk == document.pk)
    start = max(0, min(here - AROUND, len(cells) - 2 * AROUND - 1))
    return Walk(
        cells=cells[start : start + 2 * AROUND + 1],
        place=here + 1,
        total=len(cells),
        before=cells[here - 1] if here else None,
        after=cells[here + 1] if here + 1 < len(cells) else None,
    )


def _cell(document: Any) -> Cell:
    if document.state != State.READY:
        tone = "stop" if document.state == State.QUARANTINED else "wait"
        return Cell(document.pk, document.number, tone, document.get_state_display())
    if document.open_holds:
        return Cell(document.pk, document.number, "do", _("On attorney hold"))
    return Cell(document.pk, document.number, TONES.get(document.review, "wait"), document.get_review_display())


def status(document: Document) -> dict[str, Any]:
    """For the fragment that tells where a document is on its way."""
    locked = unlocking.waits_for_password(document)
    return {
        "document": document,
        "moving": document.state in MOVING,
        "locked": locked,
        "wrong": locked and unlocking.was_wrong(document),
        "sentence": words.TYPE_PASSWORD if locked else words.sentence(document.reason or Reason.INFECTED),
        "verdict": document.verdicts.first(),
    }


def about(request: SignedInRequest, document: Document, **forms: Any) -> dict[str, Any]:
    """Everything for the page of one document. `forms`: those to show again as they were filled in."""
    client = matters.client_of(document.matter)
    holds = list(document.holds.select_related("factor", "placed_by", "lifted_by"))
    tags = list(document.tags.select_related("factor", "tagged_by"))
    return {
        **status(document),
        "matter": document.matter,
        "client": client,
        "pages": document.page_set.all(),
        "walk": walk(request.user, document),
        "tags": tags,
        "tagged": {tag.factor_id for tag in tags},
        "open_holds": [hold for hold in holds if not hold.lifted_at],
        "lifted_holds": [hold for hold in holds if hold.lifted_at],
        "warnings": [WARNINGS[word] for word in document.warnings if word in WARNINGS],
        "hints": document.item.check_before_filing if document.item else [],
        "may_lift": access.may(request.user, To.LIFT_HOLD),
        "may_withdraw": document.state in lifecycle.LEAVES,
        "may_arrange": arranging.may_arrange(document, request.user),
        "tag_form": TagForm(document=document),
        "particulars_form": ParticularsForm(document=document),
        "title_form": TitleForm(initial={"title": document.title}),
        "ask_form": AskAgainForm(language=client.language if client else "en"),
        "lift_form": LiftForm(),
        "unlock_form": UnlockForm(),
        "seen": document.review,
        **(disposition(request.user, document) if document.state == State.QUARANTINED else {}),
        "disposition_form": DispositionForm(),
        **paired.about(request.user, document),
        **forms,
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
