"""A finished file beside the documents its pages came from, as two files on a disk: nothing here knows how it was made.

Of each page of evidence everything it shows is compared: dictionaries as text but for the numbers of objects, streams
byte by byte. qpdf reads both files, of which the binder takes no advice: it looks at their text (plain.py). It says
where each object begins, and how long a stream is; where its bytes are is reckoned backwards here, from the end of the
object, and forwards where it is copied, so that one mistake cannot be made twice.
"""

import copy
import io
import itertools
import os
import re
from pathlib import Path
from typing import Any, Self

import pikepdf

ObjGen = tuple[int, int]

CHUNK = 1 << 17  # bytes compared at a time: two of them stay in the processor's cache
_TAIL = 64  # bytes that surely hold the end of an object
_STREAM_END = re.compile(rb"\nendstream\nendobj\s*\Z")
_TABLE = re.compile(rb"startxref\s+(\d+)\s")
_REFERENCE = re.compile(rb" (\d+) (\d+) R\b")
_STRING = re.compile(rb"\((?:[^\\)]|\\.)*\)", re.DOTALL)


class Reading:
    """A file as qpdf reads it, beside its plain bytes. `met`: what each of its objects was found to stand for: an object
    of a document, which is named too."""

    def __init__(self, path: Path) -> None:
        self._file = io.FileIO(path)
        try:
            self.pdf = pikepdf.open(path, suppress_warnings=True)
        except BaseException:
            self._file.close()
            raise
        self.leaves = [page.obj for page in self.pdf.pages]
        self._chunk = bytearray(CHUNK)
        self.met: dict[ObjGen, tuple[str, ObjGen]] = {}
        table = self.pdf.get_xref_table()
        self._offsets = {number: entry.offset for number, entry in table.items() if entry.offset is not None}
        size = os.fstat(self._file.fileno()).st_size
        edges = sorted({*self._offsets.values(), self._table(size), size})
        self._ends = dict(itertools.pairwise(edges))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self.pdf.close()
        self._file.close()

    def _table(self, size: int) -> int:
        """Where the cross-reference table begins: after the last object."""
        found = _TABLE.search(self.read(max(0, size - _TAIL), _TAIL))
        return int(found[1]) if found else size

    def stream(self, number: ObjGen, length: int, rest: int) -> tuple[int, bytes] | None:
        """Where the raw bytes of a stream begin: the last `length` before what ends its object; and the last `rest` of
        them. None, where nothing ends so."""
        start, end = self._offsets[number], self._ends[self._offsets[number]]
        tail = self.read(max(start, end - rest - _TAIL), min(rest + _TAIL, end - start))
        found = _STREAM_END.search(tail, max(0, len(tail) - _TAIL))
        if not found:
            return None
        over = end - len(tail) + found.start()
        begin = over - length
        return (begin, tail[found.start() - rest : found.start()]) if begin > start else None

    def fill(self, start: int) -> bytearray | None:
        """CHUNK bytes of the file, good until the next call. None where it has fewer."""
        return self._chunk if os.preadv(self._file.fileno(), [self._chunk], start) == CHUNK else None

    def read(self, start: int, length: int) -> bytes:
        """Bytes of the file."""
        return os.pread(self._file.fileno(), length, start)


class Pair:
    """A finished file beside a document some of its pages came from."""

    def __init__(self, ours: Reading, theirs: Reading, name: str) -> None:
        self._ours, self._theirs, self._name = ours, theirs, name
        self._waiting: list[tuple[ObjGen, ObjGen]] = []

    def same_page(self, form: int, group: bytes, at: int) -> bool:
        """Whether the form of this number, on a page with this group, is page `at` of the document with all it shows."""
        original, drawing = self._theirs.leaves[at - 1], self._ours.pdf.get_object(form, 0)
        resources = _text(drawing.stream_dict.get("/Resources"))
        same = self._same_text(resources, _text(_resources(original)) or b"<< >>")
        same = same and self._same_text(group, _text(original.get("/Group")))
        return same and self._same_content(drawing, resources, original.get("/Contents")) and self._same_rest()

    def _same_content(self, drawing: Any, resources: bytes, contents: Any) -> bool:
        """Whether the form is the page's content with a frame, its resources, and no other entry of its own."""
        if isinstance(contents, pikepdf.Array) and len(contents) == 1:
            contents = contents[0]
        if isinstance(contents, pikepdf.Stream):
            same = self._same_text(_unframed(_whole(drawing), resources), _whole(contents))
            same = same or self._same_text(_unframed(_text(drawing), resources), _text(contents))
            return same and self._same_bytes(drawing, contents)
        joined = b"\n".join(stream.read_bytes() for stream in contents or ())
        return _unframed(_text(drawing), resources) == b"<< /Filter /FlateDecode >>" and drawing.read_bytes() == joined

    def _same_rest(self) -> bool:
        """Whether all that the texts so far lead to is the same. An object of ours stands for one of theirs, always."""
        while self._waiting:
            ours, theirs = self._waiting.pop()
            known = self._ours.met.get(ours)
            if known is None:
                self._ours.met[ours] = self._name, theirs
                if not self._same_object(self._ours.pdf.get_object(ours), self._theirs.pdf.get_object(theirs)):
                    return False
            elif known != (self._name, theirs):
                return False
        return True

    def _same_object(self, ours: Any, theirs: Any) -> bool:
        streams = isinstance(ours, pikepdf.Stream), isinstance(theirs, pikepdf.Stream)
        if not all(streams):
            return not any(streams) and self._same_text(_text(ours), _text(theirs))
        same = self._same_text(_whole(ours), _whole(theirs)) or self._same_text(_text(ours), _text(theirs))
        return same and self._same_bytes(ours, theirs)

    def _same_text(self, ours: bytes, theirs: bytes) -> bool:
        """Whether canonical texts are the same but for the numbers in references; these are noted, in pairs."""
        if b" R" not in ours:
            return ours == theirs
        left, right = _split(ours), _split(theirs)
        if len(left) != len(right) or left[::3] != right[::3]:
            return False
        self._waiting += zip(_numbers(left), _numbers(right), strict=True)
        return True

    def _same_bytes(self, ours: pikepdf.Object, theirs: pikepdf.Object) -> bool:
        length = int(theirs.stream_dict.Length)
        if int(ours.stream_dict.Length) != length:
            return False
        rest = length % CHUNK
        one, other = self._ours.stream(ours.objgen, length, rest), self._theirs.stream(theirs.objgen, length, rest)
        if not one or not other or one[1] != other[1]:
            return False
        left, right = one[0], other[0]
        return all(self._same_chunk(left + at, right + at) for at in range(0, length - rest, CHUNK))

    def _same_chunk(self, left: int, right: int) -> bool:
        one, other = self._ours.fill(left), self._theirs.fill(right)
        return one is not None and one == other


def _resources(page: pikepdf.Object) -> pikepdf.Object | None:
    while "/Resources" not in page and "/Parent" in page:
        page = page.Parent
    return page.get("/Resources")


def _text(value: Any) -> bytes:
    """The canonical text; of a stream that of its dictionary without its length and tags; of what is not there, none."""
    if not isinstance(value, pikepdf.Object):
        return b"" if value is None else repr(value).encode()  # pikepdf hands numbers and truths out as Python's
    if not isinstance(value, pikepdf.Stream):
        return value.unparse(resolved=True)
    entries = copy.copy(value.stream_dict)
    for key in {"/Length", "/StructParent", "/StructParents"} & entries.keys():
        del entries[key]
    return entries.unparse()


def _unframed(entries: bytes, resources: bytes) -> bytes:
    """The text of a form's dictionary without what makes it a form: as it would be for a page's content."""
    for each in (b"/Resources " + resources + b" ", b"/BBox [ 0 0 612 792 ] ", b"/Subtype /Form ", b"/Type /XObject "):
        entries = entries.replace(each, b"", 1)
    return entries


def _whole(stream: pikepdf.Object) -> bytes:
    """The canonical text of a stream's dictionary."""
    return stream.stream_dict.unparse(resolved=True)


def _split(text: bytes) -> list[bytes]:
    """Text, object and generation number by turns; what looks like a reference within a string is text."""
    if b"(" in text:
        text = _STRING.sub(lambda string: b"<" + string[0].hex().encode() + b">", text)
    return _REFERENCE.split(text)


def _numbers(split: list[bytes]) -> list[ObjGen]:
    return [(int(number), int(generation)) for number, generation in zip(split[1::3], split[2::3], strict=True)]
