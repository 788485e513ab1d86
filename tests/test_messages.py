"""A few words between the client and the legal team: once, for both sides, told without a word of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import connection
from django.http import Http404
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit
from accounts.models import AuditEvent, Reminders, User
from documents import matters, messages, purging, tasks
from documents.models import Matter, Message, Read
from tests.conftest import Browser

SECRET = "The hearing is about <b>her visa</b>."
# Never in what leaves the portal, in either language.
WORDS = ["visa", "hearing", "immigra", "migra", "cortés", "law", "amp-", "rodríguez", "maria", "pat", "case", "caso"]


def say(matter: Matter, actor: User, text: str = SECRET, token: UUID | None = None) -> Message:
    return messages.write(matter, text, token=token or uuid4(), actor=actor)


def page(matter: Matter) -> str:
    return reverse("messages", args=[matter.pk])


def post(client: Client, matter: Matter, text: str = SECRET, token: Any = None) -> Any:
    return client.post(page(matter), {"text": text, "token": token or uuid4()})


def told() -> list[list[str]]:
    return [one.to for one in mail.outbox]


def announced(matter: Matter) -> list[list[str]]:
    mail.outbox.clear()
    tasks.announce(str(matter.pk))
    return sorted(told())


# ---- writing


def test_it_reaches_the_other_side(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    answer = post(browser(maria), matter, "¿Sirve este recibo?")
    assert answer.headers["Location"] == f"{page(matter)}#newest"
    assert "¿Sirve este recibo?" in browser(pat).get(page(matter)).text


def test_it_is_on_the_record_without_a_word(matter: Matter, pat: User) -> None:
    message = say(matter, pat)
    [event] = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.MESSAGE_SENT])
    assert (event.actor, event.subject_id, event.facts) == (pat, str(message.pk), {})


def test_the_words_are_sealed(matter: Matter, pat: User) -> None:
    say(matter, pat)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM documents_message")
        assert "hearing" not in cursor.fetchone()[0]


def test_a_button_pressed_twice_sends_once(browser: Browser, matter: Matter, maria: User) -> None:
    chrome, token = browser(maria), uuid4()
    assert [post(chrome, matter, token=token).status_code for _time in range(2)] == [302, 302]
    assert Message.objects.count() == 1
    assert len(audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.MESSAGE_SENT])) == 1


def test_other_words_of_the_same_form_are_another_message(matter: Matter, maria: User, pat: User) -> None:
    token = uuid4()
    assert len({say(matter, *one, token=token).pk for one in ((maria, "a"), (maria, "b"), (pat, "a"))}) == 3


def test_each_form_has_a_token_of_its_own(browser: Browser, matter: Matter, pat: User) -> None:
    chrome = browser(pat)
    assert chrome.get(page(matter)).context["token"] != chrome.get(page(matter)).context["token"]


@pytest.mark.parametrize("text", ["", "  \r\n ", "\u200b\u200e", "\x00\x1b", "x" * 2001])
def test_nothing_and_too_much_are_not_sent(browser: Browser, matter: Matter, maria: User, text: str) -> None:
    answer = post(browser(maria), matter, text)
    assert (answer.status_code, Message.objects.count()) == (422, 0)
    assert answer.context["form"].errors["text"]


def test_a_long_one_that_was_too_long_is_still_in_the_form(browser: Browser, matter: Matter, maria: User) -> None:
    assert "x" * 2001 in post(browser(maria), matter, "x" * 2001).text


def test_a_line_counts_as_browsers_count_it(browser: Browser, matter: Matter, maria: User) -> None:
    assert post(browser(maria), matter, "a\r\n" * 999 + "aa").status_code == 302
    assert Message.objects.get().text == "a\n" * 999 + "aa"


@pytest.mark.parametrize("token", ["", "not one", "' OR 1=1"])
def test_a_broken_token_sends_nothing_and_the_next_form_works(
    browser: Browser, matter: Matter, maria: User, token: str
) -> None:
    chrome = browser(maria)
    answer = chrome.post(page(matter), {"text": "hola", "token": token})
    assert (answer.status_code, Message.objects.count()) == (422, 0)
    assert post(chrome, matter, "hola", answer.context["token"]).status_code == 302


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{ 7|add:1 }}", "'; DROP TABLE x; --", "\u202eabc", "😀‍👩"]
)
def test_it_is_text_and_nothing_else(browser: Browser, matter: Matter, maria: User, pat: User, text: str) -> None:
    assert post(browser(maria), matter, text).status_code == 302
    shown = browser(pat).get(page(matter)).text
    assert "<script>alert" not in shown
    assert Message.objects.get().text == text


def test_who_left_the_matter_meanwhile_sends_nothing(matter: Matter, pat: User) -> None:
    matter.memberships.filter(user=pat).delete()
    with pytest.raises(Http404):
        say(matter, pat)
    assert not Message.objects.exists()


# ---- the thread


def test_the_newest_stands_at_the_end(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    texts = ["one", "two", "three"]
    for actor, text in zip([pat, maria, pat], texts, strict=True):
        say(matter, actor, text)
    assert [line.message.text for line in browser(maria).get(page(matter)).context["lines"]] == texts


def test_a_long_thread_begins_with_the_newest(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    for number in range(53):
        say(matter, maria, f"number {number}")
    chrome = browser(pat)
    assert "number 2<" not in chrome.get(page(matter)).text
    assert messages.unread(pat, matter) == 3
    assert "number 2<" in chrome.get(f"{page(matter)}?all").text
    assert messages.unread(pat, matter) == 0


def test_a_long_thread_asks_the_same_number_of_queries(
    browser: Browser, matter: Matter, maria: User, pat: User, django_assert_max_num_queries: Any
) -> None:
    chrome = browser(pat)
    say(matter, maria)
    with django_assert_max_num_queries(13) as one:
        chrome.get(page(matter))
    for number in range(20):
        say(matter, maria, str(number))
    with django_assert_max_num_queries(len(one)):
        chrome.get(page(matter))


def test_the_page_takes_again_the_thread_alone(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    say(matter, pat, "hola")
    part = browser(maria).get(page(matter), headers={"X-Requested-With": "fetch"}).text
    assert part.startswith("<div role=")
    assert "hola" in part
    assert "<form" not in part


# ---- read marks


def test_it_is_not_read_until_somebody_of_the_other_side_looks(
    browser: Browser, matter: Matter, maria: User, pat: User, ana: User
) -> None:
    say(matter, pat)
    browser(ana).get(page(matter))
    assert "Not read yet" in browser(pat).get(page(matter)).text
    browser(maria).get(page(matter))
    assert "Read by Maria" in browser(pat).get(page(matter)).text


def test_the_client_sees_who_of_the_team_read_it(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    User.objects.filter(pk=maria.pk).update(language="en")
    say(matter, maria)
    browser(pat).get(page(matter))
    shown = browser(maria).get(page(matter)).text
    assert "Read by Pat Nguyen" in shown
    assert "Ana" not in shown


def test_each_of_the_team_has_a_count_of_their_own(
    browser: Browser, matter: Matter, maria: User, pat: User, ana: User
) -> None:
    say(matter, maria)
    say(matter, pat)
    browser(pat).get(page(matter))
    assert [messages.unread(one, matter) for one in (maria, pat, ana)] == [1, 0, 1]


def test_a_question_for_the_headers_reads_nothing(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    say(matter, pat)
    browser(maria).head(page(matter))
    post(browser(maria), matter, "")
    assert messages.unread(maria, matter) == 1


def test_a_second_look_writes_nothing(matter: Matter, maria: User, pat: User, django_assert_num_queries: Any) -> None:
    say(matter, pat)
    messages.mark_read(maria, messages.thread(maria, matter))
    lines = messages.thread(maria, matter)
    with django_assert_num_queries(0):
        messages.mark_read(maria, lines)


def test_the_first_time_of_reading_stays(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    say(matter, pat)
    chrome = browser(maria)
    chrome.get(page(matter))
    first = Read.objects.get().at
    chrome.get(page(matter))
    assert Read.objects.get().at == first


def test_the_tab_counts_what_is_new(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    assert " new</span></a>" not in browser(pat).get(reverse("board", args=[matter.pk])).text
    say(matter, maria)
    say(matter, maria, "and more")
    assert "2 new</span></a>" in browser(pat).get(reverse("board", args=[matter.pk])).text


# ---- telling


def test_the_client_is_told_that_there_is_one_in_their_language(matter: Matter, pat: User, maria: User) -> None:
    say(matter, pat)
    assert announced(matter) == [[maria.email]]
    [one] = mail.outbox
    assert [word for word in WORDS if word in f"{one.subject} {one.body}".lower()] == []
    assert Message.objects.get().told_at


def test_everybody_of_the_team_is_told(matter: Matter, maria: User, pat: User, ana: User, max_: User) -> None:
    say(matter, maria)
    assert announced(matter) == [[ana.email], [pat.email]]
    assert announced(matter) == []


def test_it_is_told_by_the_queue_in_the_same_transaction(matter: Matter, maria: User) -> None:
    say(matter, maria)
    assert ProcrastinateJob.objects.get(task_name="documents.tasks.announce").args == {"pk": str(matter.pk)}


def test_nobody_is_told_twice_before_they_read_it_or_an_hour_passed(matter: Matter, pat: User, maria: User) -> None:
    say(matter, pat)
    assert len(announced(matter)) == 1
    say(matter, pat, "and more")
    assert announced(matter) == []
    Message.objects.filter(told_at__isnull=False).update(told_at=timezone.now() - timedelta(minutes=61))
    assert announced(matter) == [[maria.email]]


def test_who_has_read_it_is_told_of_the_next_at_once(
    browser: Browser, matter: Matter, maria: User, pat: User, ana: User
) -> None:
    say(matter, maria)
    announced(matter)
    browser(pat).get(page(matter))
    say(matter, maria, "and more")
    assert announced(matter) == [[pat.email]]


def test_who_reads_it_first_is_not_told(browser: Browser, matter: Matter, maria: User, pat: User) -> None:
    say(matter, pat)
    browser(maria).get(page(matter))
    assert announced(matter) == []
    assert messages.queue_untold() == 0


def test_without_mail_it_is_tried_again(matter: Matter, pat: User, maria: User, settings: Any) -> None:
    say(matter, pat)
    dead = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": 1}}
    working, settings.MAILERS = settings.MAILERS, {"default": dead}
    tasks.announce(str(matter.pk))
    settings.MAILERS = working

    assert Message.objects.get().told_at is None
    assert announced(matter) == [[maria.email]]


def test_who_wants_no_mail_gets_none(matter: Matter, pat: User, maria: User) -> None:
    User.objects.filter(pk=maria.pk).update(reminders=Reminders.NONE)
    say(matter, pat)
    assert announced(matter) == []
    assert messages.queue_untold() == 0


def test_what_was_not_told_is_queued_again_once(matter: Matter, pat: User) -> None:
    say(matter, pat)
    assert messages.queue_untold() == 0  # its job has not begun yet
    Message.objects.update(told_at=timezone.now())
    other = matters.open_matter("Other", actor=pat)
    Message.objects.create(matter=other, sender=pat, text="x")
    assert [messages.queue_untold(), messages.queue_untold()] == [1, 0]


# ---- forgetting


def test_a_purged_matter_has_no_words_and_takes_none(matter: Matter, pat: User, ana: User) -> None:
    say(matter, pat)
    purging.purge(matter, actor=ana, why="closed")
    assert Message.objects.get().text == ""
    assert announced(matter) == []
    with pytest.raises(Http404):
        say(matter, pat)
