"""Microsoft's compound file ([MS-CFB]): sectors, the tables that chain them into streams, and the directory of these."""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass

_FREE, _LAST = 0xFFFFFFFF, 0xFFFFFFFA  # in tables: an unused sector; what is not below this is no sector's number
_HEADER_TABLE, _IN_HEADER = 0x4C, 109
_ENTRY = 128
_SMALL, _SMALL_UNIT = 4096, 64  # streams below this many bytes lie in units of that many, inside the root's stream
_MOST = 1 << 18  # sectors of a chain: more than an upload can hold


class Cut(Exception):
    """It refers to sectors after its end."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream or a folder; `left`, `right` and `child` are numbers of other entries."""

    name: str
    left: int
    right: int
    child: int
    start: int
    size: int


def siblings(entries: list[Entry]) -> Iterator[Entry]:
    """The entries at the top: a tree, whose shape does not matter here."""
    pending, seen = [entries[0].child if entries else len(entries)], set()
    while pending:
        number = pending.pop()
        if number < len(entries) and number not in seen:
            seen.add(number)
            yield entries[number]
            pending += [entries[number].left, entries[number].right]


class Sectors:
    """A compound file that is open. Its methods raise Cut, struct.error, or ValueError where it makes no sense."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        shift = struct.unpack_from("<H", data, 30)[0]
        if shift not in (9, 12):
            raise ValueError("sectors of no known size")
        self._size = 1 << shift
        self._table = list(self._table_sectors())

    def demand_whole(self) -> None:
        """Cut where the table knows sectors that the file does not have, but for a part of the last one."""
        last = -1
        for place, sector in enumerate(self._table):
            used = [at for at, number in enumerate(self._numbers(sector)) if number != _FREE]
            last = max(last, place * (self._size // 4) + used[-1]) if used else last
        if len(self._data) <= (last + 1) * self._size:
            raise Cut

    def entries(self) -> list[Entry]:
        """The directory; the first entry is its root."""
        sectors = [self._sector(sector) for sector in self._chain(self._header(48))]
        return [_entry(sector[at : at + _ENTRY]) for sector in sectors for at in range(0, self._size, _ENTRY)]

    def read(self, entry: Entry, most: int = 1 << 30) -> bytes:
        """A stream's first bytes."""
        unit, places = self._places(entry)
        wanted = min(most, entry.size)
        parts = [self._data[at : at + unit] for at in places[: -(-wanted // unit)]]
        return b"".join(parts)[:wanted]

    def place(self, entry: Entry, at: int) -> int:
        """Where in the file a stream's byte is."""
        unit, places = self._places(entry)
        return places[at // unit] + at % unit

    def _places(self, entry: Entry) -> tuple[int, list[int]]:
        """The size of a stream's pieces, and where in the file each of them begins."""
        if entry.size >= _SMALL:
            return self._size, [(sector + 1) * self._size for sector in self._chain(entry.start)]
        root = [(sector + 1) * self._size for sector in self._chain(self.entries()[0].start)]
        per = self._size // _SMALL_UNIT
        units = list(self._small_chain(entry.start))
        if units and max(units) // per >= len(root):
            raise Cut
        return _SMALL_UNIT, [root[unit // per] + unit % per * _SMALL_UNIT for unit in units]

    def _small_chain(self, unit: int) -> Iterator[int]:
        table = [number for sector in self._chain(self._header(60)) for number in self._numbers(sector)]
        for _ in range(_SMALL // _SMALL_UNIT):
            if unit >= _LAST:
                return
            yield unit
            if unit >= len(table):
                raise ValueError("a unit that no table knows")
            unit = table[unit]

    def _table_sectors(self) -> Iterator[int]:
        """Where the table itself lies: the first of its sectors in the header, more of them in a chain."""
        numbers = struct.unpack_from(f"<{_IN_HEADER}I", self._data, _HEADER_TABLE)
        yield from (number for number in numbers if number < _LAST)
        more, left = struct.unpack_from("<2I", self._data, 68)
        for _ in range(min(left, _MOST)):
            if more >= _LAST:
                return
            *listed, more = self._numbers(more)
            yield from (number for number in listed if number < _LAST)

    def _chain(self, sector: int) -> Iterator[int]:
        per = self._size // 4
        for _ in range(_MOST):
            if sector >= _LAST:
                return
            yield sector
            if sector // per >= len(self._table):
                raise ValueError("a sector that no table knows")
            sector = struct.unpack_from("<I", self._sector(self._table[sector // per]), sector % per * 4)[0]
        raise ValueError("a chain without end")

    def _header(self, at: int) -> int:
        return int(struct.unpack_from("<I", self._data, at)[0])

    def _numbers(self, sector: int) -> tuple[int, ...]:
        return struct.unpack(f"<{self._size // 4}I", self._sector(sector))

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        if at >= len(self._data):
            raise Cut
        return self._data[at : at + self._size].ljust(self._size, b"\0")


def _entry(raw: bytes) -> Entry:
    length, left, right, child = struct.unpack_from("<H2x3I", raw, 64)
    name = raw[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return Entry(name, left, right, child, *struct.unpack_from("<2I", raw, 116))
