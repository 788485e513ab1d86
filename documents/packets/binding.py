"""A frozen order, bound: fetched, proved, sealed, and only then promised."""

import hashlib
import logging
from pathlib import Path

from django.db import transaction

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent
from documents import compartments, lifecycle, offices, vault
from documents.intake.workspace import BytesChanged, fetch, keep_file, workspace
from documents.models import Document, Factor, Packet, PacketPage, PacketPart, Tag
from documents.packets import rules
from documents.packets.bind import ledger_csv
from documents.packets.caged import bind_and_draw
from documents.packets.order import freeze
from documents.packets.profiles import Profile, UnknownProfile
from documents.packets.shape import Bound, CannotBind, Order, Source
from documents.preparing import PreparingFailed

log = logging.getLogger(__name__)
State = Packet.State
READY, ACCEPTED = Document.State.READY, Document.Review.ACCEPTED
TRIES = 3


def bind_packet(packet: Packet) -> None:
    """Bind an ordered packet. May be called twice, at once, and after a death at any point."""
    with lifecycle.claimed(packet) as mine:
        if not mine:
            return
        packet.refresh_from_db()
        if packet.state == State.BINDING:  # claimed by nobody: whoever was at it died
            _crashed(packet)
        if packet.state == State.ORDERED:
            _bind(packet)


def _bind(packet: Packet) -> None:
    lifecycle.move(packet, State.BINDING, actor=None, progress=0, failure="")
    try:
        with workspace() as folder:
            order = _order(packet)
            sources = _sources(packet, order, folder)
            made = folder / "made"
            made.mkdir()
            _keep(packet, *bind_and_draw(order, sources, _profile(order), made))
    except CannotBind as problem:
        lifecycle.move(packet, State.FAILED, actor=None, failure=str(problem))
    except PreparingFailed as problem:
        log.warning("binding %s failed: %s", packet.pk, problem)
        if problem.ours:
            lifecycle.move(packet, State.ORDERED, actor=None, why="machine")
        else:
            _crashed(packet)
    except (vault.StoreUnavailable, OSError) as problem:
        log.warning("binding %s waits: %s", packet.pk, problem)
        lifecycle.move(packet, State.ORDERED, actor=None, why="machine")


def _order(packet: Packet) -> Order:
    order = Order.from_json(rules.canonical(packet))
    if order.digest() != packet.order_sha256:
        raise CannotBind("The order is not the one that was frozen.")
    return order


def _profile(order: Order) -> Profile:
    """What the office expected when it was ordered."""
    try:
        return offices.at(order.profile, order.profile_version)
    except UnknownProfile:
        raise CannotBind("The office profile has changed since this packet was ordered. Order it again.") from None


def _sources(packet: Packet, order: Order, folder: Path) -> dict[str, Path]:
    """The print-ready PDFs, each proved to be the one that was ordered, of documents that are still what they were."""
    found: dict[str, Path] = {}
    documents = Document.objects.select_related("matter").in_bulk([source.document for source in order.sources()])
    for source in order.sources():
        document = next((d for d in documents.values() if str(d.pk) == source.document), None)
        if document is None or document.state != Document.State.READY or document.sha256 != source.sha256:
            raise CannotBind("“%(title)s” is no longer ready.", title=source.title)
        found[source.document] = _fetched(document, source, folder)
    return found


def key_of(document: Document, source: Source) -> str:
    """Where the print-ready pages lie that were ordered, in whatever form; empty where they are no longer the document's:
    what an earlier packet was filed with is in no later one."""
    if source.print_sha256 == document.print_sha256:
        return document.print_key
    other = document.fitted.filter(of_sha256=document.print_sha256, sha256=source.print_sha256).first()
    return other.key if other else ""


def _fetched(document: Document, source: Source, folder: Path) -> Path:
    """This is where the bytes are proved to be those that were ordered: what binds them takes that as given."""
    path, key = folder / f"{source.document}.pdf", key_of(document, source)
    try:
        if not key:
            raise BytesChanged(f"{document} has other pages by now")
        return fetch(vault.Area.VAULT, key, source.print_sha256, path, matter=document.matter)
    except BytesChanged as problem:
        raise CannotBind("“%(document)s” has changed since it was ordered.", document=source.title) from problem


def _keep(packet: Packet, bound: Bound, pictures: list[Path]) -> None:
    """Bytes first: parts and watermarked pictures are sealed and read back, then one transaction promises them."""
    matter = packet.request.matter
    parts = [(part, keep_file(part.path, matter=matter, sha256=part.sha256)) for part in bound.parts]
    drafts = []
    for path in pictures:
        drafts.append(keep_file(path, matter=matter))
        _tell(packet, len(drafts), len(pictures))
    ledger = hashlib.sha256(ledger_csv(bound.ledger, packet.label)).hexdigest()
    with transaction.atomic():
        _require_standing(packet)
        PacketPart.objects.bulk_create(
            PacketPart(
                packet=packet,
                number=number,
                filename=part.file,
                key=sealed.key,
                bytes=part.bytes,
                sha256=part.sha256,
                first_page=part.first_page,
                last_page=part.last_page,
            )
            for number, (part, sealed) in enumerate(parts, 1)
        )
        PacketPage.objects.bulk_create(
            PacketPage(
                packet=packet,
                number=row.packet_page,
                part=row.part,
                part_page=row.part_page,
                kind=row.kind,
                tab=row.tab,
                document_id=row.document or None,
                source_page=row.source_page,
                source_sha256=row.source_sha256,
                draft_key=draft.key,
                draft_sha256=draft.sha256,
            )
            for row, draft in zip(bound.ledger, drafts, strict=True)
        )
        record(
            AuditEvent.Kind.BOUND,
            packet,
            actor=None,
            pages=bound.total_pages,
            parts=len(parts),
            ledger_sha256=ledger,
        )
        manifest = {**bound.manifest, "rules": _rules(packet)}
        lifecycle.move(packet, State.BOUND, actor=None, manifest=manifest, total_pages=bound.total_pages, crashes=0)


def _require_standing(packet: Packet) -> None:
    """Once more, with the rows ours: nothing in it was taken out or changed while it was being bound."""
    audit.take_turns(packet.audit_chain)
    order = _order(packet)
    rows = Document.objects.select_for_update(of=("self",)).select_related("matter", "item")
    rows = rows.prefetch_related("holds", *compartments.ROWS)
    found = rows.in_bulk([source.document for source in order.sources()])
    never = {*Tag.objects.filter(document__in=found, factor__in=Factor.NEVER_FILED).values_list("document", flat=True)}
    fit = [d for pk, d in found.items() if d.state == READY and d.review == ACCEPTED and pk not in never]
    standing = {str(d.pk): d.sha256 for d in fit}
    waiting = {str(d.pk) for d in found.values() if d.on_hold or not compartments.may_be_filed(d)}
    for source in order.sources():
        if source.document in waiting:
            raise CannotBind("“%(title)s” waits for an attorney.", title=source.title)
        if standing.get(source.document) != source.sha256:
            raise CannotBind("“%(title)s” was taken out while the packet was being bound.", title=source.title)


def _rules(packet: Packet) -> list[dict[str, object]]:
    """The rules' word so far: of the evidence, and V17 and V18, which `bind` proved on every finished page."""
    words = rules.judge(packet.request, freeze(packet.request))
    proved = [rules.Result(rules.RULES[name]) for name in ("V17", "V18")]
    return [result.as_json() for result in sorted([*words, *proved], key=lambda result: result.id)]


def _tell(packet: Packet, done: int, total: int) -> None:
    """Say on the packet's page how far it is, now and then."""
    if done % 20 == 0 or done == total:
        Packet.objects.filter(pk=packet.pk).update(progress=done, total_pages=total)


def _crashed(packet: Packet) -> None:
    """Its worker is gone. Thrice, and a person looks at it."""
    crashes = packet.crashes + 1
    if crashes >= TRIES:
        sentence = "Binding was interrupted three times. Tell the operator, then order the packet again."
        lifecycle.move(packet, State.FAILED, actor=None, why="crashes", failure=sentence, crashes=0)
    else:
        lifecycle.move(packet, State.ORDERED, actor=None, why="worker_gone", crashes=crashes)
