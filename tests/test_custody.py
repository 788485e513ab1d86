"""The sweeper deletes nothing on the word of a database that has forgotten, and the anchor is not moved over a cut."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest

from accounts import audit
from accounts.models import User
from documents import alarms, custody, vault, verifying
from documents.intake import receive
from documents.models import Document, Matter, Upload
from documents.vault.sealing import SEGMENT


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


def in_pieces(matter: Matter, ours: list[str], count: int = 3) -> vault.Sealed:
    """A file of three bytes a piece."""
    prefix = vault.new_prefix()
    for at in range(0, 3 * count, 3):
        vault.put_piece(prefix, at, b"abc", under=bytes(matter.key))
    ours += [f"{prefix}/{at}" for at in range(0, 3 * count, 3)]
    return vault.Sealed(
        vault.Area.INTAKE, vault.pieces_key(prefix, 3 * count), 3 * count, sha256(b"abc" * count).hexdigest()
    )


def upload_of(sealed: vault.Sealed, matter: Matter, sender: User, **more: Any) -> Upload:
    about = {"matter": matter, "sender": sender, "file_id": uuid4(), "size": sealed.size, "offset": sealed.size}
    return Upload.objects.create(prefix=vault.root(sealed.key), name="carta.pdf", **about, **more)


def test_a_file_in_pieces_is_one_file_too_many(
    matter: Matter, at_once: None, only_ours: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custody, "MOST_AT_ONCE", 1)
    in_pieces(matter, only_ours)
    assert custody.sweep_store()["objects"] == 3


def test_what_an_upload_left_that_ended_is_swept_in_silence(
    matter: Matter, maria: User, at_once: None, only_ours: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custody, "MOST_AT_ONCE", 0)
    upload_of(in_pieces(matter, only_ours), matter, maria, state="abandoned")
    assert custody.sweep_store()["objects"] == 3
    assert not alarms.open_().exists()


def test_a_page_that_waits_for_the_others_is_left(
    matter: Matter, maria: User, at_once: None, only_ours: list[str]
) -> None:
    upload_of(in_pieces(matter, only_ours), matter, maria, state="kept", paper=uuid4())
    assert custody.sweep_store() == {"objects": 0, "parts": 0, "gone": 0}


@pytest.mark.parametrize("lost", [0, 1, 2], ids=["first", "middle", "last"])
def test_one_missing_piece_of_many_is_told(matter: Matter, maria: User, only_ours: list[str], lost: int) -> None:
    sealed = in_pieces(matter, only_ours)
    receive(sealed, matter=matter, name="carta.pdf", actor=maria)
    missing = only_ours.pop(lost)
    assert custody.compare(vault.Area.INTAKE).gone == [missing]


def test_a_kept_page_of_which_a_piece_is_missing_is_told(matter: Matter, maria: User, only_ours: list[str]) -> None:
    upload_of(in_pieces(matter, only_ours), matter, maria, state="kept", paper=uuid4())
    missing = only_ours.pop(1)
    assert custody.compare(vault.Area.INTAKE).gone == [missing]


@pytest.mark.parametrize("size", [1, 1000, SEGMENT - 57, SEGMENT - 56, SEGMENT - 55, 2 * SEGMENT])
def test_how_much_is_in_an_object_is_known_from_its_size(matter: Matter, size: int) -> None:
    prefix = vault.new_prefix()
    vault.put_piece(prefix, 0, bytes(size), under=bytes(matter.key))
    [stored] = vault.store.listed(vault.Area.INTAKE, prefix)
    assert vault.plain_size(stored.bytes) == size


def test_a_key_that_was_never_put_beside_its_bytes_is_put_there(matter: Matter) -> None:
    vault.forget_keys(matter.pk)
    custody.keep_keys()
    assert vault.kept_keys(matter.pk) == [bytes(matter.key)]


def forget_the_last_event(matter: Matter) -> None:
    """As after a restored backup: the witness holds one event more than the database."""
    heads: dict[str, Any] = audit.heads()
    heads[matter.audit_chain] = (heads[matter.audit_chain][0] + 1, "f" * 64)
    vault.witness(f"{custody.HEADS}2026/01/01/000000.json", json.dumps(heads).encode(), days=1)
