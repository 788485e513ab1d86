"""The store, tried: what must hold before anything is entrusted to it."""

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256

from documents.scanning import Probe
from documents.vault.keys import new_key
from documents.vault.opening import Tampered, fingerprint
from documents.vault.sealing import Seal
from documents.vault.store import (
    PROBES,
    AlreadyThere,
    Area,
    Missing,
    StoreRefused,
    StoreUnavailable,
    asking,
    bucket,
    bucket_as,
    first_version,
    get,
    put,
    shred,
    storage,
)

READABLE = PROBES + "readable"


def probe(areas: Iterable[Area] = Area) -> dict[str, str]:
    """For each area "ok" or a sentence: whether this process's credential reads there. The web has no witness."""
    return {str(area): _readable(area) for area in areas}


def _readable(area: Area) -> str:
    try:
        get(area, READABLE)
    except Missing:
        return "ok"  # said only to who may read; the self-test puts it there for stores that hide even this
    except StoreUnavailable as trouble:
        return str(trouble)
    return "ok"


def selftest_store() -> list[Probe]:
    """Promises of the store, each tried on an object of our own in intake. Needs the worker's credential."""
    key = PROBES + secrets.token_hex(16)
    try:
        _leave_readable()
        put(Area.INTAKE, key, b"probe")
        found = [
            _refuses("write_once", lambda: put(Area.INTAKE, key, b"again"), "PreconditionFailed"),
            _refuses("checksum", lambda: _put_wrongly(key + "-wrong"), "BadDigest", "XAmzContentChecksumMismatch"),
            _refuses("signature", lambda: _read_with_wrong_secret(key), "SignatureDoesNotMatch"),
            _refuses("anonymous", lambda: _read_anonymously(key), "AccessDenied"),
            _keeps_versions(key),
            _reads_back(),
        ]
        for used in (key, key + "-wrong"):
            shred(Area.INTAKE, used)
    except (StoreUnavailable, AlreadyThere) as trouble:
        return [Probe("store", ok=False, detail=str(trouble), answered=isinstance(trouble, AlreadyThere))]
    return found


def _leave_readable() -> None:
    for area in (Area.INTAKE, Area.VAULT):
        try:
            put(area, READABLE, b"Whoever reads this may read here.\n")
        except AlreadyThere:
            continue


def _refuses(name: str, action: Callable[[], object], *codes: str) -> Probe:
    try:
        action()
    except AlreadyThere:
        said = "PreconditionFailed"
    except StoreRefused as refused:
        said = refused.code
    except StoreUnavailable as trouble:
        return Probe(name, ok=False, detail=str(trouble), answered=False)
    except Missing:  # asked and looked for: who must not know would have been refused before
        said = "Missing"
    else:
        return Probe(name, ok=False, detail="The store let it happen.")
    return Probe(name, said in codes, f"The store answers {said}.")


def _put_wrongly(key: str) -> None:
    put(Area.INTAKE, key, b"probe", ChecksumSHA256=b64encode(sha256(b"other").digest()).decode())


def _read_with_wrong_secret(key: str) -> None:
    client, there = bucket_as(Area.INTAKE, storage(Area.INTAKE).access_key, secrets.token_urlsafe())
    with asking():
        client.get_object(**there, Key=key)


def _read_anonymously(key: str) -> None:
    _client, there = bucket(Area.INTAKE)
    with asking():
        storage(Area.INTAKE).unsigned_connection.meta.client.get_object(**there, Key=key)


def _keeps_versions(key: str) -> Probe:
    """Who may write there, such as the web, may write over: then what was there before can still be had."""
    client, there = bucket(Area.INTAKE)
    try:
        with asking():
            client.put_object(**there, Key=key, Body=b"over")
    except StoreRefused as refused:
        return Probe("overwriting", ok=True, detail=f"The store answers {refused.code}.")
    try:
        kept = get(Area.INTAKE, key, VersionId=first_version(Area.INTAKE, key)) == b"probe"
    except Missing:
        kept = False
    return Probe("overwriting", kept, f"What was written over is {'kept' if kept else 'lost'}.")


def _reads_back() -> Probe:
    """Sealed and opened again; the same as was written is all that proves that a byte was kept."""
    under = new_key()
    new = Seal(Area.INTAKE, under=under, prefix=PROBES)
    new.write(secrets.token_bytes(100_000))
    sealed = new.close()
    try:
        found = fingerprint(sealed.area, sealed.key, under=under)
    except (Missing, Tampered) as loss:
        return Probe("read_back", ok=False, detail=str(loss))
    same = (found.sha256, found.size) == (sealed.sha256, sealed.size)
    shred(sealed.area, sealed.key)
    return Probe("read_back", same, f"{found.size} of {sealed.size} bytes came back.")
