"""The letter: Markdown in, a tree of blocks for the typesetter out, with citations that fill themselves in.

A citation is `{tab:HANDLE}`, or `{tab:HANDLE p.3}` or `{tab:HANDLE#3}` for the third page of that exhibit. HANDLE is
one of the exhibit's own handles, its tab letter, a factor's code (the first exhibit printed under it) or a
document's id.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.tree import SyntaxTreeNode

from documents.packets.shape import Exhibit, Order

CITATION = re.compile(r"\{tab:([^{}]{1,120})\}", re.IGNORECASE)
PAGE = re.compile(r"(?:#|\spp?\.) ?(\d{1,5})\Z", re.IGNORECASE)
UNFINISHED = re.compile(r"\{\s*tab\b", re.IGNORECASE)
NUMBER = re.compile(r"D\d+")  # the handle of a document, among an exhibit's
DATE = "{date}"  # in a letter: the day on which an attorney signs it

Block = dict[str, Any]


class TooDeep(ValueError):
    """Emphasis, lists or quotes are nested deeper than any letter needs; it is refused before it is saved."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A reference as the letter has it. `page`: 1-based within the exhibit, or None for its first page."""

    handle: str
    page: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """What a citation means: the exhibit's place in the order (from 0) and the page within it (from 1)."""

    exhibit: int
    page: int


Place = Callable[[Citation], Block]


def blocks(markdown: str, place: Place) -> list[Block]:
    """The letter as a tree of JSON blocks; `place` turns each citation into an inline of the typesetter.

    Headings, paragraphs, lists, quotes, code, emphasis and line breaks. HTML and images stay the text they are; of a
    link its words and its address stay, without a link.
    """
    try:
        return _blocks(SyntaxTreeNode(_MARKDOWN.parse(markdown)), place)
    except RecursionError:
        raise TooDeep("The letter has marks within marks without end.") from None


def citations(markdown: str) -> list[Citation]:
    """Every citation of the letter, in order. What only begins like one is among them and never resolves."""
    found: list[Citation] = []

    def note(citation: Citation) -> Block:
        found.append(citation)
        return _text(citation.text)

    blocks(markdown, note)
    return found


class Directory:
    """What each name means in an order: own handles and tab letters first, then factor codes, then ids of documents.

    A handle that is also the letter of another tab means neither: a letter must not change its meaning when a tab is
    added.
    """

    def __init__(self, order: Order) -> None:
        self._exhibits = order.exhibits
        self._names: dict[str, set[int]] = {}
        self._factors: dict[str, int] = {}
        self._documents: dict[str, set[int]] = {}
        self._within: dict[tuple[str, int], tuple[int, int]] = {}
        for place, exhibit in enumerate(order.exhibits):
            for name in (order.tab(place), *exhibit.handles):
                self._names.setdefault(name.casefold(), set()).add(place)
            self._factors.setdefault(exhibit.factors[0].code.casefold(), place)
            for source in exhibit.sources:
                self._documents.setdefault(source.document.casefold(), set()).add(place)
            self._within |= {(name, place): span for name, span in _spans(exhibit)}

    def resolve(self, citation: Citation) -> Cited | None:
        """What the citation means; None when that is nothing, or more than one exhibit."""
        name = citation.handle.strip().casefold()
        exhibit = self._exhibit(name)
        if exhibit is None:
            return None
        before, pages = self._within.get((name, exhibit), (0, self._exhibits[exhibit].length()))
        if citation.page is None:
            return Cited(exhibit, 1)
        return Cited(exhibit, before + citation.page) if 1 <= citation.page <= pages else None

    def _exhibit(self, name: str) -> int | None:
        if name not in self._names and name in self._factors:
            return self._factors[name]
        found = self._names.get(name) or self._documents.get(name, set())
        return next(iter(found)) if len(found) == 1 else None


def _spans(exhibit: Exhibit) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where several documents stand behind one tab: what names one of them, the pages before it and its own."""
    if len(exhibit.sources) < 2:
        return
    numbers = [handle for handle in exhibit.handles if NUMBER.fullmatch(handle)]
    own = numbers if len(numbers) == len(exhibit.sources) else [""] * len(exhibit.sources)
    before = 0
    for source, number in zip(exhibit.sources, own, strict=True):
        pages = sum(1 for _ in source.numbers())
        yield from ((name.casefold(), (before, pages)) for name in (source.document, number) if name)
        before += pages


def resolve(citation: Citation, order: Order) -> Cited | None:
    """What one citation means in this order; None when that is nothing, or more than one exhibit."""
    return Directory(order).resolve(citation)


def dangling(letter: str, order: Order) -> list[str]:
    """The citations, as written, that do not lead to exactly one page of one exhibit of this order (rule V28)."""
    directory = Directory(order)
    return [citation.text for citation in citations(letter) if directory.resolve(citation) is None]


def default_letter(order: Order) -> str:
    """A plain letter (Markdown) that cites every tab under its factor. An attorney is meant to replace it."""
    cover = order.cover
    names = "; ".join(escaped(f"{person.name} {person.a_number}".strip()) for person in cover.respondents)
    asked = f" The form of discretion asked for is: {escaped(cover.form_asked)}." if cover.form_asked else ""
    opening = [*_lines(cover.office), f"**Re: {escaped(cover.title)}**", f"**{names}**" if names else ""]
    request = f"We respectfully ask the office to exercise prosecutorial discretion in this case.{asked}"
    closing = ["The exhibits are listed in the index that follows.", "Respectfully submitted,", *_lines(cover.filer)]
    return "\n\n".join(filter(None, [*opening, request, *_evidence(order), *closing])) + "\n"


def _lines(lines: tuple[str, ...]) -> list[str]:
    return ["\\\n".join(escaped(line) for line in lines if line.strip())]


def _evidence(order: Order) -> Iterator[str]:
    directory, heading = Directory(order), None
    for place, exhibit in enumerate(order.exhibits):
        if exhibit.factors[0].name != heading:
            heading = exhibit.factors[0].name
            yield f"# {escaped(heading)}"
        also = ", ".join(escaped(factor.name) for factor in exhibit.factors[1:])
        dated = f" ({escaped(exhibit.date)})" if exhibit.date else ""
        supports = f" It also supports: {also}." if also else ""
        yield f"- {escaped(exhibit.title)}{dated}: {_cite(order, place, directory)}.{supports}"


def _cite(order: Order, place: int, directory: Directory) -> str:
    """The citation of an exhibit by its tab letter, or by whatever else leads to it and nothing else."""
    exhibit = order.exhibits[place]
    names = [order.tab(place), *exhibit.handles, *(source.document for source in exhibit.sources)]
    fitting = (name for name in names if directory.resolve(Citation(name, None, "")) == Cited(place, 1))
    return f"{{tab:{next(fitting, names[0])}}}"


def escaped(text: str) -> str:
    """Data as Markdown that reads as exactly that text, on one line."""
    return re.sub(r"([\\`*_{}\[\]()<>#+.!&|~=-])", r"\\\1", " ".join(text.split()))


def _citation_rule(state: StateInline, silent: bool) -> bool:
    """markdown-it inline rule: a citation is one token, so that its underscores and dots are never Markdown."""
    found = CITATION.match(state.src, state.pos) or UNFINISHED.match(state.src, state.pos)
    if not found:
        return False
    if not silent:
        token = state.push("citation", "", 0)
        token.content = found[0]
    state.pos = found.end()
    return True


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).disable(["html_block", "html_inline", "image", "reference"])
    markdown.inline.ruler.before("escape", "citation", _citation_rule)
    return markdown


_MARKDOWN = _markdown()


def _blocks(node: SyntaxTreeNode, place: Place) -> list[Block]:
    return [_block(child, place) for child in node.children]


def _block(node: SyntaxTreeNode, place: Place) -> Block:
    match node.type:
        case "heading":
            return {"kind": "heading", "level": int(node.tag[1]), "inlines": _inlines(node, place)}
        case "bullet_list" | "ordered_list":
            items = [_blocks(item, place) for item in node.children]
            start = int(node.attrs.get("start", 1))
            return {"kind": "list", "ordered": node.type == "ordered_list", "start": start, "items": items}
        case "blockquote":
            return {"kind": "quote", "blocks": _blocks(node, place)}
        case "fence" | "code_block":
            return {"kind": "code", "text": node.content}
        case "hr":
            return {"kind": "rule"}
    return {"kind": "paragraph", "inlines": _inlines(node, place)}


def _inlines(node: SyntaxTreeNode, place: Place) -> list[Block]:
    return [inline for child in node.children for inline in _inline(child, place)]


def _inline(node: SyntaxTreeNode, place: Place) -> list[Block]:
    match node.type:
        case "inline":
            return _inlines(node, place)
        case "strong" | "em":
            return [{"kind": "strong" if node.type == "strong" else "emphasis", "inlines": _inlines(node, place)}]
        case "link":
            return [*_inlines(node, place), *_address(node)]
        case "citation":
            return [place(_citation(node.content))]
        case "code_inline":
            return [{"kind": "code", "text": node.content}]
        case "hardbreak":
            return [{"kind": "break"}]
        case "softbreak":
            return [_text(" ")]
    return [_text(node.content)]


def _address(node: SyntaxTreeNode) -> list[Block]:
    address = str(node.attrs.get("href", ""))
    shown = "".join(child.content for child in node.children)
    return [] if address in ("", shown, f"mailto:{shown}") else [_text(f" ({address})")]


def _citation(text: str) -> Citation:
    found = CITATION.fullmatch(text)
    if not found:
        return Citation("", None, text)
    inside = " ".join(found[1].split())
    page = PAGE.search(inside)
    handle = inside[: page.start()].rstrip() if page else inside
    return Citation(handle, int(page[1]) if page else None, text)


def _text(text: str) -> Block:
    return {"kind": "text", "text": text}
