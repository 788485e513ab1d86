"""Keeping the promise: what a dead worker left is taken up, what nobody refers to goes, and everything is proved."""

import json
import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent
from documents import lifecycle, queue, scanning, vault
from documents.models import Document, Matter, Packet, PacketPage, PacketPart, Page, Verdict
from documents.scanning import Outcome

log = logging.getLogger(__name__)
State = Document.State
MIN_AGE = timedelta(hours=24)  # an object younger than this may belong to an upload that is still going on
UNFINISHED_AGE = timedelta(hours=72)
SETTLING = timedelta(seconds=5)  # work younger than this is about to be taken up by its own job
WITNESS_DAYS = 365
SCANNER = "scanner-probe"
KEYS = "keys/"  # wrapped keysets: a row refers to a matter, not to each generation of its key


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


def sweep_store() -> dict[str, int]:
    """Delete what no row refers to and is older than a day, and uploads that were never finished. Counts are alarms."""
    counts = {"objects": 0, "parts": 0}
    for area in (vault.Area.INTAKE, vault.Area.VAULT):
        for stored in _orphans(area):
            if timezone.now() - stored.modified > MIN_AGE:
                vault.shred(area, stored.key)
                counts["objects"] += 1
        for upload in vault.unfinished(area):
            if timezone.now() - upload.started > UNFINISHED_AGE:
                vault.abort_unfinished(area, upload.key, upload.upload_id)
                counts["parts"] += 1
    if any(counts.values()):
        log.warning("swept %(objects)d objects and %(parts)d unfinished uploads that nothing refers to", counts)
        with transaction.atomic():
            audit.record(AuditEvent.Kind.SWEPT, None, actor=None, objects=counts["objects"], parts=counts["parts"])
    return counts


def _orphans(area: vault.Area) -> Iterator[vault.Stored]:
    known = _referred(area)
    return (stored for stored in vault.inventory(area) if stored.key not in known and not stored.key.startswith(KEYS))


def _referred(area: vault.Area) -> set[str]:
    if area == vault.Area.INTAKE:
        return set(Document.objects.exclude(intake_key="").values_list("intake_key", flat=True))
    documents = Document.objects.exclude(vault_key="").values_list("vault_key", "print_key")
    return {
        *(key for pair in documents.iterator() for key in pair),
        *Page.objects.values_list("preview_key", flat=True).iterator(),
        *PacketPart.objects.values_list("key", flat=True).iterator(),
        *PacketPage.objects.values_list("draft_key", flat=True).iterator(),
    }


def anchor() -> str:
    """Write the heads of all audit chains into the witness bucket, where they cannot be changed or deleted."""
    heads = audit.heads()
    name = f"heads/{timezone.now():%Y/%m/%d/%H%M%S}.json"
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


def verify() -> Iterator[str]:
    """A sentence for everything that is not as promised: chains, objects, verdicts, ledgers. Reads all stored bytes."""
    yield from _verify_chains()
    yield from _verify_documents()
    yield from _verify_packets()
    yield from _verify_store()


def _verify_chains() -> Iterator[str]:
    anchors = [stored.key for stored in vault.witnesses("heads/")]
    heads = json.loads(vault.read_witness(max(anchors))) if anchors else {}
    yield from audit.verify({chain: (seq, digest) for chain, (seq, digest) in heads.items()})


def _verify_documents() -> Iterator[str]:
    for document in Document.objects.exclude(state=State.PURGED).select_related("matter").iterator():
        held = [(vault.Area.VAULT, document.vault_key), (vault.Area.INTAKE, document.intake_key)]
        kept = [(area, key) for area, key in held if key]
        if not kept and document.state != State.ABANDONED:
            yield f"{document.pk}: its bytes are nowhere."
        for area, key in kept:
            yield from _verify_bytes(area, key, document.sha256, document.matter, f"{document.pk}")
        if document.print_key:
            yield from _verify_bytes(
                vault.Area.VAULT, document.print_key, document.print_sha256, document.matter, f"{document.pk} print"
            )
        if document.state == State.READY:
            yield from _verify_ready(document)


def _verify_ready(document: Document) -> Iterator[str]:
    if not Verdict.objects.filter(document=document, outcome=Outcome.CLEAN, sha256=document.sha256).exists():
        yield f"{document.pk}: it is ready without a clean verdict."
    pages = list(document.page_set.all())
    if [page.number for page in pages] != list(range(1, document.pages + 1)):
        yield f"{document.pk}: it has {document.pages} pages but not a picture of each."
    for page in pages:
        what = f"{document.pk} page {page.number}"
        yield from _verify_bytes(vault.Area.VAULT, page.preview_key, page.preview_sha256, document.matter, what)


def _verify_packets() -> Iterator[str]:
    bound = Packet.objects.filter(total_pages__gt=0).select_related("request__matter")
    for packet in bound.iterator():
        for part in packet.parts.all():
            what = f"{packet.pk} part {part.number}"
            yield from _verify_bytes(vault.Area.VAULT, part.key, part.sha256, packet.request.matter, what)
        numbers = list(packet.ledger.values_list("number", flat=True))
        if numbers != list(range(1, packet.total_pages + 1)):
            yield f"{packet.pk}: its ledger does not count to {packet.total_pages}."
        yield from _verify_ledger(packet)


def _verify_ledger(packet: Packet) -> Iterator[str]:
    """The ledger against the frozen order: each ordered page once, and no other."""
    ordered = sorted(
        (source["document"], page)
        for exhibit in packet.order["exhibits"]
        for source in exhibit["sources"]
        for first, last in source["use"]
        for page in range(first, last + 1)
    )
    rows = packet.ledger.filter(kind=PacketPage.Kind.EXHIBIT).values_list("document_id", "source_page")
    if sorted((str(document), page) for document, page in rows) != ordered:
        yield f"{packet.pk}: its ledger does not account for each ordered page exactly once."


def _verify_bytes(area: vault.Area, key: str, sha256: str, matter: Matter, what: str) -> Iterator[str]:
    try:
        found = vault.fingerprint(area, key, under=bytes(matter.key))
    except (vault.Missing, vault.Tampered) as problem:
        yield f"{what}: {problem}"
    else:
        if found.sha256 != sha256:
            yield f"{what}: the stored bytes have SHA-256 {found.sha256}, not {sha256}."


def _verify_store() -> Iterator[str]:
    for area in (vault.Area.INTAKE, vault.Area.VAULT):
        for stored in _orphans(area):
            if timezone.now() - stored.modified > MIN_AGE:
                yield f"{area} object {stored.key}: nothing refers to it."


def oldest_waiting() -> datetime | None:
    """When the oldest document that still waits for its verdict was received."""
    waiting = Document.objects.filter(state__in=[State.RECEIVED, State.CHECKING]).order_by("received_at")
    return waiting.values_list("received_at", flat=True).first()
