"""A new link and square for the client, from the matter's own pages: invited or joined, with an e-mail or without."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts import invitations
from accounts.models import AuditEvent, Invitation, User
from documents import matters
from tests.authenticator import Passkey
from tests.people import is_signed_in, options, signed_in

pytestmark = pytest.mark.usefixtures("firm")
ROSA = {"name": "Rosa", "language": "es"}


def where(name, matter):
    return reverse(name, args=[matter.pk])


def path_in(page):
    [path] = set(re.findall(r'value="http://[^/]+(/invitations/[\w-]+/)"', page))
    return path


@pytest.fixture
def bare(ana, pat):
    opened = matters.open_matter("Quispe, Rosa", actor=ana)
    matters.add_member(opened, pat, actor=ana)
    return opened


@pytest.fixture
def hers(browser, ana):
    return browser(ana)


def again(browser, matter, **more):
    return browser.post(where("client_link", matter), {"back": where("members", matter), **more})


# Joined


def test_a_lost_phone_is_replaced_by_a_new_link(browser, pat, matter, maria, mailed):
    old = signed_in(maria, by=["code"])
    page = mailed(again, browser(pat), matter).text
    assert old.get("/account/").url.startswith("/sign-in/")
    there = Client(HTTP_HOST="localhost")
    there.post(path_in(page))
    assert is_signed_in(there)
    assert [message.to for message in mail.outbox] == [[maria.email]]
    assert AuditEvent.objects.filter(kind="invited").latest("pk").actor == pat


def test_older_links_stop(hers, matter):
    first = path_in(again(hers, matter).text)
    second = path_in(again(hers, matter).text)
    assert [Client().get(path).status_code for path in (first, second)] == [404, 200]


@pytest.mark.parametrize(("more", "left"), [({}, 1), ({"lost": "on"}, 0)])
def test_passkeys_of_a_lost_phone_stop_when_that_is_said(hers, matter, maria, more, left):
    mine = signed_in(maria, by=["code"], client=Client(HTTP_HOST="localhost"))
    answer = Passkey().create(options(mine.get("/account/passkeys/add/")))
    mine.post("/account/passkeys/add/", {"credential": answer})
    again(hers, matter, **more)
    assert maria.authenticator_set.count() == left


def test_the_square_is_the_link(hers, matter):
    page = again(hers, matter).text
    assert page.count('class="qr"') == 1
    assert re.search(r'<div class="qr"[^>]*><svg [^>]*viewBox', page)
    assert not re.search(r"\sstyle=", page)


def test_it_takes_a_fresh_second_factor(browser, pat, matter):
    answer = again(browser(pat, fresh=False), matter)
    assert answer.url.startswith("/reauthenticate/?next=%2Fmatters%2F")
    assert not Invitation.objects.exists()


def test_a_stopped_client_gets_none_and_it_is_said_why(hers, matter, maria):
    User.objects.filter(pk=maria.pk).update(is_active=False)
    assert again(hers, matter).url == where("members", matter)
    assert not Invitation.objects.exists()


def test_a_matter_without_a_client_has_none_to_give(hers, bare):
    assert again(hers, bare).status_code == 404


def test_the_members_page_offers_it_to_the_team(browser, pat, hers, matter, bare):
    for team in (browser(pat), hers):
        assert where("client_link", matter) in team.get(where("members", matter)).text
        assert where("client_link", bare) not in team.get(where("members", bare)).text


# Not joined yet, and without an e-mail


def test_who_has_not_joined_gets_a_new_link_too(hers, bare, mailed):
    mailed(hers.post, where("invite_client", bare), {**ROSA, "email": "rosa@example.test"})
    page = mailed(again, hers, bare).text
    assert invitations.open_invitation(path_in(page).split("/")[2]).user.email == "rosa@example.test"
    assert len(mail.outbox) == 2


def test_a_client_without_an_e_mail_is_handed_a_card(hers, bare, mailed):
    page = mailed(hers.post, where("invite_client", bare), {**ROSA, "email": "", "no_email": "on"}).text
    assert mail.outbox == []
    assert 'class="card"' in page
    assert "portal.invalid" not in page
    there = Client(HTTP_HOST="localhost")
    there.post(path_in(page))
    assert User.objects.get(name="Rosa").joined_at


def test_inviting_again_without_an_e_mail_is_the_same_person(hers, bare):
    for _ in range(2):
        hers.post(where("invite_client", bare), {**ROSA, "no_email": "on"})
    assert User.objects.filter(name="Rosa").count() == 1
    assert "checked" in hers.get(where("invite_client", bare)).text


@pytest.mark.parametrize(
    "more", [{}, {"email": ""}, {"email": "rosa@example.test", "no_email": "on"}, {"email": "rosa"}]
)
def test_no_e_mail_is_a_decision_and_never_an_oversight(hers, bare, more):
    assert hers.post(where("invite_client", bare), {**ROSA, **more}).status_code == 422
    assert matters.client_of(bare) is None


def test_staff_see_plainly_who_has_no_e_mail(hers, bare):
    hers.post(where("invite_client", bare), {**ROSA, "no_email": "on"})
    for name in ("members", "matter"):
        assert "No e-mail" in hers.get(where(name, bare)).text


def test_a_second_client_without_an_e_mail_does_not_join_anothers_matter(hers, matter):
    hers.post(where("invite_client", matter), {**ROSA, "no_email": "on"})
    assert not User.objects.filter(name="Rosa").exists()


def test_a_new_matter_for_a_client_without_an_e_mail_leads_to_the_card(hers):
    about = {"respondent": "Quispe, Rosa", "client-name": "Rosa", "client-language": "es", "client-no_email": "on"}
    answer = hers.post("/matters/new/", about)
    assert re.fullmatch(r"/matters/[\w-]+/client/", answer.url)
    assert "make the card" in hers.get(answer.url).text.lower()
