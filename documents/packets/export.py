"""A bound packet's papers, written from its rows: the same for a download and for a folder."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from documents.models import Packet
from documents.packets.bind import ledger_csv, manifest_json
from documents.packets.rules import Result
from documents.packets.shape import LedgerRow

PAGES = frozenset({"first_page", "last_page", "page"})


def manifest_of(packet: Packet, results: Iterable[Result] | None = None) -> bytes:
    """manifest.json: what was bound, and the rules' word on it so far, or these `results`."""
    facts = _told(packet)
    if results is None:
        return manifest_json(facts)
    return manifest_json({**facts, "rules": [result.as_json() for result in results]})


def _told(packet: Packet) -> dict[str, Any]:
    """The manifest; of a supplement with its pages as they are called, and what it adds to."""
    if not packet.adds_to_id:
        return packet.manifest
    findings = {name: _labelled(value, packet.label) for name, value in packet.manifest["findings"].items()}
    facts = {
        name: _labelled(value, packet.label) for name, value in packet.manifest.items() if name in ("parts", "exhibits")
    }
    return {**packet.manifest, **facts, "findings": findings, "adds_to": str(packet.adds_to_id)}


def _labelled(value: Any, label: Callable[[int], str]) -> Any:
    """Pages of the packet as they are called: those of a list of pages, and of the entries that name one."""
    if isinstance(value, list):
        return [label(each) if isinstance(each, int) else _labelled(each, label) for each in value]
    if isinstance(value, dict):
        return {name: label(each) if name in PAGES else _below(name, each, label) for name, each in value.items()}
    return value


def _below(name: str, value: Any, label: Callable[[int], str]) -> Any:
    return value if name == "pages" else _labelled(value, label)  # those of a document stay what they are there


def ledger_of(packet: Packet) -> bytes:
    """ledger.csv: one row a packet page."""
    return ledger_csv(rows_of(packet), packet.label)


def rows_of(packet: Packet) -> Iterator[LedgerRow]:
    """The ledger, in order."""
    for row in packet.ledger.all():
        yield LedgerRow(
            packet_page=row.number,
            part=row.part,
            part_page=row.part_page,
            kind=row.kind,
            tab=row.tab,
            document=str(row.document_id or ""),
            source_page=row.source_page,
            source_sha256=row.source_sha256,
        )
