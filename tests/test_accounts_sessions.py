"""How long a session lasts, and every way it ends."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts import people, policy, sessions
from accounts.models import Role, User
from tests.people import PASSWORD, code_mailed, events, person, signed_in, totp

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


def type_password(client, email="tom@example.test", password=PASSWORD, **more):
    return client.post("/sign-in/password/", {"login": email, "password": password, **more})


def test_signing_in_changes_the_sessions_key(client, tom):
    type_password(client)
    before = client.cookies["__Host-session"].value
    client.post("/sign-in/second-factor/", {"code": totp(tom)})
    assert client.cookies["__Host-session"].value != before


def test_cookies_are_kept_from_scripts_and_other_sites(client, lena):
    ask(client, lena.email)
    for name in ("__Host-session", "__Host-csrf"):
        cookie = client.get("/sign-in/") and client.cookies[name]
        assert cookie["secure"]
        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
    assert client.cookies["__Host-session"]["max-age"] == ""


def aged(client, seconds, **keys):
    """The same browser after it was left alone."""
    session = client.session
    for key in keys.get("only", ["seen"]):
        session[key] -= seconds
    session.save()
    return client


@pytest.mark.parametrize(("role", "minutes"), [(Role.CLIENT, 15), (Role.ATTORNEY, 30)])
def test_an_unused_session_ends(db, role, minutes):
    user = person("idle@example.test", role)
    assert aged(signed_in(user), minutes * 60 - 30).get("/account/").status_code == 200
    assert aged(signed_in(user), minutes * 60 + 5).get("/account/").url.startswith("/sign-in/")
    assert events(user) == ["session_ended"]


def test_a_session_on_a_shared_phone_ends_sooner(client, lena):
    ask(client, lena.email, shared="on")
    client.post("/sign-in/code/", {"code": code_mailed()})
    assert aged(client, 5 * 60 + 5).get("/account/").url.startswith("/sign-in/")


def test_a_session_ends_after_twelve_hours_however_busy(tom):
    browser = aged(signed_in(tom), 12 * 3600 + 5, only=["began"])
    assert browser.get("/account/").url.startswith("/sign-in/")


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(lena):
    browser = aged(signed_in(lena, by=["code"]), 60)
    seen_before = browser.session["seen"]
    browser.get("/account/", headers={"Sec-Fetch-Mode": "cors"})
    assert browser.session["seen"] == seen_before
    browser.get("/account/", headers={"Sec-Fetch-Mode": "navigate"})
    assert browser.session["seen"] > seen_before


def test_photos_on_their_way_when_the_time_ran_out_are_still_taken(lena):
    browser = aged(signed_in(lena, by=["code"]), 30 * 60)
    assert browser.post("/language/", {"language": "es", "next": "/account/"}).url == "/account/"  # multipart, taken
    assert browser.get("/account/").url.startswith("/sign-in/")


def test_signing_out_ends_the_session_here_and_in_the_database(client, lena):
    browser = signed_in(lena, by=["code"])
    cookie = browser.cookies["__Host-session"].value
    response = browser.post("/sign-out/")
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    client.cookies["__Host-session"] = cookie
    assert client.get("/account/").url.startswith("/sign-in/")
    assert events(lena) == ["signed_out"]


def test_leaving_ends_the_session_clears_the_browser_and_goes_outside(lena):
    browser = signed_in(lena, by=["code"])
    response = browser.post("/leave/")
    assert response.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response.headers["Refresh"] == f"0; url={policy.OUTSIDE}"
    assert "mparo" not in response.text
    assert events(lena) == ["signed_out"]


def test_leaving_needs_no_token_and_nobody_signed_in():
    assert Client(enforce_csrf_checks=True).post("/leave/").status_code == 200


@pytest.mark.parametrize("path", ["/sign-out/", "/leave/", "/language/", "/account/sessions/", "/people/invite/"])
def test_what_changes_something_is_never_a_link(tom, path):
    assert signed_in(tom).get(path).status_code == 405


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/password/", "/sign-out/", "/language/", "/account/sessions/"])
def test_another_site_cannot_act_for_somebody(tom, path):
    browser = signed_in(tom, client=Client(enforce_csrf_checks=True))
    assert browser.post(path).status_code == 403


def test_a_stopped_persons_sessions_die_at_once(tom, ada):
    browser = signed_in(tom)
    people.deactivate(tom, actor=ada)
    assert browser.get("/account/").url.startswith("/sign-in/")


def test_being_stopped_beats_a_session_nobody_ended(tom):
    browser = signed_in(tom)
    User.objects.filter(pk=tom.pk).update(is_active=False)
    assert browser.get("/account/").url.startswith("/sign-in/")


def test_one_sees_and_ends_ones_other_sessions(tom):
    client: Any = Client(HTTP_HOST="localhost", headers={"User-Agent": "Mozilla/5.0 (iPhone) Safari/605"})
    other: Any = Client()
    type_password(client)
    client.post("/sign-in/second-factor/", {"code": totp(tom)})
    signed_in(tom, client=other)
    assert [session.device for session in sessions.of(tom)] == ["Firefox, Linux", "Safari, iPhone"]
    client.post("/account/sessions/")
    assert other.get("/account/").url.startswith("/sign-in/")
    assert client.get("/account/").status_code == 200
    assert events(tom)[-1] == "session_ended"


def test_nobody_ends_somebody_elses_session(tom, lena):
    browser = signed_in(lena, by=["code"])
    signed_in(tom).post("/account/sessions/", {"session": sessions.of(lena)[0].pk})
    assert browser.get("/account/").status_code == 200


def test_sessions_past_their_time_are_forgotten_with_their_addresses(lena):
    UserSession.objects.create(user=lena, ip="203.0.113.9", session_key="gone", user_agent="")
    assert sessions.sweep() == 1


def test_no_page_is_kept_by_the_browser(client, tom):
    for browser, path in ((client, "/sign-in/"), (signed_in(tom), "/account/")):
        assert "no-store" in browser.get(path).headers["Cache-Control"]
