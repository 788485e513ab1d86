"""Nothing fails silently: what is wrong is an alarm, on the record, mailed once, and over when it is well again."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core import mail as outbox
from django.db import connection
from django.utils import timezone

from accounts import mail
from accounts.audit import trail
from accounts.models import User
from documents import alarms, custody, gate, lifecycle, looks, vault, watching
from documents.intake import receive
from documents.intake.checking import _let_in, check
from documents.intake.looking import look
from documents.intake.readying import prepare
from documents.looks import Look
from documents.models import Alarm, Document, Matter, Packet, Request
from documents.packets import order
from tests.clamd_double import Clamd, says, version
from tests.conftest import simple_pdf
from tests.test_custody import at_once as at_once
from tests.test_custody import forget_the_last_event, stray
from tests.test_custody import only_ours as only_ours
from tests.test_lifecycle import other_connection

Kind = Alarm.Kind
LONG = timedelta(minutes=16)


def opened() -> set[str]:
    return set(alarms.open_().values_list("kind", flat=True))


def recorded() -> list[str]:
    return [event.kind for event in trail("accounts").order_by("seq") if event.kind.startswith("alarm")]


def ago(time: timedelta) -> Any:
    return timezone.now() - time


@pytest.fixture
def clamd(settings: Any) -> Iterator[Callable[..., None]]:
    """A scanner that says this of everything."""
    with ExitStack() as stack:

        def start(answer: bytes, *versions: bytes) -> None:
            settings.CLAMD_ADDRESS = stack.enter_context(Clamd(says(answer), list(versions) or None)).address

        yield start


@pytest.fixture
def away(settings: Any) -> str:
    real: str = settings.CLAMD_ADDRESS
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    return real


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


# ---- the gate


def test_a_scanner_that_lets_eicar_through_shuts_the_gate_at_once(
    received: Document, clamd: Callable[..., None]
) -> None:
    clamd(b"stream: OK\0")
    gate.look()
    assert opened() == {Kind.SCANNER_LETS_THROUGH}
    events = trail(received.audit_chain).count()
    check(received)
    assert (received.state, received.reason) == ("received", "scanner_unavailable")
    assert trail(received.audit_chain).count() == events


def test_nor_does_it_open_by_a_quick_look_that_is_well(received: Document, clamd: Any, settings: Any) -> None:
    real = settings.CLAMD_ADDRESS
    clamd(b"stream: OK\0")
    gate.look()
    settings.CLAMD_ADDRESS = real
    gate.look()
    check(received)
    assert (received.state, opened()) == ("received", {Kind.SCANNER_LETS_THROUGH})


def test_it_opens_by_a_proof_and_what_waited_is_taken_up(received: Document, clamd: Any, settings: Any) -> None:
    real = settings.CLAMD_ADDRESS
    clamd(b"stream: OK\0")
    gate.look()
    check(received)
    Document.objects.update(retry_at=timezone.now() + timedelta(hours=1))
    settings.CLAMD_ADDRESS = real
    gate.prove()
    received.refresh_from_db()
    assert (opened(), received.retry_at <= timezone.now()) == (set(), True)
    check(received)
    assert received.state == "clean"


def test_what_was_scanned_while_the_gate_was_being_shut_is_not_let_in(received: Document, tmp_path: Path) -> None:
    lifecycle.move(received, "checking", actor=None)
    found = look(received, tmp_path)
    alarms.raise_(Kind.SCANNER_LETS_THROUGH)
    with pytest.raises(gate.GateShut):
        _let_in(received, found)


def test_what_failed_while_the_proof_was_under_way_is_newer_than_it(
    firm: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quick look of a minute comes in between, finds something wrong, and the proof began before that."""
    probes = vault.selftest_store

    def meanwhile() -> Any:
        alarms.raise_(Kind.SCANNER_LETS_THROUGH)
        looks.forget(Look.PROOF)
        return probes()

    monkeypatch.setattr(vault, "selftest_store", meanwhile)
    gate.prove(anew=True)
    assert (opened(), gate.shut()) == ({Kind.SCANNER_LETS_THROUGH}, True)


def test_nor_does_it_end_what_was_found_once_more(firm: object, monkeypatch: pytest.MonkeyPatch) -> None:
    alarms.raise_(Kind.SCANNER_LETS_THROUGH)
    probes = vault.selftest_store

    def once_more() -> Any:
        alarms.raise_(Kind.SCANNER_LETS_THROUGH)
        return probes()

    monkeypatch.setattr(vault, "selftest_store", once_more)
    gate.prove(anew=True)
    assert opened() == {Kind.SCANNER_LETS_THROUGH}


def test_without_a_proof_the_first_file_asks_for_one(received: Document) -> None:
    looks.forget(Look.PROOF)
    check(received)
    assert (received.state, gate.shut()) == ("clean", False)


def test_while_there_is_no_proof_files_wait(received: Document, settings: Any) -> None:
    looks.forget(Look.PROOF)
    settings.UPLOAD_LIMIT = 200 * 1024 * 1024  # more than the scanner takes
    check(received)
    assert (received.state, received.reason, opened()) == (
        "received",
        "scanner_unavailable",
        {Kind.SCANNER_LETS_THROUGH},
    )


def test_a_proof_does_not_last(firm: object, monkeypatch: Any) -> None:
    looks.keep(Look.PROOF, lasting=timedelta(seconds=-1))
    assert gate.standing() == (0, False)
    assert gate.shut()


def test_no_answer_takes_no_proof_away(firm: object, away: str) -> None:
    gate.look()
    gate.prove(anew=True)
    assert (gate.shut(), opened()) == (False, set())


def test_who_need_not_wait_leaves_the_proof_to_whoever_is_at_it(firm: object) -> None:
    looks.forget(Look.PROOF)
    with other_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [gate.TURN])
        gate.prove(wait=False)
        assert gate.shut()
        other.execute("SELECT pg_advisory_unlock(%s)", [gate.TURN])
    gate.prove(wait=False)
    assert not gate.shut()


# ---- bytes, sweeps, the anchor


def overwritten(document: Document, content: bytes = b"evil") -> None:
    """As by a web process that was taken over: it may put into intake."""
    client, there = vault.store.bucket(vault.Area.INTAKE)
    client.put_object(**there, Key=document.intake_key, Body=content)


def test_what_was_written_over_is_found_again_and_told(received: Document) -> None:
    overwritten(received)
    key = received.intake_key
    check(received)
    prepare(received)
    assert (received.state, opened()) == ("ready", {Kind.BYTES_CHANGED})
    assert list(vault.store.versions(vault.Area.INTAKE, key)) == []


def test_a_file_in_pieces_is_found_again_too(matter: Matter, maria: User) -> None:
    content, under, prefix = simple_pdf(2), bytes(matter.key), vault.new_prefix()
    for start in range(0, len(content), 300):
        vault.put_piece(prefix, start, content[start : start + 300], under=under)
    key = vault.pieces_key(prefix, len(content))
    sealed = vault.Sealed(vault.Area.INTAKE, key, len(content), sha256(content).hexdigest())
    document = receive(sealed, matter=matter, name="carta.pdf", actor=maria).document
    document.intake_key = f"{prefix}/300"
    overwritten(document)
    check(document)
    assert (document.state, opened()) == ("clean", {Kind.BYTES_CHANGED})
    assert list(vault.store.versions(vault.Area.INTAKE, key)) == []


def test_bytes_that_are_nowhere_are_told(received: Document) -> None:
    vault.shred(vault.Area.INTAKE, received.intake_key)
    check(received)
    assert (received.state, opened()) == ("received", {Kind.BYTES_CHANGED})


def test_changed_bytes_are_told_while_preparing(received: Document) -> None:
    check(received)
    vault.shred(vault.Area.VAULT, received.vault_key)
    prepare(received)
    assert opened() == {Kind.BYTES_CHANGED}


def test_changed_bytes_are_told_when_somebody_looks(ready: Document, browser: Any, pat: User) -> None:
    vault.shred(vault.Area.VAULT, ready.page_set.get(number=1).preview_key)
    assert browser(pat).get(f"/documents/{ready.pk}/pages/1.jpg").status_code == 404
    assert opened() == {Kind.BYTES_CHANGED}


def test_objects_that_are_gone_are_told_by_the_sweep(ready: Document, matter: Matter, only_ours: list[str]) -> None:
    only_ours += vault_keys(ready)[1:]
    custody.sweep_store()
    assert Alarm.objects.get(ended_at=None).detail == f"Objects gone: 1, among them vault/{vault_keys(ready)[0]}."


def test_nothing_is_gone_while_everything_is_there(ready: Document, only_ours: list[str]) -> None:
    only_ours += vault_keys(ready)
    assert custody.sweep_store()["gone"] == 0
    assert opened() == set()


def vault_keys(document: Document) -> list[str]:
    return [document.vault_key, document.print_key, *document.page_set.values_list("preview_key", flat=True)]


def test_a_sweep_that_found_something_until_one_that_did_not(
    matter: Matter, at_once: None, only_ours: list[str]
) -> None:
    stray(matter, only_ours)
    custody.sweep_store()
    assert opened() == {Kind.SWEPT}
    only_ours.clear()
    custody.sweep_store()
    assert opened() == set()


def test_too_many(matter: Matter, at_once: None, only_ours: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(custody, "MOST_AT_ONCE", 0)
    stray(matter, only_ours)
    with pytest.raises(custody.TooMany):
        custody.sweep_store()
    assert opened() == {Kind.TOO_MANY}
    custody.sweep_store(many=True)
    assert opened() == {Kind.SWEPT}


def test_a_database_behind_its_anchor(matter: Matter, monkeypatch: Any) -> None:
    forget_the_last_event(matter)
    with pytest.raises(custody.OlderThanItsAnchor):
        custody.anchor()
    assert opened() == {Kind.ANCHOR_AHEAD}
    monkeypatch.setattr(custody, "HEADS", "heads-none/")
    custody.require_whole_database()
    assert opened() == set()
