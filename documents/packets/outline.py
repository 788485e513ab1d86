"""What a packet will hold, and what a bound one holds, as lines for a page: nothing typed that can be derived."""

from dataclasses import dataclass, field

from django.db.models import Max, Min

from documents.models import Packet, PacketPage, PacketPart
from documents.packets import profiles
from documents.packets.shape import Exhibit, Order, tab_letters


@dataclass(frozen=True, slots=True)
class Line:
    """One section or exhibit. `first` and `last`: packet pages, 0 before they are known; `pages` counts its tab sheet."""

    title: str
    pages: int
    tab: str = ""
    supports: str = ""
    document: str = ""
    handle: str = ""
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class PartOutline:
    """A file of the packet, its share of the office's limit, and the lines that begin in it."""

    part: PacketPart
    limit: int
    lines: list[Line] = field(default_factory=list)


def planned(order: Order) -> list[Line]:
    """The exhibits in the order of their tabs."""
    return [_planned(place, exhibit) for place, exhibit in enumerate(order.exhibits)]


def _planned(place: int, exhibit: Exhibit) -> Line:
    return Line(
        title=exhibit.title,
        pages=exhibit.length() + 1,
        tab=tab_letters(place),
        supports=", ".join(factor.name for factor in exhibit.factors),
        document=exhibit.sources[0].document,
        handle=exhibit.handles[0] if exhibit.handles else "",
    )


def bound(packet: Packet) -> list[PartOutline]:
    """The finished parts with their lines, from the ledger and the manifest."""
    limit = profiles.load(packet.order["profile"]).part_limit
    outlines = [PartOutline(part, limit) for part in packet.parts.all()]
    for line in [*_front(packet), *_exhibits(packet)]:
        home = next(outline for outline in outlines if outline.part.first_page <= line.first <= outline.part.last_page)
        home.lines.append(line)
    return outlines


def _front(packet: Packet) -> list[Line]:
    kinds = PacketPage.Kind
    front = packet.ledger.exclude(kind__in=[kinds.TAB, kinds.EXHIBIT]).order_by().values("kind")
    found = front.annotate(first=Min("number"), last=Max("number")).order_by("first")
    return [
        Line(str(kinds(row["kind"]).label), row["last"] - row["first"] + 1, first=row["first"], last=row["last"])
        for row in found
    ]


def _exhibits(packet: Packet) -> list[Line]:
    names = {
        factor["code"]: factor["name"] for exhibit in packet.order["exhibits"] for factor in exhibit["factors"]
    }
    return [
        Line(
            title=exhibit["title"],
            pages=exhibit["last_page"] - exhibit["first_page"] + 1,
            tab=exhibit["tab"],
            supports=", ".join(names.get(code, code) for code in exhibit["factors"]),
            document=exhibit["documents"][0]["document"],
            first=exhibit["first_page"],
            last=exhibit["last_page"],
        )
        for exhibit in packet.manifest["exhibits"]
    ]
