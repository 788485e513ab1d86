"""Print-ready PDFs, read as the serialised objects their pages need.

qpdf parses; what it hands out as canonical text is copied as it stands, with only object numbers exchanged. Streams are
not even read: qpdf says at which byte an object begins and how long its stream is, and the bytes are copied from there.
That is what makes binding about as fast as copying the files: no stream is decoded, no object tree is built.

A print-ready page is Letter, upright, one clean picture: no rotation, crop, annotation or action (proved here), and its
lowest half inch is clear (proved when it was prepared).
"""

import copy
import hashlib
import io
import re
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pikepdf

from documents.packets.shape import CannotBind, Source

LETTER = (0.0, 0.0, 612.0, 792.0)
TREE_DEPTH = 64  # nodes above a page; more is a loop
ObjGen = tuple[int, int]
Raw = io.FileIO | io.BytesIO

# Tokens of qpdf's canonical text that could hide or be a reference: names, strings, hexadecimal strings, references.
TOKEN = re.compile(rb"/[^\s<>\[\](){}/%]*|\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f]*>|(\d+) (\d+) R\b", re.DOTALL)
REFERENCE = re.compile(rb"(?<= )(\d+) (\d+) R\b")  # for text without literal strings, where nothing else looks so
_LENGTH = re.compile(rb"/Length (?:\d+ \d+ R|\d+) ?")
_DROPPED = ("/Length", "/StructParent", "/StructParents")  # a stream gets a new length, and does without tags
_PAGE_NODE = re.compile(rb"/Type /Pages?(?![A-Za-z])")
_PAGES = ("/Page", "/Pages")
# From the number of an object to the first byte of its stream; strings are skipped, they may hold anything.
_STREAM = re.compile(
    rb"(\d+) (\d+) obj\s*<<(?:[^(>]++|\((?:[^\\)]|\\.)*+\)|>(?!>\s*stream\r?\n))*+>>\s*stream\r?\n", re.DOTALL
)
_AFTER = re.compile(rb"\r?\n?endstream\s")
_HEAD = 1 << 11  # bytes read at first to find where a stream begins
_LONGEST_HEAD = 1 << 24


class Unsound(Exception):
    """The bytes of a file are not where its reader says: it is no file that `preparing` wrote."""


@dataclass(frozen=True, slots=True)
class Body:
    """One object: its canonical text, and for a stream where its raw bytes begin in the file and how many they are (the
    text is then its dictionary without `/Length`)."""

    text: bytes
    stream: tuple[int, int] | None
    refs: tuple[ObjGen, ...]

    def weight(self) -> int:
        """An upper bound of the bytes it takes in a file, with its cross-reference entry."""
        return len(self.text) + (self.stream[1] if self.stream else 0) + 64 + 4 * len(self.refs)


class Opened:
    """A PDF as qpdf reads it, beside its plain bytes. `source` is its path, or the file itself; `offsets` say at which
    byte objects begin."""

    def __init__(self, source: Path | bytes) -> None:
        self.raw: Raw = io.BytesIO(source) if isinstance(source, bytes) else io.FileIO(source)
        try:
            self.pdf = pikepdf.open(io.BytesIO(source) if isinstance(source, bytes) else source, suppress_warnings=True)
        except BaseException:
            self.raw.close()
            raise
        table = self.pdf.get_xref_table()
        self.offsets = {number: entry.offset for number, entry in table.items() if entry.offset is not None}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.pdf.close()
        self.raw.close()

    def body(self, number: ObjGen) -> Body | None:
        """The object; None where a copy must read null: pages (only the binder makes them), what is not there."""
        thing = self.pdf.get_object(number)
        if isinstance(thing, pikepdf.Stream):
            text = _entries(thing)
            length = int(thing.stream_dict.get("/Length", 0))
            return Body(text, (self._stream(number, length), length), refs_of(text))
        text = thing.unparse(resolved=True) if isinstance(thing, pikepdf.Object) else _scalar(thing)
        page = _PAGE_NODE.search(text) and isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") in _PAGES
        return None if page or text == b"null" else Body(text, None, refs_of(text))

    def _stream(self, number: ObjGen, length: int) -> int:
        """Where the stream's bytes begin: after the first `stream` behind its dictionary. Unsound unless they end, so
        many bytes on, with `endstream`."""
        found, size, offset = None, _HEAD, self.offsets[number]
        while not found and size <= _LONGEST_HEAD:
            self.raw.seek(offset)
            found, size = _STREAM.match(self.raw.read(size)), size * 8
        if not found or (int(found[1]), int(found[2])) != number:
            raise Unsound(number)
        self.raw.seek(offset + found.end() + length)
        if not _AFTER.match(self.raw.read(12)):
            raise Unsound(number)
        return offset + found.end()


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

    def gather(self, opened: Opened, roots: Iterable[ObjGen]) -> None:
        """Read `roots` and all they lead to."""
        waiting = list(roots)
        while waiting:
            number = waiting.pop()
            if number not in self.bodies:
                body = self.bodies[number] = opened.body(number)
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
    with io.FileIO(path) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != source.print_sha256:
            raise CannotBind("“%(document)s” has changed since it was ordered.", document=source.title)
    try:
        with Opened(path) as opened:
            return _read(source, path, opened, sorted(set(pages)))
    except (pikepdf.PdfError, pikepdf.PasswordError, Unsound) as error:
        raise CannotBind("“%(document)s” cannot be read: it is damaged.", document=source.title) from error


def _read(source: Source, path: Path, opened: Opened, pages: list[int]) -> Print:
    pdf = opened.pdf
    if pdf.is_encrypted:
        raise CannotBind("“%(document)s” is locked.", document=source.title)
    if len(pdf.pages) != source.pages:
        facts = {"document": source.title, "found": len(pdf.pages), "ordered": source.pages}
        raise CannotBind("“%(document)s” has %(found)d pages, but %(ordered)d were ordered.", **facts)
    objects, leaves = Objects(), {}
    for page in pages:
        leaves[page] = leaf = _leaf(source, pdf.pages[page - 1].obj, page)
        objects.gather(opened, (*leaf.contents, *refs_of(leaf.resources + b" " + leaf.group)))
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
    found = [each for each in TOKEN.findall(text) if each[0]] if b"(" in text else REFERENCE.findall(text)
    return tuple({(int(number), int(generation)): None for number, generation in found})


def _entries(stream: pikepdf.Object) -> bytes:
    """Canonical text of a stream's dictionary without what a copy does not take over."""
    text = stream.stream_dict.unparse(resolved=True)
    if text.count(b"/Length ") == 1 and b"(" not in text and b"/StructParent" not in text:
        return _LENGTH.sub(b"", text)
    entries = copy.copy(stream.stream_dict)
    for key in _DROPPED:
        if key in entries:
            del entries[key]
    return entries.unparse()


def _scalar(value: object) -> bytes:
    """Canonical text of what pikepdf hands out as a Python value."""
    return pikepdf.Array([value]).unparse()[2:-2]
