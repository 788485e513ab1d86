"""A PDF file written front to back, hashed as it goes: objects keep their text, only their numbers change."""

import hashlib
import io
import re
from collections.abc import Iterable
from typing import BinaryIO

from documents.packets.plain import REFERENCE, TOKEN, Objects, Unsound

Placed = dict[int, int]
Raw = io.FileIO | io.BytesIO
CHUNK = 1 << 18  # bytes: what is read, hashed and written at a time stays in the processor's cache


class PartFile:
    """Objects are numbered in the order they are reserved. Nothing but cross-reference offsets and one chunk is kept in
    memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._chunk, self._filled = memoryview(bytearray(CHUNK)), 0
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

    def put_stream(self, entries: bytes, data: bytes, number: int | None = None) -> int:
        """Write a stream with these dictionary entries (no `<<`, no `/Length`) and raw bytes; its number."""
        return self.copy_stream(entries, io.BytesIO(data), (0, len(data)), number)

    def copy_stream(self, entries: bytes, raw: Raw, stream: tuple[int, int], number: int | None = None) -> int:
        """The same with bytes of another file: from where, and how many."""
        number = number or self.reserve()
        self._offsets[number] = self.size
        self._write(b"%d 0 obj\n<< %b /Length %d >>\nstream\n" % (number, entries, stream[1]))
        self._copy(raw, *stream)
        self._write(b"\nendstream\nendobj\n")
        return number

    def carry(self, raw: Raw, objects: Objects, roots: Iterable[int], placed: Placed) -> None:
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
                self.copy_stream(renumbered(body.text, placed)[2:-2], raw, body.stream, placed[number])

    def finish(self, root: int, info: int, identity: bytes) -> str:
        """Write cross-reference table and trailer. `identity`: 16 bytes. The SHA-256 of the file (hexadecimal)."""
        start, count = self.size, len(self._offsets)
        entries = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[1:])
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count + entries)
        mark = b"<" + identity.hex().encode() + b">"
        trailer = b"<< /Size %d /Root %d 0 R /Info %d 0 R /ID [ %b %b ] >>" % (count, root, info, mark, mark)
        self._write(b"trailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (trailer, start))
        self._flush()
        return self._hash.hexdigest()

    def _write(self, data: bytes) -> None:
        length, filled = len(data), self._filled
        if filled + length > CHUNK:
            self._copy(io.BytesIO(data), 0, length)
            return
        self._chunk[filled : filled + length] = data
        self._filled = filled + length
        self.size += length

    def _copy(self, raw: Raw, start: int, length: int) -> None:
        """Bytes of another file. Unsound when it has become shorter."""
        raw.seek(start)
        self.size += length
        while length:
            if self._filled == CHUNK:
                self._flush()
            read = raw.readinto(self._chunk[self._filled : self._filled + length])
            if not read:
                raise Unsound(start)
            self._filled += read
            length -= read

    def _flush(self) -> None:
        done = self._chunk[: self._filled]
        self._hash.update(done)
        self._file.write(done)
        self._filled = 0


def renumbered(text: bytes, placed: Placed) -> bytes:
    """Canonical text with references as they are in the part; what was not carried reads null (ISO 32000-1, 7.3.10)."""
    if b" R" not in text:
        return text

    def new(found: re.Match[bytes]) -> bytes:
        if found[1] is None:
            return found[0]
        number = placed.get(int(found[1]))
        return b"%d 0 R" % number if number else b"null"

    return (TOKEN if b"(" in text else REFERENCE).sub(new, text)
