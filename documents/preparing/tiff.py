"""The pages of a TIFF, by its own table of contents. Decoders end quietly where that table breaks off: we do not.

TIFF 6.0, section 2; BigTIFF has longer numbers in the same places. Nothing here decodes a pixel.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_WIDTH, _HEIGHT, _SUBFILE, _SUB_DIRECTORIES, _DNG = 0x100, 0x101, 0xFE, 0x14A, 0xC612
_STARTS_AND_LENGTHS = ((0x111, 0x117), (0x144, 0x145), (0x201, 0x202))  # of strips, of tiles, of one old-style JPEG
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # TIFF's types of whole numbers as struct names them
_REDUCED = 1
_MOST_PAGES = 10_000
SLACK = 4  # bytes a careless writer promises at the end and does not write


class CutShort(Exception):
    """The table of contents leads out of the file."""


class Broken(Exception):
    """The table of contents makes no sense: it runs in a circle, or has no pages."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One picture: its size in pixels, where its bytes end, whether it is a smaller copy of another, and of a raw photo."""

    width: int
    height: int
    end: int
    is_reduced: bool
    is_raw: bool


def directories(data: bytes) -> list[Directory]:
    """Every picture in the file's chain, in order. Raises CutShort or Broken."""
    try:
        return [_directory(data, tags) for tags in _tables(data)]
    except (struct.error, OverflowError):
        raise CutShort from None


def _tables(data: bytes) -> Iterator[dict[int, list[int]]]:
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack_from(order + "H", data, 2)[0] == 43
    at = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)[0]
    count, entry, link = ("Q", "HHQ8s", "Q") if big else ("H", "HHI4s", "I")
    seen: set[int] = set()
    while at:
        if at in seen or len(seen) == _MOST_PAGES:
            raise Broken
        seen.add(at)
        entries = struct.unpack_from(order + count, data, at)[0]
        first, size = at + struct.calcsize(order + count), struct.calcsize(order + entry)
        places = range(first, first + entries * size, size)
        if places.stop > len(data):
            raise CutShort
        yield dict(_tag(data, order, struct.unpack_from(order + entry, data, place)) for place in places)
        at = struct.unpack_from(order + link, data, places.stop)[0]
    if not seen:
        raise Broken


def _tag(data: bytes, order: str, entry: tuple[int, int, int, bytes]) -> tuple[int, list[int]]:
    """A tag's number and its values; none for values that are not whole numbers."""
    tag, kind, count, content = entry
    if kind not in _NUMBERS:
        return tag, [0] if tag == _DNG else []
    form = f"{order}{count}{_NUMBERS[kind]}"
    size = struct.calcsize(form)
    if size <= len(content):
        return tag, list(struct.unpack(form, content[:size]))
    at = struct.unpack(order + ("I" if len(content) == 4 else "Q"), content)[0]
    if at + size > len(data):
        raise CutShort
    return tag, list(struct.unpack_from(form, data, at))


def _directory(data: bytes, tags: dict[int, list[int]]) -> Directory:
    ends = [
        start + length
        for starts, lengths in _STARTS_AND_LENGTHS
        for start, length in zip(tags.get(starts, []), tags.get(lengths, []), strict=False)
    ]
    reduced = bool((tags.get(_SUBFILE) or [0])[0] & _REDUCED)
    return Directory(
        width=(tags.get(_WIDTH) or [0])[0],
        height=(tags.get(_HEIGHT) or [0])[0],
        end=max(ends, default=0),
        is_reduced=reduced,
        is_raw=_DNG in tags or (reduced and _SUB_DIRECTORIES in tags) or data[8:10] == b"CR",
    )
