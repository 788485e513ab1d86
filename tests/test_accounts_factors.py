"""A person's own ways to sign in, and proving again who one is."""

import re
from base64 import b64decode
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from accounts import policy
from accounts.models import AuditEvent, Role
from portal import hours
from tests.authenticator import Passkey
from tests.people import PASSWORD, events, options, person, signed_in, totp

pytestmark = pytest.mark.usefixtures("firm")
STAFF = [Role.PARALEGAL, Role.ATTORNEY, Role.ADMINISTRATOR]


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def client():
    return Client(HTTP_HOST="localhost")


@pytest.fixture
def newcomer(db):
    return person("newcomer@example.test")


@pytest.fixture
def half_way(newcomer):
    """Staff who have just chosen a password."""
    return signed_in(newcomer, by=["password"], client=Client(HTTP_HOST="localhost"))


def set_up_app(browser, code=None):
    secret = re.findall(r"<code>(\w{32})</code>", browser.get("/account/second-factor/app/").text)[0]
    now = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    return browser.post("/account/second-factor/app/", {"code": code or now})


def test_setting_up_an_app_opens_the_portal(half_way, newcomer):
    assert set_up_app(half_way).url == "/account/recovery-codes/"
    assert half_way.get("/account/").status_code == 200
    assert events(newcomer) == ["factor_added"]


def test_setting_up_a_passkey_opens_the_portal(half_way, newcomer):
    answer = Passkey().create(options(half_way.get("/account/passkeys/add/")))
    assert half_way.post("/account/passkeys/add/", {"credential": answer}).url == "/account/recovery-codes/"
    assert half_way.get("/account/").status_code == 200
    assert events(newcomer) == ["factor_added"]


@pytest.mark.parametrize("passkey", [Passkey(verifies=False), Passkey(origin="https://evil.test")])
def test_a_passkey_without_finger_or_from_elsewhere_is_not_kept(half_way, passkey):
    answer = passkey.create(options(half_way.get("/account/passkeys/add/")))
    assert half_way.post("/account/passkeys/add/", {"credential": answer}).status_code == 200
    assert not Authenticator.objects.exists()


def test_a_wrong_code_sets_up_no_app(half_way):
    assert set_up_app(half_way, "abc").status_code == 200
    assert half_way.get("/account/").url == "/account/second-factor/"


def test_an_app_the_firm_does_not_allow_cannot_be_set_up(half_way, firm):
    firm.totp_until = hours.today() - timedelta(days=1)
    firm.save()
    assert half_way.get("/account/second-factor/app/").status_code == 403


def test_the_session_has_a_new_key_after_the_second_factor(half_way):
    before = half_way.session.session_key
    set_up_app(half_way)
    assert half_way.session.session_key != before


def test_a_new_way_to_sign_in_is_told_by_mail(half_way, mailed):
    mailed(set_up_app, half_way)
    assert [message.to for message in mail.outbox] == [["newcomer@example.test"]]


def test_secrets_are_ciphertext_in_the_database(tom):
    secret = Authenticator.objects.get(user=tom, type="totp").data["secret"]
    assert len(b64decode(secret)) > 50
    assert not re.search(rb"[A-Z2-7]{32}", b64decode(secret))


def test_recovery_codes_are_shown_once(half_way):
    set_up_app(half_way)
    assert len(re.findall(r"<li>\d{8}</li>", half_way.get("/account/recovery-codes/").text)) == 10
    assert not re.findall(r"<li>\d{8}</li>", half_way.get("/account/recovery-codes/").text)


CHANGES = ["/account/passkeys/add/", "/account/second-factor/app/", "/account/recovery-codes/"]


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize(("by", "ago"), [(["password", "totp"], 700), (["password"], 0)])
def test_ways_to_sign_in_change_only_after_a_fresh_second_factor(tom, path, by, ago):
    browser = signed_in(tom, by=by, ago=ago, client=Client(HTTP_HOST="localhost"))
    assert browser.get(path).url.startswith("/reauthenticate/")
    assert browser.post(path, {"code": "1"}).url.startswith("/reauthenticate/")


def test_a_client_signs_in_again_before_adding_a_passkey_late(lena):
    browser = signed_in(lena, by=["code"], ago=700, client=Client(HTTP_HOST="localhost"))
    assert browser.get("/account/passkeys/add/").url == "/reauthenticate/?next=%2Faccount%2Fpasskeys%2Fadd%2F"
    assert 'class="go">Entrar otra vez<' in browser.get("/reauthenticate/").text


def test_the_last_second_factor_stays(tom):
    browser = signed_in(tom)
    browser.post(f"/account/second-factor/{Authenticator.objects.get(user=tom).pk}/remove/")
    assert policy.factors(tom) == {"totp"}


def test_removing_a_factor_ends_the_other_sessions_and_is_on_the_record(tom, client):
    passkey, browser = Passkey(), signed_in(tom, client=client)
    page = browser.get("/account/passkeys/add/")
    browser.post("/account/passkeys/add/", {"credential": passkey.create(options(page))})
    other = signed_in(tom)
    browser.post(f"/account/second-factor/{Authenticator.objects.get(user=tom, type='totp').pk}/remove/")
    assert policy.factors(tom) == {"webauthn"}
    assert "factor_removed" in events(tom)
    assert browser.get("/account/").status_code == 200
    assert other.get("/account/").url.startswith("/sign-in/")


def test_nobody_removes_somebody_elses_factor(tom, boss):
    pk = Authenticator.objects.get(user=boss).pk
    assert signed_in(tom).post(f"/account/second-factor/{pk}/remove/").status_code == 404
    assert policy.factors(boss) == {"totp"}


def test_a_password_changes_with_the_old_one_only(tom):
    browser = signed_in(tom)
    browser.post("/account/password/", {"current": "not this one", "password": "another long pass phrase"})
    tom.refresh_from_db()
    assert tom.check_password(PASSWORD)


def test_a_changed_password_keeps_this_session_and_ends_the_others(tom):
    browser, other = signed_in(tom), signed_in(tom)
    browser.post("/account/password/", {"current": PASSWORD, "password": "another long pass phrase"})
    assert browser.get("/account/").status_code == 200
    assert other.get("/account/").url.startswith("/sign-in/")
    assert mail.outbox[-1].to == [tom.email]
    assert AuditEvent.objects.get(kind="person_changed").facts == {"field": "password"}


# Stepping up


def test_stepping_up_with_the_app_comes_back_fresh_under_a_new_key(tom):
    browser = signed_in(tom, ago=700, client=Client(HTTP_HOST="localhost"))
    assert (
        browser.get("/reauthenticate/?next=/account/password/").url
        == "/reauthenticate/code/?next=%2Faccount%2Fpassword%2F"
    )
    before = browser.session.session_key
    answer = browser.post("/reauthenticate/code/", {"code": totp(tom), "next": "/account/password/"})
    assert answer.url == "/account/password/"
    assert browser.session.session_key != before
    assert browser.get("/account/password/").status_code == 200
    assert events(tom)[-1] == "confirmed"


def test_stepping_up_with_a_passkey_comes_back_fresh(newcomer, half_way):
    passkey = Passkey()
    half_way.post(
        "/account/passkeys/add/", {"credential": passkey.create(options(half_way.get("/account/passkeys/add/")))}
    )
    browser = signed_in(newcomer, by=["password", "webauthn"], ago=700, client=Client(HTTP_HOST="localhost"))
    page = browser.get("/reauthenticate/passkey/?next=/account/password/")
    browser.post("/reauthenticate/passkey/", {"credential": passkey.get(options(page)), "next": "/account/password/"})
    assert browser.get("/account/password/").status_code == 200


def test_a_wrong_code_steps_nobody_up(tom):
    browser = signed_in(tom, ago=700)
    browser.post("/reauthenticate/code/", {"code": "abc"})
    assert browser.get("/account/password/").url.startswith("/reauthenticate/")
    assert events(tom)[-1] == "sign_in_failed"


@pytest.mark.parametrize("by", [["password"], ["password", "recovery_codes"]])
def test_neither_the_password_nor_a_recovery_code_is_a_fresh_second_factor(rf, tom, by):
    request = rf.get("/")
    request.user, request.session = tom, signed_in(tom, by=by).session
    assert not policy.fresh(request)


def test_stepping_up_never_leads_outside(tom):
    browser = signed_in(tom, ago=700)
    assert "evil" not in browser.get("/reauthenticate/?next=https://evil.test/").url
    assert "evil" not in browser.post("/account/recovery-codes/", {"back": "//evil.test/"}).url
