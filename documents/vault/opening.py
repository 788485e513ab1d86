"""Bytes on their way out: read once from front to back, every segment authenticated before it is given."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, cast

import tink
from tink import streaming_aead

from documents.vault.keys import place, primitive
from documents.vault.pieces import Pieces, pieces_of
from documents.vault.store import Area, StoreUnavailable, asking, bucket, first_version

CHUNK = 256 * 1024  # bytes of plaintext at a time


class Tampered(Exception):
    """What lies there is not what was sealed there: changed, cut short, moved, or under another key."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    sha256: str
    size: int


@contextmanager
def open_sealed(area: Area, key: str, *, under: bytes, first: bool = False) -> Iterator[BinaryIO]:
    """The plaintext, to be read once from front to back; every byte was authenticated before it is given out.

    Only the end of the stream proves that nothing was cut off. Raises Missing here, Tampered while reading. `first`: not
    what lies there now, but what was put there first.
    """
    client, there = bucket(area)
    keys = primitive(under)
    if first:
        there["VersionId"] = first_version(area, key)
    with asking():
        body = client.get_object(**there, Key=key)["Body"]
    with _Opened(_Source(body), keys, area, key) as opened:
        yield cast(BinaryIO, opened)


def chunks(area: Area, key: str, *, under: bytes, first: bool = False) -> Iterator[bytes]:
    """The plaintext in pieces of at most 256 KiB."""
    if pieces := pieces_of(key):
        yield from _walked(area, pieces, under, first)
        return
    with open_sealed(area, key, under=under, first=first) as opened:
        while chunk := opened.read(CHUNK):
            yield chunk


def _walked(area: Area, pieces: Pieces, under: bytes, first: bool) -> Iterator[bytes]:
    """All the pieces of a file, in order. Raises Missing where one is not there, Tampered where they are another size."""
    at = end = 0
    while at < pieces.size:
        for chunk in chunks(area, pieces.at(at), under=under, first=first):
            end += len(chunk)
            yield chunk
        if end == at:
            break
        at = end
    if at != pieces.size:
        raise Tampered(f"{area}/{pieces.prefix} has {at} bytes, not {pieces.size}.")


def fingerprint(area: Area, key: str, *, under: bytes) -> Fingerprint:
    """SHA-256 and size of the plaintext, read back from the store."""
    return _take(chunks(area, key, under=under), lambda _chunk: None)


def copy_to_file(area: Area, key: str, path: Path, *, under: bytes, first: bool = False) -> Fingerprint:
    """The plaintext in a new file that only we may read. On failure there is no file."""
    path.touch(mode=0o600, exist_ok=False)
    try:
        with path.open("wb") as file:
            return _take(chunks(area, key, under=under, first=first), file.write)
    except BaseException:
        path.unlink()
        raise


def _take(pieces: Iterator[bytes], give: Callable[[bytes], object]) -> Fingerprint:
    digest, size = sha256(), 0
    for chunk in pieces:
        digest.update(chunk)
        size += len(chunk)
        give(chunk)
    return Fingerprint(digest.hexdigest(), size)


class _Source(io.RawIOBase):
    """The ciphertext as it comes. Tink turns every error into its own: `trouble` remembers what it was."""

    trouble: StoreUnavailable | None = None

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            with asking():
                return bytes(self._body.read(size))
        except StoreUnavailable as trouble:
            self.trouble = trouble
            raise

    def close(self) -> None:
        self._body.close()
        super().close()


class _Opened(io.BufferedIOBase):
    def __init__(self, source: _Source, keys: streaming_aead.StreamingAead, area: Area, key: str) -> None:
        self._source, self._what = source, f"{area}/{key}"
        self._plain = keys.new_decrypting_stream(source, place(area, key))

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return bytes(self._plain.read(-1 if size is None else size))
        except tink.TinkError as error:
            if self._source.trouble:
                raise self._source.trouble from error
            raise Tampered(f"{self._what} is not what was sealed there.") from error

    def close(self) -> None:
        self._plain.close()
        super().close()
