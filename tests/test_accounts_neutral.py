"""Whoever looks over a client's shoulder learns nothing: titles, mails, addresses and file names are neutral."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.template.loader import render_to_string
from django.test import Client
from django.urls import get_resolver
from django.utils import translation

from accounts import mail
from tests.catalogue import TEMPLATES, client_templates, titles
from tests.people import signed_in
from tests.test_handover import addresses

TELLING = re.compile(
    r"deport|\bICE\b|\bremoval|asyl|asilo|asilad|migra|\bvisa|expuls|remoci|uscis|\bEOIR\b|\bOPLA\b|\bcourt\b|\bcorte\b|detain|detenci",
    re.IGNORECASE,
)
MAILS = sorted(path.stem for path in (TEMPLATES / "mail").glob("*.txt"))
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize(
    "telling",
    ["Immigration", "Inmigración", "Deportación", "your asylum", "Asilo", "ICE", "removal order", "expulsión"],
)
def test_the_pattern_finds_what_would_tell(telling):
    assert TELLING.search(telling)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_title_of_a_page_tells(language):
    said = [word for title in titles() for word in re.findall(r"""{% translate "(.*?)" %}""", title)]
    assert len(said) > 30
    with translation.override(language):
        assert not [word for word in said if TELLING.search(translation.gettext(word))]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MAILS)
def test_no_mail_tells(name, language, maria):
    facts = {"code": "123456", "token": "x" * 43, "days": 14, "alarms": [], "n": 2, "count": 2, "name": maria.name}
    mail.send(f"mail/{name}", maria.email, language, **facts)
    [sent] = outbox.outbox
    assert sent.subject
    assert not TELLING.search(f"{sent.subject} {sent.body}"), sent.body


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_that_clients_see_before_signing_in_tells(language, firm):
    firm.firm_name = ""
    firm.save()
    browser = Client(HTTP_HOST="localhost", headers={"Accept-Language": language})
    for path in ("/sign-in/", "/care/", "/invitations/x/", "/on-phone/x/"):
        page = re.sub(r"<[^>]*>", " ", browser.get(path).text)
        assert not TELLING.search(page), path


def test_no_address_and_no_name_of_a_file_tells():
    assert not [route for route in addresses(get_resolver().url_patterns) if TELLING.search(str(route.pattern))]
    files = [path.name for path in (Path(settings.BASE_DIR) / "portal/static").iterdir()]
    assert not [name for name in files if TELLING.search(name)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_tells_nothing_and_nobodys_name(language, maria, browser, matter, ana):
    maria.language = language
    maria.save()
    page = browser(ana).post(f"/matters/{matter.pk}/client/link/").text
    card = re.findall(r'<section class="card" lang="(..)".*?</section>', page, re.DOTALL)
    assert card == [language]
    card = re.findall(r'<section class="card".*?</section>', page, re.DOTALL)[0]
    words = re.sub(r"<[^>]*>", " ", card)
    assert not TELLING.search(words)
    assert "Rodr" not in words
    assert "Cort" not in words


def test_pages_of_clients_are_known():
    assert {"accounts/hand_over.html", "accounts/on_phone.html", "accounts/only_sending.html"} <= client_templates()


def test_the_title_of_every_page_of_mine_is_neutral(lena):
    browser = signed_in(lena, by=["code"], client=Client(HTTP_HOST="localhost"))
    for path in ("/", "/account/", "/account/passkeys/add/", "/hand-over/", "/care/"):
        assert not TELLING.search(re.findall("<title>(.*?)</title>", browser.get(path, follow=True).text)[0])
    assert render_to_string("accounts/left.html").count("Weather") == 2
