"""What a credential can and cannot do, tried: that a web process that was taken over reaches no further than it may."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from documents.scanning import Probe
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
    put,
    shred,
)
from documents.vault.witness import read_witness, witness

LOCKED = PROBES + "locked-"
DENIED = "AccessDenied"
LISTS = ("list_objects_v2", "list_object_versions", "list_multipart_uploads")


def selftest_witness() -> list[Probe]:
    """That what we put under lock stays: not deleted, nor lost under what is put over it. Leaves a few bytes each time."""
    name = LOCKED + secrets.token_hex(8)
    try:
        mode = witness(name, b"locked", days=1)
        found = [
            Probe("witness_locked", mode == "COMPLIANCE", f"The store locks in mode {mode}."),
            _refused("witness_version_stays", [lambda: _delete_version(name)]),
            _refused("witness_not_deleted", [lambda: shred(Area.WITNESS, name)]),
        ]
        _put_over(name)
        same = read_witness(name) == b"locked"
    except (StoreUnavailable, AlreadyThere, Missing) as trouble:
        return [Probe("witness", ok=False, detail=str(trouble), answered=not isinstance(trouble, StoreUnavailable))]
    return [*found, Probe("witness_outlives_overwriting", same, "The first version was read again.")]


def _delete_version(name: str) -> None:
    client, there = bucket(Area.WITNESS)
    with asking():
        first = client.list_object_versions(**there, Prefix=name)["Versions"][-1]
        client.delete_object(**there, Key=name, VersionId=first["VersionId"])


def _put_over(name: str) -> None:
    """Or be refused, which is as good: some stores let nothing be written over."""
    client, there = bucket(Area.WITNESS)
    with suppress(StoreRefused), asking():
        client.put_object(**there, Key=name, Body=b"over")


@dataclass
class _Web:
    """Requests as the web process would make them, each with the web's credential."""

    access_key: str
    secret_key: str
    key: str = field(default_factory=lambda: PROBES + secrets.token_hex(16))

    def __call__(self, area: Area, operation: str, **arguments: Any) -> Callable[[], object]:
        client, there = bucket_as(area, self.access_key, self.secret_key)

        def ask() -> object:
            with asking():
                return getattr(client, operation)(**there, **arguments)

        return ask

    def object(self, area: Area, operation: str, **more: Any) -> Callable[[], object]:
        return self(area, operation, Key=self.key, **more)


def selftest_web(access_key: str, secret_key: str) -> list[Probe]:
    """What the web's credential may, and that it may nothing else. Needs the worker's credential as our own."""
    web = _Web(access_key, secret_key)
    others = (Area.VAULT, Area.WITNESS)
    try:
        put(Area.VAULT, web.key, b"probe")
        found = [
            _allowed("web_puts_into_intake", [web.object(Area.INTAKE, "put_object", Body=b"probe", IfNoneMatch="*")]),
            _allowed("web_gets_from_intake", [web.object(Area.INTAKE, "get_object")]),
            _allowed("web_gets_from_vault", [web.object(Area.VAULT, "get_object")]),
            _refused("web_lists_nothing", [web(area, verb) for area in Area for verb in LISTS]),
            _refused("web_deletes_nothing", [web.object(area, "delete_object") for area in Area]),
            _refused("web_puts_nothing_else", [web.object(area, "put_object", Body=b"x") for area in others]),
            _refused("web_reads_no_witness", [web.object(Area.WITNESS, "get_object")]),
        ]
        for area in (Area.INTAKE, Area.VAULT):
            shred(area, web.key)
    except (StoreUnavailable, AlreadyThere) as trouble:
        return [Probe("web", ok=False, detail=str(trouble), answered=isinstance(trouble, AlreadyThere))]
    return found


def _allowed(name: str, asks: list[Callable[[], object]]) -> Probe:
    try:
        for ask in asks:
            ask()
    except StoreRefused as refused:
        return Probe(name, ok=False, detail=f"The store answers {refused.code}.")
    return Probe(name, ok=True, detail="The store lets it happen.")


def _refused(name: str, asks: list[Callable[[], object]]) -> Probe:
    """Each of them is refused for want of the right, and for no other reason."""
    said = {_answer(ask) for ask in asks}
    return Probe(name, said == {DENIED}, f"The store answers {', '.join(sorted(said))}.")


def _answer(ask: Callable[[], object]) -> str:
    try:
        ask()
    except StoreRefused as refused:
        return refused.code
    except (Missing, AlreadyThere) as answer:
        return type(answer).__name__
    return "yes"
