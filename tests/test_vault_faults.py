"""The store fails in every place; nothing is concluded about the bytes, and nothing is left half believed."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import pytest
from botocore.config import Config

from documents import vault
from documents.vault import Area, Seal, StoreRefused, StoreUnavailable, Tampered
from documents.vault.sealing import PART
from documents.vault.store import get, versions
from tests.store_double import LOST, Relay, answer

LETTER = b"Dear Sir or Madam. " * 200_000
BUSY = answer("503 Service Unavailable", "SlowDown")
WRITTEN = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
DENIED = answer("403 Forbidden", "AccessDenied")


@pytest.fixture(scope="module")
def under() -> bytes:
    return vault.new_key()


@pytest.fixture
def point(settings):
    """Use the store at another address; one attempt and short time limits unless told."""

    def point(url: str, attempts: int = 1) -> None:
        storages = {**settings.STORAGES}
        for area in Area:
            options = dict(storages[area]["OPTIONS"], endpoint_url=url)
            retries: Any = {"mode": "standard", "total_max_attempts": attempts}
            quick = Config(connect_timeout=0.5, read_timeout=0.5 if attempts == 1 else 10, retries=retries)
            options["client_config"] = options["client_config"].merge(quick)
            storages[area] = {**storages[area], "OPTIONS": options}
        settings.STORAGES = storages

    return point


@pytest.fixture
def relay(settings, point):
    with ExitStack() as stack:

        def start(rule, attempts: int = 1) -> Relay:
            started = stack.enter_context(Relay(settings.S3_ENDPOINT_URL, rule))
            point(started.url, attempts)
            return started

        yield start


def asks_everything(under: bytes) -> dict[str, Callable[[], object]]:
    return {
        "seal": lambda: vault.seal([LETTER], Area.INTAKE, under=under),
        "seal a large one": lambda: vault.seal([b"x" * PART * 2], Area.INTAKE, under=under),
        "open": lambda: vault.fingerprint(Area.INTAKE, "key", under=under),
        "shred": lambda: vault.shred(Area.INTAKE, "key"),
        "inventory": lambda: list(vault.inventory(Area.INTAKE)),
        "unfinished": lambda: list(vault.unfinished(Area.INTAKE)),
        "abort": lambda: vault.abort_unfinished(Area.INTAKE, "key", "id"),
        "keep a key": lambda: vault.keep_key("matter", under),
        "kept keys": lambda: vault.kept_keys("matter"),
        "witness": lambda: vault.witness("name", b"head", days=1),
        "witnesses": lambda: list(vault.witnesses()),
        "read a witness": lambda: vault.read_witness("name"),
    }


@pytest.fixture(params=asks_everything(b""))
def ask(request, under):
    return asks_everything(under)[request.param]


def test_nobody_listens(ask, point):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    point(url)
    with pytest.raises(StoreUnavailable):
        ask()


@pytest.mark.parametrize("said", [answer("500 Internal Server Error", "InternalError"), b""], ids=["500", "cut"])
def test_the_store_is_broken(ask, relay, said):
    relay(lambda _asked: said)
    with pytest.raises(StoreUnavailable) as raised:
        ask()
    assert not isinstance(raised.value, StoreRefused)


def test_the_store_refuses(ask, relay):
    relay(lambda _asked: DENIED)
    with pytest.raises(StoreRefused, match="AccessDenied"):
        ask()


def test_the_store_keeps_silent(point, under):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(StoreUnavailable, match="ReadTimeoutError"):
            vault.fingerprint(Area.INTAKE, "key", under=under)


@pytest.mark.parametrize("came", [600, 50_000, 2_000_000])
def test_an_answer_that_breaks_off_says_nothing_about_the_bytes(relay, under, came):
    sealed = vault.seal([LETTER], Area.INTAKE, under=under)
    relay(lambda _asked: came)
    with pytest.raises(StoreUnavailable):
        vault.fingerprint(sealed.area, sealed.key, under=under)


def test_an_answer_that_breaks_off_is_not_tampering_after_rotation_either(relay, under):
    sealed = vault.seal([LETTER], Area.INTAKE, under=under)
    relay(lambda _asked: 50_000)
    with pytest.raises(StoreUnavailable):
        vault.fingerprint(sealed.area, sealed.key, under=vault.rotate(under))


@pytest.mark.parametrize("size", [1000, 2 * PART])
def test_a_lost_answer_to_a_write_is_found_out_about(relay, under, size):
    """The write happened, its answer was lost: the retry meets our own object, which is no clash."""
    lost = iter([LOST])
    write = "PUT" if size < PART else "POST"
    passed = iter([None]) if size >= PART else iter([])  # the first POST begins the upload

    def rule(asked: str) -> int | None:
        return next(passed, next(lost, None)) if asked.startswith(write) else None

    relay(rule, attempts=3)
    sealed = vault.seal([b"x" * size], Area.INTAKE, under=under)
    assert vault.fingerprint(sealed.area, sealed.key, under=under).sha256 == sealed.sha256


def test_something_else_in_the_place_of_a_new_object_is_no_success(relay, under):
    other = iter([answer("412 Precondition Failed", "PreconditionFailed")])
    found = iter([b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"])
    relay(lambda asked: next(other if asked.startswith("PUT") else found, None))
    with pytest.raises(vault.AlreadyThere):
        vault.seal([LETTER], Area.INTAKE, under=under)


def test_a_busy_store_is_asked_again(relay, under):
    busy = iter([BUSY])
    relay(lambda _asked: next(busy, None), attempts=3)
    sealed = vault.seal([LETTER], Area.INTAKE, under=under)
    assert vault.fingerprint(sealed.area, sealed.key, under=under).size == len(LETTER)


def begun_and_aborted(relay: Relay) -> tuple[int, int]:
    begun = [asked for asked in relay.asked if asked.startswith("POST") and asked.endswith("uploads")]
    return len(begun), len([asked for asked in relay.asked if asked.startswith("DELETE") and "uploadId=" in asked])


def test_a_broken_upload_is_aborted(relay, under):
    relaying = relay(lambda asked: BUSY if "partNumber=2" in asked else None)
    with pytest.raises(StoreUnavailable):
        vault.seal([b"x" * PART * 3], Area.INTAKE, under=under)
    assert begun_and_aborted(relaying) == (1, 1)


def test_an_error_while_reading_the_source_leaves_nothing_behind(relay, under):
    def pieces() -> Iterator[bytes]:
        yield b"x" * PART * 2
        raise KeyError

    relaying = relay(lambda _asked: None)
    with pytest.raises(KeyError):
        vault.seal(pieces(), Area.INTAKE, under=under)
    assert begun_and_aborted(relaying) == (1, 1)


@pytest.fixture
def begun(relay, under):
    """A large object of which a part was sent. The relay, once started, is still there to clean up through."""
    new = Seal(Area.INTAKE, under=under)
    new.write(b"x" * PART * 2)
    yield new
    for each in vault.unfinished(Area.INTAKE):
        if each.key == new.key:
            vault.abort_unfinished(Area.INTAKE, each.key, each.upload_id)


def test_a_credential_that_may_not_abort_leaves_it_to_the_sweeper(begun, relay):
    denied = iter([DENIED])
    relay(lambda asked: next(denied, None) if asked.startswith("DELETE") else None)
    begun.abandon()
    assert begun.key in {each.key for each in vault.unfinished(Area.INTAKE)}


@pytest.mark.parametrize("said", [BUSY, answer("403 Forbidden", "InvalidAccessKeyId")], ids=["busy", "unknown"])
def test_every_other_failure_to_abort_is_told(begun, relay, said):
    failing = iter([said])
    relay(lambda asked: next(failing, None) if asked.startswith("DELETE") else None)
    with pytest.raises(StoreUnavailable):
        begun.abandon()


def test_bytes_changed_on_the_way_are_noticed(relay, under):
    sealed = vault.seal([LETTER], Area.INTAKE, under=under)
    body = bytearray(get(sealed.area, sealed.key))
    body[-100] ^= 1
    relay(lambda _asked: f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + bytes(body))
    with pytest.raises(Tampered):
        vault.fingerprint(sealed.area, sealed.key, under=under)


def test_a_lock_the_store_did_not_set_is_noticed(relay):
    relay(lambda _asked: WRITTEN)
    with pytest.raises(StoreRefused, match="NotLocked"):
        vault.witness("name", b"head", days=1)


def test_a_store_without_compliance_locks_in_governance_and_says_so(relay, caplog):
    refuse = iter([answer("400 Bad Request", "InvalidRequest")])
    relay(lambda asked: next(refuse, None) if asked.startswith("PUT") else None)
    assert vault.witness(f"test/{uuid4()}", b"head", days=1) == "GOVERNANCE"
    assert "GOVERNANCE" in caplog.text


def test_probes_tell_which_area_cannot_be_read(relay):
    relay(lambda asked: DENIED if "vault" in asked else None)
    assert vault.probe() == {"intake": "ok", "vault": "The store refused: AccessDenied.", "witness": "ok"}


def test_the_self_test_tells_a_store_that_writes_twice(relay):
    seen: list[str] = []

    def rule(asked: str) -> bytes | None:
        seen.append(asked)
        return WRITTEN if "/probes/" in asked and asked.startswith("PUT") and seen.count(asked) == 2 else None

    relay(rule)
    assert [probe.name for probe in vault.selftest_store() if not probe.ok] == ["write_once"]


def test_the_self_test_tells_a_store_that_takes_damaged_bytes(relay):
    relay(lambda asked: WRITTEN if asked.endswith("-wrong") and asked.startswith("PUT") else None)
    assert [probe.name for probe in vault.selftest_store() if not probe.ok] == ["checksum"]


def test_the_self_test_leaves_nothing_of_its_own(relay):
    relaying = relay(lambda _asked: None)
    vault.selftest_store()
    put = {each.split()[1] for each in relaying.asked if each.startswith("PUT")}
    keys = {path.removeprefix("/amparo-intake/") for path in put if not path.endswith("readable")}
    assert len(keys) == 3
    assert not [version for key in keys for version in versions(Area.INTAKE, key)]


def test_the_self_test_survives_a_dead_store(relay):
    relay(lambda _asked: BUSY)
    assert [probe.ok for probe in vault.selftest_store()] == [False]
