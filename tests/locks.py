"""Files that came locked, for the tests of opening them."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents import vault
from documents.intake.checking import check
from documents.models import Document, Matter
from tests.conftest import Browser, sent
from tests.locked import locked

State = Document.State
TESTS = Path(__file__).parent


@pytest.fixture
def waiting(matter: Matter, maria: User) -> Document:
    """Maria's bank statement, refused as locked."""
    return refused(locked(), matter, maria)


def refused(content: bytes, matter: Matter, sender: User, name: str = "banco.pdf") -> Document:
    document = sent(content, name, matter, sender)
    check(document)
    assert (document.state, document.reason) == ("refused", "locked")
    return document


def sha256(area: vault.Area, key: str, matter: Matter) -> str:
    return vault.fingerprint(area, key, under=bytes(matter.key)).sha256


def where(document: Document) -> str:
    return reverse("unlock", args=[document.pk])


def page(client: Client, document: Document) -> str:
    return client.get(reverse("document", args=[document.pk])).text


def everything_stored() -> str:
    """Every column of every table, as somebody would read it who has the whole database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables, rows = [name for (name,) in cursor.fetchall()], []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += cursor.fetchall()
    return "\n".join(map(str, rows))


@pytest.fixture
def phone(browser: Browser, maria: User, matter: Matter) -> Client:
    maria.language = "en"
    maria.save()
    return browser(maria)
