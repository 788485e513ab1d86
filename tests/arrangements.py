"""A paper of three photos and its page, for the tests of arranging it."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from documents import tagging
from documents.models import Document, Factor
from documents.preparing.placing import Placed
from tests.papers import paper

pytestmark = pytest.mark.django_db
CROP = (0.1, 0.1, 0.9, 0.95)
OFFER = Placed(2, crop=CROP, tilt=1.5)


@pytest.fixture
def three(matter, maria) -> Document:
    """A paper of three photos as its rows tell it, with a better crop known for the second."""
    return paper(matter, maria, pages=3, photos=3, suggestions=[OFFER.to_json()])


@pytest.fixture
def phone(browser, maria) -> Client:
    maria.language = "en"
    maria.save()
    return browser(maria)


def here(document: Document) -> str:
    return reverse("arrange", args=[document.pk])


def shown(client: Client, document: Document, plan: str = "") -> str:
    return client.get(here(document), {"plan": plan} if plan else {}).content.decode()


def step(client: Client, document: Document, do: str, plan: str = "1.2.3") -> str:
    """The plan after a step, as the address tells it."""
    where = client.post(here(document), {"plan": plan, "do": do})["Location"]
    return (re.findall(r"plan=([^#]*)", where) or ["as it is"])[0]


def order_of(text: str) -> list[int]:
    return [int(photo) for photo in re.findall(r'<li id="photo-(\d+)" data-photo', text.partition("<h3>")[0])]


def tag(document: Document, actor) -> None:
    tagging.tag(document, Factor.objects.get(code="EDUCATION"), actor=actor)
