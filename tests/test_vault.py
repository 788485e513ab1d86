"""Bytes at rest, in the real store."""

import hashlib
import io
import secrets
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from documents import vault
from documents.vault import Area, Missing, Seal, StoreRefused, Tampered
from documents.vault.sealing import PART
from documents.vault.store import bucket, get
from portal import crypto

LETTER = b"Dear Sir or Madam, I ask for discretion. " * 1000
SEGMENT = 1024 * 1024


@pytest.fixture(scope="module")
def under() -> bytes:
    return vault.new_key()


@pytest.fixture(scope="module")
def large(under):
    """Three parts and the bytes it was made of."""
    content = secrets.token_bytes(2 * PART + 12_345)
    return vault.seal([content], Area.VAULT, under=under), content


def put(key: str, body: bytes, area: Area = Area.VAULT) -> str:
    """As somebody would who has the store but not the keys."""
    client, there = bucket(area)
    client.put_object(**there, Key=key, Body=body)
    return key


@contextmanager
def replaced(sealed, change):
    """What lies there is changed in its place, for a while."""
    whole = get(sealed.area, sealed.key)
    put(sealed.key, change(whole))
    yield
    put(sealed.key, whole)


def flipped(whole: bytes, at: int) -> bytes:
    changed = bytearray(whole)
    changed[at] ^= 1
    return bytes(changed)


def swapped(whole: bytes) -> bytes:
    """The second and the third segment have changed places."""
    segments = [whole[at : at + SEGMENT] for at in range(0, len(whole), SEGMENT)]
    segments[1], segments[2] = segments[2], segments[1]
    return b"".join(segments)


def read(sealed, under) -> bytes:
    return b"".join(vault.chunks(sealed.area, sealed.key, under=under))


def test_what_was_sealed_opens(under):
    sealed = vault.seal([LETTER[:10], LETTER[10:]], Area.INTAKE, under=under)
    assert (sealed.area, sealed.size, sealed.sha256) == (Area.INTAKE, len(LETTER), hashlib.sha256(LETTER).hexdigest())
    assert read(sealed, under) == LETTER


@pytest.mark.parametrize("size", [0, 1, SEGMENT - 56, SEGMENT - 55, SEGMENT, 2 * SEGMENT, PART, PART + 1])
def test_every_size_comes_back(under, size):
    sealed = vault.seal([b"x" * size], Area.INTAKE, under=under)
    assert vault.fingerprint(sealed.area, sealed.key, under=under) == vault.Fingerprint(sealed.sha256, size)


def test_a_large_object_comes_back(large, under):
    sealed, content = large
    assert read(sealed, under) == content


def test_the_store_sees_ciphertext_alone(under):
    sealed = vault.seal([LETTER], Area.VAULT, under=under)
    assert b"discretion" not in get(sealed.area, sealed.key)


def test_keys_cannot_be_guessed_and_say_nothing(under):
    keys = {vault.seal([b"same"], Area.INTAKE, under=under).key for _ in range(3)}
    assert len(keys) == 3
    assert all(len(bytes.fromhex(key)) >= 16 for key in keys)


def test_a_seal_has_the_prefix_it_was_given(under):
    new = Seal(Area.INTAKE, under=under, prefix="upload/0/")
    new.write(b"chunk")
    assert new.close().key.startswith("upload/0/")


def test_memory_holds_parts_not_the_object(under):
    new, piece = Seal(Area.INTAKE, under=under), b"x" * SEGMENT
    tracemalloc.start()
    for _ in range(64):
        new.write(piece)
    new.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * PART


def test_another_matters_key_does_not_open(under):
    sealed = vault.seal([LETTER], Area.VAULT, under=under)
    with pytest.raises(Tampered):
        read(sealed, vault.new_key())


@pytest.mark.parametrize("at", [0, 30, 40, 500, -1])
def test_one_changed_byte_is_noticed(under, at):
    sealed = vault.seal([LETTER], Area.VAULT, under=under)
    with replaced(sealed, lambda whole: flipped(whole, at)), pytest.raises(Tampered):
        read(sealed, under)


@pytest.mark.parametrize("left", [0, 20, 40, SEGMENT, 3 * SEGMENT, 3 * SEGMENT + 5, -1])
def test_an_object_cut_short_is_noticed(large, under, left):
    sealed, _content = large
    with replaced(sealed, lambda whole: whole[:left]), pytest.raises(Tampered):
        read(sealed, under)


def test_a_byte_too_many_is_noticed(large, under):
    sealed, _content = large
    with replaced(sealed, lambda whole: whole + b"x"), pytest.raises(Tampered):
        read(sealed, under)


def test_segments_cannot_change_places(large, under):
    sealed, _content = large
    with replaced(sealed, swapped), pytest.raises(Tampered):
        read(sealed, under)


@pytest.mark.parametrize("area", [Area.VAULT, Area.INTAKE])
def test_an_object_moved_elsewhere_does_not_open(under, area):
    sealed = vault.seal([LETTER], Area.VAULT, under=under)
    key = sealed.key if area == Area.INTAKE else "moved"
    put(key, get(sealed.area, sealed.key), area)
    with pytest.raises(Tampered):
        vault.fingerprint(area, key, under=under)


def test_reading_stops_at_the_first_bad_segment(large, under):
    sealed, content = large
    out: list[bytes] = []
    with replaced(sealed, lambda whole: flipped(whole, 2 * SEGMENT + 9)), pytest.raises(Tampered):
        out.extend(vault.chunks(sealed.area, sealed.key, under=under))
    assert out
    assert content.startswith(b"".join(out))


def test_what_is_not_there_is_missing(under):
    with pytest.raises(Missing):
        vault.fingerprint(Area.VAULT, secrets.token_hex(16), under=under)


def test_readers_take_what_they_ask_for(under):
    sealed = vault.seal([LETTER], Area.VAULT, under=under)
    with vault.open_sealed(sealed.area, sealed.key, under=under) as opened:
        assert not opened.seekable()
        assert (opened.read(5), opened.read(7), opened.read()) == (LETTER[:5], LETTER[5:12], LETTER[12:])
        assert opened.read(1) == b""


def test_nothing_is_written_after_the_end(under):
    new = Seal(Area.INTAKE, under=under)
    new.abandon()
    with pytest.raises(ValueError, match="closed"):
        new.write(b"more")


def test_threads_do_not_disturb_each_other(under):
    def round_trip(number: int) -> bool:
        content = str(number).encode() * 50_000
        return read(vault.seal([content], Area.INTAKE, under=under), under) == content

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(round_trip, range(24)))


# ---- copies, shredding, lists


def test_a_copy_is_ours_alone(under, tmp_path):
    sealed = vault.seal([LETTER], Area.VAULT, under=under)
    copied = vault.copy_to_file(sealed.area, sealed.key, tmp_path / "letter", under=under)
    assert (tmp_path / "letter").read_bytes() == LETTER
    assert (tmp_path / "letter").stat().st_mode & 0o777 == 0o600
    assert (copied.sha256, copied.size) == (sealed.sha256, sealed.size)


def test_a_failed_copy_leaves_no_file(under, tmp_path):
    with pytest.raises(Missing):
        vault.copy_to_file(Area.VAULT, "nothing", tmp_path / "letter", under=under)
    assert list(tmp_path.iterdir()) == []


def test_a_copy_never_replaces_a_file(under, tmp_path):
    (tmp_path / "letter").write_bytes(b"other")
    with pytest.raises(FileExistsError):
        vault.copy_to_file(Area.VAULT, "nothing", tmp_path / "letter", under=under)
    assert (tmp_path / "letter").read_bytes() == b"other"


def test_what_is_shredded_is_gone_and_may_be_shredded_again(under):
    sealed = vault.seal([LETTER], Area.INTAKE, under=under)
    vault.shred(sealed.area, sealed.key)
    vault.shred(sealed.area, sealed.key)
    with pytest.raises(Missing):
        read(sealed, under)


def test_the_inventory_lists_objects_and_not_probes(under):
    sealed = vault.seal([LETTER], Area.INTAKE, under=under)
    put("probes/x", b"", Area.INTAKE)
    listed = {each.key: each for each in vault.inventory(Area.INTAKE)}
    assert "probes/x" not in listed
    assert listed[sealed.key].bytes > len(LETTER)
    assert datetime.now(UTC) - listed[sealed.key].modified < timedelta(minutes=1)


def test_unfinished_uploads_are_listed_and_aborted():
    client, there = bucket(Area.INTAKE)
    begun = client.create_multipart_upload(**there, Key="begun")["UploadId"]
    found = [each for each in vault.unfinished(Area.INTAKE) if each.key == "begun"]
    assert [each.upload_id for each in found] == [begun]
    for _ in range(2):  # again is no error
        vault.abort_unfinished(Area.INTAKE, "begun", begun)
    assert not [each for each in vault.unfinished(Area.INTAKE) if each.key == "begun"]


# ---- keys


def test_after_rotation_old_objects_open_and_new_ones_need_the_new_key(under):
    rotated = vault.rotate(under)
    old, new = vault.seal([LETTER], Area.VAULT, under=under), vault.seal([LETTER], Area.VAULT, under=rotated)
    assert read(old, rotated) == read(new, rotated) == LETTER
    with pytest.raises(Tampered):
        read(new, under)


def test_large_objects_open_after_two_rotations(large, under):
    sealed, content = large
    assert read(sealed, vault.rotate(vault.rotate(under))) == content


def test_wrapping_anew_lets_the_older_key_go(settings, under):
    settings.KEY_ENCRYPTION_KEYS = [("new", b"n" * 32), *settings.KEY_ENCRYPTION_KEYS]
    sealed = vault.seal([LETTER], Area.VAULT, under=under)
    again = vault.rewrap(under)
    settings.KEY_ENCRYPTION_KEYS = settings.KEY_ENCRYPTION_KEYS[:1]
    assert read(sealed, again) == LETTER
    assert not crypto.needs_rewrap(again)


def test_every_generation_of_a_key_is_kept_beside_what_it_seals(under):
    matter, rotated = uuid4(), vault.rotate(under)
    for wrapped in (under, rotated, under):
        vault.keep_key(matter, wrapped)
    assert sorted(vault.kept_keys(matter)) == sorted([under, rotated])


def test_forgotten_keys_are_gone(under):
    matter = uuid4()
    vault.keep_key(matter, under)
    vault.forget_keys(matter)
    assert vault.kept_keys(matter) == []


# ---- witnesses


def test_a_witness_cannot_be_deleted_or_replaced():
    name = f"test/{uuid4()}"
    assert vault.witness(name, b"head 1", days=1) == "COMPLIANCE"
    with pytest.raises(vault.AlreadyThere):
        vault.witness(name, b"head 2", days=1)
    put(name, b"head 2", Area.WITNESS)  # a later version
    assert vault.read_witness(name) == b"head 1"


def test_the_same_witness_may_be_given_twice():
    name = f"test/{uuid4()}"
    for _ in range(2):
        assert vault.witness(name, b"head", days=1) == "COMPLIANCE"


def test_the_worker_cannot_delete_a_witness():
    name = f"test/{uuid4()}"
    vault.witness(name, b"head", days=1)
    with pytest.raises(StoreRefused):
        vault.shred(Area.WITNESS, name)
    assert vault.read_witness(name) == b"head"


def test_witnesses_are_listed_once_each():
    prefix = f"test/{uuid4()}/"
    for name in ("a", "b"):
        vault.witness(prefix + name, b"head", days=1)
    put(prefix + "a", b"other", Area.WITNESS)
    assert [(each.key, each.bytes) for each in vault.witnesses(prefix)] == [(prefix + "a", 4), (prefix + "b", 4)]


def test_no_witness_is_missing():
    with pytest.raises(Missing):
        vault.read_witness(f"test/{uuid4()}")


# ---- probes


def test_every_area_is_within_the_workers_reach():
    assert vault.probe() == {"intake": "ok", "vault": "ok", "witness": "ok"}


def test_the_store_keeps_its_promises():
    assert [probe.detail for probe in vault.selftest_store() if not probe.ok] == []


def test_an_empty_stream_of_a_file_is_sealed(under):
    assert vault.seal(io.BytesIO(), Area.INTAKE, under=under).size == 0
