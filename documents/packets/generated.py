"""The portal's own pages, typeset once for the whole packet and read once: what each shows, its links and its tags.

One document has one tree of tags (ISO 32000-1, 14.7). A part takes the branches that belong to its pages.
"""

import io
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

from documents.packets.plain import Objects, Plain, dictionary, entries, plainly, refs_of
from documents.packets.printready import Leaf, leaf_of
from documents.packets.typeset import Typeset

_TAGGED = re.compile(rb"(\d+) (\d+ 0 R)")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of the portal's own: what it shows, the entries of its links by their number, its number in the tags."""

    leaf: Leaf
    links: dict[int, dict[bytes, bytes]]
    tagged: bytes


@dataclass(frozen=True, slots=True)
class Branch:
    """The tags of some pages: the texts of tree and document element, and the elements they hang from these."""

    tree: bytes
    document: bytes
    elements: tuple[int, ...]


class Generated:
    """The typesetter's pages in plain form. `raw` is their file; `sheets` are in order, by the number of their object;
    `tree` and `document` the numbers of the tree of tags and of its only branch, the document element."""

    def __init__(self, made: Typeset) -> None:
        data = plainly(made.pdf)
        self.raw, self._plain, self.objects = io.BytesIO(data), Plain(data), Objects()
        self.sheets = {number: self._sheet(page) for number, page in self._plain.pages()}
        for sheet in self.sheets.values():
            self.objects.gather(self._plain, (*sheet.leaf.contents, *sheet.leaf.refs()))
        (self.tree,) = refs_of(self._plain.catalog()[b"/StructTreeRoot"])
        self._tree = self._plain.entries(self.tree)
        (self.document,) = refs_of(self._tree[b"/K"])
        self._document = self._plain.entries(self.document)
        self.objects.gather(self._plain, (self.tree, self.document))
        children = refs_of(self._plain.value(self._document[b"/K"]))
        self._homes = {child: next(self._pages(child), 0) for child in children}

    def _sheet(self, page: dict[bytes, bytes]) -> Sheet:
        links = refs_of(self._plain.value(page.get(b"/Annots", b"")))
        tagged = page[b"/StructParents"]
        return Sheet(leaf_of(self._plain, page), {link: self._plain.entries(link) for link in links}, tagged)

    def _pages(self, element: int) -> Iterator[int]:
        """The pages that an element and those below it are on, in order."""
        found = self._plain.entries(element)
        yield from refs_of(found.get(b"/Pg", b""))
        for child in refs_of(found.get(b"/K", b"")):
            yield from self._pages(child)

    def resource(self, text: bytes) -> bytes:
        """What an entry of a page's resources stands for."""
        return self._plain.value(text)

    def branch(self, numbers: Container[int]) -> Branch:
        """The tags of the pages with these numbers. Identifiers of elements go along where all of them are there."""
        kept = tuple(child for child, home in self._homes.items() if home in numbers)
        sheets = [sheet for number, sheet in self.sheets.items() if number in numbers]
        wanted = {sheet.tagged for sheet in sheets}
        wanted |= {link[b"/StructParent"] for sheet in sheets for link in sheet.links.values()}
        parents = entries(self._plain.value(self._tree[b"/ParentTree"]))[b"/Nums"]
        nums = b" ".join(key + b" " + value for key, value in _TAGGED.findall(parents) if key in wanted)
        tree = self._tree | {b"/ParentTree": b"<< /Nums [ %b ] >>" % nums}
        if not {*refs_of(tree.get(b"/IDTree", b""))} <= {*self.objects.reach(kept, {self.document})}:
            del tree[b"/IDTree"]
        branches = b"[ %b ]" % b" ".join(b"%d 0 R" % child for child in kept)
        return Branch(dictionary(tree), dictionary(self._document | {b"/K": branches}), kept)
