"""Up, and able to work: what a machine asks the portal."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from documents import gate, looks
from documents.looks import Look
from documents.models import Document
from tests.clamd_double import Clamd, says, version
from tests.conftest import Browser

WELL = {"database": "ok", "storage": "ok", "scanner": "ok", "signatures": "ok", "proof": "ok"}


@pytest.fixture
def looked(firm: object) -> None:
    """A worker has proved scanner and store, and looked at the scanner just now."""
    gate.look()


def wrong(client: Client) -> set[str]:
    """Whatever is not ok at /readyz; 503 says that something is."""
    answer = client.get("/readyz")
    found = {name for name, word in answer.json().items() if word != "ok"}
    assert (answer.status_code, set(answer.json())) == (503 if found else 200, set(WELL))
    return found


def test_up_without_asking_anybody(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"


def test_ready_when_everything_answers(client: Client, looked: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, WELL)


def test_not_ready_when_no_worker_has_looked_at_anything(client: Client, db: None) -> None:
    assert wrong(client) == {"scanner", "signatures", "proof"}


def test_not_ready_when_the_last_look_is_old(client: Client, looked: None) -> None:
    old = timezone.now() - timedelta(minutes=20)
    cache.set(Look.SCANNER, {**cache.get(Look.SCANNER), "at": old}, timeout=None)
    assert wrong(client) == {"scanner"}


def test_not_ready_when_the_scanner_is_gone(client: Client, firm: object, settings: Any) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    gate.look()
    assert wrong(client) == {"scanner", "signatures"}


def test_not_ready_when_the_signatures_are_old(client: Client, firm: object, settings: Any) -> None:
    with Clamd(says(b"stream: OK\0"), [version(age=timedelta(hours=49))]) as clamd:
        settings.CLAMD_ADDRESS = clamd.address
        gate.look()
    assert wrong(client) == {"signatures"}


def test_signatures_grow_old_by_themselves(client: Client, looked: None) -> None:
    old = timezone.now() - timedelta(hours=49)
    cache.set(Look.SCANNER, {**cache.get(Look.SCANNER), "dated": old}, timeout=None)
    assert wrong(client) == {"signatures"}


def test_not_ready_while_nothing_is_proved(client: Client, looked: None) -> None:
    looks.forget(Look.PROOF)
    assert wrong(client) == {"proof"}


def test_it_tells_no_stranger_where_anything_is(client: Client, firm: object, settings: Any) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    options = {**settings.STORAGES["vault"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {**settings.STORAGES, "vault": {**settings.STORAGES["vault"], "OPTIONS": options}}
    gate.look()
    text = client.get("/readyz").text
    assert not [word for word in ("127.0.0.1", "amparo-", "ClamAV", settings.S3_ENDPOINT_URL) if word in text]


@pytest.mark.parametrize("address", ["/.well-known/security.txt", "/robots.txt"])
def test_what_strangers_may_read(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def test_every_answer_says_keep_nothing(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_store_that_does_not_answer_is_told_kindly(
    ready: Document, pat: User, browser: Browser, settings: Any
) -> None:
    paralegal = browser(pat)
    options = {**settings.STORAGES["vault"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {**settings.STORAGES, "vault": {**settings.STORAGES["vault"], "OPTIONS": options}}
    answer = paralegal.get(f"/documents/{ready.pk}/pages/1.jpg")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
