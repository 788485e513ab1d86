"""Reminders: on the right days, one a day, at a decent hour, without a word of what it is, and never lost."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit, reaching
from accounts.models import AuditEvent, Reminders, User
from documents import checklist, lifecycle, matters, purging, reminders, tagging, tasks
from documents.models import ChecklistItem, Document, DocumentType, Matter, Reminder
from tests.conftest import made_ready, sent, simple_pdf
from tests.test_lifecycle import other_connection
from tests.test_messages import WORDS

DUE = date(2026, 3, 12)  # a Thursday
type At = Callable[..., None]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Makes it this day and hour in Chicago, in winter time."""

    def at(day: date, hour: int = 12, minute: int = 0) -> None:
        now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) + timedelta(hours=6)
        now -= timedelta(hours=1) if day >= date(2026, 3, 8) else timedelta()
        monkeypatch.setattr(timezone, "now", lambda: now)

    return at


def asked(matter: Matter, ana: User, due: date | None = DUE, kind: str = "utility_bill") -> ChecklistItem:
    """Asked for long before."""
    item = checklist.add(matter, DocumentType.objects.get(pk=kind), due=due, actor=ana)
    ChecklistItem.objects.update(added_at=datetime(2026, 1, 5, tzinfo=UTC))
    item.refresh_from_db()
    return item


@pytest.fixture
def item(matter: Matter, ana: User) -> ChecklistItem:
    return asked(matter, ana)


def run() -> int:
    """One run of the worker: what is due is queued and done. Returns how many mails went out."""
    mail.outbox.clear()
    tasks.remind(0)
    todo = list(ProcrastinateJob.objects.filter(task_name="documents.tasks.send_reminder", status="todo"))
    with connection.cursor() as cursor:  # as a worker takes them
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    for job in todo:
        tasks.send_reminder(**job.args)
    return len(mail.outbox)


def days_reminded(at: At, first: date, last: date) -> list[tuple[int, str]]:
    """Each day's reminder, three runs a day: how many days after the due day, and of which kind."""
    day = first
    while day <= last:
        for hour in (9, 12, 19):
            at(day, hour)
            run()
        day += timedelta(days=1)
    return [
        ((each.day - DUE).days, each.kind) for each in Reminder.objects.filter(sent_at__isnull=False).order_by("day")
    ]


# ---- which days


def test_three_days_before_on_the_day_and_three_times_after(item: ChecklistItem, maria: User, at: At) -> None:
    found = days_reminded(at, DUE - timedelta(days=6), DUE + timedelta(days=40))
    # Three days after is a Sunday: it is made up for on Monday.
    assert found == [(-3, "almost_due"), (0, "due"), (4, "overdue"), (7, "overdue"), (14, "overdue")]


def test_what_was_asked_for_late_is_not_reminded_of_days_that_were_before(
    item: ChecklistItem, maria: User, at: At
) -> None:
    ChecklistItem.objects.update(added_at=datetime(2026, 3, 11, 18, tzinfo=UTC))
    assert days_reminded(at, date(2026, 3, 11), DUE) == [(0, "due")]


def test_nothing_without_a_due_day(matter: Matter, ana: User, at: At) -> None:
    asked(matter, ana, due=None)
    at(DUE)
    assert run() == 0


def test_the_day_the_client_chose_and_nothing_before_it(item: ChecklistItem, maria: User, at: At) -> None:
    at(DUE - timedelta(days=4))
    checklist.answer(item, "later", DUE + timedelta(days=1), actor=maria)
    found = days_reminded(at, DUE - timedelta(days=3), DUE + timedelta(days=3))
    assert [after for after, _kind in found] == [1]


def test_the_day_the_client_chose_needs_no_due_day(matter: Matter, ana: User, maria: User, at: At) -> None:
    put_off = asked(matter, ana, due=None)
    at(DUE - timedelta(days=4))
    checklist.answer(put_off, "later", DUE, actor=maria)
    assert days_reminded(at, DUE - timedelta(days=3), DUE + timedelta(days=20)) == [(0, "chosen")]


def test_the_most_pressing_names_the_kind(matter: Matter, item: ChecklistItem, ana: User, maria: User, at: At) -> None:
    asked(matter, ana, DUE + timedelta(days=3), kind="marriage_cert")
    at(DUE)
    assert run() == 1
    assert Reminder.objects.get().kind == "due"


# ---- one a day


def test_one_a_day_whatever_number_of_items_and_matters(
    matter: Matter, item: ChecklistItem, ana: User, maria: User, at: At
) -> None:
    other = matters.open_matter("Another", actor=ana)
    matters.add_member(other, maria, actor=ana)
    for where, kind in [(matter, "marriage_cert"), (other, "marriage_cert"), (other, "utility_bill")]:
        asked(where, ana, kind=kind)
    at(DUE)
    assert [run(), run()] == [1, 0]
    assert Reminder.objects.count() == 1
    assert reminders.plan(reaching.channel) == 0


def test_two_clients_are_both_reminded(matter: Matter, item: ChecklistItem, lena: User, ana: User, at: At) -> None:
    other = matters.open_matter("Another", actor=ana)
    matters.add_member(other, lena, actor=ana)
    asked(other, ana)
    at(DUE)
    assert run() == 2


def test_the_database_keeps_to_one_a_day(matter: Matter, maria: User) -> None:
    row = {"matter": matter, "person": maria, "day": DUE, "kind": "due", "channel": "mail"}
    Reminder.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(**row)


def test_two_jobs_for_one_reminder_send_it_once(item: ChecklistItem, maria: User, at: At) -> None:
    at(DUE)
    reminders.plan(reaching.channel)
    for _job in range(2):
        tasks.send_reminder(str(Reminder.objects.get().pk))
    assert len(mail.outbox) == 1


# ---- quiet


@pytest.mark.parametrize(
    ("day", "hour", "minute"), [(DUE, 8, 59), (DUE, 20, 0), (DUE, 23, 0), (date(2026, 3, 15), 12, 0)]
)
def test_nobody_is_disturbed(item: ChecklistItem, maria: User, at: At, day: date, hour: int, minute: int) -> None:
    at(day, hour, minute)
    assert run() == 0
    assert not Reminder.objects.exists()


def test_a_job_that_begins_late_does_not_disturb_either(item: ChecklistItem, maria: User, at: At) -> None:
    at(DUE, 19, 59)
    assert reminders.plan(reaching.channel) == 1
    at(DUE, 20)
    tasks.send_reminder(str(Reminder.objects.get().pk))
    assert mail.outbox == []


# ---- it stops


def test_it_stops_when_the_client_answers(item: ChecklistItem, maria: User, at: At) -> None:
    checklist.answer(item, "cant_find", actor=maria)
    at(DUE)
    assert run() == 0


def test_an_answer_between_row_and_sending_stops_it(item: ChecklistItem, maria: User, at: At) -> None:
    at(DUE)
    reminders.plan(reaching.channel)
    checklist.answer(item, "cant_get", actor=maria)
    tasks.send_reminder(str(Reminder.objects.get().pk))
    assert mail.outbox == []


def test_it_stops_when_the_firm_needs_it_no_more(item: ChecklistItem, ana: User, at: At) -> None:
    checklist.waive(item, actor=ana)
    at(DUE)
    assert run() == 0


def test_what_came_is_not_chased_before_it_is_checked(item: ChecklistItem, matter: Matter, maria: User, at: At) -> None:
    paper = sent(simple_pdf(), "recibo.pdf", matter, maria)
    Document.objects.filter(pk=paper.pk).update(asked=item)
    at(DUE)
    assert run() == 0


def test_what_is_asked_for_again_is_chased_again(
    item: ChecklistItem, matter: Matter, maria: User, pat: User, at: At
) -> None:
    paper = made_ready(simple_pdf(), "recibo.pdf", matter, maria)
    Document.objects.filter(pk=paper.pk).update(asked=item)
    at(DUE)
    assert run() == 0
    paper.refresh_from_db()
    tagging.ask_again(paper, "The photo is blurry.", actor=pat)
    assert run() == 1


def test_who_left_the_matter_is_not_reminded(item: ChecklistItem, matter: Matter, maria: User, at: At) -> None:
    at(DUE)
    reminders.plan(reaching.channel)
    matter.memberships.filter(user=maria).delete()
    tasks.send_reminder(str(Reminder.objects.get().pk))
    assert mail.outbox == []


def test_a_purged_matter_reminds_nobody(item: ChecklistItem, matter: Matter, ana: User, at: At) -> None:
    purging.purge(matter, actor=ana, why="closed")
    at(DUE)
    assert run() == 0


# ---- what it says, and how it goes


@pytest.mark.parametrize("language", ["en", "es"])
def test_it_says_nothing_of_what_it_is_about(item: ChecklistItem, maria: User, at: At, language: str) -> None:
    User.objects.filter(pk=maria.pk).update(language=language)
    at(DUE)
    assert run() == 1
    [told] = mail.outbox
    text = f"{told.subject} {told.body} {told.from_email}".lower()
    assert told.to == [maria.email]
    assert [word for word in [*WORDS, "bill", "recibo", str(item.item).lower()] if word in text] == []


def test_it_is_on_the_record(item: ChecklistItem, matter: Matter, maria: User, at: At) -> None:
    at(DUE)
    run()
    [event] = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.REMINDED])
    assert event.actor is None
    assert event.facts == {"reason": "due", "via": "mail", "member": str(maria.pk)}


def test_by_text_message_for_who_chose_that(
    item: ChecklistItem, maria: User, at: At, capsys: pytest.CaptureFixture[str]
) -> None:
    maria.phone, maria.reminders = "+13125550142", Reminders.TEXT
    maria.save()
    at(DUE)
    assert run() == 0
    assert "text to •••42" in capsys.readouterr().err
    assert Reminder.objects.get().channel == "text"


@pytest.mark.parametrize(
    "columns", [{"reminders": "none"}, {"is_active": False}, {"email": "maria@portal.invalid"}], ids=str
)
def test_who_cannot_be_reached_has_no_row(item: ChecklistItem, maria: User, at: At, columns: dict[str, Any]) -> None:
    User.objects.filter(pk=maria.pk).update(**columns)
    at(DUE)
    assert run() == 0
    assert not Reminder.objects.exists()


# ---- never lost


DEAD = {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": 1}}


def test_without_mail_it_is_tried_again_the_same_day(
    item: ChecklistItem, maria: User, at: At, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    working, settings.MAILERS = settings.MAILERS, {"default": DEAD}
    at(DUE, 9)
    run()
    [line] = [record for record in caplog.records if record.name == "documents.reminders"]
    assert (line.levelname, maria.email in line.getMessage()) == ("WARNING", False)
    assert Reminder.objects.get().sent_at is None
    settings.MAILERS = working
    at(DUE, 9, 15)
    assert [run(), run()] == [1, 0]


def test_a_day_without_mail_is_made_up_for_on_the_next(item: ChecklistItem, maria: User, at: At, settings: Any) -> None:
    working, settings.MAILERS = settings.MAILERS, {"default": DEAD}
    at(DUE)
    run()
    settings.MAILERS = working
    at(DUE + timedelta(days=1))
    assert run() == 1


class Dies(BaseException):
    """The worker is killed."""


def test_a_death_before_the_sending_is_made_up_for(item: ChecklistItem, maria: User, at: At) -> None:
    at(DUE)
    reminders.plan(reaching.channel)  # and the job is never done
    assert Reminder.objects.get().sent_at is None
    assert [run(), run()] == [1, 0]


def test_a_death_after_the_sending_sends_once_more_and_no_more(item: ChecklistItem, maria: User, at: At) -> None:
    def dies(person: User, what: str) -> str:
        reaching.tell(person, what)
        raise Dies

    at(DUE)
    reminders.plan(reaching.channel)
    with pytest.raises(Dies):
        reminders.send(Reminder.objects.get(), dies)
    assert len(mail.outbox) == 1
    assert [run(), run()] == [1, 0]


def test_one_that_fails_in_any_way_stops_no_other(
    matter: Matter, item: ChecklistItem, maria: User, lena: User, ana: User, at: At
) -> None:
    other = matters.open_matter("Another", actor=ana)
    matters.add_member(other, lena, actor=ana)
    asked(other, ana)
    at(DUE)
    reminders.plan(reaching.channel)
    jobs = ProcrastinateJob.objects.filter(task_name="documents.tasks.send_reminder")
    assert len({job.args["pk"] for job in jobs}) == 2


def test_what_another_worker_is_at_is_left_alone(item: ChecklistItem, maria: User, at: At) -> None:
    at(DUE)
    reminders.plan(reaching.channel)
    reminder = Reminder.objects.get()
    with other_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [lifecycle._lock(reminder)])
        tasks.send_reminder(str(reminder.pk))
    assert mail.outbox == []
