"""Small objects that nobody can change or delete before their time, not even us: heads of the audit trail."""

import logging
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from documents.vault.store import AlreadyThere, Area, Missing, Stored, StoreRefused, asking, bucket, get, put

logger = logging.getLogger(__name__)


def witness(name: str, body: bytes, *, days: int) -> str:
    """Keep `body` under object lock; the answer is the mode the store locked it in. May be repeated with the same body.

    COMPLIANCE, which nobody can lift, or GOVERNANCE (and a warning) where the store does not know that. Raises
    AlreadyThere where something else has this name, and StoreRefused where nothing was locked.
    """
    try:
        mode = _lock(name, body, datetime.now(UTC) + timedelta(days=days))
    except AlreadyThere:
        if read_witness(name) != body:
            raise
        mode = _mode(name)
    if mode != "COMPLIANCE":
        logger.warning("The store keeps the witness in mode %s: an owner of the store can delete it.", mode)
    return mode


def _lock(name: str, body: bytes, until: datetime) -> str:
    # Object lock wants a checksum of the body besides the signature.
    checksum = b64encode(sha256(body).digest()).decode()
    terms = {"ObjectLockRetainUntilDate": until, "ChecksumSHA256": checksum}
    try:
        put(Area.WITNESS, name, body, ObjectLockMode="COMPLIANCE", **terms)
    except StoreRefused:
        put(Area.WITNESS, name, body, ObjectLockMode="GOVERNANCE", **terms)
    return _mode(name)


def _mode(name: str) -> str:
    """What the store says it did, which is not always what it was asked to do."""
    client, there = bucket(Area.WITNESS)
    with asking():
        head = client.head_object(**there, Key=name)
    if "ObjectLockMode" not in head:
        raise StoreRefused("NotLocked")
    return head["ObjectLockMode"]


def witnesses(prefix: str = "") -> Iterator[Stored]:
    """The first version of every witness: what was put over it later, or marked deleted, does not count."""
    return (stored for stored, _version in _first_versions(prefix))


def read_witness(name: str) -> bytes:
    """The first version that was ever written under this name. Raises Missing."""
    for stored, version in _first_versions(name):
        if stored.key == name:
            return get(Area.WITNESS, name, VersionId=version)
    raise Missing("There is no such witness.")


def _first_versions(prefix: str) -> Iterator[tuple[Stored, str]]:
    client, there = bucket(Area.WITNESS)
    first: dict[str, tuple[Stored, str]] = {}
    with asking():
        for page in client.get_paginator("list_object_versions").paginate(**there, Prefix=prefix):
            for each in page.get("Versions", []):  # of one key, the newest comes first
                first[each["Key"]] = (Stored(each["Key"], each["Size"], each["LastModified"]), each["VersionId"])
    yield from first.values()
