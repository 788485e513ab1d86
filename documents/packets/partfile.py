"""A PDF file written front to back, hashed as it goes: objects keep their text, only their numbers change."""

import hashlib
import re
from collections.abc import Buffer, Iterable
from typing import BinaryIO

import pikepdf

from documents.packets.printready import TOKEN, Objects, ObjGen

Placed = dict[ObjGen, int]


class PartFile:
    """Objects are numbered in the order they are reserved. Nothing but cross-reference offsets is kept in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._offsets = [0]
        self.size = 0
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def reserve(self) -> int:
        """A number for an object that is written later."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def put(self, text: bytes, number: int | None = None) -> int:
        """Write an object; its number."""
        number = number or self.reserve()
        self._offsets[number] = self.size
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, text))
        return number

    def put_stream(self, entries: bytes, data: Buffer, number: int | None = None) -> int:
        """Write a stream with these dictionary entries (no `<<`, no `/Length`) and raw bytes; its number."""
        number = number or self.reserve()
        self._offsets[number] = self.size
        self._write(b"%d 0 obj\n<< %b /Length %d >>\nstream\n" % (number, entries, memoryview(data).nbytes))
        self._write(data)
        self._write(b"\nendstream\nendobj\n")
        return number

    def carry(self, pdf: pikepdf.Pdf, objects: Objects, roots: Iterable[ObjGen], placed: Placed) -> None:
        """Bring over `roots` and all they lead to that is not `placed` yet, raw streams untouched."""
        fresh = objects.reach(roots, placed)
        placed.update((number, self.reserve()) for number in fresh)
        for number in fresh:
            body = objects.bodies[number]
            if body is None:
                raise LookupError(f"object {number} is not there to be carried")
            if body.stream is None:
                self.put(renumbered(body.text, placed), placed[number])
            else:
                entries = renumbered(body.text, placed)[2:-2]
                self.put_stream(entries, pdf.get_object(number).get_raw_stream_buffer(), placed[number])

    def finish(self, root: int, info: int, identity: bytes) -> str:
        """Write cross-reference table and trailer. `identity`: 16 bytes. The SHA-256 of the file (hexadecimal)."""
        start, count = self.size, len(self._offsets)
        entries = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[1:])
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count + entries)
        mark = b"<" + identity.hex().encode() + b">"
        trailer = b"<< /Size %d /Root %d 0 R /Info %d 0 R /ID [ %b %b ] >>" % (count, root, info, mark, mark)
        self._write(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))
        return self._hash.hexdigest()

    def _write(self, data: Buffer) -> None:
        self._file.write(data)
        self._hash.update(data)
        self.size += memoryview(data).nbytes


def renumbered(text: bytes, placed: Placed) -> bytes:
    """Canonical text with references as they are in the part; what was not carried reads null (ISO 32000-1, 7.3.10)."""
    if b" R" not in text:
        return text

    def new(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return found[0]
        number = placed.get((int(found[1]), int(found[2])))
        return b"%d 0 R" % number if number else b"null"

    return TOKEN.sub(new, text)
