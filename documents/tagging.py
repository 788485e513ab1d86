"""What a document supports, what becomes of it, and what keeps it back."""

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import compartments, lifecycle, queue
from documents.models import Document, Factor, Hold, Redaction, Suggestion, Tag
from documents.models.coding import Decision
from documents.scanning import Outcome

Kind = AuditEvent.Kind
# To prefetch: the tags of documents with their factors and who set them. One query.
TAGS = Prefetch("tags", queryset=Tag.objects.select_related("factor", "tagged_by"))
CLIENT_MAY_UNDO = timedelta(minutes=30)


class CannotTag(Exception):
    """The tag says something that cannot be; the message is for the person who made it."""


class CannotAccept(Exception):
    """The document is not ready to be accepted; the message says what is missing."""


class CannotWithdraw(Exception):
    """The document cannot be taken back by this person now; the message says what to do."""


class CannotRestore(Exception):
    """The document cannot come back; the message says why."""


def tag(
    document: Document,
    factor: Factor,
    *,
    pages: tuple[int, int] | None = None,
    note: str = "",
    strength: str = Tag.Strength.DIRECT,
    origin: str = "",
    actor: User,
) -> Tag:
    """Say that the document (or 1-based pages, inclusive) supports a factor; again for the same factor changes the tag.

    A negative factor, and one that reveals an offence, puts the document on attorney hold. What says that it is not for a
    packet takes an acceptance back. What must never be filed, or waits for an attorney now, takes packets that hold it out
    of use. `origin`: a code for the record, where it was not typed. Where it was suggested, it is confirmed now.
    """
    first, last = pages or (None, None)
    facts: dict[str, Any] = {"first_page": first or 0, "last_page": last or 0} | ({"origin": origin} if origin else {})
    with transaction.atomic():
        _take(document)
        if document.state != Document.State.READY:
            raise CannotTag(_("This document is not ready yet. Tag it when its pages are here."))
        if factor.matter_id not in (None, document.matter_id):
            raise CannotTag(_("This is no factor of this matter."))
        if pages and not 1 <= pages[0] <= pages[1] <= document.pages:
            raise CannotTag(_("This document has pages 1 to %(last)d.") % {"last": document.pages})
        if factor.code in Factor.NEVER_FILED | Factor.SET_ASIDE and document.review == Document.Review.ACCEPTED:
            lifecycle.review(document, Document.Review.PENDING, actor=actor)
        if factor.code in Factor.NEVER_FILED:
            lifecycle.set_aside(document, actor=actor)
        made, _created = Tag.objects.update_or_create(
            document=document,
            factor=factor,
            defaults={
                "first_page": first,
                "last_page": last,
                "note": note,
                "strength": strength,
                "tagged_by": actor,
                "tagged_at": timezone.now(),
            },
        )
        record(Kind.TAGGED, document, actor=actor, factor=factor.code, **facts)
        guess = Suggestion.objects.filter(document=document, factor=factor, decision=Decision.PROPOSED)
        guess.update(decision=Decision.CONFIRMED, decided_by=actor, decided_at=timezone.now())
        if factor.holds:
            hold(document, factor, pages=pages, actor=actor)
        if factor.code in compartments.BY_TAG:
            compartments.spoken_for(document, actor=actor)
    return made


def untag(document: Document, factor: Factor, *, actor: User) -> None:
    """Take a tag away. Its hold stays until an attorney lifts it: what was seen once is not unseen."""
    with transaction.atomic():
        _take(document)
        taken, _rows = Tag.objects.filter(document=document, factor=factor).delete()
        if not taken:
            return
        record(Kind.UNTAGGED, document, actor=actor, factor=factor.code)
        if document.review == Document.Review.ACCEPTED and not document.tags.exists():
            lifecycle.review(document, Document.Review.PENDING, actor=actor)


def name_exhibit(document: Document, title: str, *, actor: User) -> None:
    with transaction.atomic():
        Document.objects.filter(pk=document.pk).update(title=title)
        record(Kind.TAGGED, document, actor=actor, field="title")
    document.title = title


def hold(document: Document, factor: Factor, *, pages: tuple[int, int] | None = None, actor: User) -> Hold:
    """Put the document on attorney hold for this factor, once: because of these pages, or of all. It grows with its tag
    and never shrinks with it."""
    first, last = pages or (None, None)
    with transaction.atomic():
        because = {"placed_by": actor, "first_page": first, "last_page": last}
        placed, created = Hold.objects.get_or_create(document=document, factor=factor, lifted_at=None, defaults=because)
        if created:
            record(Kind.HELD, document, actor=actor, factor=factor.code)
            _keep_back(document, actor)
        else:
            _widen(placed, pages)
    return placed


def _widen(placed: Hold, pages: tuple[int, int] | None) -> None:
    if placed.first_page is None or placed.last_page is None:
        return
    first, last = pages or (None, None)
    placed.first_page = first and min(first, placed.first_page)
    placed.last_page = last and max(last, placed.last_page)
    placed.save(update_fields=["first_page", "last_page"])


def hold_back(document: Document, reason: str, *, actor: User) -> Hold:
    """Put the document on attorney hold for a reason of one's own, whatever its tags. Only an attorney lifts it."""
    with transaction.atomic():
        _take(document)
        if document.state != Document.State.READY:
            raise CannotTag(_("This document is not ready yet. Nobody can use it before."))
        placed = Hold.objects.create(document=document, reason=reason, placed_by=actor)
        record(Kind.HELD, document, actor=actor)
        _keep_back(document, actor)
    return placed


def _keep_back(document: Document, actor: User) -> None:
    waits = f"{document} waits for an attorney."
    lifecycle.put_out_of_use(document, why="held", failure=waits, actor=actor)


def lift_hold(held: Hold, *, why: str, actor: User) -> None:
    """An attorney lets the document go forward, and says why. The caller has checked the right to."""
    with transaction.atomic():
        now = timezone.now()
        lifted = Hold.objects.filter(pk=held.pk, lifted_at=None).update(lifted_at=now, lifted_by=actor, lifted_why=why)
        if not lifted:
            raise lifecycle.LostRace(f"{held} was lifted already")
        record(Kind.HOLD_LIFTED, held.document, actor=actor, factor=held.factor_id or "")


def accept(document: Document, *, seen: str = "", actor: User) -> None:
    """The document is good evidence: it goes into the packet under its factors. `seen`: the review it was judged by."""
    with transaction.atomic():
        _take(document, seen or document.review)
        if document.state != Document.State.READY:
            raise CannotAccept(_("This document is not ready yet."))
        if not document.tags.exists():
            raise CannotAccept(_("Tag this document to a factor first. Then accept it."))
        if document.redactions.filter(Redaction.PROPOSED).exists():
            raise CannotAccept(_("Nobody has approved the boxes drawn on it. Approve them, or take them off first."))
        if never := document.tags.filter(factor__in=Factor.NEVER_FILED).select_related("factor").first():
            raise CannotAccept(_("It is marked “%s”, and never filed. Take that mark off first.") % never.factor)
        lifecycle.review(document, Document.Review.ACCEPTED, actor=actor)


def ask_again(document: Document, why: str, *, seen: str = "", actor: User) -> None:
    """The client is asked for a better one, and reads `why`."""
    with transaction.atomic():
        _take(document, seen or document.review)
        lifecycle.review(document, Document.Review.ASK_AGAIN, actor=actor, why=why)
        again = f"{document} was asked for again."
        lifecycle.put_out_of_use(document, why="asked_again", failure=again, actor=actor)


def reopen(document: Document, *, seen: str = "", actor: User) -> None:
    """Undo an accept or an ask-again."""
    with transaction.atomic():
        _take(document, seen or document.review)
        lifecycle.review(document, Document.Review.PENDING, actor=actor)


def _take(document: Document, seen: str = "") -> None:
    """The row as it is now, ours until the transaction ends: no tag goes while somebody accepts because of it.

    Raises LostRace when the review is no longer the one that was `seen`.
    """
    audit.take_turns(document.audit_chain)
    fields = ["state", "was", "review", "pages"]
    document.refresh_from_db(fields=fields, from_queryset=Document.objects.select_for_update())
    if seen and document.review != seen:
        raise lifecycle.LostRace(f"{document} is no longer {seen}")


def may_undo(document: Document, user: User) -> bool:
    """A client may take back what was sent a short while ago and nobody has worked on."""
    fresh = timezone.now() - document.received_at <= CLIENT_MAY_UNDO
    return fresh and is_untouched(document) and document.sender_id == user.pk


def is_untouched(document: Document) -> bool:
    """It may leave, and nobody of the legal team has worked on it."""
    untouched = document.review == Document.Review.PENDING and not document.tags.exists()
    return document.state in lifecycle.LEAVES and untouched


def withdraw(document: Document, *, actor: User) -> None:
    """Take the document out. A client does so while it is fresh and untouched, afterwards by asking."""
    with transaction.atomic():
        _take(document)
        if actor.is_client and not may_undo(document, actor):
            raise CannotWithdraw(_("The office is already working with this one. Ask the office to take it out."))
        lifecycle.move(document, Document.State.WITHDRAWN, actor=actor)


def try_again(document: Document, *, actor: User) -> None:
    """Have a held document prepared once more, from the beginning."""
    with transaction.atomic():
        _take(document)
        if document.state != Document.State.HELD:
            raise lifecycle.IllegalMove(f"{document} is {document.state}, not held")
        lifecycle.move(document, Document.State.CLEAN, actor=actor, crashes=0, reason="")
        queue.defer("prepare", document)


def restore(document: Document, *, actor: User) -> None:
    """Bring a withdrawn document back to where it was, and its work onto the queue again."""
    try:
        with transaction.atomic():
            lifecycle.take_turns(str(document.matter_id))
            _take(document)
            if document.state != Document.State.WITHDRAWN:
                raise lifecycle.IllegalMove(f"{document} is {document.state}, not withdrawn")
            lifecycle.move(document, _back(document), actor=actor)
            if task := _UNFINISHED.get(document.state):
                queue.defer(task, document)
    except IntegrityError as problem:
        raise CannotRestore(_("The same file was sent again meanwhile. Work with that one.")) from problem


def _back(document: Document) -> str:
    """Where it was; into quarantine where something was found in it meanwhile."""
    last = document.verdicts.first()
    doubted = last is not None and last.outcome != Outcome.CLEAN and document.was not in _UNJUDGED
    return Document.State.QUARANTINED.value if doubted else document.was


_UNJUDGED = {Document.State.RECEIVED}  # its verdict is still to come
_UNFINISHED: dict[str, str] = {Document.State.RECEIVED: "check", Document.State.CLEAN: "prepare"}


def is_set_aside(document: Document) -> bool:
    """Whether somebody decided that it is not for a packet: there is nothing left to review."""
    return document.review != Document.Review.ACCEPTED and any(
        tag.factor_id in Factor.SET_ASIDE for tag in document.tags.all()
    )


def telling_aside(documents: QuerySet[Document]) -> QuerySet[Any]:
    """Each with `aside`: whether one of its tags says so. No query more."""
    return documents.annotate(aside=said_aside("pk"))


def said_aside(document: str) -> Exists:
    """The same as a condition, of the column that names the document."""
    return Exists(Tag.objects.filter(document=OuterRef(document), factor__in=Factor.SET_ASIDE))


def next_to_review(documents: QuerySet[Document], done: Document) -> Document | None:
    """Of these, what waits for review after `done`; from the start again where nothing follows it."""
    waiting = documents.filter(state=Document.State.READY, review=Document.Review.PENDING).exclude(pk=done.pk)
    waiting = waiting.exclude(tags__factor__in=Factor.SET_ASIDE)
    return waiting.filter(number__gt=done.number).first() or waiting.first()


def factors() -> QuerySet[Factor]:
    """All there are, the main ones first."""
    return Factor.objects.order_by("position")


def offered(document: Document) -> QuerySet[Factor]:
    """What the document can be tagged to: all of the firm's and of its matter's that are not put away, and what it is
    tagged to already."""
    known: QuerySet[Factor] = Factor.everything.of(document.matter_id)
    theirs = document.tags.values("factor")
    return known.filter(Q(put_away_at=None) | Q(pk__in=theirs)).order_by("position")


def tags_of(documents: QuerySet[Document]) -> QuerySet[Tag]:
    """Every tag on these documents, the direct ones first, with what a page shows of each. Two queries."""
    tags = Tag.objects.filter(document__in=documents).select_related("document__item", "factor")
    return tags.prefetch_related("document__holds").order_by("factor__position", "strength", "document__number")
