"""A purged matter: nothing of it can be read again, and what is said of it stays true."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts import audit
from accounts.models import AuditEvent, User
from documents import access, custody, lifecycle, matters, purging, tagging, tasks, vault, verifying
from documents.models import Document, Hold, Matter, Packet, PacketPage, PacketPart, Page, Request, Tag
from documents.packets import order
from documents.packets.binding import bind_packet
from tests.conftest import sent, simple_pdf

NAMES = ["Rodríguez", "123456789", "carta.pdf", "Dear Counsel", "why it was"]


@pytest.fixture
def full(accepted: Document, matter: Matter, maria: User, pat: User, ana: User, request_: Request) -> Matter:
    """A matter with a bound packet, a letter, a document on hold, one received and one withdrawn; its key is kept."""
    tagging.name_exhibit(accepted, "Rodríguez at work", actor=pat)
    signed = {"letter": "Dear Counsel", "letter_signed_by": ana, "letter_signed_at": "2026-01-01T00:00Z"}
    Request.objects.filter(pk=request_.pk).update(**signed)
    bind_packet(order.order(request_, actor=ana))
    custody.keep_key(str(matter.pk))
    tagging.tag(accepted, tagging.factors().get(code="REHABILITATION"), note="Rodríguez", actor=pat)
    tagging.lift_hold(Hold.objects.get(), why="why it was", actor=ana)
    sent(simple_pdf(text="Otra"), "Rodríguez.pdf", matter, maria)
    tagging.withdraw(sent(simple_pdf(text="Tercera"), "carta.pdf", matter, maria), actor=pat)
    matter.refresh_from_db()
    return matter


def addresses(matter: Matter) -> set[str]:
    return {key for _area, key in purging._objects(matter)}


def stored() -> set[str]:
    return {each.key for area in (vault.Area.INTAKE, vault.Area.VAULT) for each in vault.inventory(area)}


def test_no_object_and_no_key_is_left(full: Matter, ana: User) -> None:
    were = addresses(full)
    assert were <= stored()
    purging.purge(full, actor=ana, why="closed")
    assert not were & stored()
    assert vault.kept_keys(full.pk) == []


def test_no_row_holds_what_a_person_typed(full: Matter, ana: User) -> None:
    purging.purge(full, actor=ana, why="closed")
    rows = [
        row
        for model in (Matter, Request, Document, Packet, PacketPart, PacketPage, Page, Tag, Hold)
        for row in model._default_manager.values()
    ]
    assert not [name for name in NAMES if name in json.dumps(rows, default=str, ensure_ascii=False)]
    full.refresh_from_db()
    assert full.key == b""


def test_its_packet_is_out_of_use_and_a_tombstone_stays(full: Matter, accepted: Document, ana: User) -> None:
    purging.purge(full, actor=ana, why="closed")
    packet, stone = Packet.objects.get(), Document.objects.get(pk=accepted.pk)
    assert (packet.state, packet.order, packet.manifest) == ("invalidated", {}, {})
    assert (stone.state, stone.sha256, stone.number) == ("purged", accepted.sha256, accepted.number)
    assert stone.verdicts.exists()


def test_it_is_on_the_record_by_whom_and_why(received: Document, matter: Matter, ana: User) -> None:
    purging.purge(matter, actor=ana, why="closed")
    [event] = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.PURGED])
    assert (event.actor, event.facts["why"], event.facts["documents"]) == (ana, "closed", 1)
    assert audit.verify() == []


def test_a_matter_under_legal_hold_is_not_purged(received: Document, matter: Matter, ana: User) -> None:
    Matter.objects.filter(pk=matter.pk).update(legal_hold=True)
    with pytest.raises(purging.CannotPurge, match="legal hold"):
        purging.purge(matter, actor=ana, why="closed")
    assert addresses(matter) <= stored()
    assert not Document.objects.filter(state="purged").exists()


def test_the_database_refuses_a_purge_under_legal_hold(matter: Matter) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Matter.objects.filter(pk=matter.pk).update(legal_hold=True, purged_at="2026-01-01T00:00Z")


@pytest.mark.parametrize("state", ["checking"])
def test_what_is_being_worked_on_stops_it(received: Document, matter: Matter, ana: User, state: str) -> None:
    Document.objects.filter(pk=received.pk).update(state=state)
    other = connection.copy()  # a worker elsewhere
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lifecycle._lock(received)])
        with pytest.raises(purging.CannotPurge):
            purging.purge(matter, actor=ana, why="closed")
    other.close()
    assert addresses(matter) <= stored()


def test_what_a_dead_worker_left_does_not(received: Document, matter: Matter, ana: User) -> None:
    lifecycle.move(received, Document.State.CHECKING, actor=None)
    purging.purge(matter, actor=ana, why="closed")
    received.refresh_from_db()
    assert received.state == "purged"


def test_a_packet_that_waits_to_be_bound_never_is(accepted: Document, matter: Matter, ana: User, request_: Request) -> None:
    packet = order.order(request_, actor=ana)
    purging.purge(matter, actor=ana, why="closed")
    bind_packet(packet)
    assert (packet.state, packet.order) == ("failed", {})


def test_once_more_is_nothing_more(received: Document, matter: Matter, ana: User) -> None:
    purging.purge(matter, actor=ana, why="closed")
    purging.purge(matter, actor=ana, why="closed")
    assert audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.PURGED]).count() == 1


def unreachable(storages: dict[str, Any]) -> dict[str, Any]:
    """The same storages at an address where nobody answers."""
    away = {**storages}
    for area in ("intake", "vault"):
        away[area] = {**storages[area], "OPTIONS": {**storages[area]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}}
    return away


@pytest.fixture
def begun(received: Document, matter: Matter, ana: User, settings: Any) -> Matter:
    """The rows say it is purged, and then the store was away."""
    here = settings.STORAGES
    settings.STORAGES = unreachable(here)
    with pytest.raises(vault.StoreUnavailable):
        purging.purge(matter, actor=ana, why="closed")
    settings.STORAGES = here
    return matter


def test_the_rows_say_so_before_a_byte_goes(begun: Matter, received: Document) -> None:
    received.refresh_from_db()
    assert (received.state, received.name) == ("purged", "")
    assert addresses(begun) <= stored()


def test_what_was_begun_is_taken_up_by_the_sweep(begun: Matter) -> None:
    were = addresses(begun)
    tasks.finish_purges(0)
    assert list(purging.unfinished()) == []
    assert not were & stored()


def test_verify_finds_what_is_not_finished(begun: Matter) -> None:
    assert [sentence for sentence in verifying.verify() if begun.reference in sentence]


def test_verify_expects_nothing_of_what_is(full: Matter, accepted: Document, ana: User) -> None:
    packet = Packet.objects.get()
    purging.purge(full, actor=ana, why="closed")
    known = [full.reference, str(full.pk), str(accepted.pk), str(packet.pk)]
    assert not [sentence for sentence in verifying.verify() if any(name in sentence for name in known)]


def test_it_is_on_nobodys_list(received: Document, matter: Matter, ana: User, maria: User, ada: User) -> None:
    purging.purge(matter, actor=ana, why="closed")
    for rows in (access.matters(ana), access.documents(ana), access.documents(maria), access.assignable(ada)):
        assert not rows.exists()


def test_it_takes_no_document_any_more(matter: Matter, maria: User, ana: User) -> None:
    key = bytes(matter.key)
    purging.purge(matter, actor=ana, why="closed")
    matter.key = key  # a form that was open all the while
    with pytest.raises(IntegrityError, match="is purged"), transaction.atomic():
        sent(simple_pdf(text="Tarde"), "tarde.pdf", matter, maria)


def test_its_key_is_never_kept_again(matter: Matter, ana: User) -> None:
    purging.purge(matter, actor=ana, why="closed")
    tasks.keep_key(str(matter.pk))
    call_command("rotate_keys")
    assert vault.kept_keys(matter.pk) == []


def test_no_command_works_on_it(matter: Matter, ana: User, tmp_path: Any) -> None:
    purging.purge(matter, actor=ana, why="closed")
    with pytest.raises(CommandError, match="purged"):
        call_command("export", "--matter", matter.reference, "--out", str(tmp_path / "out"))


def test_another_matter_keeps_everything(received: Document, matter: Matter, ana: User, max_: User) -> None:
    other = matters.open_matter("Hernández, Wilmer", actor=max_)
    theirs = sent(simple_pdf(2), "carta.pdf", other, max_)
    purging.purge(matter, actor=ana, why="closed")
    assert vault.fingerprint(vault.Area.INTAKE, theirs.intake_key, under=bytes(other.key)).sha256 == theirs.sha256
