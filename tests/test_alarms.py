"""Nothing fails silently: what is wrong is an alarm, on the record, mailed once, and over when it is well again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import connection
from django.utils import timezone

from accounts import mail
from accounts.models import User
from documents import alarms, gate, looks, watching
from documents.intake.checking import check
from documents.looks import Look
from documents.models import Alarm, Document, Packet, Request
from documents.packets import order
from tests.alarming import LONG, Kind, ago, opened, recorded
from tests.alarming import away as away
from tests.alarming import clamd as clamd
from tests.clamd_double import version
from tests.test_custody import at_once as at_once
from tests.test_custody import only_ours as only_ours
from tests.test_lifecycle import other_connection

# ---- the rows


def test_an_alarm_is_opened_once_and_then_found_again(db: None) -> None:
    alarms.raise_(Kind.SWEPT, "first")
    first = Alarm.objects.get()
    alarms.raise_(Kind.SWEPT, "second")
    again = Alarm.objects.get()
    assert (again.pk, again.detail, recorded()) == (first.pk, "second", ["alarm_raised"])
    assert again.seen_at > first.seen_at


def test_an_alarm_that_ended_may_come_back(db: None) -> None:
    for _time in range(2):
        alarms.raise_(Kind.SWEPT)
        alarms.end(Kind.SWEPT)
        alarms.end(Kind.SWEPT)
    assert recorded() == ["alarm_raised", "alarm_ended"] * 2


def test_an_alarm_is_logged(db: None, caplog: pytest.LogCaptureFixture) -> None:
    alarms.raise_(Kind.SWEPT, "3 objects.")
    assert [record.levelname for record in caplog.records if "3 objects." in record.message] == ["ERROR"]


def test_every_kind_says_what_to_do() -> None:
    assert set(alarms.ADVICE) == set(Kind)


# ---- the mail


@pytest.fixture
def long_open(db: None) -> Alarm:
    alarms.raise_(Kind.SCANNER_AWAY, "No answer.")
    Alarm.objects.update(since=ago(LONG))
    return Alarm.objects.get()


def test_the_administrators_are_told_once_in_their_language(long_open: Alarm, ada: User, pat: User) -> None:
    User.objects.filter(pk=ada.pk).update(language="es")
    assert [alarms.tell(mail.send), alarms.tell(mail.send)] == [1, 0]
    [told] = outbox.outbox
    assert told.to == [ada.email]
    assert "/status/" in str(told.body)


def test_what_comes_meanwhile_waits_for_the_next_minute(long_open: Alarm, ada: User) -> None:
    alarms.tell(mail.send)
    alarms.raise_(Kind.STORE_AWAY)
    Alarm.objects.filter(kind=Kind.STORE_AWAY).update(since=ago(LONG))
    assert alarms.tell(mail.send) == 0
    Alarm.objects.filter(told_at__isnull=False).update(told_at=ago(LONG))
    assert alarms.tell(mail.send) == 1


def test_what_is_over_within_a_minute_is_not_mailed(ada: User) -> None:
    alarms.raise_(Kind.STORE_AWAY)
    assert alarms.tell(mail.send) == 0
    assert outbox.outbox == []


def test_the_mail_names_nobody(long_open: Alarm, ada: User, received: Document) -> None:
    Document.objects.update(state_since=ago(LONG))
    watching.watch()
    Alarm.objects.update(since=ago(LONG))
    alarms.tell(mail.send)
    text = f"{outbox.outbox[0].subject} {outbox.outbox[0].body}"
    assert not [word for word in ("Rodríguez", "carta", "AMP-", "Ada", str(received.pk)) if word in text]


def test_where_no_mail_leaves_it_is_tried_again(long_open: Alarm, ada: User, settings: Any) -> None:
    settings.MAILERS = {"default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": 1}}}  # fmt: skip
    assert alarms.tell(mail.send) == 0
    long_open.refresh_from_db()
    assert long_open.told_at is None


def test_no_row_is_locked_while_the_mail_is_on_its_way(long_open: Alarm, ada: User) -> None:
    """A mail server may take minutes; what ends or is found again meanwhile does not wait for it."""
    depth = len(connection.savepoint_ids)

    def send(*_about: object, **_more: object) -> None:
        assert len(connection.savepoint_ids) == depth
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND objid = %s",
                [alarms.TELLING & 0xFFFFFFFF],
            )
            assert cursor.fetchone() == (1,)

    assert alarms.tell(send) == 1


def test_two_do_not_write_the_same(long_open: Alarm, ada: User) -> None:
    with other_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [alarms.TELLING])
        assert alarms.tell(mail.send) == 0
        other.execute("SELECT pg_advisory_unlock(%s)", [alarms.TELLING])
    assert alarms.tell(mail.send) == 1


def test_who_administers_no_more_is_not_written_to(long_open: Alarm, ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert alarms.tell(mail.send) == 0


# ---- the watch


def test_a_judge_that_breaks_keeps_no_other_from_speaking(received: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> str:
        raise OSError("broken")

    Document.objects.update(state_since=ago(LONG))
    for broken in (Kind.SCANNER_AWAY, Kind.WORKER_DIES):
        monkeypatch.setitem(watching.JUDGES, broken, breaks)
    monkeypatch.setitem(watching.JUDGES, Kind.WORK_FAILED, lambda: "Wrong.")
    with pytest.raises(OSError, match="broken"):
        watching.watch()
    assert opened() == {Kind.WAITING, Kind.WORK_FAILED}


def test_a_file_that_newer_signatures_have_not_seen_for_days(ready: Document) -> None:
    gate.look()
    known = looks.last(Look.SCANNER) or {}
    looks.keep(Look.SCANNER, **{**known, "version": known["version"] + 1})
    watching.watch()
    assert opened() == set()
    with pytest.MonkeyPatch.context() as clock:
        later = timezone.now() + timedelta(days=8)
        clock.setattr(timezone, "now", lambda: later)
        watching.watch()
    assert opened() == {Kind.WAITING}


def test_a_quiet_portal_has_no_alarm(received: Document) -> None:
    gate.look()
    watching.watch()
    assert opened() == set()


def test_a_file_that_waits_too_long(received: Document) -> None:
    Document.objects.update(state_since=ago(LONG))
    watching.watch()
    assert opened() == {Kind.WAITING}
    check(received)
    watching.watch()
    assert opened() == set()


def test_a_file_that_is_tried_again_and_again_waits_too(received: Document) -> None:
    """Each try moves it, so that it has never been long where it is."""
    assert not watching._waiting()
    Document.objects.update(waits=40)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr(timezone, "now", lambda: received.received_at + LONG)
        Document.objects.update(state_since=timezone.now())
        assert watching._waiting()


def test_the_scanner_is_away_after_a_quarter_of_an_hour(db: None, away: str, settings: Any) -> None:
    gate.look()
    watching.watch()
    assert opened() == set()
    looks.keep(Look.SCANNER, **{**(looks.last(Look.SCANNER) or {}), "since": ago(LONG)})
    gate.look()
    watching.watch()
    assert opened() == {Kind.SCANNER_AWAY}
    settings.CLAMD_ADDRESS = away
    gate.look()
    watching.watch()
    assert opened() == set()


@pytest.mark.parametrize("answer", [version(age=timedelta(hours=49)), b"ClamAV 1.4.6"], ids=["old", "undated"])
def test_old_signatures_are_told_at_once(firm: object, clamd: Callable[..., None], answer: bytes) -> None:
    clamd(b"stream: OK\0", answer)
    gate.look()
    watching.watch()
    assert opened() == {Kind.SIGNATURES_STALE}


def test_a_store_that_does_not_answer(db: None, settings: Any) -> None:
    options = {**settings.STORAGES["vault"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    real, settings.STORAGES = (
        settings.STORAGES,
        {**settings.STORAGES, "vault": {**settings.STORAGES["vault"], "OPTIONS": options}},
    )
    watching.watch()
    assert opened() == {Kind.STORE_AWAY}
    settings.STORAGES = real
    watching.watch()
    assert opened() == set()


def test_what_failed_waits_for_a_person(ready: Document, accepted: Document, request_: Request, ana: User) -> None:
    packet = order.order(request_, actor=ana)
    Packet.objects.filter(pk=packet.pk).update(state=Packet.State.FAILED)
    watching.watch()
    assert Alarm.objects.get(ended_at=None).detail == "Documents held: 0. Packets failed: 1."


def test_a_file_over_which_workers_die(received: Document) -> None:
    for death in range(1, 4):
        Document.objects.update(state="checking")  # as it stands when its worker is gone
        check(received) if death == 3 else checking_only(received)
        assert received.crashes == death
    assert received.state == "received"
    watching.watch()
    assert opened() == {Kind.WORKER_DIES}


def checking_only(document: Document) -> None:
    """Taken up, and its scanner is away: so it is not finished by this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.CLAMD_ADDRESS", "127.0.0.1:1")
        check(document)


def test_it_rests_then_and_is_never_given_up(received: Document) -> None:
    Document.objects.update(state="checking", crashes=2)
    check(received)
    assert (received.state, received.retry_at > timezone.now()) == ("received", True)
    check(received)
    assert (received.state, received.crashes) == ("clean", 0)
