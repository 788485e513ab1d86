"""Who is here, what the administrator changes, and the code of the demo."""

import json

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import factors, invitations, people, policy
from accounts.models import AuditEvent, NeverDeleted, Role, User
from tests.people import events, person, signed_in, totp

pytestmark = pytest.mark.usefixtures("firm")
STAFF = [Role.PARALEGAL, Role.ATTORNEY, Role.ADMINISTRATOR]


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def client():
    return Client(HTTP_HOST="localhost")


def invite(role=Role.CLIENT, email="New.Person@Example.test", *, actor=None):
    return invitations.invite(email, "New Person", role, "en", actor=actor)


def test_nobody_is_ever_deleted(tom):
    with pytest.raises(NeverDeleted):
        tom.delete()
    with pytest.raises(NeverDeleted):
        User.objects.filter(pk=tom.pk).delete()


@pytest.mark.parametrize("columns", [
    {"email": "Upper@example.test"}, {"role": "owner"}, {"language": "fr"}, {"joined_at": None}, {"role": "client"},
])  # fmt: skip
def test_the_database_refuses_a_person_who_cannot_be(tom, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=tom.pk).update(**columns)


def test_an_address_belongs_to_one_person_in_any_case(tom):
    with pytest.raises(IntegrityError), transaction.atomic():
        person("TOM@example.test")


def test_there_is_one_firm(firm):
    firm.pk = 2
    with pytest.raises(IntegrityError), transaction.atomic():
        firm.save(force_insert=True)


# The administrator's pages


PAGES = ["/people/", "/people/firm/"]


@pytest.mark.parametrize("path", PAGES)
def test_only_an_administrator_sees_everybody(path, boss, tom, lena, client):
    assert signed_in(boss).get(path).status_code == 200
    assert signed_in(tom).get(path).status_code == 403
    assert signed_in(lena, by=["code"]).get(path).status_code == 403
    assert client.get(path).url.startswith("/sign-in/")


def press(browser, who, do, **more):
    return browser.post(f"/people/{who.pk}/", {"do": do, "back": "/people/", **more})


def test_an_administrator_invites_staff(boss, mailed):
    form = {"name": "Kim", "email": "kim@example.test", "role": "paralegal", "language": "es"}
    mailed(signed_in(boss).post, "/people/invite/", form)
    kim = User.objects.get(email="kim@example.test")
    assert (kim.role, kim.language, kim.is_active) == ("paralegal", "es", False)
    assert mail.outbox[-1].to == [kim.email]


@pytest.mark.parametrize(
    "wrong", [{"role": "client"}, {"role": "superuser"}, {"email": "x"}, {"name": ""}, {"language": "xx"}]
)
def test_an_invitation_with_a_mistake_is_refused(boss, wrong):
    form = {"name": "Kim", "email": "kim@example.test", "role": "paralegal", "language": "es", **wrong}
    assert signed_in(boss).post("/people/invite/", form).status_code == 200
    assert people.known("kim@example.test") is None


def test_columns_not_on_the_form_are_not_taken(boss):
    form = {
        "name": "Kim",
        "email": "kim@example.test",
        "role": "paralegal",
        "language": "es",
        "is_active": "1",
        "password": "x",
    }
    signed_in(boss).post("/people/invite/", form)
    assert not User.objects.get(email="kim@example.test").is_active


def test_stopping_and_letting_back_in(boss, tom):
    browser, toms = signed_in(boss), signed_in(tom)
    press(browser, tom, "stop")
    assert toms.get("/account/").url.startswith("/sign-in/")
    press(browser, tom, "let_back")
    tom.refresh_from_db()
    assert tom.is_active
    assert [event.facts["to"] for event in AuditEvent.objects.filter(kind="person_changed").order_by("seq")] == [
        False,
        True,
    ]


def test_another_role_counts_from_the_next_request(boss, tom):
    toms = signed_in(tom)
    press(signed_in(boss), tom, "role", role="administrator")
    assert toms.get("/people/").status_code == 200


@pytest.mark.parametrize("role", ["client", "owner", ""])
def test_a_role_that_cannot_be_given_is_refused(boss, tom, role):
    press(signed_in(boss), tom, "role", role=role)
    tom.refresh_from_db()
    assert tom.role == "attorney"


def test_lost_second_factors_are_removed_and_the_person_is_told(boss, tom, mailed):
    toms = signed_in(tom)
    mailed(press, signed_in(boss), tom, "forget_factors")
    assert policy.factors(tom) == set()
    assert toms.get("/account/").url.startswith("/sign-in/")
    assert mail.outbox[-1].to == [tom.email]


@pytest.mark.parametrize("do", ["stop", "forget_factors", "role"])
def test_administrators_cannot_lock_themselves_out(boss, do):
    press(signed_in(boss), boss, do, role="paralegal")
    boss.refresh_from_db()
    assert (boss.is_active, boss.role, policy.factors(boss)) == (True, "administrator", {"totp"})


def test_an_administrator_cannot_send_a_client_a_link(boss, lena):
    press(signed_in(boss), lena, "invite")
    assert not lena.invitations.exists()


@pytest.mark.parametrize("do", ["", "delete", "__class__"])
def test_a_button_that_is_not_there_does_nothing(boss, tom, do):
    assert press(signed_in(boss), tom, do).status_code == 400


def test_changing_people_needs_a_fresh_second_factor(boss, tom):
    browser = signed_in(boss, ago=700)
    assert press(browser, tom, "stop").url == "/reauthenticate/?next=%2Fpeople%2F"
    assert browser.get("/people/firm/").url.startswith("/reauthenticate/")
    tom.refresh_from_db()
    assert tom.is_active


@pytest.mark.parametrize("do", ["stop", "invite", "forget_factors", "role"])
def test_nobody_else_changes_people(tom, boss, lena, do):
    for browser in (signed_in(tom), signed_in(lena, by=["code"])):
        assert press(browser, boss, do, role="paralegal").status_code == 403


def test_the_firms_rules_change_on_the_record(boss, firm):
    form = {
        "firm_name": "New Name",
        "client_idle_minutes": 10,
        "staff_idle_minutes": 20,
        "absolute_hours": 8,
        "step_up_minutes": 5,
    }
    assert signed_in(boss).post("/people/firm/", form).url == "/people/firm/"
    firm.refresh_from_db()
    assert (firm.firm_name, firm.totp_until, firm.step_up_minutes) == ("New Name", None, 5)
    assert "totp_until" in AuditEvent.objects.get(kind="policy_changed").facts["fields"]


@pytest.mark.parametrize(
    "wrong", [{"client_idle_minutes": 0}, {"absolute_hours": 99}, {"step_up_minutes": -1}, {"totp_until": "soon"}]
)
def test_rules_that_make_no_sense_are_refused(boss, wrong, firm):
    form = {"client_idle_minutes": 10, "staff_idle_minutes": 20, "absolute_hours": 8, "step_up_minutes": 5, **wrong}
    assert signed_in(boss).post("/people/firm/", form).status_code == 200


# The command of the demo


def test_the_totp_command_tells_the_code_that_works(tom, capsys):
    call_command("totp", "TOM@example.test")
    told = json.loads(capsys.readouterr().out)
    assert told["code"] in {totp(tom), totp(tom, step=-1)}
    assert 0 < told["seconds"] <= 30


def test_the_totp_command_refuses_away_from_loopback(tom, settings):
    settings.LOOPBACK = False
    with pytest.raises(CommandError, match="loopback"):
        call_command("totp", tom.email)


def test_the_totp_command_refuses_who_has_no_app(lena):
    with pytest.raises(CommandError, match="no authenticator app"):
        call_command("totp", lena.email)


def test_enrolling_an_app_is_on_the_record(tom):
    assert events(tom) == ["factor_added"]
    assert [factor.type for factor in factors.of(tom)] == ["totp"]
