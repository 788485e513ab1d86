"""A file on its way in pieces, over a network that breaks. Each piece is durable before it is answered; nothing of it is
a document before all of it lies there and was read back."""

import hashlib
import hmac
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from documents import alarms, lifecycle, vault
from documents.intake import composing
from documents.intake.composing import HEAD, Paper
from documents.intake.receiving import NotKept, NotTaken, Receipt, keep, shown_name
from documents.models import Document, DocumentType, Matter, Upload
from documents.preparing import Reason

log = logging.getLogger(__name__)
State = Upload.State
PIECE = 2 << 20  # bytes a piece may have
LIFE = timedelta(hours=72)  # an upload nobody goes on with; a phone may be without a network for a day or two
A_WHILE = timedelta(minutes=30)  # how long the pages of a paper wait for somebody to say that these are all
BEGUN = timedelta(hours=1)  # what has not sent a byte by then takes nobody's room
PATIENCE = 10.0  # seconds for whoever ends the same upload just now
MOST_AT_ONCE = 200  # uploads of one person in one matter that have not arrived yet


class OtherFile(Exception):
    """The sender's name for this file is taken: by one of another size or name."""


class WrongOffset(Exception):
    """The piece begins elsewhere than where the upload has arrived; `at` says where that is."""

    def __init__(self, at: int) -> None:
        super().__init__(f"the upload has arrived at {at}")
        self.at = at


class TooMuch(Exception):
    """The piece is larger than a piece may be, or goes past the end of the file."""


class Over(Exception):
    """The upload has ended: it was received, taken back, or nobody went on with it."""


class Busy(Exception):
    """Somebody else is at it just now; asking again in a moment tells what came of it."""


class QuotaReached(Exception):
    """The matter takes no more: too many unfinished uploads, or too many bytes."""


class Announced(NamedTuple):
    """What the sender's program says of a file before its first byte."""

    file_id: UUID
    name: str
    size: int  # bytes
    item: str = ""  # the code of what it is; one we do not know counts as none: it never costs a file
    batch: UUID | None = None
    asked: UUID | None = None  # what of the checklist it is sent for; one that is not of this matter counts as none
    replaces: UUID | None = None  # the paper that is sent again
    for_team: bool = False  # staff send it for the legal team alone
    paper: UUID | None = None  # it is one page of this paper: it waits for the others
    page: int = 0


def begin(matter: Matter, announced: Announced, *, actor: User) -> Upload:
    """A new upload, or the one that was begun under this id before, as it is announced now.

    Raises NotTaken, OtherFile, QuotaReached; Busy, vault.Missing or Tampered as `finish`.
    """
    if announced.size == 0:
        raise NotTaken(Reason.EMPTY)
    if announced.size > settings.UPLOAD_LIMIT:
        raise NotTaken(Reason.TOO_LARGE)
    with transaction.atomic():
        lifecycle.take_turns(f"uploads:{matter.pk}")
        if upload := _known(matter, announced.file_id, actor):
            _go_on(upload, announced)
        else:
            _require_room(matter, announced.size, actor)
            upload = _new(matter, announced, actor)
    if upload.state == State.KEPT and not announced.paper:
        _end_alone(upload)
    elif upload.state == State.ARRIVING and upload.whole:
        try:
            finish(upload)
        except (vault.Missing, vault.Tampered) as problem:
            _tell_of_bad_piece(upload, problem)
            abandon(upload, actor=None)  # chosen again, as its sender was asked to: all of it comes once more
            return begin(matter, announced, actor=actor)
    return upload


def _tell_of_bad_piece(upload: Upload, problem: Exception) -> None:
    log.error("%s cannot be finished: %r", upload, problem)
    alarms.raise_(alarms.Kind.BYTES_CHANGED, "A piece of an upload is not what was sent.")


def _new(matter: Matter, announced: Announced, actor: User) -> Upload:
    return Upload.objects.create(
        matter=matter,
        sender=actor,
        file_id=announced.file_id,
        batch=announced.batch,
        name=shown_name(announced.name),
        size=announced.size,
        prefix=vault.new_prefix(),
        **_what_for(matter, announced, actor),
    )


def _what_for(matter: Matter, announced: Announced, actor: User) -> dict[str, Any]:
    return {
        "item": DocumentType.objects.in_bulk().get(announced.item),  # in here: a NUL is no question to the database
        "asked": matter.checklist.filter(pk=announced.asked).first() if announced.asked else None,
        "replaces": matter.documents.filter(pk=announced.replaces).first() if announced.replaces else None,
        "for_team": announced.for_team and not actor.is_client,
        "paper": announced.paper,
        "page": announced.page,
    }


def _go_on(known: Upload, announced: Announced) -> None:
    """What was said of it last counts, as long as it is no document: it may be chosen again for another paper, or alone."""
    if (known.size, known.name) != (announced.size, shown_name(announced.name)):
        raise OtherFile
    changed: dict[str, Any] = {"batch": announced.batch}  # the receipt of today shows what went on today
    if known.state == State.RECEIVED:
        changed["paper"] = announced.paper
    else:
        changed |= _what_for(known.matter, announced, known.sender) | {"touched_at": timezone.now()}
    if known.state == State.KEPT and not announced.paper:
        changed["paper"] = known.paper  # as long as it waits it has one
    for word, value in changed.items():
        setattr(known, word, value)
    known.save(update_fields=list(changed))


def _end_alone(page: Upload) -> None:
    """It waits for no other page: it was chosen once more, by itself."""
    try:
        compose([page], [0], actor=page.sender)
    except (NotKept, lifecycle.LostRace) as problem:
        raise Busy from problem
    page.refresh_from_db()


def _known(matter: Matter, file_id: UUID, actor: User) -> Upload | None:
    """The last upload under this id, unless it has to be sent again: taken back, or what it became is out of use."""
    last = Upload.objects.filter(matter=matter, sender=actor, file_id=file_id).select_related("document").last()
    if last is None or last.state == State.ABANDONED:
        return None
    return None if last.document and last.document.state in Document.OVER else last


def _require_room(matter: Matter, size: int, actor: User) -> None:
    coming = _begun().filter(matter=matter, state__in=[State.ARRIVING, State.KEPT])
    if coming.filter(sender=actor).count() >= MOST_AT_ONCE:
        raise QuotaReached
    if size > room(matter) - (coming.aggregate(bytes=Sum("size"))["bytes"] or 0):
        raise QuotaReached


def _begun() -> QuerySet[Upload]:
    """Not those that were announced, and then nothing came."""
    return Upload.objects.exclude(offset=0, begun_at__lt=timezone.now() - BEGUN)


def room(matter: Matter) -> int:
    """How many more bytes the matter's documents may have; what was refused or taken out still lies there."""
    kept = matter.documents.exclude(state=Document.State.PURGED).aggregate(bytes=Sum("size"))["bytes"] or 0
    return int(settings.MATTER_LIMIT) - kept


def append(upload: Upload, at: int, body: bytes) -> None:
    """Keep one piece; the last one makes a document of it all. Sets `offset` to where the upload has arrived.

    Raises Over, WrongOffset, TooMuch, OtherFile.
    """
    if upload.state != State.ARRIVING:
        raise Over
    if at != upload.offset:
        raise WrongOffset(upload.offset)
    if len(body) > PIECE or at + len(body) > upload.size:
        raise TooMuch
    if body:
        _keep_piece(upload, at, body)
    if upload.whole:
        finish(upload)


def _keep_piece(upload: Upload, at: int, body: bytes) -> None:
    """Bytes first, then the row that promises them. A piece that lies there already was kept by a request whose row was
    not: it counts as far as it is the same."""
    under = bytes(upload.matter.key)
    try:
        vault.put_piece(upload.prefix, at, body, under=under)
        length = len(body)
    except vault.AlreadyThere:
        length = _agreed(upload, at, body, under)
    moved = Upload.objects.filter(pk=upload.pk, state=State.ARRIVING, offset=at)
    if not moved.update(offset=at + length, touched_at=timezone.now()):
        upload.refresh_from_db()
        if upload.state != State.ARRIVING:
            raise Over
        if upload.offset < at + length:
            raise WrongOffset(upload.offset)
    upload.offset = max(upload.offset, at + length)


def _agreed(upload: Upload, at: int, body: bytes, under: bytes) -> int:
    """How long the piece is that lies there: as far as both go, they must be the same."""
    there = b"".join(vault.chunks(vault.Area.INTAKE, f"{upload.prefix}/{at}", under=under))
    if not there.startswith(body[: len(there)]):
        raise OtherFile
    return len(there)


def finish(upload: Upload) -> None:
    """All of it lies there: read back, it becomes a document, once, or waits as a page of its paper.

    May be called again after a death. Raises Busy while somebody else is at it, Over, vault.Missing or Tampered.
    """
    with lifecycle.claimed(upload, patience=PATIENCE) as mine:
        if not mine:
            raise Busy
        upload.refresh_from_db()
        if upload.state == State.ARRIVING and upload.whole:
            _keep_page(upload) if upload.paper and _is_picture(upload) else _keep_file(upload)


def _keep_file(upload: Upload) -> None:
    key = vault.pieces_key(upload.prefix, upload.size)
    kept = vault.fingerprint(vault.Area.INTAKE, key, under=bytes(upload.matter.key))
    sealed = vault.Sealed(vault.Area.INTAKE, key, kept.size, kept.sha256)
    try:
        _receive(upload, sealed)
    except lifecycle.LostRace as problem:  # taken back meanwhile: no document was made
        raise Over from problem


def _is_picture(upload: Upload) -> bool:
    under = bytes(upload.matter.key)
    return bool(composing.picture(next(vault.chunks(vault.Area.INTAKE, f"{upload.prefix}/0", under=under), b"")[:HEAD]))


def _keep_page(upload: Upload) -> None:
    """It waits for the other pages; like everything that we say is here, it was read back first."""
    vault.fingerprint(vault.Area.INTAKE, vault.pieces_key(upload.prefix, upload.size), under=bytes(upload.matter.key))
    try:
        lifecycle.move(upload, State.KEPT, actor=upload.sender)
    except lifecycle.LostRace as problem:
        raise Over from problem


def compose(uploads: Sequence[Upload], turns: Sequence[int], *, actor: User) -> list[Receipt]:
    """The kept pages as one paper, in this order, turned by so many degrees. What became a document before is left as
    it is: asked twice, it is done once. Raises as composing.compose."""
    once = {upload.pk: (upload, turn) for upload, turn in zip(uploads, turns, strict=True)}  # chosen twice: one page
    waiting = [(upload, turn) for upload, turn in once.values() if upload.state == State.KEPT]
    if not waiting:
        return []
    first = waiting[0][0]
    replaces = next((upload.replaces for upload, _turn in waiting if upload.replaces), None)
    paper = Paper(first.matter, actor, first.item, first.asked, replaces, for_team=first.for_team)
    return composing.compose([composing.of_upload(upload, turn) for upload, turn in waiting], paper)


def _receive(upload: Upload, sealed: vault.Sealed) -> None:
    with transaction.atomic():
        receipt = _document(upload, sealed)
        about: dict[str, Any] = {"document": receipt.document, "duplicate": receipt.duplicate}
        lifecycle.move(upload, State.RECEIVED, actor=upload.sender, **about)


def _document(upload: Upload, sealed: vault.Sealed) -> Receipt:
    return keep(
        sealed,
        matter=upload.matter,
        name=upload.name,
        item=upload.item,
        asked=upload.asked,
        replaces=upload.replaces,
        on_behalf=not upload.sender.is_client and not upload.for_team,
        actor=upload.sender,
    )


def abandon(upload: Upload, *, actor: User | None) -> None:
    """Take it back: its bytes go when the store is swept. Raises Over."""
    try:
        lifecycle.move(upload, State.ABANDONED, actor=actor)
    except (lifecycle.IllegalMove, lifecycle.LostRace) as problem:
        raise Over from problem


def expires(upload: Upload) -> datetime:
    return upload.touched_at + LIFE


def expire() -> int:
    """End the uploads that nobody goes on with, and finish those whose last piece came and whose process died."""
    old = Upload.objects.filter(state=State.ARRIVING, touched_at__lt=timezone.now() - LIFE)
    ended = [upload for upload in old if not upload.whole]
    for upload in ended:
        with suppress(Over):  # somebody went on with it, or took it back
            abandon(upload, actor=None)
    for upload in left():
        with _of_this_one(upload):
            finish(upload)
    for pages in unfinished_papers():
        with _of_this_one(pages[0]):
            compose(pages, [0] * len(pages), actor=pages[0].sender)
    return len(ended)


@contextmanager
def _of_this_one(upload: Upload) -> Iterator[None]:
    """What is wrong with one upload keeps no other waiting."""
    try:
        yield
    except (Busy, Over, lifecycle.LostRace) as problem:
        log.info("%s: somebody else is at it, or was: %r", upload, problem)
    except (vault.Missing, vault.Tampered, NotKept, NotTaken) as problem:
        _tell_of_bad_piece(upload, problem)


def unfinished_papers() -> list[list[Upload]]:
    """The pages, in order, of each paper that nobody said to be complete: whoever sent them is gone for a while, and no
    other page of it is on its way any more."""
    waiting = Upload.objects.filter(state=State.KEPT).select_related("matter", "sender", "item", "asked", "replaces")
    papers: dict[Any, list[Upload]] = {}
    for upload in waiting.order_by("page", "begun_at", "pk"):
        papers.setdefault((upload.matter_id, upload.sender_id, upload.paper), []).append(upload)
    coming = _begun().filter(state=State.ARRIVING).values_list("matter_id", "sender_id", "paper")
    for paper in coming:
        papers.pop(paper, None)
    long_ago = timezone.now() - A_WHILE
    return [pages for pages in papers.values() if max(page.touched_at for page in pages) < long_ago]


def left() -> QuerySet[Upload]:
    """Whole, and no document yet."""
    whole = Upload.objects.filter(state=State.ARRIVING, offset=F("size"))
    return whole.select_related("matter", "sender", "item")


def matches(body: bytes, algorithm: str, digest: bytes) -> bool:
    """Whether the piece has this checksum. `algorithm`: one of ALGORITHMS."""
    return hmac.compare_digest(hashlib.new(algorithm, body, usedforsecurity=False).digest(), digest)


ALGORITHMS = ("sha256", "sha1")
