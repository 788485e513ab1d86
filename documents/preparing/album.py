"""A paper of several photos: one zip that holds them in order, as they came, and not a byte besides.

Strict, so that every reader finds the same photos in it: they lie end to end, each behind the very header that the
directory tells of, and nothing is before, between or after. Any other zip is no album.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

MOST_PHOTOS = 60
_HEADER = struct.Struct("<4s5H3L2H")  # signature, version, flags, method, time, date, CRC, two sizes, two lengths
_CENTRAL = struct.Struct("<4s6H3L5H2L")  # the same again, in the directory, and where the photo begins
_LAST = struct.Struct("<4s4H2LH")
_DATE = 33  # 1 January 1980: the same photos are the same bytes on every day
_ENTRY, _END = 46, 22  # bytes of an entry of the directory without its name, and of the zip's last record
_NAME_IS_UTF8 = 0x800  # the one flag there may be
_OUTSIDE = {"/", "\\", ":", "\0"}


@dataclass(frozen=True, slots=True)
class Member:
    """One photo of the album `source`: its bytes begin at `start` and are `size` many."""

    source: Path
    start: int
    size: int

    def read(self, most: int | None = None) -> bytes:
        """Its bytes, or the first `most` of them."""
        with self.source.open("rb") as file:
            file.seek(self.start)
            return file.read(self.size if most is None else min(most, self.size))


def members(source: Path) -> list[Member]:
    """What an album holds, in order, whatever that is; nothing where the zip is none."""
    try:
        with zipfile.ZipFile(source) as file:
            parts, directory = file.infolist(), file.start_dir
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError):
        return []
    if not all(map(_is_plain, parts)) or len({part.filename.lower() for part in parts}) < len(parts):
        return []
    found = _in_a_row(source, parts)
    end = found[-1].start + found[-1].size if found else -1
    entries = sum(_ENTRY + len(_name(part)) for part in parts)
    return found if directory == end and source.stat().st_size == end + entries + _END else []


def _is_plain(part: zipfile.ZipInfo) -> bool:
    """Stored as it is, under a name that leads nowhere."""
    stored = part.compress_type == zipfile.ZIP_STORED and part.flag_bits in (0, _NAME_IS_UTF8)
    leads_out = _OUTSIDE & {*part.orig_filename} or part.filename in ("", ".", "..")
    return stored and part.compress_size == part.file_size and not part.extra and not leads_out


def _in_a_row(source: Path, parts: list[zipfile.ZipInfo]) -> list[Member]:
    found, at = [], 0
    with source.open("rb") as file:
        for part in parts:
            file.seek(at)
            name = _name(part)
            if part.header_offset != at or not _agrees(file.read(_HEADER.size + len(name)), part, name):
                return []
            found.append(Member(source, at + _HEADER.size + len(name), part.file_size))
            at = found[-1].start + part.file_size
    return found


def _agrees(header: bytes, part: zipfile.ZipInfo, name: bytes) -> bool:
    """Whether what stands before a part says the same as the directory."""
    if len(header) != _HEADER.size + len(name) or not header.endswith(name):
        return False
    signature, _, flags, method, _, _, crc, packed, size, length, extra = _HEADER.unpack_from(header)
    said = (signature, flags, method, crc, packed, size, length, extra)
    return said == (b"PK\3\4", part.flag_bits, 0, part.CRC, part.file_size, part.file_size, len(name), 0)


def _name(part: zipfile.ZipInfo) -> bytes:
    """As it stands in the file."""
    return part.orig_filename.encode("utf-8" if part.flag_bits & _NAME_IS_UTF8 else "cp437")


def pack(photos: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """An album of photos, each with the ending of its name, as it is written to a file: one photo in memory at a time.

    The same photos in the same order are the same bytes.
    """
    at, directory = 0, []
    for number, (ending, photo) in enumerate(photos, 1):
        name = f"{number}.{ending}".encode("ascii")
        facts = (20, 0, 0, 0, _DATE, zlib.crc32(photo), len(photo), len(photo), len(name), 0)
        head = _HEADER.pack(b"PK\3\4", *facts) + name
        directory.append(_CENTRAL.pack(b"PK\1\2", 20, *facts, 0, 0, 0, 0, at) + name)
        at += len(head) + len(photo)
        yield head
        yield photo
    entries = b"".join(directory)
    yield entries + _LAST.pack(b"PK\5\6", 0, 0, len(directory), len(directory), len(entries), at, 0)


def digests(chunks: Iterable[bytes]) -> Iterator[str]:
    """The SHA-256 of each photo of an album that `pack` wrote, while it is read: none of them is ever in memory."""
    more, held = iter(chunks), b""

    def taken(size: int) -> Iterator[bytes]:
        nonlocal held
        while size and (held := held or next(more, b"")):
            part, held = held[:size], held[size:]
            size -= len(part)
            yield part

    while len(head := b"".join(taken(_HEADER.size))) == _HEADER.size and head.startswith(b"PK\3\4"):
        *_, size, name, extra = _HEADER.unpack(head)
        b"".join(taken(name + extra))
        digest = sha256()
        for part in taken(size):
            digest.update(part)
        yield digest.hexdigest()


def photo(whole: bytes, number: int) -> bytes:
    """The photo `number`, from 1 on, of an album in memory."""
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        return file.read(file.infolist()[number - 1])
