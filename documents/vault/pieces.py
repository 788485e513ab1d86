"""The keys of a file that came in pieces: each an object of its own, sealed under its own place and written once.

The pieces of `<prefix>/+<size>` are `<prefix>/<offset>`, from 0 on: each begins where the one before it ends, and together
they are `size` bytes. Nothing is ever put together in the store, and whoever reads needs no list of them.
"""

import secrets
from collections.abc import Mapping
from typing import NamedTuple

_MARK = "/+"


class Pieces(NamedTuple):
    prefix: str
    size: int  # bytes of all

    def at(self, offset: int) -> str:
        """The key of the piece that begins there."""
        return f"{self.prefix}/{offset}"


def new_prefix() -> str:
    """For the pieces of one file."""
    return secrets.token_hex(16)


def pieces_key(prefix: str, size: int) -> str:
    """The key that stands for all of them."""
    return f"{prefix}{_MARK}{size}"


def pieces_of(key: str) -> Pieces | None:
    """None for the key of one plain object."""
    prefix, mark, size = key.partition(_MARK)
    return Pieces(prefix, int(size)) if mark else None


def first_gap(key: str, sizes: Mapping[str, int]) -> str | None:
    """The first object that is not there of those `key` stands for. `sizes`: bytes of plaintext of what is there, by key."""
    pieces = pieces_of(key)
    if pieces is None:
        return None if key in sizes else key
    at = 0
    while at < pieces.size:
        size = sizes.get(pieces.at(at), 0)
        if size <= 0:
            return pieces.at(at)
        at += size
    return None


def is_of(stored: str, key: str) -> bool:
    """Whether the object with the key `stored` is the one that `key` names, or one of its pieces."""
    return stored == key or stored.rpartition("/")[0] == key.rpartition(_MARK)[0] != ""


def root(key: str) -> str:
    """What a key has in common with those of its pieces and with no other key."""
    return key.rpartition("/")[0] or key
