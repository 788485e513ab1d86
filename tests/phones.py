"""A program that speaks tus, and a file in pieces."""

import base64
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents.models import Document, Matter
from tests.conftest import Browser, simple_pdf

TUS = {"Tus-Resumable": "1.0.0"}
BODY = "application/offset+octet-stream"
LETTER = simple_pdf(3)
HALF = len(LETTER) // 2


def metadata(**told: object) -> str:
    return ",".join(f"{word} {base64.b64encode(str(value).encode()).decode()}" for word, value in told.items())


class Phone:
    """A program that speaks tus, as one person."""

    def __init__(self, client: Client, matter: Matter) -> None:
        self.client, self.matter, self.id = client, matter, uuid4()

    def begin(self, size: int = len(LETTER), *, body: bytes = b"", **told: Any) -> Any:
        told = {"matter": self.matter.pk, "id": self.id, "filename": "carta.pdf", **told}
        headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata(**told)}
        kind = BODY if body else "application/octet-stream"
        return self.client.post(reverse("uploads"), body, content_type=kind, headers=headers)

    def send(self, where: str, at: int, body: bytes, **more: str) -> Any:
        headers = {**TUS, "Upload-Offset": str(at), **{name.replace("_", "-"): value for name, value in more.items()}}
        return self.client.patch(where, body, content_type=BODY, headers=headers)

    def arrived(self, where: str) -> int:
        return int(self.client.head(where, headers=TUS)["Upload-Offset"])


@pytest.fixture
def phone(matter: Matter, maria: User, browser: Browser) -> Phone:
    return Phone(browser(maria), matter)


@pytest.fixture
def begun(phone: Phone) -> str:
    """The address of an upload of LETTER of which nothing has come yet."""
    return phone.begin()["Location"]


def document() -> Document:
    return Document.objects.get()
