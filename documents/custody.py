"""Keeping the promise: what a dead worker left is taken up, what nobody refers to goes, and everything is proved."""

import json
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent
from documents import lifecycle, queue, scanning, vault
from documents.models import Document, Matter, Packet, PacketPage, PacketPart, Page

log = logging.getLogger(__name__)
State = Document.State
MIN_AGE = timedelta(hours=24)  # an object younger than this may belong to an upload that is still going on
UNFINISHED_AGE = timedelta(hours=72)
SETTLING = timedelta(seconds=5)  # work younger than this is about to be taken up by its own job
MOST_AT_ONCE = 500  # objects that may be deleted without somebody having said so
WITNESS_DAYS = 365
HEADS = "heads/"
SCANNER = "scanner-probe"
KEYS = "keys/"  # wrapped keysets: a row refers to a matter, not to each generation of its key


class OlderThanItsAnchor(Exception):
    """The database lacks what the witness has: restored from a backup, empty, or cut. Nothing is deleted now."""


class TooMany(Exception):
    """More objects than usual are referred to by nothing. The message says what to do."""


def recover() -> dict[str, int]:
    """Queue whatever should be moving and is not, judged by its row and its lock, whatever the queue says."""
    now = timezone.now()
    settled = Q(state_since__lt=now - SETTLING)
    to_check = Document.objects.filter(settled & Q(state=State.RECEIVED), retry_at__lte=now)
    to_prepare = Document.objects.filter(settled & Q(state=State.CLEAN), retry_at__lte=now)
    to_bind = Packet.objects.filter(settled & Q(state=Packet.State.ORDERED))
    return {
        "check": _queue("check", [*to_check, *_left(Document, State.CHECKING)]),
        "prepare": _queue("prepare", [*to_prepare, *_left(Document, State.PREPARING)]),
        "bind": _queue("bind", [*to_bind, *_left(Packet, Packet.State.BINDING)]),
    }


def _left(model: type[Document] | type[Packet], state: str) -> Iterator[Document | Packet]:
    """In work, and nobody holds its lock: its worker is gone."""
    for thing in model.objects.filter(state=state).iterator():
        with lifecycle.claimed(thing) as free:
            pass
        if free:
            yield thing


def _queue(task: str, things: Iterable[Document | Packet]) -> int:
    already = queue.waiting(task)
    new = [thing for thing in things if str(thing.pk) not in already]
    for thing in new:
        queue.defer(task, thing)
    return len(new)


def sweep_store(*, many: bool = False) -> dict[str, int]:
    """Delete what no row refers to and is older than a day, and uploads that were never finished. Counts are alarms.

    Raises OlderThanItsAnchor, and TooMany unless somebody said that it may be `many`: after a restored backup the rows
    are what is missing, not the objects too many.
    """
    require_whole_database()
    areas = (vault.Area.INTAKE, vault.Area.VAULT)
    found = [(area, stored.key) for area in areas for stored in orphans(area) if _is_old(stored)]
    if len(found) > MOST_AT_ONCE and not many:
        log.error("%d objects are referred to by nothing: too many to delete unasked", len(found))
        raise TooMany(f"{len(found)} objects are referred to by nothing. Look why, then run: sweep --many")
    for area, key in found:
        vault.shred(area, key)
    counts = {"objects": len(found), "parts": sum(_end_unfinished(area) for area in areas)}
    if any(counts.values()):
        log.warning("swept %(objects)d objects and %(parts)d unfinished uploads that nothing refers to", counts)
        with transaction.atomic():
            audit.record(AuditEvent.Kind.SWEPT, None, actor=None, objects=counts["objects"], parts=counts["parts"])
    return counts


def _is_old(stored: vault.Stored) -> bool:
    return timezone.now() - stored.modified > MIN_AGE


def _end_unfinished(area: vault.Area) -> int:
    old = [upload for upload in vault.unfinished(area) if timezone.now() - upload.started > UNFINISHED_AGE]
    for upload in old:
        vault.abort_unfinished(area, upload.key, upload.upload_id)
    return len(old)


def orphans(area: vault.Area) -> Iterator[vault.Stored]:
    """What lies there and no row refers to. The objects are listed first: bytes come before their row."""
    there = list(vault.inventory(area))
    known = referred(area)
    return (stored for stored in there if stored.key not in known and not stored.key.startswith(KEYS))


def referred(area: vault.Area) -> set[str]:
    """The keys of every object that some row refers to."""
    if area == vault.Area.INTAKE:
        return set(Document.objects.exclude(intake_key="").values_list("intake_key", flat=True))
    documents = Document.objects.exclude(vault_key="").values_list("vault_key", "print_key")
    return {
        *(key for pair in documents.iterator() for key in pair),
        *Page.objects.values_list("preview_key", flat=True).iterator(),
        *PacketPart.objects.values_list("key", flat=True).iterator(),
        *PacketPage.objects.values_list("draft_key", flat=True).iterator(),
    }


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
        log.error("the database lacks what was anchored of %d chains: nothing is swept or anchored", len(lost))
        raise OlderThanItsAnchor(f"The database lacks events of {len(lost)} chains that were anchored outside it.")


def anchor() -> str:
    """Write the heads of all audit chains into the witness bucket, where they cannot be changed or deleted."""
    require_whole_database()
    heads = audit.heads()
    name = f"{HEADS}{timezone.now():%Y/%m/%d/%H%M%S}.json"
    vault.witness(name, json.dumps(heads, sort_keys=True).encode(), days=WITNESS_DAYS)
    return name


def look_at_scanner() -> None:
    """A quick probe, kept for the status of the portal."""
    probes = scanning.probe(quick=True)
    kept = {
        "at": timezone.now().isoformat(),
        "ok": all(probe.ok for probe in probes),
        "detail": "; ".join(f"{probe.name}: {probe.detail}" for probe in probes if not probe.ok),
    }
    cache.set(SCANNER, kept, timeout=None)


def scanner_seen() -> dict[str, object]:
    """The worker's last scanner probe: when, whether it was well, and what was wrong."""
    return cache.get(SCANNER) or {"at": None, "ok": False, "detail": "no worker has looked at the scanner yet"}


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


def oldest_waiting() -> datetime | None:
    """When the oldest document that still waits for its verdict was received."""
    waiting = Document.objects.filter(state__in=[State.RECEIVED, State.CHECKING]).order_by("received_at")
    return waiting.values_list("received_at", flat=True).first()


def finished() -> QuerySet[Packet]:
    """The packets that have parts, whatever became of them since."""
    begun = [Packet.State.DRAFT, Packet.State.ORDERED, Packet.State.BINDING, Packet.State.FAILED]
    found = Packet.objects.exclude(state__in=begun).filter(request__matter__purged_at=None)
    return found.select_related("request__matter")
