"""PDFs in one plain form, read where they lie: every object stands by itself, `/Length` last in a stream's dictionary,
and one table says where each begins. So writes qpdf when it is asked to pack nothing, and so are print-ready pages kept.

Objects are looked up and copied as text, only their numbers are exchanged; streams are not even read. A file of any
other shape is Unsound: `plainly` has qpdf write it anew. A mistake here binds nothing wrong, because the proof
(prove.py) has qpdf read both files and knows nothing of this module.
"""

import io
import mmap
import re
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

TREE_DEPTH = 64  # nodes above a page; more is a loop

# Tokens that could hide or be a reference: names, strings, hexadecimal strings, references.
TOKEN = re.compile(rb"/[^\s<>\[\](){}/%]*|\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f]*>|(\d+) 0 R\b", re.DOTALL)
REFERENCE = re.compile(rb"(?<![^ \[])(\d++) 0 R\b")  # for text without literal strings, where nothing else looks so
_ATOM = re.compile(
    rb"<<|>>|\[|\]|\d+ 0 R\b|/[^\s<>\[\](){}/%]*|\((?:\\.|[^\\)])*\)|<[0-9A-Fa-f]*>|[^\s<>\[\](){}/%]+", re.DOTALL
)
_DEPTH = {b"<<": 1, b"[": 1, b">>": -1, b"]": -1}
_ONE = re.compile(rb"(\d+) 0 R")
_END = re.compile(rb"startxref\n(\d+)\n%%EOF\n\Z")
_TABLE = re.compile(rb"xref\n0 (\d+)\n0000000000 65535 f \n")
_TRAILER = re.compile(rb"trailer\s<< (?:(?!/Encrypt|/Prev)[^\n(])*?/Root (\d+) 0 R (?:(?!/Encrypt|/Prev)[^\n(])*+\n")
_ROWS = re.compile(rb"(?:\d{10} 00000 n \n)*+")
_ROW = b" 00000 n \n"
_OBJECT = re.compile(rb"(\d+) 0 obj\n")
_HEAD = re.compile(rb"(<< (?:.*? )??)/Length (\d+) ((?:/Filter /FlateDecode )?)>>\nstream\n", re.DOTALL)
_OVER, _STREAM_OVER = b"\nendobj\n", b"\nendstream\nendobj\n"
_PAGE_NODE = re.compile(rb"/Type /Pages?(?![^\s<>\[\](){}/%])")
_INHERITED = {b"/Resources", b"/MediaBox", b"/CropBox", b"/Rotate"}


class Unsound(Exception):
    """The file is not in plain form, or not where it says: it is read in no other way."""


@dataclass(frozen=True, slots=True)
class Body:
    """One object: its text, and for a stream where its raw bytes begin in the file and how many they are (the text is
    then its dictionary without `/Length`)."""

    text: bytes
    stream: tuple[int, int] | None
    refs: tuple[int, ...]

    def weight(self) -> int:
        """An upper bound of the bytes it takes in a file, with its cross-reference entry."""
        return len(self.text) + (self.stream[1] if self.stream else 0) + 64 + 4 * len(self.refs)


class Plain:
    """The objects of a plain file by their number. Unsound when it is not one."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self._data = data
        end = _END.search(data[-64:])
        table = int(end[1]) if end else 0
        head = _TABLE.match(data, table)
        if not head:
            raise Unsound("no table")
        rows = _ROWS.match(data, head.end())
        trailer = _TRAILER.match(data, rows.end()) if rows else None
        if not rows or not trailer or len(rows[0]) != 20 * (int(head[1]) - 1):
            raise Unsound("no trailer")
        self._root = int(trailer[1])
        self._offsets = [0, *map(int, rows[0].split(_ROW)[:-1])]
        ordered = sorted(self._offsets[1:])
        self._ends = dict(zip(ordered, [*ordered[1:], table], strict=True))

    def body(self, number: int) -> Body | None:
        """The object; None where a copy must read null: pages (only the binder makes them), what is not there."""
        text, stream = self._object(number)
        if stream and b"/StructParent" in text:  # a copy does without tags
            kept = entries(text)
            text = dictionary({key: kept[key] for key in kept if not key.startswith(b"/StructParent")})
        page = not stream and _PAGE_NODE.search(text) and entries(text).get(b"/Type") in (b"/Page", b"/Pages")
        return None if page or text == b"null" else Body(text, stream, refs_of(text))

    def _object(self, number: int) -> tuple[bytes, tuple[int, int] | None]:
        """Text and, for a stream, the place of its bytes. What the table does not have is null (ISO 32000-1, 7.3.10)."""
        if not 0 < number < len(self._offsets):
            return b"null", None
        data, start = self._data, self._offsets[number]
        end = self._ends[start]
        head = _OBJECT.match(data, start, end)
        if not head or int(head[1]) != number or data[end - len(_OVER) : end] != _OVER:
            raise Unsound(number)
        if data[end - len(_STREAM_OVER) : end] != _STREAM_OVER:
            return data[head.end() : end - len(_OVER)], None
        found = _HEAD.match(data, head.end(), end)
        if not found or found.end() + int(found[2]) != end - len(_STREAM_OVER):
            raise Unsound(number)
        return found[1] + found[3] + b">>", (found.end(), int(found[2]))

    def value(self, text: bytes) -> bytes:
        """What a value stands for: the text of the object it refers to, or itself."""
        number = _ONE.fullmatch(text)
        return self._object(int(number[1]))[0] if number else text

    def entries(self, number: int) -> dict[bytes, bytes]:
        """The entries of a dictionary that is an object of its own."""
        return entries(self._object(number)[0])

    def catalog(self) -> dict[bytes, bytes]:
        """The entries of the document's root."""
        return self.entries(self._root)

    def pages(self) -> Iterator[tuple[int, dict[bytes, bytes]]]:
        """Number and entries of each page in order, with those it inherits (ISO 32000-1, 7.7.3.4)."""
        yield from self._pages(_only(self.catalog().get(b"/Pages", b"")), {}, TREE_DEPTH)

    def _pages(self, number: int, above: dict[bytes, bytes], depth: int) -> Iterator[tuple[int, dict[bytes, bytes]]]:
        node = self.entries(number)
        if not depth or node.get(b"/Type") not in (b"/Page", b"/Pages"):
            raise Unsound(number)
        if node[b"/Type"] == b"/Page":
            yield number, above | node
            return
        here = above | {key: node[key] for key in node.keys() & _INHERITED}
        for kid in refs_of(self.value(node.get(b"/Kids", b""))):
            yield from self._pages(kid, here, depth - 1)


@dataclass(slots=True)
class Objects:
    """The objects of one file that somebody asked for, with everything they refer to; pages are never among them."""

    bodies: dict[int, Body | None] = field(default_factory=dict)

    def gather(self, plain: Plain, roots: Iterable[int]) -> None:
        """Read `roots` and all they lead to."""
        waiting = list(roots)
        while waiting:
            number = waiting.pop()
            if number not in self.bodies:
                body = self.bodies[number] = plain.body(number)
                waiting += body.refs if body else ()

    def reach(self, roots: Iterable[int], known: Container[int] = frozenset()) -> list[int]:
        """`roots` and all they lead to that is not `known`, each once, in an order that depends on nothing else."""
        seen: dict[int, None] = {}
        waiting = list(roots)
        while waiting:
            number = waiting.pop()
            if number in seen or number in known or not (body := self.bodies[number]):
                continue
            seen[number] = None
            waiting += reversed(body.refs)
        return list(seen)


@contextmanager
def opened(path: Path) -> Iterator[Plain]:
    """A plain file, not read but mapped: of streams that are only copied nothing comes into memory."""
    with io.FileIO(path) as file:
        if not path.stat().st_size:
            raise Unsound("empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield Plain(data)


def plainly(source: Path | bytes) -> bytes:
    """A PDF written anew by qpdf in plain form, its streams as they are. PdfError when it cannot be read whole."""
    to = io.BytesIO()
    with pikepdf.open(io.BytesIO(source) if isinstance(source, bytes) else source, suppress_warnings=True) as pdf:
        if pdf.is_encrypted:
            raise pikepdf.PasswordError("it is locked")
        pdf.save(
            to,
            static_id=True,
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            compress_streams=False,
        )
        if pdf.get_warnings():
            raise pikepdf.PdfError("it is damaged")
    return to.getvalue()


def entries(text: bytes) -> dict[bytes, bytes]:
    """The entries of a dictionary, values as text; of what is no dictionary, none.

    >>> entries(b"<< /A << /B 1 >> /C [ 2 0 R (]) ] /D 3 0 R >>")
    {b'/A': b'<< /B 1 >>', b'/C': b'[ 2 0 R (]) ]', b'/D': b'3 0 R'}
    """
    found: dict[bytes, bytes] = {}
    key, depth, start = b"", 0, 0
    for atom in _ATOM.finditer(text, 2, len(text) - 2) if text.startswith(b"<<") else ():
        if not key:
            key = atom[0]
            continue
        if not depth:
            start = atom.start()
        depth += _DEPTH.get(atom[0], 0)
        if not depth:
            found[key], key = text[start : atom.end()], b""
    return found


def dictionary(found: dict[bytes, bytes]) -> bytes:
    """The inverse of `entries`."""
    return b"<< %b>>" % b"".join(b"%b %b " % entry for entry in found.items())


def _only(text: bytes) -> int:
    number = _ONE.fullmatch(text)
    if not number:
        raise Unsound(text)
    return int(number[1])


def refs_of(text: bytes) -> tuple[int, ...]:
    """Every reference in a text, each once, in order."""
    if b" R" not in text:
        return ()
    found = filter(None, TOKEN.findall(text)) if b"(" in text else REFERENCE.findall(text)
    return tuple({int(number): None for number in found})
