"""Signing in with a passkey: whose, from where, proved how."""

import pytest
from django.test import Client

from accounts import people
from accounts.models import AuditEvent, Role
from tests.authenticator import Passkey
from tests.people import code_mailed, events, is_signed_in, options, person, signed_in

pytestmark = pytest.mark.usefixtures("firm")


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def client():
    return Client(HTTP_HOST="localhost")


@pytest.fixture
def ada(db):
    return person("ada.admin@example.test", Role.ADMINISTRATOR)


def ask(client, email, way="code", **more):
    return client.post("/sign-in/", {"email": email, "way": way, **more})


@pytest.fixture
def passkey(lena):
    """Lena's, set up on the page."""
    key, browser = Passkey(), signed_in(lena, by=["code"], client=Client(HTTP_HOST="localhost"))
    page = browser.get("/account/passkeys/add/")
    assert browser.post("/account/passkeys/add/", {"name": "Phone", "credential": key.create(options(page))}).url == "/"
    return key


def wanted(client):
    return client.get("/sign-in/passkey/", headers={"Accept": "application/json"}).json()["request_options"]


def test_a_client_signs_in_with_a_passkey(client, passkey, lena):
    client.post("/sign-in/passkey/", {"credential": passkey.get(wanted(client))})
    assert is_signed_in(client)
    assert events(lena)[-1] == "signed_in"


def test_a_client_with_a_passkey_may_still_ask_for_a_code(client, passkey, lena):
    ask(client, lena.email)
    assert client.post("/sign-in/code/", {"code": code_mailed()}).url == "/"


def test_a_passkey_names_no_other_person(client, passkey, tom):
    passkey.user = str(tom.pk).encode()
    client.post("/sign-in/passkey/", {"credential": passkey.get(wanted(client))})
    assert not is_signed_in(client)
    assert AuditEvent.objects.get(kind="sign_in_failed").subject_id == ""


@pytest.mark.parametrize("change", [{"verifies": False}, {"origin": "https://evil.test"}])
def test_a_passkey_without_finger_or_from_elsewhere_is_refused(client, passkey, change):
    for name, value in change.items():
        setattr(passkey, name, value)
    client.post("/sign-in/passkey/", {"credential": passkey.get(wanted(client))})
    assert not is_signed_in(client)


def test_a_passkey_answer_works_once(client, passkey):
    answer = passkey.get(wanted(client))
    client.post("/sign-in/passkey/", {"credential": answer})
    client.post("/sign-out/")
    client.post("/sign-in/passkey/", {"credential": answer})
    assert not is_signed_in(client)


def test_the_passkey_of_somebody_stopped_is_refused(client, passkey, lena, ada):
    people.deactivate(lena, actor=ada)
    client.post("/sign-in/passkey/", {"credential": passkey.get(wanted(client))})
    assert not is_signed_in(client)


@pytest.mark.parametrize("credential", [
    "", "{", "1", "[]", "{}", "null", '{"id": 1}', '{"response": []}',
    '{"id":"x","rawId":"x","type":"public-key","response":{"userHandle":"!"}}',
])  # fmt: skip
def test_a_broken_passkey_answer_is_refused_calmly(client, passkey, credential):
    wanted(client)
    assert client.post("/sign-in/passkey/", {"credential": credential}).url == "/sign-in/"
    assert not is_signed_in(client)
