"""The proof sheet of a released packet: beside its parts, what they are, where each page came from, which rules passed and
on whose word, and the places in the record that prove it (`manage.py verify`). Written from rows that do not change any
more: the same packet gives the same bytes."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from accounts.audit import trail
from accounts.models import AuditEvent
from documents.models import Document, Packet, PacketPage, Verdict
from documents.packets.export import ledger_of
from documents.packets.rules import canonical
from documents.packets.shape import Order
from documents.packets.typeset import typeset

NAME = "proof-sheet.pdf"
Kind = AuditEvent.Kind


def pdf(packet: Packet) -> bytes:
    """A tagged PDF in the packet's own language, English."""
    with translation.override("en"):
        return typeset("proof.typ", _facts(packet)).pdf


def mismatches(packet: Packet) -> Iterator[str]:
    """What the rows say of a packet against what the chain of events said when it was bound and released."""
    order, parts = Order.from_json(canonical(packet)), [part.sha256 for part in packet.parts.all()]
    bound, released = _event(packet, Kind.BOUND), _event(packet, Kind.RELEASED)
    if bound and bound.facts["ledger_sha256"] != _ledger_sha256(packet):
        yield "its ledger is not the one that was bound."
    if released and released.facts["order_sha256"] != order.digest():
        yield "its order is not the one that was released."
    if released and released.facts["sha256"] != parts:
        yield "its files are not those that were released."


def _facts(packet: Packet) -> dict[str, Any]:
    request, order = packet.request, Order.from_json(canonical(packet))
    kinds = Counter(packet.ledger.order_by().values_list("kind", flat=True))
    evidence = kinds[PacketPage.Kind.EXHIBIT] + kinds[PacketPage.Kind.APPEARANCE]
    return {
        "title": "Proof sheet",
        "what": [
            ["Matter", f"{request.matter.reference}, request {request.number}, packet {packet.number}"],
            *([["Adds to", f"packet {packet.adds_to.number}, which stays as it was filed"]] if packet.adds_to else []),
            ["Office profile", f"{order.profile}, version {order.profile_version}"],
            ["Ordered", _by(packet.ordered_by, packet.ordered_at)],
            ["Released", _by(packet.released_by, packet.released_at)],
            ["Pages", f"{packet.total_pages}, of which {evidence} are evidence, each ordered page once"],
            ["SHA-256 of the order", packet.order_sha256],
            ["SHA-256 of the page ledger", _ledger_sha256(packet)],
        ],
        "parts": [[part.filename, part.span, f"{part.bytes:,} bytes", part.sha256] for part in packet.parts.all()],
        "kinds": [
            [str(PacketPage.Kind(kind).label), str(kinds[kind])] for kind in PacketPage.Kind.values if kinds[kind]
        ],
        "documents": list(_documents(packet)),
        "rules": [_rule(row) for row in packet.manifest["rules"]],
        "custody": list(_custody(packet)),
    }


def _documents(packet: Packet) -> Iterator[list[str]]:
    """Tab, document, pages and SHA-256 as received, and the scan that let it in."""
    tabs = {row["document"]: (row["tab"] or "–", row["n"]) for row in _counted(packet)}
    for document in Document.objects.filter(pk__in=tabs).order_by("number"):
        tab, pages = tabs[document.pk]
        verdict = Verdict.objects.filter(document=document, sha256=document.judged_sha256).first()
        scan = f"scanned {_at(verdict.scanned_at)}, signatures {verdict.signature_version}" if verdict else "no scan"
        yield [tab, f"{document}, received {_at(document.received_at)}, {scan}", str(pages), document.sha256]


def _counted(packet: Packet) -> list[dict[str, Any]]:
    found: dict[Any, dict[str, Any]] = {}
    for document, tab in packet.ledger.exclude(document=None).values_list("document", "tab"):
        found.setdefault(document, {"document": document, "tab": tab, "n": 0})["n"] += 1
    return list(found.values())


def _rule(row: dict[str, Any]) -> list[str]:
    word = "passes" if not row["why"] else "accepted" if row["passed"] else "open"
    stated = f"{row['stated']} ({row['stated_by']}, {row['stated_at']})" if row.get("stated_by") else ""
    return [row["id"], row["severity"], row["kind"], word, " ".join(filter(None, [row["why"], stated]))]


def _custody(packet: Packet) -> Iterator[list[str]]:
    """Where in the matter's chain of events it stands, and what that place is sealed with."""
    for kind in (Kind.ORDERED, Kind.BOUND, Kind.APPROVED, Kind.RELEASED):
        if event := _event(packet, kind):
            yield [f"{kind.value.capitalize()}: event {event.seq} of the matter, {_at(event.at)}", event.hash]


def _event(packet: Packet, kind: AuditEvent.Kind) -> AuditEvent | None:
    return trail(packet.audit_chain, kinds=[kind]).filter(subject_id=str(packet.pk)).first()


def _ledger_sha256(packet: Packet) -> str:
    return hashlib.sha256(ledger_of(packet)).hexdigest()


def _by(person: object, at: datetime | None) -> str:
    return f"by {person}, {_at(at)}" if person and at else _at(at) if at else "–"


def _at(at: datetime) -> str:
    return f"{timezone.localtime(at, settings.FIRM_TIME_ZONE):%Y-%m-%d %H:%M %Z}"
