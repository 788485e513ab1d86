"""How the pages of a document lie: in what order, turned how; of photos also which of them, and cropped how.

The file stays as it came. What a person asks for is an arrangement, and the worker makes the pages anew from it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, queue, tagging
from documents.models import Document, Hold, LastDeed, Translation
from documents.preparing import placing
from documents.preparing.placing import Placed
from documents.words import NOTICED

# A hold of some pages, or one that was let go in part.
PAGE_BY_PAGE = Q(first_page__isnull=False) | Q(lifted_pages__isnull=False)


class CannotArrange(Exception):
    """The pages cannot be changed like this, or not any more; the message says what to do."""


def may_arrange(document: Document, user: User) -> bool:
    """A client may, of photos, while they are fresh and untouched; the legal team until somebody has built on the pages."""
    if user.is_client and not (document.photos and tagging.may_undo(document, user)):
        return False
    return not why_not(document)


def rearrange(document: Document, arrangement: Sequence[Placed], *, seen: str = "", actor: User) -> bool:
    """Have the pages made anew like this; whether anything is different. Until they are made, none of them is shown.

    `arrangement`: the pages in order, each once; of photos, each at most once. `seen`: the print_sha256 of the pages that
    were looked at, where that is known. Raises CannotArrange.
    """
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        document.refresh_from_db(from_queryset=Document.objects.select_for_update())
        require(document, actor)
        if seen and seen != document.print_sha256:
            raise CannotArrange(_("The pages changed meanwhile. Here they are as they are now."))
        _require_sound(document, arrangement)
        wanted = [] if list(arrangement) == as_sent(document) else [placed.to_json() for placed in arrangement]
        if arranged(document) == list(arrangement):
            return False
        record(AuditEvent.Kind.ARRANGED, document, actor=actor, count=leaves(document), pages=len(arrangement))
        LastDeed.objects.filter(document=document).delete()  # taken back, a tag would come to stand on other pages
        new = {"arrangement": wanted, "leaves": leaves(document), "read_at": None}
        lifecycle.move(document, Document.State.CLEAN, actor=actor, why="arranged", **new)
        queue.defer("prepare", document)
    return True


def require(document: Document, actor: User) -> None:
    """Raises CannotArrange where `may_arrange` says no."""
    if may_arrange(document, actor):
        return
    if actor.is_client:
        raise CannotArrange(_("These pages cannot be changed now. Call the office, they can help."))
    raise CannotArrange(why_not(document))


def why_not(document: Document) -> str:
    """Why the legal team may not change how its pages lie now; empty where it may. What names a page stays on that page."""
    if document.redactions.filter(removed_at=None).exists():
        return _("Boxes are drawn on these pages. Take them off first; then the pages can be turned and moved.")
    if document.state != Document.State.READY or lifecycle.in_use(document):
        return _("These pages cannot be changed now: the document is tagged, accepted, filed or not ready.")
    if Hold.objects.filter(PAGE_BY_PAGE, document=document, lifted_at=None).exists():
        return _("An attorney hold names pages of this document. They stay where they are until it is lifted.")
    if Translation.objects.filter(original=document, undone_at=None, first_page__isnull=False).exists():
        return _("A translation is paired with pages of this document. Take the pair apart first.")
    return ""


def _require_sound(document: Document, arrangement: Sequence[Placed]) -> None:
    if not arrangement:
        raise CannotArrange(_("One page has to stay. You can take the whole paper back instead."))
    try:
        (placing.arranged if document.photos else placing.every)(arrangement, leaves(document))
    except placing.Misplaced as problem:
        raise CannotArrange(_("These are not the pages of this paper. Nothing was changed.")) from problem


def may_warn(document: Document) -> bool:
    """Whether its client is still told that a photo is blurry or dark: nobody is asked for it a third time."""
    return not (document.replaces and document.replaces.replaces_id)


def noticed(document: Document) -> list[Promise]:
    """What its client should look at once more: while it is new, and not for ever."""
    new = document.state == Document.State.READY and tagging.is_untouched(document) and may_warn(document)
    return [words for warning, words in NOTICED.items() if new and warning in document.warnings]


def leaves(document: Document) -> int:
    """How many photos or pages the file has. What was prepared before that was noted has a page for each, or else what is
    asked for is not followed."""
    return document.photos or document.leaves or document.pages


def as_sent(document: Document) -> list[Placed]:
    """All that is in the file, in the order and the way it came."""
    return [Placed(number) for number in range(1, leaves(document) + 1)]


def arranged(document: Document) -> list[Placed]:
    """What is printed now, in order."""
    return [Placed.from_json(each) for each in document.arrangement] or as_sent(document)


def offers(document: Document) -> dict[int, Placed]:
    """For each photo where we know a better crop: the one in use, else the one we would suggest."""
    known = [Placed.from_json(each) for each in document.suggestions]
    used = [placed for placed in arranged(document) if is_cut(placed)]
    return {placed.photo: placed for placed in [*known, *used]}


def is_cut(placed: Placed) -> bool:
    return placed.crop is not None or placed.tilt != 0


# An arrangement, changed at one photo. What cannot be changes nothing.


def moved(plan: Sequence[Placed], photo: int, step: int) -> list[Placed]:
    """The photo `step` places further on (negative: further up), at most to the end."""
    new = list(plan)
    place = next((place for place, placed in enumerate(new) if placed.photo == photo), None)
    if place is not None:
        new.insert(max(0, place + step), new.pop(place))
    return new


def turned(plan: Iterable[Placed], photo: int | None, by: int = 90) -> list[Placed]:
    """The photo so many degrees further, clockwise; without one, all of them."""
    return [replace(each, turn=(each.turn + by) % 360) if photo in {None, each.photo} else each for each in plan]


def without(plan: Sequence[Placed], photo: int) -> list[Placed]:
    """The photo taken out; the last one stays."""
    return [each for each in plan if each.photo != photo] or list(plan)


def with_again(plan: Sequence[Placed], photo: int) -> list[Placed]:
    """The photo put back, behind those that were sent before it."""
    if any(each.photo == photo for each in plan):
        return list(plan)
    place = max((place for place, each in enumerate(plan, 1) if each.photo < photo), default=0)
    return [*plan[:place], Placed(photo), *plan[place:]]


def cut(plan: Iterable[Placed], offer: Placed) -> list[Placed]:
    """Its photo cropped and straightened as offered."""
    return [replace(each, crop=offer.crop, tilt=offer.tilt) if each.photo == offer.photo else each for each in plan]


def uncut(plan: Iterable[Placed], photo: int) -> list[Placed]:
    """All of the photo again."""
    return [replace(each, crop=None, tilt=0.0) if each.photo == photo else each for each in plan]
