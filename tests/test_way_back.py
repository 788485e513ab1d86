"""Where a form says to go back to comes from the browser: into the portal, or home, and never to an error."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents import pairing
from documents.models import Document, Matter
from tests.conftest import Browser
from tests.papers import paper

NOWHERE = [
    "-1",
    "1e30",
    "²",
    "inbox",
    "a b",
    "\x00",
    "9" * 5000,
    "//evil.example/",
    "https://evil.example/",
    "javascript:1",
]


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def back(client: Client, name: str, pk: object, where: str) -> str:
    answer = client.post(reverse(name, args=[pk]), {"title": "Diploma", "back": where})
    assert answer.status_code == 302
    return answer["Location"]


@pytest.mark.parametrize("where", NOWHERE)
def test_what_leads_nowhere_leads_home(pats: Client, matter: Matter, pat: User, where: str) -> None:
    original, translated = paper(matter, pat), paper(matter, pat)
    refused = paper(matter, pat)
    Document.objects.filter(pk=refused.pk).update(state="refused")
    pair = pairing.pair(original, translated, actor=pat)
    for name, pk in (("document_title", original.pk), ("put_away", refused.pk), ("apart", pair.pk)):
        assert back(pats, name, pk, where) == "/"


def test_what_is_of_the_portal_is_followed(pats: Client, matter: Matter, pat: User) -> None:
    where = reverse("matter", args=[matter.pk])
    assert back(pats, "document_title", paper(matter, pat).pk, f"{where}?page=2") == f"{where}?page=2"
    assert "\n" not in back(pats, "document_title", paper(matter, pat).pk, "/\r\nX-Evil: 1")
