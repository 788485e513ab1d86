"""The gate: no verdict, and a file waits; a bad one, and it never comes out."""

import io

import pikepdf
import pytest
from django.db import IntegrityError, ProgrammingError, connection
from PIL import Image

from accounts.models import User
from documents import custody, vault
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Matter
from documents.scanning import EICAR
from tests.conftest import sent, simple_pdf


@pytest.fixture
def scanner_down(settings: object) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"  # type: ignore[attr-defined]


def photo(comment: bytes) -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(into, "JPEG", comment=comment)
    return into.getvalue()


def pdf_with(attachment: bytes) -> bytes:
    pdf, into = pikepdf.open(io.BytesIO(simple_pdf())), io.BytesIO()
    pdf.attachments["hola.txt"] = pikepdf.AttachedFileSpec(pdf, attachment)
    pdf.save(into)
    return into.getvalue()


def checked(content: bytes, name: str, matter: Matter, user: User) -> Document:
    document = sent(content, name, matter, user)
    check(document)
    document.refresh_from_db()
    return document


def test_a_clean_file_is_in_the_vault_as_it_came(received: Document) -> None:
    check(received)
    kept = vault.fingerprint(vault.Area.VAULT, received.vault_key, under=bytes(received.matter.key))
    assert (received.state, kept.sha256) == ("clean", received.sha256)


def test_a_clean_file_is_gone_from_intake(received: Document) -> None:
    key = received.intake_key
    check(received)
    with pytest.raises(vault.Missing):
        vault.fingerprint(vault.Area.INTAKE, key, under=bytes(received.matter.key))


@pytest.mark.parametrize(
    ("content", "name"),
    [(EICAR, "carta.pdf"), (photo(EICAR), "foto.jpg"), (pdf_with(EICAR), "carta.pdf")],
    ids=["plain", "in the comment of a photo", "attached to a PDF"],
)
def test_malware_is_quarantined_wherever_it_hides(matter: Matter, maria: User, content: bytes, name: str) -> None:
    document = checked(content, name, matter, maria)
    assert (document.state, document.vault_key) == ("quarantined", "")


def test_nothing_gets_through_while_the_scanner_is_down(received: Document, scanner_down: None) -> None:
    check(received)
    assert (received.state, received.reason, received.waits) == ("received", "scanner_unavailable", 1)


def test_waiting_has_no_end(received: Document, scanner_down: None) -> None:
    for _time in range(12):
        check(received)
    assert (received.state, received.waits) == ("received", 12)


def test_what_waited_goes_on_untouched_when_the_scanner_is_back(received: Document, settings: object) -> None:
    address, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, "127.0.0.1:1"  # type: ignore[attr-defined]
    check(received)
    settings.CLAMD_ADDRESS = address  # type: ignore[attr-defined]
    check(received)
    assert received.state == "clean"


def test_bytes_that_changed_in_the_store_are_never_let_in(received: Document, matter: Matter) -> None:
    other = vault.seal([b"other bytes"], vault.Area.INTAKE, under=bytes(matter.key))
    Document.objects.filter(pk=received.pk).update(intake_key=other.key)
    check(received)
    assert received.state == "received"


def test_a_wrong_type_is_refused_after_it_was_scanned(matter: Matter, maria: User) -> None:
    document = checked(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "dibujo.svg", matter, maria)
    assert (document.state, document.reason) == ("refused", "wrong_type")
    assert document.verdicts.exists()


def test_a_locked_pdf_is_refused_as_locked(matter: Matter, maria: User) -> None:
    pdf, into = pikepdf.open(io.BytesIO(simple_pdf())), io.BytesIO()
    pdf.save(into, encryption=pikepdf.Encryption(user="secreto", owner="secreto"))
    document = checked(into.getvalue(), "cerrado.pdf", matter, maria)
    assert (document.reason, document.mime) == ("locked", "application/pdf")  # its password would open it


def test_a_second_check_does_nothing(received: Document) -> None:
    check(received)
    check(received)
    assert received.verdicts.count() == 1


def test_the_verdict_names_the_hash_and_the_signatures(received: Document) -> None:
    check(received)
    verdict = received.verdicts.get()
    assert (verdict.sha256, verdict.outcome) == (received.sha256, "clean")
    assert verdict.signature_version > 0


def test_a_dead_workers_check_is_taken_up_again(received: Document) -> None:
    Document.objects.filter(pk=received.pk).update(state="checking")
    check(received)
    assert received.state == "clean"


def test_three_deaths_while_preparing_hold_a_document(received: Document) -> None:
    check(received)
    Document.objects.filter(pk=received.pk).update(state="preparing", crashes=2)
    prepare(received)
    assert received.state == "held"


def test_a_death_while_preparing_is_taken_up_again(received: Document) -> None:
    check(received)
    Document.objects.filter(pk=received.pk).update(state="preparing")
    prepare(received)
    assert (received.state, received.pages) == ("ready", 2)


def test_recover_does_not_queue_twice(received: Document) -> None:
    Document.objects.filter(pk=received.pk).update(state="checking")
    assert custody.recover()["check"] == 0  # its first job still waits


def test_recover_queues_what_nobody_works_on(received: Document) -> None:
    check(received)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    Document.objects.filter(pk=received.pk).update(state="preparing")
    assert custody.recover() == {"check": 0, "prepare": 1, "bind": 0, "read": 0, "find_alike": 0, "fit": 0}


def test_the_database_refuses_ready_without_a_clean_verdict(received: Document) -> None:
    with pytest.raises(IntegrityError, match="no clean verdict"):
        Document.objects.filter(pk=received.pk).update(state="clean", vault_key="x")


def test_the_database_refuses_to_change_a_verdict(ready: Document) -> None:
    with pytest.raises(ProgrammingError, match="only ever added"):
        ready.verdicts.update(outcome="infected")


def test_the_database_refuses_to_change_custody(ready: Document) -> None:
    with pytest.raises(ProgrammingError, match="custody"):
        Document.objects.filter(pk=ready.pk).update(sha256="0" * 64)
