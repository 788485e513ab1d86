"""How every person begins: one link, used once."""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from accounts import invitations, people, policy
from accounts.models import AuditEvent, Invitation, Role, User
from accounts.passwords import ContextWords
from tests.people import PASSWORD, events, is_signed_in, link_mailed, person, signed_in, totp

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


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("inviter", [*Role.values, None])
def test_who_may_invite_whom(inviter, role):
    actor = person("inviter@example.test", inviter) if inviter else None
    allowed: dict[str | None, list[str]] = {
        None: Role.values, "administrator": list(STAFF), "attorney": ["client"], "paralegal": ["client"], "client": [],
    }  # fmt: skip
    assert policy.may_invite(actor, role) == (role in allowed[inviter])


def test_an_invitation_makes_a_person_who_cannot_sign_in_yet(tom, mailed):
    user, _token = mailed(invite, actor=tom)
    assert (user.email, user.is_active, user.joined_at) == ("new.person@example.test", False, None)
    assert events(user) == ["invited"]
    assert AuditEvent.objects.get(kind="invited").actor == tom


def test_who_may_not_invite_is_refused_and_nothing_happens(lena, mailed):
    with pytest.raises(PermissionDenied):
        mailed(invite, actor=lena)
    assert people.known("new.person@example.test") is None
    assert mail.outbox == []


@pytest.mark.parametrize("role", [Role.CLIENT, Role.ATTORNEY])
def test_the_mail_gives_the_link_and_nothing_away(role, mailed):
    mailed(invite, role)
    text = f"{mail.outbox[0].subject}{mail.outbox[0].body}"
    assert re.search(r"http://\S+/invitations/[\w-]{43}/", text)
    assert not re.search(r"immigra|inmigra|asyl|asilo|New Person|Cort|matter|case", text)


def test_only_the_hash_of_the_token_is_kept():
    _user, token = invite()
    kept = json.dumps(
        [list(Invitation.objects.values_list()), list(AuditEvent.objects.values_list("facts"))], default=str
    )
    assert token not in kept


def test_a_client_comes_in_with_the_link_and_is_offered_a_passkey(client, mailed):
    user, _token = mailed(invite)
    assert client.post(link_mailed()).url == "/account/passkeys/add/"
    user.refresh_from_db()
    assert is_signed_in(client)
    assert user.is_active
    assert events(user) == ["invited", "joined", "signed_in"]


def test_staff_choose_a_password_then_a_second_factor(client, mailed):
    mailed(invite, Role.PARALEGAL)
    assert client.post(link_mailed(), {"password": PASSWORD}).url == "/"
    assert is_signed_in(client)
    assert client.get("/people/").url == "/account/second-factor/"


def test_opening_the_link_uses_nothing_up(client, mailed):
    mailed(invite)
    for method in ("get", "head", "get"):
        assert getattr(client, method)(link_mailed()).status_code == 200
    assert not is_signed_in(client)
    assert client.post(link_mailed()).status_code == 302


def test_the_links_page_tells_its_address_to_nobody(client, mailed):
    mailed(invite)
    assert client.get(link_mailed()).headers["Referrer-Policy"] == "strict-origin"


def gone(client, path):
    answers = [client.get(path), client.post(path, {"password": PASSWORD})]
    assert not is_signed_in(client)
    return {(answer.status_code, re.sub(r'value="\w{64}"', "", answer.text.replace(path, "*"))) for answer in answers}


def used(token):
    invitations.accept(token)


def expired(_token):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def replaced(_token):
    invitations.reissue(User.objects.get(email="new.person@example.test"), actor=None)


def stopped(token):
    User.objects.filter(pk=invitations.accept(token).pk).update(is_active=False)


@pytest.mark.parametrize("why", [used, expired, replaced, stopped])
def test_a_link_that_works_no_more_looks_like_one_that_never_did(why, client):
    _user, token = invite()
    why(token)
    assert gone(client, f"/invitations/{token}/") == gone(client, "/invitations/never/")


def test_a_link_works_a_week_for_staff_and_two_for_clients():
    for role, days in ((Role.CLIENT, 14), (Role.ATTORNEY, 7)):
        user, _token = invite(role, f"{role}@example.test")
        left = user.invitations.get().expires_at - timezone.now()
        assert timedelta(days=days, minutes=-1) < left <= timedelta(days=days)


def test_a_link_is_for_one_of_two_who_press_at_once():
    _user, token = invite()
    found = invitations.open_invitation(token)
    invitations.accept(token)
    with pytest.raises(invitations.InvitationGone):
        invitations.accept(token)
    assert Invitation.objects.get(pk=found.pk).used_at


def test_the_link_of_another_signs_the_first_person_out(lena, mailed):
    browser = signed_in(lena, by=["code"], client=Client(HTTP_HOST="localhost"))
    user, _token = mailed(invite)
    browser.post(link_mailed())
    assert browser.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(
    "password", ["", "short", "123456789012", "passwordpassword", "amparo asylum1", "new.person@example"]
)
def test_a_weak_password_is_refused_and_the_link_still_works(client, mailed, password):
    mailed(invite, Role.ATTORNEY)
    assert client.post(link_mailed(), {"password": password}).status_code == 200
    assert client.post(link_mailed(), {"password": PASSWORD}).status_code == 302


@pytest.mark.parametrize("password", ["x7" * 64, " leading and trailing ", "contraseña muy larga ñandú", "👍" * 12])
def test_any_long_password_is_taken_as_it_is(client, mailed, password):
    user, _token = mailed(invite, Role.ATTORNEY)
    client.post(link_mailed(), {"password": password})
    user.refresh_from_db()
    assert user.check_password(password)


def test_the_firms_own_name_is_no_password():
    with pytest.raises(ValidationError):
        ContextWords().validate("Cortés Cortés 1")


def test_someone_invited_twice_has_one_working_link(client):
    _user, first = invite()
    user, second = invite()
    assert User.objects.filter(email="new.person@example.test").count() == 1
    assert client.post(f"/invitations/{first}/").status_code == 404
    assert client.post(f"/invitations/{second}/").status_code == 302
    assert user.invitations.count() == 2


@pytest.mark.parametrize("change", [{"role": Role.ATTORNEY}, {"joined_at": timezone.now()}])
def test_an_address_that_is_taken_is_not_invited_again(change):
    user, _token = invite()
    User.objects.filter(pk=user.pk).update(**change)
    with pytest.raises(invitations.CannotInvite):
        invite()


def test_invited_again_staff_choose_a_new_password_but_keep_the_second_factor(client, tom, boss):
    token = invitations.reissue(tom, actor=boss)
    assert (
        client.post(f"/invitations/{token}/", {"password": "another long pass phrase"}).url == "/sign-in/second-factor/"
    )
    assert not is_signed_in(client)
    client.post("/sign-in/second-factor/", {"code": totp(tom)})
    assert is_signed_in(client)
