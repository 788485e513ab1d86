"""What a packet will hold, and what a bound one holds, as lines for a page: nothing typed that can be derived."""

from dataclasses import dataclass, field

from django.db.models import Max, Min

from documents import offices
from documents.models import DocumentType, Factor, FittedPrint, Packet, PacketPage, PacketPart, Request
from documents.packets import letter
from documents.packets.expected import Expected, Line, expected
from documents.packets.plan import MEGABYTE
from documents.packets.profiles import Profile, UnknownProfile
from documents.packets.shape import Order


@dataclass(frozen=True, slots=True)
class Citing:
    """A citation of the letter and the exhibit it means. `page`: 1-based within it, when it names one; `by_letter`: it
    means whatever stands behind that tab, also after the tabs change places."""

    text: str
    tab: str
    title: str
    page: int | None
    document: str
    by_letter: bool


@dataclass(slots=True)
class PartOutline:
    """A file of the packet, its share of the office's limit, and the lines that begin in it."""

    part: PacketPart
    limit: int
    lines: list[Line] = field(default_factory=list)

    @property
    def megabytes(self) -> float:
        return self.part.bytes / MEGABYTE

    @property
    def most(self) -> float:
        """The office's limit in MB."""
        return self.limit / MEGABYTE


def planned(request: Request, order: Order) -> Expected:
    """What an order made now would come to, with the sizes that are known."""
    rows = request.matter.documents.filter(pk__in=[source.document for source in order.sources()])
    sizes = {str(pk): prepared or received for pk, prepared, received in rows.values_list("pk", "print_size", "size")}
    if request.fit or request.searchable:
        smaller = FittedPrint.objects.filter(sha256__in=[source.print_sha256 for source in order.sources()])
        sizes |= {str(document): size for document, size in smaller.values_list("document", "size")}
    names = {kind.value: str(kind.label) for kind in PacketPage.Kind}
    return expected(order, offices.load(order.profile), sizes, names)


def unwanted(profile: Profile) -> list[str]:
    """What the office does not want, in words."""
    types = DocumentType.objects.filter(pk__in=profile.forbidden)
    return [str(thing) for thing in (*types, *Factor.objects.filter(pk__in=profile.forbidden))]


def cited(order: Order) -> list[Citing]:
    """What each citation of the letter will print, once each. Those that lead nowhere are rule V28's."""
    letters = letter.citations(order.letter.markdown) if order.letter else []
    directory = letter.Directory(order)
    found = {citation.text: (citation, directory.resolve(citation)) for citation in letters}
    return [_citing(order, citation, there) for citation, there in found.values() if there]


def _citing(order: Order, citation: letter.Citation, there: letter.Cited) -> Citing:
    exhibit, tab = order.exhibits[there.exhibit], order.tab(there.exhibit)
    own = {*exhibit.handles, exhibit.factors[0].code, *(source.document for source in exhibit.sources)}
    by_letter = citation.handle.casefold() not in {name.casefold() for name in own}
    return Citing(citation.text, tab, exhibit.title, citation.page, exhibit.sources[0].document, by_letter)


def bound(packet: Packet) -> list[PartOutline]:
    """The finished parts with their lines, from the ledger and the manifest."""
    limit = _limit(packet)
    outlines = [PartOutline(part, limit) for part in packet.parts.all()]
    for line in [*_front(packet), *_exhibits(packet)]:
        home = next(outline for outline in outlines if outline.part.first_page <= line.first <= outline.part.last_page)
        home.lines.append(line)
    return outlines


def _limit(packet: Packet) -> int:
    """Bytes a file might have when it was ordered; today's where that is not kept (any more)."""
    code, version = packet.order["profile"], packet.order["profile_version"]
    try:
        return offices.at(code, version).part_limit
    except UnknownProfile:
        return offices.load(code).part_limit


def _front(packet: Packet) -> list[Line]:
    kinds = PacketPage.Kind
    front = packet.ledger.exclude(kind__in=[kinds.TAB, kinds.EXHIBIT]).order_by().values("kind")
    found = front.annotate(first=Min("number"), last=Max("number")).order_by("first")
    return [
        Line(str(kinds(row["kind"]).label), row["last"] - row["first"] + 1, first=row["first"], last=row["last"])
        for row in found
    ]


def _exhibits(packet: Packet) -> list[Line]:
    names = {factor["code"]: factor["name"] for exhibit in packet.order["exhibits"] for factor in exhibit["factors"]}
    return [
        Line(
            title=exhibit["title"],
            pages=exhibit["last_page"] - exhibit["first_page"] + 1,
            tab=exhibit["tab"],
            supports=names.get(exhibit["factors"][0], exhibit["factors"][0]),
            also=tuple(names.get(code, code) for code in exhibit["factors"][1:]),
            document=exhibit["documents"][0]["document"],
            first=exhibit["first_page"],
            last=exhibit["last_page"],
        )
        for exhibit in packet.manifest["exhibits"]
    ]
