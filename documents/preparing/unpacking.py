"""What one file has directly inside. By content, never by name: a file can be several of these at once."""

import importlib
import io
import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress

from documents.preparing import compound, packed, zipped
from documents.preparing.sectors import Cut, Sectors
from documents.preparing.words import Job, Reason, Refused

_PDF = re.compile(rb"%PDF-\d")  # readers take one that has something else before it
_RTF, _RTF_WITHIN = b"{\\rt", 4096  # bytes: a packed file has its name and size before it
_GZIP = b"\x1f\x8b\x08"
_SHUT = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"MSCF\0", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"LZIP\1")
_SHUT_LATER = b"1AY&SY"  # bzip2, after four bytes
_Data = bytes | mmap.mmap


def is_container(content: bytes) -> bool:
    """Whether there may be something inside these bytes. Refused(TOO_COMPLEX) for an archive that we do not open."""
    if content.startswith(_SHUT) or content[4:10] == _SHUT_LATER:
        raise Refused(Reason.TOO_COMPLEX, "It has an archive inside that we do not open.")
    starts = content.startswith((compound.START, _GZIP)) or _has_rtf(content)
    return starts or bool(_PDF.search(content)) or zipfile.is_zipfile(io.BytesIO(content))


def inside(job: Job, *, demanded: bool, apart: bool = False) -> Iterator[tuple[bytes, bool]]:
    """Each thing inside `job.source`, and whether a scanner of the whole misses it.

    `demanded`: it must open as a PDF. `apart`: nobody relies on the scanner to open this zip.
    """
    with job.source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if found := _PDF.search(data):
            yield from ((content, True) for content in _attached(job, data, found.start(), demanded=demanded))
        if _has_rtf(data):
            yield from ((content, True) for content in packed.objects(data))
        yield from ((content, apart) for content in _parts(job))
        if data[:8] == compound.START:
            yield from ((content, False) for content in _streams(data, job.limits.part_bytes))
        if data[:3] == _GZIP:
            yield _inflated(data, job.limits.part_bytes), False


def _inflated(data: mmap.mmap, most: int) -> bytes:
    gzip = zlib.decompressobj(wbits=31)
    try:
        content = gzip.decompress(data, most)
    except zlib.error:
        return b""  # only looked like one
    if gzip.unconsumed_tail:
        raise Refused(Reason.TOO_COMPLEX, "A part of it grows past what a scanner looks at.")
    return content


def _has_rtf(data: _Data) -> bool:
    return data.find(_RTF, 0, _RTF_WITHIN) >= 0


def _attached(job: Job, data: mmap.mmap, at: int, *, demanded: bool) -> Iterator[bytes]:
    """Files in a PDF. Its reader takes time to load, and most files have none inside."""
    yield from importlib.import_module("documents.preparing.attached").files(job, data, at, demanded=demanded)


def _parts(job: Job) -> Iterator[bytes]:
    if not zipfile.is_zipfile(job.source):
        return
    try:
        file = zipfile.ZipFile(job.source)
    except zipfile.BadZipFile:
        return  # only looked like one
    with file:
        parts = file.infolist()
        zipped.demand_bounds(parts, job.limits)
        if any(part.flag_bits & zipped.ENCRYPTED for part in parts):
            raise Refused(Reason.LOCKED, "Something in it is encrypted.")
        yield from map(file.read, parts)


def _streams(data: mmap.mmap, most: int) -> Iterator[bytes]:
    with suppress(Cut, struct.error, ValueError):
        sectors = Sectors(data)
        for entry in sectors.entries():
            with suppress(Cut, struct.error, ValueError):
                yield sectors.read(entry, most)
