"""DOC: a document in Microsoft's compound file, a small file system of its own ([MS-CFB], [MS-DOC] 2.5).

Reads its directory and the first words of the text, enough to know what it is and whether it may be opened.
"""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from documents.preparing import freezing
from documents.preparing.sectors import Cut, Sectors, siblings
from documents.preparing.words import Job, Kind, Reason, Refused, Warning_

START = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD_STARTS, _WORD_97 = (0xA5EC, 0xA5DC), 0xA5EC  # FibBase.wIdent: Word 97 and later; Word 6 and 95 have the other
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200  # flags of FibBase: fEncrypted, fWhichTblStm
_TEXT, _LOCK, _MACROS, _PACKAGE = "WordDocument", "EncryptedPackage", "_VBA_PROJECT", "\x01Ole10Native"
_FIB = 1024  # bytes of the text's first block that we read
# Where that block says the lists of fields are (FibRgFcLcb97): of the text, headers, notes, comments, text boxes.
_FIELD_LISTS = [0x9A + 8 * place for place in (16, 17, 18, 19, 48, 57, 59)]
_COMMENTS = 0x9A + 8 * 4 + 4  # and how long the list of comments is
_BEGINS, _SHOWS_RESULT = 0x13, 35  # a list's entry that begins a field; the field type QUOTE


@dataclass(frozen=True, slots=True)
class _Inside:
    """All names at any depth; the names at the top; the first bytes of the text, where there is one."""

    names: frozenset[str]
    top: frozenset[str]
    text: bytes


def kind_of(job: Job) -> Kind | None:
    """DOC; None for another program's file. Refused(LOCKED) for any that is encrypted as a whole."""
    inside = _inside(job)
    if inside is None:
        return None
    if _LOCK in inside.top:
        raise Refused(Reason.LOCKED, "A password is needed to open it.")
    return Kind.DOC if _TEXT in inside.top else None


def demand_harmless(job: Job) -> set[Warning_]:
    """Refuses locks and macros; tells what will not be in print."""
    inside = _inside(job)
    if inside is None or len(inside.text) < 12:
        raise Refused(Reason.DAMAGED, "Its text is not there.")
    ident, flags = struct.unpack_from("<H8xH", inside.text)
    if ident not in _WORD_STARTS:
        raise Refused(Reason.DAMAGED, "Its text does not begin as text does.")
    if flags & _ENCRYPTED:
        raise Refused(Reason.LOCKED, "A password is needed to open it.")
    if _MACROS in inside.names:
        raise Refused(Reason.ACTIVE_CONTENT, "It has macros.")
    return {Warning_.ATTACHMENTS_SET_ASIDE} if _PACKAGE in inside.names else set()


def freeze(path: Path) -> None:
    """Changes the document at `path` as freezing.py does those of other kinds: as it was saved, without comments."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        sectors = Sectors(data)
        top = {entry.name: entry for entry in siblings(sectors.entries())}
        fib = sectors.read(top[_TEXT], _FIB)
        ident, flags = struct.unpack_from("<H8xH", fib)
        table = top.get("1Table" if flags & _SECOND_TABLE else "0Table")
        if ident != _WORD_97 or table is None:
            return
        for byte in range(4):
            data[sectors.place(top[_TEXT], _COMMENTS + byte)] = 0
        for place in _FIELD_LISTS:
            for at in _types(sectors.read(table), *struct.unpack_from("<2I", fib, place)):
                data[sectors.place(table, at)] = _SHOWS_RESULT


def _types(table: bytes, start: int, length: int) -> Iterator[int]:
    """Where in the table the types of volatile fields are: after n + 1 positions come n pairs of bytes."""
    count = max(0, (length - 4) // 6)
    for at in range(start + 4 * (count + 1), start + 4 * (count + 1) + 2 * count, 2):
        if at + 1 < len(table) and table[at] & 0x1F == _BEGINS and table[at + 1] in freezing.NUMBERS:
            yield at + 1


def _inside(job: Job) -> _Inside | None:
    """None where it cannot be read and its name says that it is something else. Refused(TRUNCATED) or DAMAGED."""
    try:
        return _read(job.source)
    except (Cut, struct.error, ValueError) as problem:
        if job.suffix != ".doc":
            return None
        reason = Reason.DAMAGED if isinstance(problem, ValueError) else Reason.TRUNCATED
        raise Refused(reason, "Its directory cannot be read.") from None


def _read(source: Path) -> _Inside:
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        sectors = Sectors(data)
        sectors.demand_whole()
        entries = sectors.entries()
        top = {entry.name: entry for entry in siblings(entries)}
        text = sectors.read(top[_TEXT], _FIB) if _TEXT in top else b""
        return _Inside(frozenset(entry.name for entry in entries), frozenset(top), text)
