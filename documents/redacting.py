"""Black boxes on print-ready pages: drawn by one person, approved by another, then burnt in so that nothing is under them.

The paper stays as it came, in the vault. What everybody looks at, what is filed and what is searched is made anew from it,
with the boxes burnt in, and made anew without one that is taken off. A packet with it that is released stands in the way;
one that was filed keeps the pages it was bound from (packets.asfiled).
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import access, lifecycle, queue
from documents.access import To
from documents.models import Document, Redaction
from documents.preparing import Box

Kind = AuditEvent.Kind
State = Document.State
MOST = 500  # boxes on one document


class CannotRedact(Exception):
    """The box cannot be drawn, approved or taken off like this, or not now; the message says what to do."""


def draw(document: Document, box: Box, *, why: str, words: str = "", actor: User) -> Redaction:
    """Propose a box. It covers nothing until somebody else approves it. The same one again is the one that is there."""
    with transaction.atomic():
        _take(document)
        require_changeable(document)
        if why == Redaction.Why.OTHER and not words:
            raise CannotRedact(_("Say why it is covered."))
        if box.page > document.pages:
            raise CannotRedact(_("This document has pages 1 to %(last)d.") % {"last": document.pages})
        there = standing(document)
        if there.count() >= MOST:
            raise CannotRedact(_("There are too many boxes on this document. Draw larger ones."))
        about = {"of_sha256": _drawn_on(document), "why": why, "words": words, "drawn_by": actor}
        places = {"page": box.page, "left": box.left, "top": box.top, "right": box.right, "bottom": box.bottom}
        made, created = there.get_or_create(document=document, **places, defaults=about)
        if created:
            record(Kind.BOX_DRAWN, document, actor=actor, pages=[box.page], reason=why)
    return made


def approve(document: Document, seen: Collection[int], *, actor: User) -> None:
    """Have these boxes burnt in: exactly those that somebody looked at, by their ids. Until then no page is shown."""
    with transaction.atomic():
        _take(document)
        require_changeable(document)
        boxes = list(document.redactions.filter(Redaction.PROPOSED, pk__in=seen))
        if not boxes or len(boxes) != len({*seen}):
            raise CannotRedact(_("The boxes changed meanwhile. Here they are as they are now."))
        if not all(may_approve(box, actor) for box in boxes):
            raise CannotRedact(_("You drew this box. A colleague or an attorney looks at it before it is burnt in."))
        document.redactions.filter(pk__in=seen).update(approved_by=actor, approved_at=timezone.now())
        pages, reasons = sorted({box.page for box in boxes}), sorted({box.why for box in boxes})
        record(Kind.REDACTED, document, actor=actor, count=len(boxes), pages=pages, codes=reasons)
        _make_anew(document, actor)


def take_off(box: Redaction, *, actor: User) -> None:
    """A box that is only drawn goes at once. One that is burnt in: an attorney has the pages made without it."""
    with transaction.atomic():
        document = box.document
        _take(document)
        box.refresh_from_db()
        if box.removed_at:
            return
        if box.approved_at:
            require_changeable(document, held=True)
            if not access.may(actor, To.UNREDACT):
                raise CannotRedact(_("This box is burnt in. An attorney takes it off."))
        Redaction.objects.filter(pk=box.pk).update(removed_by=actor, removed_at=timezone.now())
        record(Kind.UNREDACTED, document, actor=actor, pages=[box.page], reason=box.why, was=_was(box))
        if box.approved_at and document.state == State.READY:
            _make_anew(document, actor)


def may_approve(box: Redaction, user: User) -> bool:
    """Four eyes: whoever drew it does not approve it. An attorney answers for the filing, and may."""
    return box.drawn_by_id != user.pk or access.may(user, To.UNREDACT)


def require_changeable(document: Document, *, held: bool = False) -> None:
    """Raises CannotRedact unless its pages are there and may be made anew. `held`: or wait for somebody."""
    if document.state != State.READY and not (held and document.state == State.HELD):
        raise CannotRedact(_("Its pages are not here now. Wait until they are."))
    if lifecycle.is_fixed(document):
        raise CannotRedact(_("A packet with these pages was released, or is being bound. They stay as they are."))


def burnt_in(document: Document) -> QuerySet[Redaction]:
    return document.redactions.filter(Redaction.BURNT_IN)


def standing(document: Document) -> QuerySet[Redaction]:
    """All that are not taken off, in the order of the pages."""
    return document.redactions.filter(removed_at=None).select_related("drawn_by", "approved_by")


def _drawn_on(document: Document) -> str:
    """What the pages are without any box: what is shown now may have some burnt in."""
    return burnt_in(document).values_list("of_sha256", flat=True).first() or document.print_sha256


def _was(box: Redaction) -> str:
    return "burnt_in" if box.approved_at else "drawn"


def _make_anew(document: Document, actor: User) -> None:
    lifecycle.make_anew(document, actor=actor, why="redacted")
    queue.defer("prepare", document)


def _take(document: Document) -> None:
    """The row as it is now, ours until the transaction ends."""
    audit.take_turns(document.audit_chain)
    document.refresh_from_db(from_queryset=Document.objects.select_for_update())
