"""What a letter argues: its headings, what they name, and the citations that stand under each.

Words are compared, nothing is understood: a heading that names a factor is taken for its argument.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from documents.packets.letter import Block, Citation, Directory, blocks
from documents.packets.shape import Order

_WORDING: Final[dict[str, list[str]]] = json.loads((Path(__file__).parent / "arguments.json").read_text())


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to argue: the headings that name it, and the ids of the documents that show it."""

    names: tuple[str, ...]
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading; the first may have none. `words`: its text without Markdown."""

    heading: str
    words: str
    cited: tuple[Citation, ...]


def heading_of(code: str, name: str) -> str:
    """The heading of a factor in a letter; of one that the firm added its English name."""
    return _WORDING.get(code, [name])[0]


def opening_of(code: str) -> str:
    """The first sentence of its argument, or none."""
    return _WORDING.get(code, ["", ""])[1]


def sections(letter: str) -> list[Section]:
    """The letter by its headings, of whatever level."""
    found: list[Section] = []
    heading, words, cited = "", list[str](), list[Citation]()
    for block in blocks(letter, lambda citation: {"kind": "cite", "citation": citation}):
        if block["kind"] == "heading":
            found.append(Section(heading, " ".join(words), tuple(cited)))
            heading, words, cited = " ".join(_words(block)), [], []
        else:
            words += _words(block)
        cited += _citations(block)
    return [*found, Section(heading, " ".join(words), tuple(cited))]


def plainly(letter: str) -> str:
    """The words of the letter alone, without Markdown and citations."""
    return "\n".join(f"{section.heading}\n{section.words}" for section in sections(letter))


def argued(letter: str, order: Order, subjects: Mapping[str, Subject]) -> set[str]:
    """The codes whose name is in a heading, or one of whose documents is cited where no heading names another one."""
    return {*places(letter, order, subjects)}


def places(letter: str, order: Order, subjects: Mapping[str, Subject]) -> dict[str, int]:
    """The same codes, each with the part of the letter that argues it first; 0 is what stands before any heading."""
    directory, found = Directory(order), dict[str, int]()
    for place, section in enumerate(sections(letter)):
        named = named_in(section.heading, subjects) or _shown(section.cited, directory, order, subjects)
        found = dict.fromkeys(named, place) | found
    return found


def headed(letter: str, subjects: Mapping[str, Subject]) -> set[str]:
    """The codes whose name is in a heading."""
    return {code for section in sections(letter) for code in named_in(section.heading, subjects)}


def named_in(heading: str, subjects: Mapping[str, Subject]) -> set[str]:
    return {code for code, subject in subjects.items() if any(has_words(heading, name) for name in subject.names)}


def has_words(text: str, words: str) -> bool:
    """Whether these words stand in the text one after the other, whatever their case, accents and marks."""
    wanted = folded(words)
    return bool(wanted) and f" {wanted} " in f" {folded(text)} "


def folded(text: str) -> str:
    """Words in small letters without accents, one space between."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(re.findall(r"\w+", bare))


def _shown(cited: Iterable[Citation], directory: Directory, order: Order, subjects: Mapping[str, Subject]) -> set[str]:
    there = filter(None, map(directory.resolve, cited))
    papers = {source.document for each in there for source in order.exhibits[each.exhibit].sources}
    return {code for code, subject in subjects.items() if papers & subject.documents}


def _inner(block: Block) -> Iterable[Block]:
    yield from block.get("inlines", [])
    yield from block.get("blocks", [])
    for item in block.get("items", []):
        yield from item


def _words(block: Block) -> list[str]:
    """Its text; what stands side by side in one line stays one piece."""
    if "inlines" in block:
        return ["".join(" ".join(_words(inline)) for inline in block["inlines"])]
    own = [block["text"]] if "text" in block else [" "] if block["kind"] == "break" else []
    return own + [word for inner in _inner(block) for word in _words(inner)]


def _citations(block: dict[str, Any]) -> list[Citation]:
    own = [block["citation"]] if block["kind"] == "cite" else []
    return own + [citation for inner in _inner(block) for citation in _citations(inner)]
