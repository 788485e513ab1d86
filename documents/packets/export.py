"""A bound packet's papers, written from its rows: the same for a download and for a folder."""

from collections.abc import Iterable, Iterator

from documents.models import Packet
from documents.packets.bind import ledger_csv, manifest_json
from documents.packets.rules import Result
from documents.packets.shape import LedgerRow


def manifest_of(packet: Packet, results: Iterable[Result] | None = None) -> bytes:
    """manifest.json: what was bound, and the rules' word on it so far, or these `results`."""
    if results is None:
        return manifest_json(packet.manifest)
    return manifest_json({**packet.manifest, "rules": [result.as_json() for result in results]})


def ledger_of(packet: Packet) -> bytes:
    """ledger.csv: one row a packet page."""
    return ledger_csv(rows_of(packet))


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
