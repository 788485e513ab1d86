"""Keeping the promise: what a dead worker left is taken up, what nobody refers to goes, and everything is proved."""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent
from documents import alarms, lifecycle, likeness, looks, queue, reading, vault
from documents.alarms import Kind
from documents.looks import Look
from documents.models import Document, FittedPrint, Matter, Packet, PacketPage, PacketPart, Page, Request, Upload

log = logging.getLogger(__name__)
State = Document.State
ENDED = [Upload.State.RECEIVED, Upload.State.ABANDONED]  # what lies there of them belongs to a document, or to nobody
MIN_AGE = timedelta(hours=24)  # an object younger than this may belong to an upload that is still going on
UNFINISHED_AGE = timedelta(hours=72)
SETTLING = timedelta(seconds=5)  # work younger than this is about to be taken up by its own job
MOST_AT_ONCE = 500  # files that may be deleted without somebody having said so
WITNESS_DAYS = 365
HEADS = "heads/"
KEYS = "keys/"  # wrapped keysets: a row refers to a matter, not to each generation of its key


class OlderThanItsAnchor(Exception):
    """The database lacks what the witness has: restored from a backup, empty, or cut. Nothing is deleted now."""


class TooMany(Exception):
    """More files than usual are referred to by nothing. The message says what to do."""


def recover() -> dict[str, int]:
    """Queue whatever should be moving and is not, judged by its row and its lock, whatever the queue says."""
    now = timezone.now()
    settled = Q(state_since__lt=now - SETTLING)
    to_check = Document.objects.filter(settled & Q(state=State.RECEIVED), retry_at__lte=now)
    to_prepare = Document.objects.filter(settled & Q(state=State.CLEAN), retry_at__lte=now)
    to_bind = Packet.objects.filter(settled & Q(state=Packet.State.ORDERED))
    at_work = Request.objects.filter(Q(fitting=True) | Q(underlaying=True))
    return {
        "check": _queue("check", [*to_check, *_left(Document.objects.filter(state=State.CHECKING))]),
        "prepare": _queue("prepare", [*to_prepare, *_left(Document.objects.filter(state=State.PREPARING))]),
        "bind": _queue("bind", [*to_bind, *_left(Packet.objects.filter(state=Packet.State.BINDING))]),
        "read": _queue("read", reading.waiting(), priority=queue.LATER),
        "find_alike": _queue("find_alike", likeness.waiting(), priority=queue.LATER),
        "fit": _queue("fit", _left(at_work.filter(matter__purged_at=None))),
    }


def _left[T: models.Model](at_work: QuerySet[T]) -> Iterator[T]:
    """In work, and nobody holds its lock: its worker is gone."""
    for thing in at_work.iterator():
        with lifecycle.claimed(thing) as free:
            pass
        if free:
            yield thing


def _queue(task: str, things: Iterable[models.Model], *, priority: int = 0) -> int:
    already = queue.waiting(task)
    new = [thing for thing in things if str(thing.pk) not in already]
    for thing in new:
        queue.defer(task, thing, priority=priority)
    return len(new)


def sweep_store(*, many: bool = False) -> dict[str, int]:
    """Delete what no row refers to and is older than a day, and uploads that were never finished; count what is gone.

    Counts are alarms. Raises OlderThanItsAnchor, and TooMany unless somebody said that it may be `many`: after a restored
    backup the rows are what is missing, not the objects too many.
    """
    require_whole_database()
    areas = (vault.Area.INTAKE, vault.Area.VAULT)
    compared = {area: compare(area) for area in areas}
    gone = [f"{area}/{key}" for area in areas for key in compared[area].gone]
    _tell_of_lost(gone)
    found = [(area, stored.key) for area in areas for stored in compared[area].orphans if _is_old(stored)]
    nobodys = _nobodys({(area, vault.root(key)) for area, key in found})
    if nobodys > MOST_AT_ONCE and not many:
        alarms.raise_(Kind.TOO_MANY, f"Files: {nobodys}.")
        raise TooMany(f"{nobodys} files are referred to by nothing. Look why, then run: sweep --many")
    alarms.end(Kind.TOO_MANY)
    for area, key in found:
        vault.shred(area, key)
    counts = {"objects": len(found), "parts": sum(_end_unfinished(area) for area in areas), "gone": len(gone)}
    _note_swept(counts, nobodys)
    return counts


def _nobodys(found: set[tuple[vault.Area, str]]) -> int:
    """How many files no row knows of: one in pieces counts once, and what an upload left that ended not at all."""
    roots = [root for area, root in found if area == vault.Area.INTAKE]
    return len(found) - Upload.objects.filter(state__in=ENDED, prefix__in=roots).count()


def _tell_of_lost(gone: list[str]) -> None:
    if gone:
        log.error("objects that rows refer to are gone: %s", " ".join(gone[:20]))
        alarms.raise_(Kind.BYTES_CHANGED, f"Objects gone: {len(gone)}, among them {gone[0]}.")


def _note_swept(counts: dict[str, int], nobodys: int) -> None:
    objects, parts = counts["objects"], counts["parts"]
    looks.keep(Look.SWEEP, objects=objects, parts=parts, gone=counts["gone"])
    if objects or parts:
        with transaction.atomic():
            audit.record(AuditEvent.Kind.SWEPT, None, actor=None, objects=objects, parts=parts)
    if nobodys or parts:
        alarms.raise_(Kind.SWEPT, f"Files: {nobodys}. Unfinished uploads: {parts}.")
    else:
        alarms.end(Kind.SWEPT)


def _is_old(stored: vault.Stored) -> bool:
    return timezone.now() - stored.modified > MIN_AGE


def _end_unfinished(area: vault.Area) -> int:
    old = [upload for upload in vault.unfinished(area) if timezone.now() - upload.started > UNFINISHED_AGE]
    for upload in old:
        vault.abort_unfinished(area, upload.key, upload.upload_id)
    return len(old)


@dataclass(frozen=True, slots=True)
class Compared:
    """What lies there and no row refers to; and the keys that rows refer to where nothing lies."""

    orphans: list[vault.Stored]
    gone: list[str]


def compare(area: vault.Area) -> Compared:
    """An area against the rows, both ways, by one listing; a row that came or let go meanwhile is never held against it.

    Bytes come before their row and leave after it: only what was promised before and after the listing must be there.
    """
    before = promised(area)
    there = [(vault.root(stored.key), stored) for stored in vault.inventory(area) if not stored.key.startswith(KEYS)]
    known, sizes = referred(area), {stored.key: vault.plain_size(stored.bytes) for _root, stored in there}
    orphans = [stored for root, stored in there if root not in known]
    gaps = {key: gap for key in before if (gap := vault.first_gap(key, sizes))}
    return Compared(orphans, sorted(gaps[key] for key in gaps.keys() & promised(area)) if gaps else [])


def orphans(area: vault.Area) -> list[vault.Stored]:
    """What lies there and no row refers to."""
    return compare(area).orphans


def referred(area: vault.Area) -> set[str]:
    """The keys of every object that some row refers to; of a file in pieces what these have in common."""
    coming: set[str] = set()
    if area == vault.Area.INTAKE:  # first: what is on its way becomes a document, never back
        coming = set(Upload.objects.exclude(state__in=ENDED).values_list("prefix", flat=True))
    return {vault.root(key) for key in _keys(area, Document.objects.all(), Q())} | coming


def promised(area: vault.Area) -> set[str]:
    """The keys that rows promise, without what is being forgotten: a purge destroys the bytes first, then the rows let go
    of them."""
    living = Document.objects.exclude(state=State.PURGED).filter(matter__purged_at=None)
    kept = set()
    if area == vault.Area.INTAKE:  # first, as above
        kept = {vault.pieces_key(*whole) for whole in _kept().values_list("prefix", "size").iterator()}
    return _keys(area, living, Q(packet__request__matter__purged_at=None)) | kept


def _kept() -> QuerySet[Upload]:
    """Pages that wait for the others of their paper: all of each was told to have come."""
    return Upload.objects.filter(state=Upload.State.KEPT, matter__purged_at=None)


def _keys(area: vault.Area, documents: QuerySet[Document], of_packets: Q) -> set[str]:
    if area == vault.Area.INTAKE:
        return set(documents.exclude(intake_key="").values_list("intake_key", flat=True))
    own = documents.values_list("vault_key", "unlocked_key", "print_key")
    keys = {
        *(key for keys in own.iterator() for key in keys),
        *Page.objects.filter(document__in=documents).values_list("preview_key", flat=True).iterator(),
        *FittedPrint.objects.filter(document__in=documents).values_list("key", flat=True).iterator(),
        *PacketPart.objects.filter(of_packets).values_list("key", flat=True).iterator(),
        *PacketPage.objects.filter(of_packets).values_list("draft_key", flat=True).iterator(),
    }
    return keys - {""}


def anchored() -> audit.Heads:
    """The heads of all audit chains as they were last written outside the database."""
    anchors = [stored.key for stored in vault.witnesses(HEADS)]
    return heads_in(max(anchors)) if anchors else {}


def heads_in(name: str) -> audit.Heads:
    """The heads that one anchor holds."""
    return {chain: (seq, digest) for chain, (seq, digest) in json.loads(vault.read_witness(name)).items()}


def require_whole_database() -> None:
    """This database knows everything that was ever anchored: it is not an older one, nor cut, nor another firm's."""
    if lost := audit.lost(anchored()):
        alarms.raise_(Kind.ANCHOR_AHEAD, f"Chains: {len(lost)}.")
        raise OlderThanItsAnchor(f"The database lacks events of {len(lost)} chains that were anchored outside it.")
    alarms.end(Kind.ANCHOR_AHEAD)


def anchor() -> str:
    """Write the heads of all audit chains into the witness bucket, where they cannot be changed or deleted."""
    require_whole_database()
    heads = audit.heads()
    name = f"{HEADS}{timezone.now():%Y/%m/%d/%H%M%S}.json"
    vault.witness(name, json.dumps(heads, sort_keys=True).encode(), days=WITNESS_DAYS)
    looks.keep(Look.ANCHOR)
    return name


def keep_key(pk: UUID | str) -> None:
    """Put the matter's wrapped key into the vault too, so that a restored bucket can be read; never a purged one's."""
    for matter in Matter.objects.filter(pk=pk, purged_at=None, throwaway=False):
        vault.keep_key(matter.pk, bytes(matter.key))
    if Matter.objects.filter(pk=pk, purged_at__isnull=False).exists():  # purged meanwhile: its purge is the last word
        vault.forget_keys(str(pk))


def keep_keys() -> int:
    """Put every key that is not beside what it seals there: a task that was lost must not cost a matter. How many."""
    living = Matter.objects.filter(purged_at=None, throwaway=False).only("id", "key")
    missing = [matter.pk for matter in living.iterator() if bytes(matter.key) not in vault.kept_keys(matter.pk)]
    for pk in missing:
        keep_key(pk)
    return len(missing)


def finished() -> QuerySet[Packet]:
    """The packets that have parts, whatever became of them since."""
    begun = [Packet.State.DRAFT, Packet.State.ORDERED, Packet.State.BINDING, Packet.State.FAILED]
    found = Packet.objects.exclude(state__in=begun).filter(request__matter__purged_at=None)
    return found.select_related("request__matter")
