"""What the gate, the bytes, the sweeps and the anchor raise, and how it ends."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import trail
from accounts.models import User
from documents import alarms, custody, gate, lifecycle, looks, vault
from documents.intake import receive
from documents.intake.checking import _let_in, check
from documents.intake.looking import look
from documents.intake.readying import prepare
from documents.looks import Look
from documents.models import Alarm, Document, Matter
from tests.alarming import Kind, opened
from tests.alarming import away as away
from tests.alarming import clamd as clamd
from tests.conftest import simple_pdf
from tests.test_custody import at_once as at_once
from tests.test_custody import forget_the_last_event, stray
from tests.test_custody import only_ours as only_ours
from tests.test_lifecycle import other_connection

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
    with pytest.raises(gate.GateShut), vault.Seal(vault.Area.VAULT, under=bytes(received.matter.key)) as seal:
        _let_in(received, found, seal)


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
