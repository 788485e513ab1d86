"""What of the exhibits is different from the denied request that another one follows."""

from collections.abc import Iterator
from dataclasses import dataclass

from documents.models import Document, FittedPrint, Packet, Request
from documents.packets import arranging, freezing
from documents.packets.rules import canonical
from documents.packets.shape import Order, Source, tab_letters

NEW, CHANGED, DROPPED, SAME = "new", "changed", "dropped", "same"


@dataclass(frozen=True, slots=True)
class Line:
    """An exhibit and what became of it. `then` and `now`: its tab in the packet that was filed, and behind which it
    stands today; empty where it is not in. `document`: the id of the one there is now."""

    what: str
    title: str
    document: str
    then: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class _Was:
    """An exhibit as it was filed."""

    tab: str
    title: str
    document: str
    sha256: str
    print_sha256: str


def difference(request: Request) -> list[Line]:
    """Every exhibit of then and now, once: new and changed ones first. Empty where there is nothing to compare with.

    The same: the same document, or the same bytes sent again. Changed: other pages of the same document, or one that
    was sent in its place.
    """
    packet = freezing.filed(request.parent) if request.parent else None
    if packet is None:
        return []
    sent = [packet, *packet.supplements.filter(state=Packet.State.FILED).order_by("number")]
    was = {one.document: one for each in sent for one in _filed(each)}
    groups = arranging.groups(request)[1]
    placed = [(tab_letters(place), paper) for place, group in enumerate(groups) for paper in group.documents]
    pairs = _pairs([paper for _tab, paper in placed], was)
    lines = [_line(tab, paper, pairs.get(str(paper.pk))) for tab, paper in placed]
    kept = {one.document for one in pairs.values()}
    dropped = [Line(DROPPED, one.title, one.document, then=one.tab) for pk, one in was.items() if pk not in kept]
    return sorted([*lines, *dropped], key=lambda line: (NEW, CHANGED, DROPPED, SAME).index(line.what))


def _filed(packet: Packet) -> Iterator[_Was]:
    """By the bytes that pictures had before they were made smaller to fit: those tell whether a page changed."""
    made_of = FittedPrint.objects.filter(document__matter=packet.matter_id).exclude(sha256="")
    before = dict(made_of.values_list("sha256", "of_sha256"))
    order = Order.from_json(canonical(packet))
    for place, exhibit in enumerate(order.exhibits):
        for source in exhibit.sources:
            yield _was(order.tab(place), source, before)


def _was(tab: str, source: Source, before: dict[str, str]) -> _Was:
    printed = source.print_sha256
    return _Was(tab, source.title, source.document, source.sha256, before.get(printed, printed))


def _pairs(papers: list[Document], was: dict[str, _Was]) -> dict[str, _Was]:
    """Today's documents (ids) and what each is compared with; nothing of then twice."""
    pairs = {str(paper.pk): was[str(paper.pk)] for paper in papers if str(paper.pk) in was}
    for paper in papers:
        taken = {one.document for one in pairs.values()}
        left = (one for pk, one in was.items() if pk not in taken and str(paper.pk) not in pairs)
        found = next((one for one in left if _answers(paper, one)), None)
        if found:
            pairs[str(paper.pk)] = found
    return pairs


def _answers(paper: Document, was: _Was) -> bool:
    return was.document == str(paper.replaces_id) or was.sha256 == paper.sha256


def _line(tab: str, paper: Document, found: _Was | None) -> Line:
    if found is None:
        return Line(NEW, paper.exhibit_title, str(paper.pk), now=tab)
    same = found.sha256 == paper.sha256 and found.print_sha256 == paper.print_sha256
    return Line(SAME if same else CHANGED, paper.exhibit_title, str(paper.pk), then=found.tab, now=tab)
