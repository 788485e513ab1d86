"""Print-ready PDFs, read as the serialised objects their pages need.

qpdf parses; what it hands out as canonical text is copied as it stands, with only object numbers exchanged. That is
what makes binding about as fast as copying the files: no stream is decoded, no object tree is built.

A print-ready page is Letter, upright, one clean picture: no rotation, crop, annotation or action (proved here), and its
lowest half inch is clear (proved when it was prepared).
"""

import hashlib
import io
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

from documents.packets.shape import CannotBind, Source

LETTER = (0.0, 0.0, 612.0, 792.0)
TREE_DEPTH = 64  # nodes above a page; more is a loop
ObjGen = tuple[int, int]

# Tokens of qpdf's canonical text that could hide or be a reference: names, strings, hexadecimal strings, references.
TOKEN = re.compile(rb"/[^\s<>\[\](){}/%]*|\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f]*>|(\d+) (\d+) R\b", re.DOTALL)
_LENGTH = re.compile(rb"/Length (?:\d+ \d+ R|\d+) ?")
_STRUCTURE_KEY = re.compile(rb"/StructParents? \d+ ?")
_PAGE_NODE = re.compile(rb"/Type /Pages?(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class Body:
    """One object: its canonical text, and for a stream the number of its raw bytes (the text is then its dictionary
    without `/Length`)."""

    text: bytes
    stream: int | None
    refs: tuple[ObjGen, ...]

    def weight(self) -> int:
        """An upper bound of the bytes it takes in a file, with its cross-reference entry."""
        return len(self.text) + (self.stream or 0) + 64 + 4 * len(self.refs)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page: its content streams and the text of its resources and transparency group."""

    contents: tuple[ObjGen, ...]
    resources: bytes
    group: bytes


@dataclass(slots=True)
class Objects:
    """The objects of one file that somebody asked for, with everything they refer to; pages are never among them."""

    bodies: dict[ObjGen, Body | None] = field(default_factory=dict)

    def gather(self, pdf: pikepdf.Pdf, roots: Iterable[ObjGen]) -> None:
        """Read `roots` and all they lead to."""
        waiting = list(roots)
        while waiting:
            number = waiting.pop()
            if number not in self.bodies:
                body = self.bodies[number] = read_body(pdf.get_object(number))
                waiting += body.refs if body else ()

    def reach(self, roots: Iterable[ObjGen], known: Container[ObjGen] = frozenset()) -> list[ObjGen]:
        """`roots` and all they lead to that is not `known`, each once, in an order that depends on nothing else."""
        seen: dict[ObjGen, None] = {}
        waiting = list(roots)
        while waiting:
            number = waiting.pop()
            if number in seen or number in known or not (body := self.bodies[number]):
                continue
            seen[number] = None
            waiting += reversed(body.refs)
        return list(seen)


@dataclass(slots=True)
class Print:
    """A print-ready document with the pages an order uses, by their 1-based number."""

    path: Path
    title: str
    leaves: dict[int, Leaf]
    objects: Objects

    def weigh(self, page: int, counted: set[ObjGen]) -> int:
        """Bytes this page adds to a file that holds `counted` already; marks its own as counted."""
        leaf = self.leaves[page]
        own = [body for number in leaf.contents if (body := self.objects.bodies[number])]
        shared = self.objects.reach(refs_of(leaf.resources + b" " + leaf.group), counted)
        counted.update(shared)
        return sum(body.weight() + len(leaf.resources) for body in own) + sum(self._weight(number) for number in shared)

    def _weight(self, number: ObjGen) -> int:
        body = self.objects.bodies[number]
        return body.weight() if body else 0


def read(source: Source, path: Path | None, pages: Iterable[int]) -> Print:
    """The document as it is on disk, which must be exactly the one that was ordered. CannotBind names what differs."""
    if path is None or not path.is_file():
        raise CannotBind("The pages of “%(document)s” are missing.", document=source.title)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != source.print_sha256:
            raise CannotBind("“%(document)s” has changed since it was ordered.", document=source.title)
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            return _read(source, path, pdf, sorted(set(pages)))
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:
        raise CannotBind("“%(document)s” cannot be read: it is damaged.", document=source.title) from error


def _read(source: Source, path: Path, pdf: pikepdf.Pdf, pages: list[int]) -> Print:
    if pdf.is_encrypted:
        raise CannotBind("“%(document)s” is locked.", document=source.title)
    if len(pdf.pages) != source.pages:
        facts = {"document": source.title, "found": len(pdf.pages), "ordered": source.pages}
        raise CannotBind("“%(document)s” has %(found)d pages, but %(ordered)d were ordered.", **facts)
    objects, leaves = Objects(), {}
    for page in pages:
        leaves[page] = leaf = _leaf(source, pdf.pages[page - 1].obj, page)
        objects.gather(pdf, (*leaf.contents, *refs_of(leaf.resources + b" " + leaf.group)))
    if pdf.get_warnings():
        raise CannotBind("“%(document)s” cannot be read: it is damaged.", document=source.title)
    return Print(path, source.title, leaves, objects)


def _leaf(source: Source, page: pikepdf.Object, number: int) -> Leaf:
    if fault := _fault(page):
        sentence = "Page %(page)d of “%(document)s” is not ready to print: " + fault + "."
        raise CannotBind(sentence, page=number, document=source.title)
    contents = page.get("/Contents", pikepdf.Array())
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return Leaf(
        tuple(stream.objgen for stream in streams),
        text_of(inherited(page, "/Resources")),
        text_of(page.get("/Group")),
    )


def _fault(page: pikepdf.Object) -> str | None:
    """Why this page is not print-ready, or None."""
    box = tuple(float(edge) for edge in inherited(page, "/MediaBox") or ())
    crop = tuple(float(edge) for edge in inherited(page, "/CropBox") or box)
    if len(box) != 4 or any(abs(is_ - be) > 0.5 for is_, be in zip(box, LETTER, strict=True)):
        return "it is not Letter size"
    if crop != box or page.get("/UserUnit", 1) != 1:
        return "it is cropped or scaled"
    if int(inherited(page, "/Rotate") or 0) % 360:
        return "it is turned"
    if len(page.get("/Annots", ())) or "/AA" in page:
        return "it carries notes, links or actions"
    return None


def inherited(page: pikepdf.Object, key: str) -> pikepdf.Object | None:
    """A page attribute, from the page or the nearest node of the page tree above it (ISO 32000-1, 7.7.3.4)."""
    node: pikepdf.Object | None = page
    for _ in range(TREE_DEPTH):
        if node is None:
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def text_of(value: pikepdf.Object | int | None) -> bytes:
    """The canonical text of a dictionary or array itself, even where it is an object of its own; empty for None."""
    return value.unparse(resolved=True) if isinstance(value, pikepdf.Object) else b""


def refs_of(text: bytes) -> tuple[ObjGen, ...]:
    """Every reference in canonical text, each once, in order."""
    if b" R" not in text:
        return ()
    found = (each for each in TOKEN.finditer(text) if each[1])
    return tuple(dict.fromkeys((int(each[1]), int(each[2])) for each in found))


def read_body(thing: pikepdf.Object) -> Body | None:
    """The object as a Body; None where a copy must read null: pages (only the binder makes them), what is not there."""
    if isinstance(thing, pikepdf.Stream):
        text = _STRUCTURE_KEY.sub(b"", _LENGTH.sub(b"", thing.stream_dict.unparse(resolved=True), count=1))
        return Body(text, int(thing.stream_dict.get("/Length", 0)), refs_of(text))
    text = thing.unparse(resolved=True) if isinstance(thing, pikepdf.Object) else pikepdf.Array([thing]).unparse()[2:-2]
    if text == b"null" or _PAGE_NODE.search(text):
        return None
    return Body(text, None, refs_of(text))


def opened(source: Path | bytes) -> pikepdf.Pdf:
    """The PDF at a path, or made of these bytes."""
    return pikepdf.open(io.BytesIO(source) if isinstance(source, bytes) else source, suppress_warnings=True)
