"""Who is on a matter: added, taken off, invited, assigned; from the very next request on."""

import re
from collections.abc import Iterator
from unittest import mock

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse

from accounts import audit, invitations
from accounts.models import AuditEvent, Invitation, Role, User
from documents import matters
from documents.models import Matter
from tests import people
from tests.conftest import Browser, person
from tests.databases import cloned
from tests.people import signed_in

CHIDI = {"name": "Chidi Okonkwo", "email": "chidi@example.test", "language": "en"}


@pytest.fixture
def bare(pat: User, ana: User) -> Matter:
    """A matter whose client is not invited yet."""
    opened = matters.open_matter("Okonkwo, Chidi", actor=ana)
    matters.add_member(opened, pat, actor=ana)
    return opened


@pytest.fixture
def luz(firm) -> User:
    return person("Luz Marín", Role.PARALEGAL)


def where(name: str, matter: Matter, **more: int) -> str:
    return reverse(name, kwargs={"pk": matter.pk, **more})


def seat(matter: Matter, user: User) -> int:
    return matter.memberships.get(user=user).pk


def on(matter: Matter) -> set[User]:
    return {member.user for member in matter.memberships.all()}


def record(matter: Matter, kind: AuditEvent.Kind) -> AuditEvent:
    """The last of its kind."""
    return audit.trail(matter.audit_chain, kinds=[kind])[0]


def client_email(matter: Matter) -> str:
    found = matters.client_of(matter)
    return found.email if found else ""


def token_in(page: str) -> str:
    [token] = re.findall(r"/invitations/([\w-]+)/", page)
    return str(token)


# Adding and taking off


def test_an_attorney_adds_somebody_of_the_firm(browser: Browser, matter: Matter, ana: User, luz: User):
    answer = browser(ana).post(where("members", matter), {"person": luz.pk})
    assert answer["Location"] == where("members", matter)
    assert luz in on(matter)
    assert record(matter, AuditEvent.Kind.MEMBER_ADDED).facts["member"] == str(luz.pk)


def test_who_was_added_sees_the_matter_at_once(browser: Browser, matter: Matter, ana: User, luz: User):
    hers = browser(luz)
    assert hers.get(where("matter", matter)).status_code == 404
    browser(ana).post(where("members", matter), {"person": luz.pk})
    assert hers.get(where("matter", matter)).status_code == 200


def test_who_was_taken_off_sees_it_no_more(browser: Browser, matter: Matter, ana: User, pat: User):
    his = browser(pat)
    browser(ana).post(where("member_remove", matter, member=seat(matter, pat)))
    assert his.get(where("matter", matter)).status_code == 404
    assert record(matter, AuditEvent.Kind.MEMBER_REMOVED).actor == ana


def test_the_last_attorney_stays_and_is_told_why(browser: Browser, matter: Matter, ana: User):
    page = browser(ana).post(where("member_remove", matter, member=seat(matter, ana)), follow=True).content.decode()
    assert "keeps at least one attorney" in page
    assert ana in on(matter)


def test_who_takes_oneself_off_goes_back_to_ones_matters(browser: Browser, matter: Matter, ana: User, max_: User):
    matters.add_member(matter, max_, actor=ana)
    answer = browser(ana).post(where("member_remove", matter, member=seat(matter, ana)))
    assert answer["Location"] == reverse("matters")


@pytest.mark.parametrize("who", ["ada", "maria", "nobody"])
def test_only_the_firms_team_is_added(request, browser: Browser, bare: Matter, ana: User, who):
    pk = request.getfixturevalue(who).pk if who != "nobody" else "0" * 32
    assert browser(ana).post(where("members", bare), {"person": pk}).status_code == 422
    assert len(on(bare)) == 2


@pytest.mark.parametrize("pk", ["", "x", "\0", "' or 1=1", "9" * 500])
def test_no_such_person_is_said_on_the_page(browser: Browser, matter: Matter, ana: User, pk):
    assert browser(ana).post(where("members", matter), {"person": pk}).status_code == 422


def test_a_seat_of_another_matter_is_not_there(browser: Browser, matter: Matter, bare: Matter, ana: User, pat: User):
    assert browser(ana).post(where("member_remove", matter, member=seat(bare, pat))).status_code == 404
    assert pat in on(bare)


@pytest.mark.parametrize(("who", "status"), [("maria", 403), ("pat", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not_change_members(request, browser: Browser, matter: Matter, luz: User, pat: User, who, status):
    his = browser(request.getfixturevalue(who))
    assert his.post(where("members", matter), {"person": luz.pk}).status_code == status
    assert his.post(where("member_remove", matter, member=seat(matter, pat))).status_code == status
    assert luz not in on(matter)


def test_a_paralegal_reads_the_list_and_finds_no_button(browser: Browser, matter: Matter, pat: User):
    page = browser(pat).get(where("members", matter)).content.decode()
    assert "Ana Cortés" in page
    assert "Take off" not in page


def test_wrong_methods_are_refused(browser: Browser, matter: Matter, ana: User, pat: User):
    hers = browser(ana)
    assert hers.get(where("member_remove", matter, member=seat(matter, pat))).status_code == 405
    assert hers.delete(where("members", matter)).status_code == 405
    assert hers.put(where("invite_client", matter)).status_code == 405


def test_strangers_sign_in_first(client, matter: Matter):
    for name in ["members", "invite_client"]:
        assert client.get(where(name, matter))["Location"].startswith("/sign-in/")


# The client


@pytest.fixture
def invited(browser: Browser, bare: Matter, ana: User, django_capture_on_commit_callbacks) -> str:
    """The page after inviting."""
    with django_capture_on_commit_callbacks(execute=True):
        return browser(ana).post(where("invite_client", bare), CHIDI).content.decode()


def test_the_client_is_on_the_matter_and_has_mail(invited: str, bare: Matter):
    assert client_email(bare) == CHIDI["email"]
    assert [message.to for message in mail.outbox] == [["chidi@example.test"]]
    assert "Okonkwo" not in f"{mail.outbox[0].subject} {mail.outbox[0].body}"


def test_the_link_on_the_page_opens_the_portal(invited: str):
    assert invitations.open_invitation(token_in(invited)).user.email == "chidi@example.test"
    assert "c•••@example.test" in invited


def test_the_link_is_shown_only_then(invited: str, browser: Browser, bare: Matter, ana: User):
    assert "/invitations/" not in browser(ana).get(where("invite_client", bare)).content.decode()


def test_inviting_again_ends_the_older_link(invited: str, browser: Browser, bare: Matter, ana: User):
    browser(ana).post(where("invite_client", bare), CHIDI)
    with pytest.raises(invitations.InvitationGone):
        invitations.open_invitation(token_in(invited))
    assert User.objects.filter(email=CHIDI["email"]).count() == 1


@pytest.fixture
def no_mail(django_db_setup, django_db_blocker) -> Iterator[Client]:
    """Real commits, after which the mail server does not answer. The browser of Ana, who is new here."""
    down = mock.patch.object(EmailBackend, "send_messages", side_effect=ConnectionRefusedError)
    with cloned(django_db_blocker), down:
        yield signed_in(people.person("ana@example.test"), by=("password", "webauthn"))


def test_without_mail_the_client_is_invited_and_the_page_has_the_link(no_mail: Client):
    opened = matters.open_matter("Okonkwo, Chidi", actor=User.objects.get())
    page = no_mail.post(where("invite_client", opened), CHIDI).content.decode()
    assert client_email(opened) == CHIDI["email"]
    assert "could not be sent" in page
    assert "/invitations/" in page


def test_without_mail_a_new_matter_stands_and_asks_to_invite_again(no_mail: Client):
    about = {"respondent": "Okonkwo, Chidi", **{f"client-{name}": value for name, value in CHIDI.items()}}
    answer = no_mail.post("/matters/new/", about)
    assert answer["Location"] == where("invite_client", Matter.objects.get())


def test_a_client_who_signs_in_already_just_joins(browser: Browser, bare: Matter, ana: User, maria: User):
    answer = browser(ana).post(where("invite_client", bare), {**CHIDI, "email": maria.email})
    assert "signs in already" in answer.content.decode()
    assert matters.client_of(bare) == maria
    assert not Invitation.objects.exists()
    maria.refresh_from_db()
    assert (maria.name, maria.language) == ("Maria Rodríguez", "es")


def test_a_second_client_never_joins_and_gets_no_mail(browser: Browser, matter: Matter, ana: User):
    answer = browser(ana).post(where("invite_client", matter), CHIDI)
    assert "already has its client" in answer.content.decode()
    assert 'value="chidi@example.test"' in answer.content.decode()
    assert not User.objects.filter(email=CHIDI["email"]).exists()


@pytest.mark.parametrize(
    "email", ["pat@example.test", "ADA@example.test", "stopped@example.test", "x", "a@b\r\nBcc: c@d.test", ""]
)
def test_an_address_that_cannot_be_a_clients_is_said(browser: Browser, bare: Matter, ana: User, ada: User, email):
    stopped = person("Stopped One", Role.CLIENT)
    User.objects.filter(pk=stopped.pk).update(is_active=False)
    assert browser(ana).post(where("invite_client", bare), {**CHIDI, "email": email}).status_code == 422
    assert matters.client_of(bare) is None


@pytest.mark.parametrize(("who", "status"), [("maria", 403), ("pat", 403), ("max_", 404), ("ada", 404)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_an_attorney_of_the_matter_invites(request, browser: Browser, matter: Matter, who, status, method):
    answer = getattr(browser(request.getfixturevalue(who)), method)(where("invite_client", matter), CHIDI)
    assert answer.status_code == status
    assert not User.objects.filter(email=CHIDI["email"]).exists()


# Assignments


def change(matter: Matter, user: User, do: str) -> dict[str, str]:
    return {"matter": str(matter.pk), "person": str(user.pk), "do": do}


def test_the_administrator_assigns(browser: Browser, matter: Matter, ada: User, luz: User):
    browser(ada).post("/assignments/", change(matter, luz, "assign"))
    assert luz in on(matter)
    assert record(matter, AuditEvent.Kind.MEMBER_ADDED).actor == ada


def test_unassigning_counts_on_the_next_request(browser: Browser, matter: Matter, ada: User, pat: User):
    his = browser(pat)
    assert his.get(where("matter", matter)).status_code == 200
    browser(ada).post("/assignments/", change(matter, pat, "unassign"))
    assert his.get(where("matter", matter)).status_code == 404


def test_somebody_who_was_stopped_can_be_unassigned(browser: Browser, matter: Matter, ada: User, pat: User):
    User.objects.filter(pk=pat.pk).update(is_active=False)
    browser(ada).post("/assignments/", change(matter, pat, "unassign"))
    assert pat not in on(matter)


def test_the_last_attorney_is_replaced_first(browser: Browser, matter: Matter, ada: User, ana: User):
    answer = browser(ada).post("/assignments/", change(matter, ana, "unassign"), follow=True)
    assert "keeps at least one attorney" in answer.content.decode()
    assert ana in on(matter)


def test_the_administrator_reads_no_client(browser: Browser, matter: Matter, ada: User):
    page = browser(ada).get("/assignments/").content.decode()
    assert matter.reference in page
    assert "Rodríguez" not in page
    assert "6789" not in page


@pytest.mark.parametrize("who", ["maria", "pat", "ana", "max_"])
def test_nobody_else_assigns(request, browser: Browser, matter: Matter, luz: User, who):
    his = browser(request.getfixturevalue(who))
    assert his.get("/assignments/").status_code == 403
    assert his.post("/assignments/", change(matter, luz, "assign")).status_code == 403
    assert luz not in on(matter)


def test_assignments_ask_a_stranger_to_sign_in(client, db):
    assert client.get("/assignments/")["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("wrong", [{"matter": "x"}, {"person": "\0"}, {"do": "purge"}, {"person": ""}])
def test_a_form_of_nonsense_is_refused(browser: Browser, matter: Matter, ada: User, luz: User, wrong):
    assert browser(ada).post("/assignments/", {**change(matter, luz, "assign"), **wrong}).status_code == 400


@pytest.mark.parametrize("who", ["maria", "ada"])
def test_clients_and_administrators_are_not_assigned(request, browser: Browser, bare: Matter, ada: User, who):
    wrong = request.getfixturevalue(who)
    assert browser(ada).post("/assignments/", change(bare, wrong, "assign")).status_code == 400
    assert wrong not in on(bare)


def test_assignments_ask_the_same_number_of_queries(browser, matter, ada, ana, django_assert_max_num_queries):
    for n in range(30):
        matters.open_matter(f"Client {n}", actor=ana)
    hers = browser(ada)
    with django_assert_max_num_queries(12):
        assert len(hers.get("/assignments/").context["rows"]) == 31
