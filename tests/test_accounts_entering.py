"""Coming in with little: no e-mail, a phone that others use too, a code that did not come."""

import json
import re
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts import invitations, people, sessions
from accounts import mail as mailing
from accounts.models import Invitation, Role, User
from tests.authenticator import Passkey
from tests.people import code_mailed, is_signed_in, options, person, signed_in

pytestmark = pytest.mark.usefixtures("firm")


@pytest.fixture
def client():
    return Client(HTTP_HOST="localhost")


def ask(client, email, **more):
    return client.post("/sign-in/", {"email": email, "way": "code", **more})


# No e-mail


@pytest.fixture
def link(tom):
    """Of a client without an e-mail."""
    user, token = invitations.invite("", "Rosa", Role.CLIENT, "es", actor=tom)
    assert not user.has_email
    return f"/invitations/{token}/"


def test_nothing_is_ever_mailed_to_who_has_no_e_mail(tom, mailed):
    mailed(invitations.invite, "", "Rosa", Role.CLIENT, "es", actor=tom)
    mailing.send("mail/code", User.objects.get(name="Rosa").email, "es", code="123456")
    assert mail.outbox == []


def test_two_clients_without_an_e_mail_are_two(tom):
    users = {invitations.invite("", name, Role.CLIENT, "es", actor=tom)[0].email for name in ("Rosa", "Luz")}
    assert len(users) == 2


def test_staff_have_an_e_mail(boss):
    with pytest.raises(invitations.CannotInvite):
        invitations.invite(" ", "Kim", Role.PARALEGAL, "en", actor=boss)


def test_who_has_no_e_mail_comes_in_with_the_link_and_comes_back_with_a_passkey(client, link):
    passkey = Passkey()
    assert client.post(link).url == "/account/passkeys/add/"
    client.post("/account/passkeys/add/", {"credential": passkey.create(options(client.get("/account/passkeys/add/")))})
    client.post("/sign-out/")
    data = client.get("/sign-in/passkey/", headers={"X-Requested-With": "XMLHttpRequest"}).json()
    client.post("/sign-in/passkey/", {"credential": passkey.get(data["request_options"])})
    assert is_signed_in(client)


def test_the_address_that_fills_the_column_gets_no_code(client, link):
    client.post(link)
    email = User.objects.get(name="Rosa").email
    assert people.with_a_code(email) is None
    client.post("/sign-out/")
    ask(client, email)
    assert mail.outbox == []


def test_the_address_that_fills_the_column_is_on_no_page(client, link, boss):
    client.post(link)
    for browser, path in ((client, "/account/"), (client, "/account/passkeys/add/"), (signed_in(boss), "/people/")):
        assert "portal.invalid" not in browser.get(path).text, path


def test_who_has_neither_e_mail_nor_passkey_is_sent_to_the_office_and_not_away(client, link):
    client.post(link)
    page = client.get("/reauthenticate/?next=/account/").text
    assert "tel:" in page
    assert 'name="next" value="/account/"' not in page


# A phone that others use too


def test_a_shared_phone_gets_no_passkey(client, link):
    assert client.post(link, {"shared": "on"}).url == "/"
    assert client.get("/account/passkeys/add/").url == "/account/"
    assert "/account/passkeys/add/" not in client.get("/account/").text


def test_a_shared_phone_says_how_soon_it_is_signed_out(client, link):
    client.post(link, {"shared": "on"})
    assert (
        f" {sessions.SHARED_IDLE_MINUTES} "
        in re.findall(r"<footer>.*?<p>(.*?)</p>", client.get("/account/").text, re.S)[0]
    )


def test_staff_set_up_a_passkey_wherever_they_are(db):
    browser = signed_in(person("new@example.test"), by=["password"], client=Client(HTTP_HOST="localhost"))
    session = browser.session
    session["shared"] = True
    session.save()
    assert browser.get("/account/passkeys/add/").status_code == 200


def test_a_new_code_does_not_forget_that_others_use_the_phone(client, lena):
    ask(client, lena.email, shared="on")
    client.post("/sign-in/code/again/")
    client.post("/sign-in/code/", {"code": code_mailed()})
    assert client.session["shared"] is True


# A code that did not come


def again(client, **more):
    return client.post("/sign-in/code/again/", more, follow=True)


def test_one_tap_sends_a_new_code_and_says_so(client, lena):
    ask(client, lena.email)
    first = code_mailed()
    answer = again(client)
    assert answer.redirect_chain == [("/sign-in/code/?next=%2F", 302)]
    assert 'data-tone="good"' in answer.text
    assert len(mail.outbox) == 2
    client.post("/sign-in/code/", {"code": first}) if first != code_mailed() else None
    assert client.post("/sign-in/code/", {"code": code_mailed()}).url == "/"


def test_the_tap_is_on_the_codes_page_and_keeps_where_one_goes(client, lena):
    page = client.get(ask(client, lena.email, next="/account/").url).text
    form = re.findall(r'<form[^>]*action="/sign-in/code/again/".*?</form>', page, re.S)[0]
    assert 'name="next" value="/account/"' in form
    assert again(client, next="/account/").redirect_chain[0][0] == "/sign-in/code/?next=%2Faccount%2F"


def test_after_too_many_the_page_says_when_and_the_last_code_still_works(client, lena):
    ask(client, lena.email)
    for _ in range(2):
        again(client)
    answer = again(client)
    assert len(mail.outbox) == 3
    assert re.search(r"\b5 minut", answer.text)
    assert client.post("/sign-in/code/", {"code": code_mailed()}).url == "/"


def test_after_the_minutes_a_new_code_comes(client, lena, monkeypatch):
    ask(client, lena.email)
    for _ in range(3):
        again(client)
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    ask(client, lena.email)
    assert len(mail.outbox) == 4


def test_an_unknown_address_looks_the_same(client, lena):
    answers = set()
    for email in (lena.email, "nobody@example.test"):
        browser = Client(HTTP_HOST="localhost")
        ask(browser, email)
        answers.add(re.sub(r'value="\w{64}"', "", again(browser).text.replace(email, "*")))
    assert len(answers) == 1
    assert len(mail.outbox) == 4


def test_without_an_address_a_tap_does_nothing(client, lena):
    assert client.post("/sign-in/code/again/").url == "/"
    assert client.get("/sign-in/code/again/").status_code == 405
    assert signed_in(lena, by=["code"]).post("/sign-in/code/again/").url == "/"
    assert mail.outbox == []


def test_page_and_mail_say_how_long_a_code_lives(client, lena):
    minutes = f" {settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60} minut"
    page = client.get(ask(client, lena.email).url).text
    assert minutes in page
    assert minutes in str(mail.outbox[-1].body)


# Leaving


def test_three_escapes_are_in_the_script_of_every_client_page(lena):
    assert "leave.js" in re.sub(r"\.\w{12}\.js", ".js", signed_in(lena, by=["code"]).get("/account/").text)
    assert "'Escape'" in (Path(settings.BASE_DIR) / "portal/static/leave.js").read_text()


def test_nothing_of_a_token_is_kept(link):
    token = link.split("/")[2]
    assert token not in json.dumps(list(Invitation.objects.values_list()), default=str)
