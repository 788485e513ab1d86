"""The promises, proved: chains, stored bytes, verdicts, ledgers. `deep` takes longer: every packet read again in the
sandbox, every kept key opened, every object accounted for however young. Run that while nobody is sending: an upload
under way is an object nothing refers to yet."""

from collections.abc import Iterator
from pathlib import Path

from django.utils import timezone

from accounts import audit
from documents import custody, vault
from documents.intake.workspace import BytesChanged, fetch, workspace
from documents.models import Document, Matter, Packet, Verdict
from documents.packets import proof_sheet
from documents.packets.binding import key_of
from documents.packets.export import rows_of
from documents.packets.recheck import recheck
from documents.packets.rules import canonical
from documents.packets.shape import Order, Part, Source
from documents.preparing import PreparingFailed
from documents.scanning import Outcome

State, DocumentState = Packet.State, Document.State
STANDING = {State.BOUND, State.RELEASED}  # what is in them must still be what they were bound from


def verify() -> Iterator[str]:
    """A sentence for everything that is not as promised: chains, objects, verdicts, ledgers. Reads all stored bytes."""
    yield from _verify_chains()
    yield from _verify_documents()
    yield from _verify_packets()
    yield from _verify_purged()
    yield from _verify_store()


def _verify_chains() -> Iterator[str]:
    """Against everything that was ever anchored: of each chain the farthest head counts."""
    farthest: audit.Heads = {}
    for stored in vault.witnesses(custody.HEADS):
        for chain, head in custody.heads_in(stored.key).items():
            farthest[chain] = max(head, farthest.get(chain, (0, "")))
    yield from audit.verify(farthest)


def _verify_documents() -> Iterator[str]:
    for document in Document.objects.exclude(state=DocumentState.PURGED).select_related("matter").iterator():
        held = [(vault.Area.VAULT, document.vault_key), (vault.Area.INTAKE, document.intake_key)]
        kept = [(area, key) for area, key in held if key]
        if not kept:
            yield f"{document.pk}: its bytes are nowhere."
        for area, key in kept:
            yield from _verify_bytes(area, key, document.sha256, document.matter, f"{document.pk}")
        made = {"unlocked": (document.unlocked_key, document.unlocked_sha256)}
        made["print"] = document.print_key, document.print_sha256
        for name, (key, sha256) in made.items():
            if key:
                yield from _verify_bytes(vault.Area.VAULT, key, sha256, document.matter, f"{document.pk} {name}")
        for form in document.fitted.exclude(key=""):
            what = f"{document.pk} print at {form.dpi} dpi{' with words' if form.words else ''}"
            yield from _verify_bytes(vault.Area.VAULT, form.key, form.sha256, document.matter, what)
        if document.state == DocumentState.READY:
            yield from _verify_ready(document)


def _verify_ready(document: Document) -> Iterator[str]:
    if not Verdict.objects.filter(document=document, outcome=Outcome.CLEAN, sha256=document.judged_sha256).exists():
        yield f"{document.pk}: it is ready without a clean verdict."
    pages = list(document.page_set.all())
    if [page.number for page in pages] != list(range(1, document.pages + 1)):
        yield f"{document.pk}: it has {document.pages} pages but not a picture of each."
    for page in pages:
        what = f"{document.pk} page {page.number}"
        yield from _verify_bytes(vault.Area.VAULT, page.preview_key, page.preview_sha256, document.matter, what)


def _verify_packets() -> Iterator[str]:
    for packet in custody.finished().iterator():
        for part in packet.parts.all():
            what = f"{packet.pk} part {part.number}"
            yield from _verify_bytes(vault.Area.VAULT, part.key, part.sha256, packet.request.matter, what)
        numbers = list(packet.ledger.values_list("number", flat=True))
        if numbers != list(range(1, packet.total_pages + 1)):
            yield f"{packet.pk}: its ledger does not count to {packet.total_pages}."
        yield from (f"{packet.pk}: {wrong}" for wrong in proof_sheet.mismatches(packet))
        yield from _verify_ledger(packet)


def _verify_ledger(packet: Packet) -> Iterator[str]:
    """The ledger against the frozen order: each ordered page once, and no other."""
    order = Order.from_json(canonical(packet))
    ordered = sorted((source.document, page) for source in order.sources() for page in source.numbers())
    rows = packet.ledger.exclude(document=None).values_list("document_id", "source_page")
    if sorted((str(document), page) for document, page in rows) != ordered:
        yield f"{packet.pk}: its ledger does not account for each ordered page exactly once."


def _verify_purged() -> Iterator[str]:
    """Of a purged matter there is a tombstone: no bytes are expected, and neither a key nor an address may be left."""
    for matter in Matter.objects.filter(purged_at__isnull=False):
        if matter.key or vault.kept_keys(matter.pk):
            yield f"{matter}: it was purged, and a key of it is still there."
        if matter.documents.exclude(state=DocumentState.PURGED).exists():
            yield f"{matter}: it was purged, and a document of it was not."


def _verify_bytes(area: vault.Area, key: str, sha256: str, matter: Matter, what: str) -> Iterator[str]:
    try:
        found = vault.fingerprint(area, key, under=bytes(matter.key))
    except (vault.Missing, vault.Tampered) as problem:
        if vault.root(key) in custody.referred(area):  # else it moved on meanwhile: bytes leave after their row let go
            yield f"{what}: {problem}"
    else:
        if found.sha256 != sha256:
            yield f"{what}: the stored bytes have SHA-256 {found.sha256}, not {sha256}."


def _verify_store() -> Iterator[str]:
    for area in (vault.Area.INTAKE, vault.Area.VAULT):
        for stored in custody.orphans(area):
            if timezone.now() - stored.modified > custody.MIN_AGE:
                yield f"{area} object {stored.key}: nothing refers to it."


def deep() -> Iterator[str]:
    """A sentence for everything that is not as promised."""
    for packet in custody.finished().iterator():
        if wrong := _wrong_with(packet):
            yield f"{packet.pk}: {wrong}"
    yield from _keys()
    yield from _strays()


def _wrong_with(packet: Packet) -> str:
    try:
        order = Order.from_json(canonical(packet))
        with workspace() as folder:
            parts = _parts(packet, folder)
            sources = _sources(packet, order, folder)
            made = folder / "made"
            made.mkdir()
            return recheck(order, parts, rows_of(packet), sources, made)
    except (BytesChanged, PreparingFailed, ValueError) as problem:
        return f"It could not be read again: {problem}"


def _parts(packet: Packet, folder: Path) -> list[Part]:
    matter, found = packet.request.matter, []
    for part in packet.parts.all():
        path = fetch(vault.Area.VAULT, part.key, part.sha256, folder / f"part-{part.number}.pdf", matter=matter)
        pages = part.last_page - part.first_page + 1
        found.append(Part(part.filename, path, pages, part.bytes, part.sha256, part.first_page, part.last_page))
    return found


def _sources(packet: Packet, order: Order, folder: Path) -> dict[str, Path] | None:
    """The print-ready PDFs; None where one was prepared anew since, for a packet that is out of use by now."""
    ordered = {source.document: source for source in order.sources()}
    documents = {str(pk): document for pk, document in Document.objects.in_bulk(ordered).items()}
    kept = {pk: key for pk, document in documents.items() if (key := _kept(document, ordered[pk]))}
    if missing := next((source for pk, source in ordered.items() if pk not in kept), None):
        if packet.state in STANDING:
            raise BytesChanged(f"the pages of “{missing.title}” are no longer those it was bound from.")
        return None
    matter = packet.request.matter
    return {
        pk: fetch(vault.Area.VAULT, key, ordered[pk].print_sha256, folder / f"{pk}.pdf", matter=matter)
        for pk, key in kept.items()
    }


def _kept(document: Document, source: Source) -> str:
    """Where its pages lie as they were ordered, also where it has others by now and a packet was filed with those."""
    filed = document.fitted.filter(sha256=source.print_sha256).first()
    return key_of(document, source) or (filed.key if filed else "")


def _keys() -> Iterator[str]:
    """Every keyset, in its row and beside what it seals, opens with the configured key-encryption keys."""
    living = Matter.objects.filter(purged_at=None, throwaway=False)
    matters = {str(matter.pk): matter for matter in living.only("number", "key", "opened_at")}  # nothing sealed is read
    for pk, matter in matters.items():
        kept, in_use = vault.kept_keys(pk), bytes(matter.key)
        if not all(vault.opens(key) for key in [in_use, *kept]):
            yield f"{matter}: no configured key opens one of its keys."
        if in_use not in kept and (kept or timezone.now() - matter.opened_at > custody.MIN_AGE):
            yield f"{matter}: its key is not kept beside what it seals."
    stored = [each.key for each in vault.inventory(vault.Area.VAULT) if each.key.startswith(custody.KEYS)]
    owners = {key.removeprefix(custody.KEYS).partition("/")[0] for key in stored}
    for pk in sorted(owners - matters.keys()):
        yield f"A key is kept for {pk}, which is no matter."


def _strays() -> Iterator[str]:
    for area in (vault.Area.INTAKE, vault.Area.VAULT):
        stored = [each.key for each in vault.inventory(area)]  # before the rows: bytes come first, then their row
        known = custody.referred(area)
        for key in stored:
            if vault.root(key) not in known and not key.startswith(custody.KEYS):
                yield f"{area} object {key}: nothing refers to it."
