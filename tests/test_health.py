"""Up, and able to work: what a machine asks the portal."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from documents import custody
from documents.models import Document
from tests.conftest import Browser


@pytest.fixture
def looked(db: None) -> None:
    custody.look_at_scanner()


def test_up_without_asking_anybody(client: Client) -> None:
    assert client.get("/healthz").content == b"ok"


def test_ready_when_everything_answers(client: Client, looked: None) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "storage": "ok", "scanner": "ok"})


def test_not_ready_when_no_worker_has_looked_at_the_scanner(client: Client, db: None) -> None:
    assert client.get("/readyz").status_code == 503


def test_not_ready_when_the_last_look_is_old(client: Client, looked: None) -> None:
    old = timezone.now() - timedelta(minutes=20)
    cache.set(custody.SCANNER, {**custody.scanner_seen(), "at": old.isoformat()}, timeout=None)
    assert client.get("/readyz").status_code == 503


def test_not_ready_when_the_scanner_is_gone(client: Client, db: None, settings: object) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"  # type: ignore[attr-defined]
    custody.look_at_scanner()
    assert client.get("/readyz").json()["scanner"] != "ok"


@pytest.mark.parametrize("address", ["/.well-known/security.txt", "/robots.txt"])
def test_what_strangers_may_read(client: Client, address: str) -> None:
    assert client.get(address).status_code == 200


def test_every_answer_says_keep_nothing(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_store_that_does_not_answer_is_told_kindly(ready: Document, pat: User, browser: Browser, settings: Any) -> None:
    paralegal = browser(pat)
    options = {**settings.STORAGES["vault"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    settings.STORAGES = {**settings.STORAGES, "vault": {**settings.STORAGES["vault"], "OPTIONS": options}}
    answer = paralegal.get(f"/documents/{ready.pk}/pages/1.jpg")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
