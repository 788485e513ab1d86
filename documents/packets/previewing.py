"""The letter as it will be printed, for a page beside its text: the same tree of blocks, with tabs and pages filled in.

Pages are those the plan expects; only binding knows them. HTML in a letter is text here as it is there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from documents.models import Request
from documents.packets import contents, letter, outline
from documents.packets.freezing import freeze, printed
from documents.packets.letter import Block, Citation
from documents.packets.shape import LetterData, tab_letters


@dataclass(frozen=True, slots=True)
class Preview:
    """`blocks`: of the letter, its headings from level 3; `lost`: how many citations lead nowhere; `undated`: {date} is
    not known yet."""

    blocks: list[Block]
    lost: int
    undated: bool


def preview(request: Request, text: str) -> Preview:
    """Of this text, saved or not, in the packet as it would be ordered now. Raises letter.TooDeep."""
    if text == request.letter:
        text = printed(request)
    order = replace(freeze(request), letter=LetterData.of(text) if text.strip() else None)
    firsts = [line.first for line in outline.planned(request, order).exhibits]
    directory, lost = letter.Directory(order), list[str]()

    def place(citation: Citation) -> Block:
        found = directory.resolve(citation)
        if found is None:
            lost.append(citation.text)
            return {"kind": "lost", "text": citation.text}
        page = firsts[found.exhibit] + found.page  # its tab sheet comes first
        return {"kind": "cite", "tab": tab_letters(found.exhibit), "page": page}

    tree = contents.levelled(letter.blocks(text, place))
    parts = count(1)
    return Preview([_lowered(block, parts) for block in tree], len(lost), letter.DATE in text)


def _lowered(block: dict[str, Any], parts: Iterator[int]) -> Block:
    """One level further down: the page has headings of its own above it. `part`: which heading of the letter it is."""
    if block["kind"] != "heading":
        return block
    return {**block, "level": min(block["level"] + 1, 6), "part": next(parts)}
