"""The only home of the key-encryption keys: wrapping of matter keys, and columns that are sealed at rest.

The keys are raw AES-256 keys from the environment (`KEY_ENCRYPTION_KEYS`); here they become one Tink keyset whose first
key seals while all of them open. Tink puts the id of the key in front of every ciphertext, so old keys still open.
"""

import json
from base64 import b64decode, b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any

import tink
from django.conf import settings
from django.db import models
from tink import aead, proto_keyset_format, secret_key_access
from tink.proto import aes_gcm_pb2, tink_pb2

aead.register()

_TINK_PREFIX = b"\x01"  # a Tink ciphertext begins with this byte and the four bytes of its key's id


class Unwrappable(Exception):
    """None of our keys opens this: it was changed, belongs to another context, or its key is no longer configured."""


def wrap(secret: bytes, context: bytes) -> bytes:
    """`secret` sealed under the first key-encryption key; only the same `context` opens it again."""
    return bytes(_keys().encrypt(secret, context))


def unwrap(wrapped: bytes, context: bytes) -> bytes:
    """What `wrap` sealed, under any of the configured keys. Raises Unwrappable."""
    try:
        return bytes(_keys().decrypt(wrapped, context))
    except tink.TinkError as error:
        raise Unwrappable("None of the configured key-encryption keys opens this.") from error


def needs_rewrap(wrapped: bytes) -> bool:
    """Whether something else than the first key sealed this, so that the older key cannot be retired yet."""
    return not wrapped.startswith(_TINK_PREFIX + _key_id(*settings.KEY_ENCRYPTION_KEYS[0]))


def _keys() -> aead.Aead:
    return _keyring(tuple(settings.KEY_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _keyring(keys: tuple[tuple[str, bytes], ...]) -> aead.Aead:
    """Tink's Python interface makes new keys but does not take raw ones: its published key format does."""
    keyset = tink_pb2.Keyset(primary_key_id=int.from_bytes(_key_id(*keys[0])))
    for name, raw in keys:
        key = keyset.key.add(
            key_id=int.from_bytes(_key_id(name, raw)), status=tink_pb2.ENABLED, output_prefix_type=tink_pb2.TINK
        )
        key.key_data.type_url = "type.googleapis.com/google.crypto.tink.AesGcmKey"
        key.key_data.key_material_type = tink_pb2.KeyData.SYMMETRIC
        key.key_data.value = aes_gcm_pb2.AesGcmKey(version=0, key_value=raw).SerializeToString()
    return proto_keyset_format.parse(keyset.SerializeToString(), secret_key_access.TOKEN).primitive(aead.Aead)


def _key_id(name: str, raw: bytes) -> bytes:
    """Four bytes that stay the same wherever this key is configured, in whatever order."""
    return sha256(b"key-encryption-key/" + name.encode() + b"/" + raw).digest()[:4]


class _Sealed(models.Field):
    """`purpose` is the associated data, one constant for each field: a value copied into another column does not open."""

    def __init__(self, *args: Any, purpose: str, **kwargs: Any) -> None:
        self.purpose = purpose
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "purpose": self.purpose}

    def get_lookup(self, lookup_name: str) -> Any:
        """Equal texts have different ciphertexts: a comparison would silently find nothing."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def _seal(self, text: str) -> str:
        return b64encode(wrap(text.encode(), self.purpose.encode())).decode()

    def _open(self, value: str) -> str:
        try:
            return unwrap(b64decode(value, validate=True), self.purpose.encode()).decode()
        except ValueError as error:
            raise Unwrappable("This column does not hold what was sealed into it.") from error


class SealedTextField(_Sealed, models.TextField):
    """Text that is ciphertext in the database and in its backups. Cannot be searched; an empty string stays empty."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return self._seal(text) if text else text

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        return self._open(value) if value else value


class SealedJSONField(_Sealed, models.JSONField):
    """A JSON value that is ciphertext in the same way."""

    def get_internal_type(self) -> str:
        return "TextField"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if value is None else self._seal(json.dumps(value))

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Any:
        return value if value is None else json.loads(self._open(value))
