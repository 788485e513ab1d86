"""The sweeper deletes nothing on the word of a database that has forgotten, and the anchor is not moved over a cut."""

import json
from datetime import timedelta
from typing import Any

import pytest

from accounts import audit
from documents import custody, vault, verifying
from documents.models import Document, Matter


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is too young to be swept. (The buckets are shared: whatever else lies there is never looked at.)"""
    monkeypatch.setattr(custody, "MIN_AGE", timedelta(0))


@pytest.fixture
def only_ours(monkeypatch: pytest.MonkeyPatch, matter: Matter) -> list[str]:
    """The store as if this test alone used it: just the keys in the list."""
    ours: list[str] = []
    inventory = vault.inventory
    monkeypatch.setattr(vault, "inventory", lambda area: (each for each in inventory(area) if each.key in ours))
    return ours


def stray(matter: Matter, ours: list[str]) -> str:
    key = vault.seal([b"nobody's"], vault.Area.INTAKE, under=bytes(matter.key)).key
    ours.append(key)
    return key


def gone(matter: Matter, key: str) -> bool:
    try:
        vault.fingerprint(vault.Area.INTAKE, key, under=bytes(matter.key))
    except vault.Missing:
        return True
    return False


def test_what_nothing_refers_to_is_swept(matter: Matter, at_once: None, only_ours: list[str]) -> None:
    key = stray(matter, only_ours)
    assert custody.sweep_store()["objects"] == 1
    assert gone(matter, key)


def test_what_is_young_is_left(matter: Matter, only_ours: list[str]) -> None:
    key = stray(matter, only_ours)
    custody.sweep_store()
    assert not gone(matter, key)


def test_what_was_received_is_left(received: Document, at_once: None, only_ours: list[str]) -> None:
    only_ours.append(received.intake_key)
    custody.sweep_store()
    assert not gone(received.matter, received.intake_key)


def test_a_database_older_than_its_anchor_sweeps_nothing(matter: Matter, at_once: None, only_ours: list[str]) -> None:
    key = stray(matter, only_ours)
    forget_the_last_event(matter)
    with pytest.raises(custody.OlderThanItsAnchor):
        custody.sweep_store()
    assert not gone(matter, key)


def test_nor_does_it_anchor_what_is_left_of_it(matter: Matter) -> None:
    forget_the_last_event(matter)
    with pytest.raises(custody.OlderThanItsAnchor):
        custody.anchor()


def test_verify_still_tells_of_the_cut(matter: Matter) -> None:
    forget_the_last_event(matter)
    assert [sentence for sentence in verifying._verify_chains() if "cut off" in sentence]


def test_too_many_at_once_need_somebody_to_say_so(
    matter: Matter, at_once: None, only_ours: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custody, "MOST_AT_ONCE", 1)
    keys = [stray(matter, only_ours), stray(matter, only_ours)]
    with pytest.raises(custody.TooMany):
        custody.sweep_store()
    assert custody.sweep_store(many=True)["objects"] == len(keys)


def test_a_key_that_was_never_put_beside_its_bytes_is_put_there(matter: Matter) -> None:
    vault.forget_keys(matter.pk)
    custody.keep_keys()
    assert vault.kept_keys(matter.pk) == [bytes(matter.key)]


def forget_the_last_event(matter: Matter) -> None:
    """As after a restored backup: the witness holds one event more than the database."""
    heads: dict[str, Any] = audit.heads()
    heads[matter.audit_chain] = (heads[matter.audit_chain][0] + 1, "f" * 64)
    vault.witness(f"{custody.HEADS}2026/01/01/000000.json", json.dumps(heads).encode(), days=1)
