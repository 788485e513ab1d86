"""One page for everybody, the same answer for every e-mail, and no way around the second factor."""

import json
import re
import time

import pytest
from allauth.account.adapter import get_adapter
from django.core import mail
from django.db import IntegrityError
from django.test import Client

from accounts.models import AuditEvent, Role, User
from tests.people import PASSWORD, code_mailed, events, is_signed_in, person, signed_in, totp

pytestmark = pytest.mark.usefixtures("firm")


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def client():
    return Client(HTTP_HOST="localhost")


def ask(client, email, way="code", **more):
    return client.post("/sign-in/", {"email": email, "way": way, **more})


def type_password(client, email="tom@example.test", password=PASSWORD, **more):
    return client.post("/sign-in/password/", {"login": email, "password": password, **more})


# Clients: a code


def test_a_client_signs_in_with_the_mailed_code(client, lena):
    ask(client, "Lena@Example.test")
    assert client.post("/sign-in/code/", {"code": code_mailed()}).url == "/"
    assert is_signed_in(client)
    assert events(lena) == ["signed_in"]


def test_the_code_comes_in_the_clients_language_and_says_nothing_else(client, lena):
    ask(client, lena.email)
    assert mail.outbox[-1].to == [lena.email]
    assert not re.search(r"immigra|inmigra|asyl|asilo|Lena|Cort", f"{mail.outbox[-1].subject}{mail.outbox[-1].body}")
    assert code_mailed() not in mail.outbox[-1].subject


def test_a_wrong_code_is_refused_and_on_the_record(client, lena):
    ask(client, lena.email)
    wrong = f"{(int(code_mailed()) + 1) % 1_000_000:06}"
    assert client.post("/sign-in/code/", {"code": wrong}).status_code == 200
    assert not is_signed_in(client)
    assert events(lena) == ["sign_in_failed"]


def test_after_three_wrong_codes_even_the_right_one_is_refused(client, lena):
    ask(client, lena.email)
    right = code_mailed()
    for _ in range(3):
        client.post("/sign-in/code/", {"code": "x"})
    client.post("/sign-in/code/", {"code": right})
    assert not is_signed_in(client)


def test_a_code_works_once(client, lena):
    ask(client, lena.email)
    code = code_mailed()
    client.post("/sign-in/code/", {"code": code})
    client.post("/sign-out/")
    client.post("/sign-in/code/", {"code": code})
    assert not is_signed_in(client)


def test_a_code_works_for_ten_minutes(client, lena, monkeypatch):
    ask(client, lena.email)
    code, now = code_mailed(), time.time()
    monkeypatch.setattr("time.time", lambda: now + 601)
    client.post("/sign-in/code/", {"code": code})
    assert not is_signed_in(client)


def test_a_code_works_only_in_the_browser_that_asked(client, lena):
    ask(client, lena.email)
    stranger = Client(HTTP_HOST="localhost")
    stranger.post("/sign-in/code/", {"code": code_mailed()})
    assert not is_signed_in(stranger)


def test_a_code_asked_for_too_often_is_not_sent(client, lena):
    answers = [ask(client, lena.email).status_code for _ in range(4)]
    assert answers == [302, 302, 302, 200]
    assert len(mail.outbox) == 3


def test_when_mail_is_down_the_page_says_so(client, lena, monkeypatch):
    def down(*_args, **_kwargs):
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", down)
    assert "cannot send mail" in ask(client, lena.email).text


def test_a_client_has_no_password_to_guess(client, lena):
    lena.set_password(PASSWORD)
    with pytest.raises(IntegrityError, match="clients_have_no_password"):
        lena.save()


# The same answer for everybody


def everyone():
    person("known@example.test", Role.CLIENT)
    person("staff@example.test")
    person("stopped@example.test", Role.CLIENT, is_active=False)
    person("fired@example.test", is_active=False)
    User.objects.create_user("invited@example.test", name="I", role=Role.CLIENT)
    return ["known@example.test", "staff@example.test", "stopped@example.test", "fired@example.test",
            "invited@example.test", "nobody@example.test"]  # fmt: skip


def seen(response, email):
    """What is left of a page without the typed address and what is random by design."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.text).replace(email, "*")
    headers = {name: value for name, value in response.headers.items() if name not in {"Content-Length", "Expires"}}
    return response.status_code, text, str(headers)


@pytest.mark.parametrize("way", ["code", "password"])
def test_asking_tells_nobody_who_is_known(way):
    answers = set()
    for email in everyone():
        browser = Client(HTTP_HOST="localhost")
        first = ask(browser, email, way)
        page = browser.get(first.url)
        answers.add((seen(first, email), seen(page, email)))
    assert len(answers) == 1


def test_every_asked_address_gets_exactly_one_mail(client):
    for email in everyone():
        ask(Client(HTTP_HOST="localhost"), email)
        assert [message.to for message in mail.outbox] == [[email]]
        mail.outbox.clear()


def test_only_an_active_client_gets_a_code():
    for email in everyone()[1:]:
        ask(Client(HTTP_HOST="localhost"), email)
    assert not any(re.search(r"\b\d{6}\b", str(message.body)) for message in mail.outbox)


def test_staff_who_ask_for_a_code_are_told_to_use_the_password(client, tom):
    ask(client, tom.email)
    assert "password" in mail.outbox[-1].body


def test_no_code_signs_staff_in(client, tom):
    ask(client, tom.email)
    client.post("/sign-in/code/", {"code": ""})
    client.post("/sign-in/code/", {"code": "000000"})
    assert not is_signed_in(client)


def test_a_wrong_password_tells_nobody_who_is_known():
    answers = set()
    for email in everyone():
        response = type_password(Client(HTTP_HOST="localhost"), email, "not the password at all")
        answers.add(seen(response, email))
    assert len(answers) == 1


def test_the_right_password_of_somebody_stopped_is_a_wrong_password(client):
    everyone()
    right = type_password(client, "fired@example.test")
    wrong = type_password(Client(HTTP_HOST="localhost"), "fired@example.test", "not the password at all")
    assert seen(right, "fired@example.test") == seen(wrong, "fired@example.test")


@pytest.mark.parametrize(
    "email", ["", "no", "a@", "x" * 300 + "@example.test", "a@b.test\x00", "'; DROP TABLE x;--@e.test", "<b>@e.test"]
)
def test_what_is_no_address_is_refused_calmly(client, email):
    response = ask(client, email)
    assert response.status_code == 200
    assert "<b>@e.test" not in response.text
    assert mail.outbox == []


# Staff: a password, then a second factor


def test_staff_sign_in_with_password_and_app(client, tom):
    assert type_password(client).url == "/sign-in/second-factor/"
    assert client.post("/sign-in/second-factor/", {"code": totp(tom)}).url == "/"
    assert client.get("/account/").status_code == 200
    event = AuditEvent.objects.get(kind="signed_in")
    assert (event.actor, event.facts) == (tom, {"method": "password+totp"})


def test_a_wrong_password_is_on_the_record(client, tom):
    type_password(client, password="not the password at all")
    assert events(tom)[1:] == ["sign_in_failed"]


def test_a_wrong_app_code_is_on_the_record(client, tom):
    type_password(client)
    client.post("/sign-in/second-factor/", {"code": "abc"})
    assert events(tom)[1:] == ["sign_in_failed"]
    assert not is_signed_in(client)


def test_an_app_code_works_once(client, tom):
    code = totp(tom)
    type_password(client)
    client.post("/sign-in/second-factor/", {"code": code})
    again = Client(HTTP_HOST="localhost")
    type_password(again)
    again.post("/sign-in/second-factor/", {"code": code})
    assert is_signed_in(client)
    assert not is_signed_in(again)


def test_a_code_of_the_next_half_minute_is_refused(client, tom):
    type_password(client)
    client.post("/sign-in/second-factor/", {"code": totp(tom, step=2)})
    assert not is_signed_in(client)


def test_app_codes_cannot_be_guessed_from_many_addresses(client, tom):
    type_password(client)
    for number in range(5):
        client.post("/sign-in/second-factor/", {"code": "abc"}, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    client.post("/sign-in/second-factor/", {"code": totp(tom)}, HTTP_X_FORWARDED_FOR="203.0.113.77")
    assert not is_signed_in(client)


def test_passwords_cannot_be_guessed_from_many_addresses_or_in_other_case(client, tom):
    for number in range(5):
        type_password(
            client, "TOM@example.test" if number % 2 else tom.email, "wrong wrong", HTTP_X_FORWARDED_FOR="1.1.1.1"
        )
    assert type_password(client).status_code == 200


def test_an_address_before_the_proxys_own_is_not_believed(rf, tom):
    from_proxy = [rf.post("/", headers={"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.9"}) for n in (1, 2)]
    assert {get_adapter().get_client_ip(request) for request in from_proxy} == {"203.0.113.9"}


def test_an_allowed_app_is_not_enough_after_the_firms_date(client, tom, firm):
    firm.totp_until = None
    firm.save()
    type_password(client)
    client.post("/sign-in/second-factor/", {"code": totp(tom)})
    assert client.get("/people/").url == "/account/second-factor/"


def test_staff_without_a_second_factor_reach_only_its_set_up(client, db):
    person("new@example.test")
    type_password(client, "new@example.test")
    for path in ["/account/", "/people/", "/account/password/", "/matters/"]:
        response = client.get(path)
        assert (response.status_code, response.headers.get("Location")) in {
            (302, "/account/second-factor/"),
            (404, None),
        }
    assert client.get("/account/second-factor/").status_code == 200
    assert client.get("/account/passkeys/add/").status_code == 200


def test_half_way_in_is_not_in(client, tom):
    """The password alone: on every address of ours, as if nobody had signed in."""
    type_password(client)
    for path in ["/account/", "/account/passkeys/add/", "/account/second-factor/app/", "/account/recovery-codes/",
                 "/reauthenticate/", "/reauthenticate/code/", "/people/"]:  # fmt: skip
        assert client.get(path).url.startswith("/sign-in/?next="), path
    assert not is_signed_in(client)


def test_a_half_way_session_can_start_again(client, tom):
    type_password(client)
    client.post("/sign-out/")
    assert client.get("/sign-in/second-factor/").url == "/sign-in/"


def test_a_recovery_code_opens_only_the_set_up_and_works_once(client, tom):
    browser = signed_in(tom, client=Client(HTTP_HOST="localhost"))
    browser.post("/account/recovery-codes/")
    code = re.findall(r"<li>(\d{8})</li>", browser.get("/account/recovery-codes/").text)[0]
    type_password(client)
    client.post("/sign-in/second-factor/", {"code": code})
    assert client.get("/people/").url == "/account/second-factor/"
    assert client.get("/account/passkeys/add/").status_code == 200
    again = Client(HTTP_HOST="localhost")
    type_password(again)
    again.post("/sign-in/second-factor/", {"code": code})
    assert not is_signed_in(again)


@pytest.mark.parametrize("path", [
    "/admin/", "/admin/login/", "/accounts/login/", "/accounts/signup/", "/signup/", "/accounts/password/reset/",
    "/password/reset/", "/sign-up/", "/accounts/2fa/",
])  # fmt: skip
def test_there_is_no_other_door(client, db, path):
    assert client.get(path).status_code == 404
    assert client.post(path, {"username": "x", "password": "y"}).status_code == 404


@pytest.mark.parametrize(
    "away", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)", "http:evil.test"]
)
def test_signing_in_never_leads_outside(client, tom, away):
    first = ask(client, tom.email, "password", next=away)
    type_password(client, next=away)
    after = client.post(f"/sign-in/second-factor/?next={away}", {"code": totp(tom)})
    assert "evil" not in first.url + after.url
    assert after.url == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(client, lena):
    wanted = client.get("/account/").url
    code_page = client.post(wanted, {"email": lena.email, "way": "code"}).url
    assert client.post(code_page, {"code": code_mailed()}).url == "/account/"


# Languages


def test_a_page_speaks_the_browsers_language_then_the_chosen_one_then_the_persons(client, lena):
    assert '<html lang="es"' in client.get("/sign-in/", headers={"Accept-Language": "es-GT"}).text
    client.post("/language/", {"language": "en"})
    assert '<html lang="en"' in client.get("/sign-in/", headers={"Accept-Language": "es-GT"}).text
    browser = signed_in(lena, by=["code"])
    assert '<html lang="es"' in browser.get("/account/").text
    browser.post("/language/", {"language": "en"})
    lena.refresh_from_db()
    assert lena.language == "en"


@pytest.mark.parametrize("language", ["", "xx", "../../etc", "en\r\nX: y"])
def test_a_language_nobody_speaks_changes_nothing(client, db, language):
    response = client.post("/language/", {"language": language, "next": "//evil.test/"})
    assert response.url == "/"
    assert "__Host-language" not in response.cookies


def test_nothing_typed_to_sign_in_reaches_the_record(client, tom):
    type_password(client, password="a secret nobody may read")
    ask(client, "secret.person@example.test")
    kept = json.dumps(list(AuditEvent.objects.values("facts", "subject_id", "outcome")))
    assert "secret" not in kept
    assert tom.email not in kept
