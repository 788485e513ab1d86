"""The scanner, tried: what must hold before the gate opens."""

import io
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import clamd
from django.conf import settings

from documents.preparing import Limits
from documents.scanning.conversation import CHUNK, DEADLINES, ScannerUnavailable, answering, client
from documents.scanning.scanner import Outcome, StaleSignatures, scan, signatures

# Never written out in one piece, so that no scanner takes this source file for what it looks for.
EICAR: bytes = clamd.EICAR
MARKER = b"-".join((b"AMPARO", b"TEST", b"MARKER", b"b7a41c6e29f0", b"NOT", b"A", b"VIRUS"))  # of the test signatures


@dataclass(frozen=True, slots=True)
class Probe:
    """One promise of a part we rely on, tried just now; `detail` is a sentence for the operator.

    `answered`: something is known by it. A part that gave no answer has not broken its promise, nor kept it.
    """

    name: str
    ok: bool
    detail: str
    answered: bool = True

    @property
    def broken(self) -> bool:
        return self.answered and not self.ok


def probe(quick: bool = False) -> list[Probe]:
    """What must hold before the gate opens (seconds; some hundred megabytes are sent). `quick`: each few minutes."""
    few = [_ping(), _fresh(), _try("eicar", EICAR, Outcome.INFECTED), _try("clean", b"A letter.\n", Outcome.CLEAN)]
    return few if quick else [*few, *_thorough()]


def _thorough() -> Iterator[Probe]:
    limit = settings.UPLOAD_LIMIT
    yield _try("in_a_zip", _zip(_known()), Outcome.INFECTED)
    yield _try("last_byte", _last_byte(limit), Outcome.INFECTED)
    yield _try("in_a_large_part", _in_a_part(Limits().part_bytes), Outcome.INFECTED)
    yield _try("encrypted_zip", _encrypted_zip(), Outcome.LOCKED)
    yield _try("over_limit", _padded(2 * limit), Outcome.TOO_COMPLEX)


def _known() -> bytes:
    """Something the signatures find inside other things: official ones know EICAR only as a whole file or member."""
    return MARKER if settings.SCANNER_SIGNATURES == "test" else EICAR


def _ping() -> Probe:
    try:
        with answering():
            answer = client(DEADLINES).ping()
    except ScannerUnavailable as error:
        return Probe("ping", ok=False, detail=str(error), answered=False)
    return Probe("ping", answer == "PONG", f"The scanner answers {answer}.")


def _fresh() -> Probe:
    try:
        found = signatures().require_fresh()
    except ScannerUnavailable as error:
        return Probe("signatures", ok=False, detail=str(error), answered=isinstance(error, StaleSignatures))
    return Probe("signatures", ok=True, detail=f"Signatures {found.version} of {found.at:%Y-%m-%d %H:%M} UTC.")


def _try(name: str, content: bytes | Iterable[bytes], expected: Outcome) -> Probe:
    pieces = iter([content] if isinstance(content, bytes) else content)
    try:
        verdict = scan(_Pieces(pieces))
    except ScannerUnavailable as error:
        return Probe(name, ok=False, detail=str(error), answered=False)
    found = f"{verdict.outcome} {verdict.name}".strip()
    return Probe(name, verdict.outcome == expected, f"Expected {expected}, found {found}.")


@dataclass
class _Pieces:
    """A stream that is made while it is read."""

    pieces: Iterator[bytes]

    def read(self, _size: int, /) -> bytes:
        return next(self.pieces, b"")


def _padded(size: int, head: bytes = b"", tail: bytes = b"") -> Iterator[bytes]:
    """`size` bytes: head, zeros, tail."""
    zeros = size - len(head) - len(tail)
    if head:
        yield head
    for start in range(0, zeros, CHUNK):
        yield bytes(min(CHUNK, zeros - start))
    if tail:
        yield tail


def _zip(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.txt", content)
    return archive.getvalue()


def _last_byte(size: int) -> Iterator[bytes]:
    """What is looked for, at the very end of `size` bytes; EICAR counts only as a member, so then an archive's last."""
    if settings.SCANNER_SIGNATURES == "test":
        return _padded(size, tail=MARKER)
    frame = len(b"".join(_zip_frame(0, len(EICAR)))) + len(EICAR)
    first, second, end = _zip_frame(size - frame, len(EICAR))
    return _padded(size, head=first, tail=second + EICAR + end)


def _in_a_part(size: int) -> bytes:
    """What is looked for, at the very end of a zip's part that grows to `size` bytes.

    clamd says nothing when a part is larger than its MaxFileSize: it looks at the beginning, or not at all.
    """
    archive = io.BytesIO()
    zipping = zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with zipping as made, made.open("a.txt", "w") as part:
        for piece in _last_byte(size):
            part.write(piece)
    return archive.getvalue()


def _encrypted_zip() -> bytes:
    header, end = _zip_frame(40, encrypted=True)
    return header + bytes(40) + end


def _zip_frame(*sizes: int, encrypted: bool = False) -> list[bytes]:
    """Local headers of stored (or AES-encrypted) members of these sizes in bytes, and the directory that ends a zip.

    The standard library neither encrypts nor makes an archive that is not held in memory. Source: APPNOTE 4.3.7-4.3.16.
    """
    name, extra = b"a.txt", struct.pack("<3H2sBH", 0x9901, 7, 2, b"AE", 3, 0) if encrypted else b""
    flags, method = (1, 99) if encrypted else (0, 0)
    headers, directory, at = [], b"", 0
    for size in sizes:
        common = struct.pack("<5H3L2H", 51, flags, method, 0, 33, 0, size, size, len(name), len(extra))
        headers.append(b"PK\3\4" + common + name + extra)
        directory += b"PK\1\2\x33\0" + common + struct.pack("<3H2L", 0, 0, 0, 0, at) + name + extra
        at += len(headers[-1]) + size
    end = struct.pack("<4H2LH", 0, 0, len(sizes), len(sizes), len(directory), at, 0)
    return [*headers, directory + b"PK\5\6" + end]
