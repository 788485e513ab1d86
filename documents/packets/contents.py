"""What the generated pages say: cover, letter with citations, index with page numbers, tab sheets, bookmarks."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from documents.packets.letter import Citation, Directory, blocks
from documents.packets.plan import Layout
from documents.packets.profiles import Profile
from documents.packets.shape import CannotBind, Exhibit, FactorRef, Order

Row = dict[str, Any]


def packet_data(layout: Layout, profile: Profile) -> dict[str, Any]:
    """The data of `packet.typ`."""
    order = layout.order
    language, _, region = order.language.partition("-")
    return {
        "title": document_title(order),
        "lang": language.lower(),
        "region": region.lower() or None,
        "front": _front(layout, profile),
        "tabs": [_sheet(order, place) for place in range(len(order.exhibits))],
        **_counted(order),
    }


def _counted(order: Order) -> dict[str, Any]:
    """How pages are called, where that is not simply their number."""
    before, first = order.count(1)
    return {"count": {"before": before, "skip": first - 1}} if order.onto else {}


def added(order: Order) -> str:
    """The sentence of a supplement's cover page; none on other covers."""
    if not (filed := order.onto):
        return ""
    last = f"page {order.label(0)}" if filed.added else f"page {filed.pages}"
    return (
        f"This supplement adds to the request filed on {filed.day}. Its tabs begin with Tab {order.tab(0)}, after Tab "
        f"{order.tab(-1)}; its pages begin with {order.label(1)}, after {last}. What was filed stays as it is."
    )


def document_title(order: Order) -> str:
    """The title a reader's window shows."""
    names = "; ".join(person.name for person in order.cover.respondents)
    return f"{order.cover.title}: {names}" if names else order.cover.title


def sections(order: Order, profile: Profile) -> dict[str, str]:
    """The titles of what comes before the first tab, by ledger kind, in filing order."""
    titles = {section.code: section.title for section in profile.sections}
    named = {
        "appearance": titles["appearance"],
        "cover": titles["cover"],
        "letter": profile.letter_title,
        "index": titles["index"],
    }
    absent = {"appearance"} if not order.appearance else set()
    absent |= {"letter"} if not order.letter else set()
    return {kind: title for kind, title in named.items() if kind not in absent}


def bookmarks(
    layout: Layout, profile: Profile, starts: Mapping[str, int], front: int, part: int
) -> list[tuple[str, int]]:
    """(title, packet page) of the index rows that lie in this part, in index order. `starts`: of the sections."""
    found = [(title, starts[kind]) for kind, title in sections(layout.order, profile).items()] if part == 1 else []
    for run in layout.in_part(part):
        label = f"Tab {layout.order.tab(run.exhibit)}. {layout.order.exhibits[run.exhibit].title}"
        if run.skip:
            label, page = f"{label} (cont.)", layout.firsts[run.exhibit] + run.skip + 1
        else:
            page = layout.firsts[run.exhibit]
        found.append((label, front + page))
    return found


def rows(layout: Layout, profile: Profile) -> list[Row]:
    """The index: sections, then each factor with its tabs and references to tabs printed under another factor."""
    exhibits = layout.order.exhibits
    listed = [
        {"kind": "section", "section": kind, "title": title} for kind, title in sections(layout.order, profile).items()
    ]
    headings = list(dict.fromkeys(exhibit.factors[0] for exhibit in exhibits))
    runs = _grouped(exhibits)
    last = {factor: at for at, (factor, _) in enumerate(runs)}
    for at, (factor, places) in enumerate(runs):
        listed.append({"kind": "factor", "title": factor.name})
        listed += [_tab_row(layout, place) for place in places]
        if last[factor] == at:
            listed += _see_rows(layout, factor)
    others = dict.fromkeys(factor for exhibit in exhibits for factor in exhibit.factors[1:] if factor not in headings)
    for factor in others:
        listed += [{"kind": "factor", "title": factor.name}, *_see_rows(layout, factor)]
    return listed


def _grouped(exhibits: tuple[Exhibit, ...]) -> list[tuple[FactorRef, list[int]]]:
    """Neighbouring exhibits of one factor, in packet order."""
    groups: list[tuple[FactorRef, list[int]]] = []
    for place, exhibit in enumerate(exhibits):
        if not groups or groups[-1][0] != exhibit.factors[0]:
            groups.append((exhibit.factors[0], []))
        groups[-1][1].append(place)
    return groups


def _tab_row(layout: Layout, place: int) -> Row:
    exhibit, first, *rest = layout.order.exhibits[place], *layout.stretches(place)
    continued = [{"part": run.part, "first": layout.firsts[place] + run.skip + 1} for run in rest]
    here = layout.firsts[place] + first.length
    words = {"tab": layout.order.tab(place), "title": exhibit.title, "date": exhibit.date, "note": exhibit.note}
    return {"kind": "tab", **words, **_span(layout, place), "last": here, "continued": continued}


def _see_rows(layout: Layout, factor: FactorRef) -> Iterator[Row]:
    for place, exhibit in enumerate(layout.order.exhibits):
        if factor in exhibit.factors[1:]:
            yield {"kind": "see", "tab": layout.order.tab(place), "title": exhibit.title, **_span(layout, place)}


def _span(layout: Layout, place: int) -> Row:
    return {"first": layout.firsts[place], "last": layout.last(place), "part": layout.part_of(place, 0)}


def _front(layout: Layout, profile: Profile) -> dict[str, Any]:
    order = layout.order
    letter = {"blocks": _letter(layout), "double_spaced": profile.double_spaced} if order.letter else None
    return {
        "appearance": sum(1 for _ in order.appearance.numbers()) if order.appearance else 0,
        "cover": {**asdict(order.cover), "added": added(order)},
        "letter": letter,
        "index": {"title": sections(order, profile)["index"], "rows": rows(layout, profile)},
    }


def _letter(layout: Layout) -> list[dict[str, Any]]:
    order, directory = layout.order, Directory(layout.order)

    def place(citation: Citation) -> dict[str, Any]:
        cited = directory.resolve(citation)
        if not cited:
            raise CannotBind("The letter refers to what is not in this packet: %(citations)s.", citations=citation.text)
        page, part = layout.firsts[cited.exhibit] + cited.page, layout.part_of(cited.exhibit, cited.page)
        return {"kind": "cite", "tab": order.tab(cited.exhibit), "offset": page, "part": part}

    return levelled(blocks(order.letter.markdown, place)) if order.letter else []


def levelled(tree: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Headings one below the letter's own place in the packet, none skipping a level (PDF/UA)."""
    level = 1
    for block in tree:
        if block["kind"] == "heading":
            level = block["level"] = min(block["level"] + 1, level + 1)
        elif block["kind"] == "quote":
            _unheaded(block["blocks"])
        elif block["kind"] == "list":
            for item in block["items"]:
                _unheaded(item)
    return tree


def _unheaded(tree: list[dict[str, Any]]) -> None:
    """Inside quotes and lists a heading is a paragraph in bold."""
    for block in tree:
        if block["kind"] == "heading":
            block["inlines"] = [{"kind": "strong", "inlines": block["inlines"]}]
            block["kind"] = "paragraph"
        for inner in [block.get("blocks", []), *block.get("items", [])]:
            _unheaded(inner)


def _sheet(order: Order, place: int) -> dict[str, Any]:
    exhibit = order.exhibits[place]
    factors = [asdict(factor) for factor in exhibit.factors]
    words = {"title": exhibit.title, "date": exhibit.date, "note": exhibit.note}
    return {"tab": order.tab(place), **words, "factors": factors}
