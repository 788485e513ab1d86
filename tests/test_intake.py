"""The door in: what is stored is what was sent, and only then is it received."""

import hashlib
from dataclasses import replace

import pytest
from django.db import connection

from accounts.audit import trail
from accounts.models import User
from documents import custody, vault
from documents.intake import NotKept, NotTaken, receive
from documents.models import Document, Matter
from tests.conftest import sent, simple_pdf


def test_what_was_received_can_be_read_back(received: Document) -> None:
    with vault.open_sealed(vault.Area.INTAKE, received.intake_key, under=bytes(received.matter.key)) as stream:
        assert hashlib.sha256(stream.read()).hexdigest() == received.sha256


def test_receiving_is_on_the_record(received: Document, maria: User) -> None:
    event = trail(received.audit_chain)[0]
    assert (event.kind, event.actor, event.facts["sha256"]) == ("received", maria, received.sha256)


def test_receiving_queues_its_check_in_the_same_transaction(received: Document) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE args->>'pk' = %s", [str(received.pk)])
        assert cursor.fetchone() == (1,)


def test_the_same_bytes_again_are_the_first_document(received: Document, matter: Matter, maria: User) -> None:
    again = sent(simple_pdf(2), "otra vez.pdf", matter, maria)
    assert again == received
    assert matter.documents.count() == 1


def test_the_same_bytes_in_another_matter_are_another_document(received: Document, max_: User) -> None:
    elsewhere = Matter.objects.create(number=99, respondent="Otra", key=vault.new_key())
    assert sent(simple_pdf(2), "carta.pdf", elsewhere, max_) != received


def test_a_file_of_no_bytes_is_not_taken(matter: Matter, maria: User) -> None:
    with pytest.raises(NotTaken, match="empty"):
        sent(b"", "nada.pdf", matter, maria)
    assert not matter.documents.exists()


def test_a_file_over_the_limit_is_not_taken(matter: Matter, maria: User, settings: object) -> None:
    settings.UPLOAD_LIMIT = 100  # type: ignore[attr-defined]
    with pytest.raises(NotTaken, match="too_large"):
        sent(simple_pdf(), "grande.pdf", matter, maria)
    assert not matter.documents.exists()


def test_bytes_the_store_changed_are_not_received(matter: Matter, maria: User) -> None:
    sealed = vault.seal([b"abc"], vault.Area.INTAKE, under=bytes(matter.key))
    lost = replace(sealed, size=4)
    with pytest.raises(NotKept):
        receive(lost, matter=matter, name="a.pdf", actor=maria)
    assert not matter.documents.exists()


def test_staff_send_on_the_clients_behalf_and_it_says_so(matter: Matter, pat: User) -> None:
    assert sent(simple_pdf(), "escaneo.pdf", matter, pat).on_behalf


@pytest.mark.parametrize(
    ("name", "shown"),
    [("../../etc/passwd", "passwd"), ("C:\\fotos\\yo.jpg", "yo.jpg"), ("a\x00b\u202egpj.exe", "abgpj.exe"), ("", "file")],
)
def test_a_name_is_never_a_path(matter: Matter, maria: User, name: str, shown: str) -> None:
    assert sent(simple_pdf(text=name.encode().hex() or "x"), name, matter, maria).name == shown


def test_names_are_not_readable_in_the_database(received: Document) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM documents_document WHERE id = %s", [received.pk])
        assert "carta" not in cursor.fetchone()[0]


def test_the_sweeper_leaves_what_was_received(received: Document) -> None:
    known = {stored.key for stored in vault.inventory(vault.Area.INTAKE)} - {
        stored.key for stored in custody.orphans(vault.Area.INTAKE)
    }
    assert received.intake_key in known
