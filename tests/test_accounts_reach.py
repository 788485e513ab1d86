"""How a client is reminded: a number that text messages reach, and the choice."""

import pytest
from django.db import connection

from accounts import phones
from accounts.models import AuditEvent, Role
from tests.people import events, person, signed_in

pytestmark = pytest.mark.usefixtures("firm")


@pytest.mark.parametrize(("typed", "kept"), [
    ("312 555 0142", "+13125550142"), ("(312) 555-0142", "+13125550142"), ("1-312-555-0142", "+13125550142"),
    ("+1 312.555.0142", "+13125550142"), ("+52 55 1234 5678", "+525512345678"), ("0052 55 1234 5678", "+525512345678"),
    ("+502 5555 1234", "+50255551234"), ("312–555–0142", "+13125550142"),
])  # fmt: skip
def test_a_number_is_kept_as_text_messages_need_it(typed, kept):
    assert phones.e164(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["5550142", "112 555 0142", "312 155 0142", "+1 555", "call me", "+", "3125550142 ext 4", "٣١٢٥٥٥٠١٤٢", "9" * 40],
)
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(phones.NoNumber):
        phones.e164(typed)


@pytest.fixture
def hers(lena):
    return signed_in(lena, by=["code"])


def save(browser, phone="", reminders="mail"):
    return browser.post("/account/reach/", {"phone": phone, "reminders": reminders})


def test_a_client_chooses_text_messages(hers, lena):
    assert save(hers, "(312) 555-0142", "text").url == "/account/"
    lena.refresh_from_db()
    assert (lena.phone, lena.reminders) == ("+13125550142", "text")
    assert events(lena) == ["person_changed"]


def test_the_number_is_sealed_at_rest_and_not_on_the_record(hers):
    save(hers, "312 555 0142", "text")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone::text FROM accounts_user WHERE reminders = 'text'")
        assert "5550142" not in cursor.fetchone()[0]
    assert AuditEvent.objects.get(kind="person_changed").facts == {"field": "reach"}


def test_the_page_shows_what_was_chosen(hers):
    save(hers, "312 555 0142", "none")
    page = hers.get("/account/").text
    assert 'value="+13125550142"' in page
    assert page.count("checked") == 1
    assert 'value="none"' in page.partition("checked")[0].rpartition("<input")[2]


@pytest.mark.parametrize(("phone", "reminders"), [
    ("", "text"), ("555", "text"), ("555", "mail"), ("312 555 0142", "pigeon"), ("312 555 0142", ""), ("\0", "mail"),
    ("9" * 500, "none"),
])  # fmt: skip
def test_a_choice_that_does_not_work_is_said_on_the_page_and_changes_nothing(hers, lena, phone, reminders):
    assert save(hers, phone, reminders).status_code == 422
    lena.refresh_from_db()
    assert (lena.phone, lena.reminders) == ("", "mail")


def test_a_number_is_taken_away_again(hers, lena):
    save(hers, "312 555 0142", "text")
    assert save(hers, "", "none").status_code == 302
    lena.refresh_from_db()
    assert (lena.phone, lena.reminders) == ("", "none")


def test_who_has_no_e_mail_is_not_reminded_by_mail(db):
    nomail = person("0123456789abcdef@portal.invalid", Role.CLIENT)
    assert save(signed_in(nomail, by=["invitation"])).status_code == 422


def test_staff_have_no_reminders(tom):
    browser = signed_in(tom)
    assert save(browser).status_code == 403
    assert "/account/reach/" not in browser.get("/account/").text


def test_only_a_press_changes_it(hers):
    assert hers.get("/account/reach/").status_code == 405
