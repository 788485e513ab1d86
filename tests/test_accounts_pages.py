"""What every page of accounts keeps: no inline style or script, no token where bytes must be equal, small enough."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.people import signed_in

pytestmark = pytest.mark.usefixtures("firm")
TEMPLATES = Path(__file__).parent.parent / "templates"
PAGES = ["/sign-in/", "/sign-in/password/", "/care/", "/invitations/x/", "/account/", "/account/passkeys/add/",
         "/account/second-factor/", "/account/second-factor/app/", "/account/recovery-codes/", "/account/password/",
         "/people/", "/people/firm/", "/reauthenticate/code/", "/nothing/"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_inline_style_or_script(path, boss):
    for browser in (Client(HTTP_HOST="localhost"), signed_in(boss, client=Client(HTTP_HOST="localhost"))):
        text = browser.get(path, follow=True).text
        assert not re.search(r"<style|\sstyle=|\son\w+=", text)
        assert not re.search(r"<script(?![^>]*(src=|application/json))", text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_title_one_heading_and_a_way_past_the_header(path, boss):
    text = signed_in(boss, client=Client(HTTP_HOST="localhost")).get(path, follow=True).text
    assert len(re.findall("<h1", text)) == len(re.findall("<title>", text)) == 1
    assert 'href="#main"' in text


def test_no_title_or_address_tells_what_the_office_does():
    for path in TEMPLATES.rglob("*.*"):
        for title in re.findall(r"{% block title %}.*", path.read_text()):
            assert not re.search(r"immigra|inmigra|asyl|asilo|deport", title, re.IGNORECASE), path


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_needs_nothing_that_may_be_broken(name, django_assert_num_queries):
    with django_assert_num_queries(0):
        text = render_to_string(f"{name}.html")
    assert "<h1>" in text
    assert "csrfmiddlewaretoken" not in text


def test_what_is_not_there_looks_the_same_every_time_and_to_everybody(boss):
    browser = signed_in(boss)
    answers = {browser.get("/nothing/").content, browser.get("/other/").content, Client().get("/nothing/").content}
    assert len(answers) == 1


def test_a_form_from_another_site_gets_a_calm_page(boss):
    response = signed_in(boss, client=Client(enforce_csrf_checks=True)).post("/sign-out/")
    assert (response.status_code, "open too long" in response.text) == (403, True)


def test_too_many_tries_get_a_calm_page():
    browser = Client(HTTP_HOST="localhost")
    answers = [browser.post("/sign-in/", {"email": "x"}) for _ in range(61)]
    assert answers[59].status_code == 200
    assert (answers[60].status_code, "Too many tries" in answers[60].text) == (429, True)


def test_the_sign_in_page_is_small(client):
    assert len(client.get("/sign-in/", HTTP_HOST="localhost").content) < 12_000
