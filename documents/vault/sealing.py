"""Bytes on their way in: sealed while they come, hashed as they were read."""

import io
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from documents.vault import store
from documents.vault.keys import place, primitive
from documents.vault.store import AlreadyThere, Area, Missing, StoreRefused, asking, bucket

SEGMENT, HEADER, TAG = 1 << 20, 40, 16  # bytes of ciphertext, as Tink lays it out: AES256_GCM_HKDF_1MB
PART = 8 * 1024 * 1024  # bytes of ciphertext an object may have in one request, and in each part of a larger one


@dataclass(frozen=True, slots=True)
class Sealed:
    """An object as it was written; SHA-256 and `size` (bytes) are of the plaintext that came in."""

    area: Area
    key: str
    size: int
    sha256: str


class Seal:
    """A new object, written piece by piece. Holds one part (8 MiB) of ciphertext in memory, not the object.

    Small objects are one request; larger ones are a multipart upload, which `abandon` ends where the credential may.
    Nothing lies in the store before `close`; leaving `with Seal(…)` without it leaves nothing behind.
    """

    def __init__(self, area: Area, *, under: bytes, prefix: str = "") -> None:
        self.area, self.key = area, f"{prefix}{secrets.token_hex(16)}"
        self._digest, self._size = sha256(), 0
        self._sink, self._upload, self._stored = Sink(), "", 0
        self._parts: list[dict[str, Any]] = []
        self._stream = primitive(under).new_encrypting_stream(self._sink, place(area, self.key))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.abandon()

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        with self._or_abandon():
            view = memoryview(chunk)
            for start in range(0, len(view), PART):
                piece = view[start : start + PART]
                self._digest.update(piece)
                self._size += self._stream.write(piece)
                self._send_full_parts()

    def close(self) -> Sealed:
        """The object is durable when this returns."""
        with self._or_abandon():
            self._stream.close()
            self._send_full_parts()
            if self._upload:
                self._complete()
            else:
                self._put()
        return Sealed(self.area, self.key, self._size, self._digest.hexdigest())

    def abandon(self) -> None:
        """Leave nothing behind, if possible: the web credential may not abort, then the sweeper does. What was closed stays."""
        upload, self._upload = self._upload, ""
        self._stream.close()
        self._sink.held.clear()
        if upload:
            try:
                store.abort_unfinished(self.area, self.key, upload)
            except StoreRefused as refused:
                if refused.code != "AccessDenied":
                    raise

    @contextmanager
    def _or_abandon(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.abandon()
            raise

    def _send_full_parts(self) -> None:
        while len(self._sink.held) > PART:
            self._send_part(bytes(self._sink.held[:PART]))
            del self._sink.held[:PART]

    def _send_part(self, part: bytes) -> None:
        client, there = bucket(self.area)
        there["Key"] = self.key
        with asking():
            if not self._upload:
                self._upload = client.create_multipart_upload(**there)["UploadId"]
            number = len(self._parts) + 1
            sent = client.upload_part(**there, UploadId=self._upload, PartNumber=number, Body=part)
        self._parts.append({"ETag": sent["ETag"], "PartNumber": number})
        self._stored += len(part)

    def _put(self) -> None:
        body = bytes(self._sink.held)
        with self._landed(len(body)):
            store.put(self.area, self.key, body)

    def _complete(self) -> None:
        self._send_part(bytes(self._sink.held))
        client, there = bucket(self.area)
        parts: Any = {"Parts": self._parts}
        with self._landed(self._stored), asking():
            client.complete_multipart_upload(
                **there, Key=self.key, UploadId=self._upload, MultipartUpload=parts, IfNoneMatch="*"
            )
        self._upload = ""

    @contextmanager
    def _landed(self, size: int) -> Iterator[None]:
        """Nobody else knows the key: where the answer to our own request was lost, its retry meets what it wrote."""
        try:
            yield
        except (AlreadyThere, StoreRefused):
            if not self._lies_there(size):
                raise

    def _lies_there(self, size: int) -> bool:
        client, there = bucket(self.area)
        try:
            with asking():
                return client.head_object(**there, Key=self.key)["ContentLength"] == size
        except (Missing, StoreRefused):
            return False


class Sink(io.RawIOBase):
    """Collects ciphertext. It never fails: an error raised in here would not come through Tink."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held += data
        return len(data)


def plain_size(stored: int) -> int:
    """Bytes of plaintext in an object of `stored` bytes; not positive where nothing can be in it."""
    return stored - HEADER - TAG * -(-stored // SEGMENT)


def put_piece(prefix: str, offset: int, body: bytes, *, under: bytes) -> None:
    """Seal one piece of a file in intake; durable when this returns. Raises AlreadyThere: a piece lies there already."""
    key, sink = f"{prefix}/{offset}", Sink()
    stream = primitive(under).new_encrypting_stream(sink, place(Area.INTAKE, key))
    stream.write(body)
    stream.close()
    store.put(Area.INTAKE, key, bytes(sink.held))


def seal(chunks: Iterable[bytes], area: Area, *, under: bytes) -> Sealed:
    """A new object of all `chunks`. An error while reading them leaves nothing behind and is passed on."""
    with Seal(area, under=under) as new:
        for chunk in chunks:
            new.write(chunk)
        return new.close()
