"""Files that a rich text holds: written in hexadecimal, wrapped the way OLE 1 does ([MS-OLEDS] 2.2)."""

import io
import mmap
import re
import struct
import zipfile
from collections.abc import Iterator

from documents.preparing.words import Reason, Refused

_HEX = re.compile(rb"(?<![\w-])(?:[0-9A-Fa-f]\s*+){40,}+")
_OBJECT = re.compile(rb"\\objdata(?![a-z])")
_PLAIN = re.compile(rb"\s*+(?:\\bin\d|[0-9A-Fa-f\s]*+\})")
_OLE = b"\1\5\0\0\2\0\0\0"  # its version, and that something is embedded and not only linked


def objects(data: bytes | mmap.mmap) -> Iterator[bytes]:
    """All that is written in hexadecimal, together in one zip, which a scanner opens; nothing where there is none.

    Refused(ACTIVE_CONTENT) for an object with anything between its digits: nobody's program writes that but to hide it.
    """
    if any(not _PLAIN.match(data, found.end()) for found in _OBJECT.finditer(data)):
        raise Refused(Reason.ACTIVE_CONTENT, "It hides what is packed into it.")
    archive, count = io.BytesIO(), 0
    with zipfile.ZipFile(archive, "w") as made:
        for count, run in enumerate(_HEX.finditer(data), 1):
            content = bytes.fromhex(_even(run[0]))
            made.writestr(f"{count}-as-it-is", content)
            if content.startswith(_OLE):
                made.writestr(f"{count}-unwrapped", _unwrapped(content))
    if count:
        yield archive.getvalue()


def _even(run: bytes) -> str:
    digits = b"".join(run.split()).decode()
    return digits[: len(digits) & ~1]


def _unwrapped(content: bytes) -> bytes:
    """What an object of OLE 1 is made of; of a packed file, the file itself."""
    names, at = [], len(_OLE)
    for _name in range(3):
        length = int.from_bytes(content[at : at + 4], "little")
        names.append(content[at + 4 : at + 4 + length])
        at += 4 + length
    native = content[at + 4 :]
    return (_file(native) or native) if names[0].lower() == b"package\0" else native


def _file(native: bytes) -> bytes | None:
    """Label, path, path again, then the file with its size before it; None where it is written in another way."""
    try:
        at = native.index(b"\0", native.index(b"\0", 2) + 1) + 5
        at += 4 + struct.unpack_from("<I", native, at)[0]
        size = struct.unpack_from("<I", native, at)[0]
    except (ValueError, struct.error):
        return None
    return native[at + 4 : at + 4 + size] or None
