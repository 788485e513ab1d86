"""The keyset of a matter: made, rotated, wrapped anew, and kept beside what it seals."""

import hmac
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

import tink
from tink import proto_keyset_format, secret_key_access, streaming_aead
from tink.proto import tink_pb2

from documents.vault.store import AlreadyThere, Area, get, listed, put, shred
from portal import crypto

streaming_aead.register()

KEYSET = b"matter keyset"  # what a wrapped keyset is bound to
INDEX = b"index of words"  # what the key of an index is derived for, and good for nothing else


def new_key() -> bytes:
    """A fresh keyset for a matter, wrapped."""
    return crypto.wrap(_new_keyset(), KEYSET)


def rotate(wrapped: bytes) -> bytes:
    """The same keyset with a fresh first key: new objects are sealed under it, old ones still open."""
    keyset = tink_pb2.Keyset.FromString(crypto.unwrap(wrapped, KEYSET))
    fresh = tink_pb2.Keyset.FromString(_new_keyset())
    keyset.key.extend(fresh.key)
    keyset.primary_key_id = fresh.primary_key_id
    return crypto.wrap(keyset.SerializeToString(), KEYSET)


def rewrap(wrapped: bytes) -> bytes:
    """The same keyset under the first key-encryption key, so that an older one can be retired."""
    return crypto.wrap(crypto.unwrap(wrapped, KEYSET), KEYSET)


def opens(wrapped: bytes) -> bool:
    """Whether the configured key-encryption keys open this keyset."""
    try:
        crypto.unwrap(wrapped, KEYSET)
    except crypto.Unwrappable:
        return False
    return True


def _new_keyset() -> bytes:
    handle = tink.new_keyset_handle(streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB)
    return bytes(proto_keyset_format.serialize(handle, secret_key_access.TOKEN))


@lru_cache(maxsize=256)
def primitive(wrapped: bytes) -> streaming_aead.StreamingAead:
    """What seals and opens under this keyset. Raises crypto.Unwrappable."""
    handle = proto_keyset_format.parse(crypto.unwrap(wrapped, KEYSET), secret_key_access.TOKEN)
    return handle.primitive(streaming_aead.StreamingAead)


@lru_cache(maxsize=256)
def index_key(wrapped: bytes) -> bytes:
    """32 bytes for the index of a matter's words, from the first key that was made for it: that one stays in its keyset
    whatever is rotated, and is destroyed with it. Raises crypto.Unwrappable."""
    oldest = tink_pb2.Keyset.FromString(crypto.unwrap(wrapped, KEYSET)).key[0]
    return hmac.digest(oldest.key_data.value, INDEX, "sha256")


def place(area: Area, key: str) -> bytes:
    """The associated data of an object: bytes moved elsewhere do not open."""
    return f"{area}/{key}".encode()


def keep_key(matter: UUID | str, wrapped: bytes) -> None:
    """Put the wrapped keyset next to what it seals, so that a restored store can be read. May be repeated."""
    with suppress(AlreadyThere):  # its name is its digest: the same bytes
        put(Area.VAULT, f"keys/{matter}/{sha256(wrapped).hexdigest()[:32]}", wrapped)


def kept_keys(matter: UUID | str) -> list[bytes]:
    """Every generation that was kept for this matter, newest first."""
    kept = sorted(listed(Area.VAULT, f"keys/{matter}/"), key=lambda each: each.modified, reverse=True)
    return [get(Area.VAULT, each.key) for each in kept]


def forget_keys(matter: UUID | str) -> None:
    """Destroy every generation: what they sealed can never be read again, in backups of the store neither."""
    for each in listed(Area.VAULT, f"keys/{matter}/"):
        shred(Area.VAULT, each.key)
    primitive.cache_clear()
    index_key.cache_clear()
