"""The pages of a paper that is made of photos: which of them, in what order, turned and cropped how.

The photos stay as they came. What a person asks for is an arrangement, and the worker makes the pages anew from it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, queue, tagging, vault
from documents.intake import arriving, composing
from documents.intake.composing import Paper, Part
from documents.intake.receiving import Receipt
from documents.models import Document
from documents.preparing import album, placing
from documents.preparing.placing import Placed
from documents.words import NOTICED


class CannotArrange(Exception):
    """The pages cannot be changed like this, or not any more; the message says what to do."""


def may_arrange(document: Document, user: User) -> bool:
    """A client may while it is fresh and untouched; the legal team until somebody has built on its pages."""
    if not document.photos or document.state != Document.State.READY or lifecycle.in_use(document):
        return False
    return not user.is_client or tagging.may_undo(document, user)


def rearrange(document: Document, arrangement: Sequence[Placed], *, actor: User) -> bool:
    """Have the pages made anew like this; whether anything is different. Until they are made, none of them is shown.

    `arrangement`: the photos that become pages, in order, each at most once. Raises CannotArrange.
    """
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        document.refresh_from_db(from_queryset=Document.objects.select_for_update())
        require(document, actor)
        _require_sound(document.photos, arrangement)
        wanted = [] if list(arrangement) == as_sent(document) else [placed.to_json() for placed in arrangement]
        if arranged(document) == list(arrangement):
            return False
        record(AuditEvent.Kind.ARRANGED, document, actor=actor, count=document.photos, pages=len(arrangement))
        lifecycle.move(document, Document.State.CLEAN, actor=actor, why="arranged", arrangement=wanted)
        queue.defer("prepare", document)
    return True


def retake(document: Document, photo: int, sealed: vault.Sealed, name: str, *, actor: User) -> Receipt:
    """The same paper with one photo taken again: a new document, which goes through the door like any other.

    When it is ready it takes the place of this one. Raises CannotArrange, or as composing.compose does.
    """
    require(document, actor)
    new = composing.of_sealed(sealed, name, document.matter)
    if not composing.picture(new.read()[: composing.HEAD]):
        raise CannotArrange(_("This is not a photo. Take a photo of the page."))
    parts = [new if number == photo else part for number, part in enumerate(_parts(document), 1)]
    if new not in parts:
        raise CannotArrange(_("These are not the pages of this paper. Nothing was changed."))
    if not composing.fits(parts) or sum(part.size for part in parts) > arriving.room(document.matter):
        raise CannotArrange(_("This photo is too big for this paper. Send it by itself."))
    plan = [Placed(photo) if each.photo == photo else each for each in arranged(document)]
    wanted = () if plan == as_sent(document) else plan
    for_team = not (document.on_behalf or document.sender.is_client)
    paper = Paper(document.matter, actor, document.item, document.asked, document, wanted, for_team=for_team)
    [receipt] = composing.compose(parts, paper)
    if actor.pk != document.sender_id and receipt.document.pk != document.pk:  # a sender's own goes when this is ready
        tagging.withdraw(document, actor=actor)
    return receipt


def _parts(document: Document) -> list[Part]:
    """Its photos as they came, from the vault."""
    under, name = bytes(document.matter.key), re.sub(r" \(\d+\)\.zip$", ".jpg", document.name)
    whole = b"".join(vault.chunks(vault.Area.VAULT, document.vault_key, under=under))
    photos = [whole] if document.photos == 1 else [album.photo(whole, n) for n in range(1, document.photos + 1)]
    return [Part(name, len(photo), partial(bytes, photo)) for photo in photos]


def require(document: Document, actor: User) -> None:
    """Raises CannotArrange where `may_arrange` says no."""
    if may_arrange(document, actor):
        return
    if actor.is_client:
        raise CannotArrange(_("These pages cannot be changed now. Call the office, they can help."))
    raise CannotArrange(_("These pages cannot be changed now: the document is tagged, accepted, filed or not ready."))


def _require_sound(photos: int, arrangement: Sequence[Placed]) -> None:
    if not arrangement:
        raise CannotArrange(_("One page has to stay. You can take the whole paper back instead."))
    try:
        placing.arranged(arrangement, photos)
    except placing.Misplaced as problem:
        raise CannotArrange(_("These are not the pages of this paper. Nothing was changed.")) from problem


def may_warn(document: Document) -> bool:
    """Whether its client is still told that a photo is blurry or dark: nobody is asked for it a third time."""
    return not (document.replaces and document.replaces.replaces_id)


def noticed(document: Document) -> list[Promise]:
    """What its client should look at once more: while it is new, and not for ever."""
    new = document.state == Document.State.READY and tagging.is_untouched(document) and may_warn(document)
    return [words for warning, words in NOTICED.items() if new and warning in document.warnings]


def as_sent(document: Document) -> list[Placed]:
    """All its photos, in the order and the way they came."""
    return [Placed(photo) for photo in range(1, document.photos + 1)]


def arranged(document: Document) -> list[Placed]:
    """The photos that are its pages now, in order."""
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


def turned(plan: Iterable[Placed], photo: int) -> list[Placed]:
    """The photo a quarter further, clockwise."""
    return [replace(each, turn=(each.turn + 90) % 360) if each.photo == photo else each for each in plan]


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
