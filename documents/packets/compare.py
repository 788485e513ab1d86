"""A finished file beside the documents its pages came from, as two files on a disk: nothing here knows how it was made.

Of each page of evidence everything it shows is compared: dictionaries as text but for the numbers of objects, streams
byte by byte. qpdf says where each object begins in either file, and how long a stream is. Where its bytes are is
reckoned backwards here, from the end of its object, and forwards where it is copied (printready.py), so that one
mistake cannot be made twice.
"""

import bisect
import copy
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from documents.packets.printready import ObjGen, Opened

CHUNK = 1 << 16  # bytes compared at a time
_TAIL = 64  # bytes that surely hold the end of an object
_STREAM_END = re.compile(rb"\nendstream\nendobj\s*\Z")
_TABLE = re.compile(rb"startxref\s+(\d+)\s")
_REFERENCE = re.compile(rb" (\d+) (\d+) R\b")
_STRING = re.compile(rb"\((?:[^\\)]|\\.)*\)", re.DOTALL)


class Reading(Opened):
    """A file. `met`: what each of its objects was found to stand for: an object of a document, which is named too."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.met: dict[ObjGen, tuple[str, ObjGen]] = {}
        self._ends = sorted([*self.offsets.values(), self._table()])

    def _table(self) -> int:
        """Where the cross-reference table begins: after the last object."""
        end = self.raw.seek(0, io.SEEK_END)
        found = _TABLE.search(self._before(end)[1])
        return int(found[1]) if found else end

    def _before(self, end: int) -> tuple[int, bytes]:
        start = self.raw.seek(max(0, end - _TAIL))
        return start, self.raw.read(end - start)

    def stream(self, number: ObjGen, length: int) -> Iterator[bytes]:
        """The raw bytes of a stream: the last `length` before what ends its object. Nothing, where nothing ends so."""
        after = self._ends[bisect.bisect_right(self._ends, self.offsets[number])]
        start, tail = self._before(after)
        found = _STREAM_END.search(tail)
        if found and (begin := start + found.start() - length) > self.offsets[number]:
            self.raw.seek(begin)
            while length and (read := self.raw.read(min(length, CHUNK))):
                length -= len(read)
                yield read


class Pair:
    """A finished file beside a document some of its pages came from."""

    def __init__(self, ours: Reading, theirs: Reading, name: str) -> None:
        self._ours, self._theirs, self._name = ours, theirs, name
        self._waiting: list[tuple[ObjGen, ObjGen]] = []

    def same_page(self, form: int, group: bytes, at: int) -> bool:
        """Whether the form of this number, on a page with this group, is page `at` of the document with all it shows."""
        original, drawing = self._theirs.pdf.pages[at - 1].obj, self._ours.pdf.get_object(form, 0)
        resources = _text(drawing.stream_dict.get("/Resources"))
        same = self._same_text(resources, _text(_resources(original)) or b"<< >>")
        same = same and self._same_text(group, _text(original.get("/Group")))
        return same and self._same_content(drawing, resources, original.get("/Contents")) and self._same_rest()

    def _same_content(self, drawing: Any, resources: bytes, contents: Any) -> bool:
        """Whether the form is the page's content with a frame, its resources, and no other entry of its own."""
        entries = _text(drawing).replace(b"/Resources " + resources + b" ", b"", 1)
        for each in (b"/BBox [ 0 0 612 792 ] ", b"/Subtype /Form ", b"/Type /XObject "):
            entries = entries.replace(each, b"", 1)
        if isinstance(contents, pikepdf.Array) and len(contents) == 1:
            contents = contents[0]
        if isinstance(contents, pikepdf.Stream):
            return self._same_text(entries, _text(contents)) and self._same_bytes(drawing, contents)
        joined = b"\n".join(stream.read_bytes() for stream in contents or ())
        return entries == b"<< /Filter /FlateDecode >>" and drawing.read_bytes() == joined

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
        same = streams[0] == streams[1] and self._same_text(_text(ours), _text(theirs))
        return same and (not streams[0] or self._same_bytes(ours, theirs))

    def _same_text(self, ours: bytes, theirs: bytes) -> bool:
        """Whether canonical texts are the same but for the numbers in references; these are noted, in pairs."""
        if b" R" not in ours:
            return ours == theirs
        left, right = _split(ours), _split(theirs)
        same = len(left) == len(right) and left[::3] == right[::3]
        self._waiting += zip(_numbers(left), _numbers(right), strict=same)
        return same

    def _same_bytes(self, ours: pikepdf.Object, theirs: pikepdf.Object) -> bool:
        length = int(theirs.stream_dict.Length)
        if int(ours.stream_dict.Length) != length:
            return False
        left, right = self._ours.stream(ours.objgen, length), self._theirs.stream(theirs.objgen, length)
        compared = 0
        for one, other in zip(left, right, strict=False):
            if one != other:
                return False
            compared += len(one)
        return compared == length


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


def _split(text: bytes) -> list[bytes]:
    """Text, object and generation number by turns; what looks like a reference within a string is text."""
    if b"(" in text:
        text = _STRING.sub(lambda string: b"<" + string[0].hex().encode() + b">", text)
    return _REFERENCE.split(text)


def _numbers(split: list[bytes]) -> list[ObjGen]:
    return [(int(number), int(generation)) for number, generation in zip(split[1::3], split[2::3], strict=True)]
