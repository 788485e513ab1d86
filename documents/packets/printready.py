"""Print-ready PDFs, read as the objects their pages need.

A print-ready page is Letter, upright, one clean picture: no rotation, crop, annotation or action (proved here), and its
lowest half inch is clear (proved when it was prepared).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from documents.packets.plain import Objects, Plain, Unsound, opened, refs_of
from documents.packets.shape import CannotBind, Source

LETTER = (0.0, 0.0, 612.0, 792.0)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page: its content streams and the text of its resources and transparency group."""

    contents: tuple[int, ...]
    resources: bytes
    group: bytes

    def refs(self) -> tuple[int, ...]:
        """What the page needs besides its content."""
        return refs_of(self.resources + b" " + self.group)


@dataclass(slots=True)
class Print:
    """A print-ready document with the pages an order uses, by their 1-based number."""

    path: Path
    title: str
    leaves: dict[int, Leaf]
    objects: Objects

    def weigh(self, page: int, counted: set[int]) -> int:
        """Bytes this page adds to a file that holds `counted` already; marks its own as counted."""
        leaf = self.leaves[page]
        own = [body for number in leaf.contents if (body := self.objects.bodies[number])]
        shared = self.objects.reach(leaf.refs(), counted)
        counted.update(shared)
        return sum(body.weight() + len(leaf.resources) for body in own) + sum(self._weight(number) for number in shared)

    def _weight(self, number: int) -> int:
        body = self.objects.bodies[number]
        return body.weight() if body else 0


def read(source: Source, path: Path | None, pages: Iterable[int]) -> Print:
    """The document as it is on disk, proved before to be the one that was ordered. CannotBind names what is wrong with
    it."""
    if path is None or not path.is_file():
        raise CannotBind("The pages of “%(document)s” are missing.", document=source.title)
    try:
        with opened(path) as plain:
            return _read(source, path, plain, sorted(set(pages)))
    except Unsound as error:
        raise CannotBind("“%(document)s” cannot be read: it is damaged.", document=source.title) from error


def _read(source: Source, path: Path, plain: Plain, wanted: list[int]) -> Print:
    pages = [entries for _, entries in plain.pages()]
    if len(pages) != source.pages:
        facts = {"document": source.title, "found": len(pages), "ordered": source.pages}
        raise CannotBind("“%(document)s” has %(found)d pages, but %(ordered)d were ordered.", **facts)
    objects, leaves = Objects(), {}
    for number in wanted:
        leaves[number] = leaf = _leaf(source, plain, pages[number - 1], number)
        objects.gather(plain, (*leaf.contents, *leaf.refs()))
    return Print(path, source.title, leaves, objects)


def _leaf(source: Source, plain: Plain, page: dict[bytes, bytes], number: int) -> Leaf:
    if fault := _fault(plain, page):
        sentence = "Page %(page)d of “%(document)s” is not ready to print: " + fault + "."
        raise CannotBind(sentence, page=number, document=source.title)
    return leaf_of(plain, page)


def leaf_of(plain: Plain, page: dict[bytes, bytes]) -> Leaf:
    """The page with these entries."""
    contents = page.get(b"/Contents", b"")
    if plain.value(contents).startswith(b"["):
        contents = plain.value(contents)
    return Leaf(refs_of(contents), plain.value(page.get(b"/Resources", b"")), plain.value(page.get(b"/Group", b"")))


def _fault(plain: Plain, page: dict[bytes, bytes]) -> str | None:
    """Why this page is not print-ready, or None."""
    box = _numbers(plain.value(page.get(b"/MediaBox", b"")))
    crop = _numbers(plain.value(page.get(b"/CropBox", b""))) or box
    if len(box) != 4 or any(abs(is_ - be) > 0.5 for is_, be in zip(box, LETTER, strict=True)):
        return "it is not Letter size"
    if crop != box or _numbers(plain.value(page.get(b"/UserUnit", b"1"))) != (1,):
        return "it is cropped or scaled"
    if any(turn % 360 for turn in _numbers(plain.value(page.get(b"/Rotate", b"0")))):
        return "it is turned"
    if plain.value(page.get(b"/Annots", b"[ ]")) != b"[ ]" or b"/AA" in page:
        return "it carries notes, links or actions"
    return None


@lru_cache(64)  # pages of a document say the same
def _numbers(text: bytes) -> tuple[float, ...]:
    """The numbers of an array, or a number alone. Unsound when it holds anything else."""
    try:
        return tuple(map(float, text.strip(b"[] ").split()))
    except ValueError as error:
        raise Unsound(text) from error
