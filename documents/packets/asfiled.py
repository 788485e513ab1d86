"""What a filed packet was bound from, kept as it was: its pages may be made anew for later packets, and the filed one can
still be proved against what it was bound from."""

from collections.abc import Iterator
from typing import Any

from documents.models import Document, FittedPrint, Packet

AS_IT_WAS = 0  # dots an inch: not made smaller


def prints(document: Document) -> set[str]:
    """SHA-256 of the pages of this document as they are in packets that were filed."""
    filed = Packet.objects.filter(state=Packet.State.FILED, ledger__document=document).distinct()
    return {
        source["print_sha256"]
        for packet in filed.defer("manifest")
        for source in _sources(packet.order)
        if source["document"] == str(document.pk)
    }


def keep(document: Document) -> None:
    """Before the row says where the pages are that were made anew: where those are that somebody has on paper."""
    filed, now = prints(document), document.print_sha256
    if now in filed and document.print_key:
        kept = {"key": document.print_key, "sha256": now, "size": document.print_size or 1}
        FittedPrint.objects.get_or_create(document=document, of_sha256=now, dpi=AS_IT_WAS, defaults=kept)


def let_go(document: Document, now: str) -> None:
    """Smaller pages of what it was printed as before are nobody's, unless they were filed. `now`: SHA-256 of its pages."""
    document.fitted.exclude(of_sha256=now).exclude(sha256__in=prints(document)).delete()


def _sources(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if appearance := order.get("appearance"):
        yield appearance
    for exhibit in order["exhibits"]:
        yield from exhibit["sources"]
