"""Locked files at their worst: sent again, hostile, at bad moments, and what people read of it."""


import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents import custody, lifecycle, purging, tagging, vault
from documents.intake import receive
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.intake.unlocking import CannotUnlock, unlock, waits_for_password
from documents.models import Document, Matter
from documents.scanning import EICAR, MARKER
from documents.views.standing import standing, wanted
from tests import fixtures
from tests.conftest import Browser, sent, simple_pdf
from tests.locked import PASSWORD, locked, opened
from tests.locks import State, page, refused, where
from tests.locks import phone as phone
from tests.locks import waiting as waiting
from tests.papers import shut

# The same file again


def test_while_it_waits_its_bytes_are_kept(waiting: Document) -> None:
    assert waiting.intake_key in custody.referred(vault.Area.INTAKE)


def test_the_same_file_sent_again_while_it_waits_is_a_new_one(waiting: Document, maria: User) -> None:
    again = refused(locked_again(waiting), waiting.matter, maria)
    assert again.pk != waiting.pk
    assert opened(again, PASSWORD, maria).state == "ready"


def locked_again(document: Document) -> bytes:
    """The very bytes."""
    return b"".join(vault.chunks(vault.Area.INTAKE, document.intake_key, under=bytes(document.matter.key)))


def test_of_the_same_file_twice_only_one_is_opened(waiting: Document, maria: User) -> None:
    opened(refused(locked_again(waiting), waiting.matter, maria), PASSWORD, maria)
    with pytest.raises(CannotUnlock):
        unlock(waiting, PASSWORD, actor=maria)
    assert (Document.objects.get(pk=waiting.pk).state, Document.objects.get(pk=waiting.pk).password) == ("refused", "")


def test_that_is_told_to_whoever_tries(waiting: Document, maria: User, phone: Client) -> None:
    opened(refused(locked_again(waiting), waiting.matter, maria), PASSWORD, maria)
    answer = phone.post(where(waiting), {"password": PASSWORD}, follow=True)
    assert "The same file was sent again meanwhile." in answer.text


def test_the_same_file_sent_while_it_is_opened_is_no_second_one(waiting: Document, maria: User) -> None:
    sealed = vault.seal([locked_again(waiting)], vault.Area.INTAKE, under=bytes(waiting.matter.key))
    unlock(waiting, PASSWORD, actor=maria)
    receipt = receive(sealed, matter=waiting.matter, name="banco.pdf", actor=maria)
    assert (receipt.duplicate, receipt.document.pk) == (True, waiting.pk)


# Hostile input


@pytest.mark.parametrize("content", [MARKER, EICAR], ids=["marker", "EICAR"])
def test_malware_in_a_locked_attachment_is_found(matter: Matter, maria: User, content: bytes) -> None:
    document = opened(refused(locked(attached={"hola.txt": content}), matter, maria), PASSWORD, maria)
    assert (document.state, document.reason, document.vault_key, document.unlocked_key) == (
        "quarantined", "infected", "", "",
    )  # fmt: skip
    assert document.password == ""


def test_malware_in_a_locked_file_itself_is_found(matter: Matter, maria: User) -> None:
    document = opened(refused(locked(says=MARKER.decode()), matter, maria), PASSWORD, maria)
    verdict = document.verdicts.first()
    assert (document.state, verdict.outcome if verdict else "") == ("quarantined", "infected")


def test_malware_two_files_deep_is_found(matter: Matter, maria: User) -> None:
    document = refused(locked(attached={"dentro.pdf": fixtures.attached_pdf(MARKER)}), matter, maria)
    assert opened(document, PASSWORD, maria).state == "quarantined"


def test_a_locked_file_that_is_cut_short_is_found_out(matter: Matter, maria: User) -> None:
    whole = locked(simple_pdf(9), linearize=True)
    document = refused(whole[: int(len(whole) * 0.9)], matter, maria)
    assert (opened(document, PASSWORD, maria).state, document.reason) == ("refused", "truncated")


def test_a_locked_file_that_was_repaired_says_so(matter: Matter, maria: User) -> None:
    document = refused(locked().replace(b"startxref\n", b"startxref\n9"), matter, maria)
    assert (opened(document, PASSWORD, maria).state, document.warnings) == (
        "ready", ["repaired", "restrictions_removed"],
    )  # fmt: skip


# Bad moments


def test_while_the_scanner_is_away_the_password_waits_too(waiting: Document, maria: User, settings: object) -> None:
    address, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, "127.0.0.1:1"  # type: ignore[attr-defined]
    unlock(waiting, PASSWORD, actor=maria)
    check(waiting)
    assert (waiting.state, waiting.reason) == ("received", "scanner_unavailable")
    settings.CLAMD_ADDRESS = address  # type: ignore[attr-defined]
    check(waiting)
    assert waiting.state == "clean"


def test_a_dead_workers_try_is_taken_up_again(waiting: Document, maria: User) -> None:
    unlock(waiting, PASSWORD, actor=maria)
    lifecycle.move(waiting, State.CHECKING, actor=None)
    assert custody.recover()["check"] == 0  # its first job still waits
    check(Document.objects.get(pk=waiting.pk))
    assert Document.objects.get(pk=waiting.pk).state == "clean"


def test_what_is_taken_back_forgets_it_and_asks_again(waiting: Document, maria: User, pat: User) -> None:
    unlock(waiting, PASSWORD, actor=maria)
    tagging.withdraw(waiting, actor=pat)
    assert Document.objects.get(pk=waiting.pk).password == ""
    tagging.restore(waiting, actor=pat)
    check(waiting)
    assert (waiting.state, waits_for_password(waiting)) == ("refused", True)


def test_a_purge_forgets_the_password(waiting: Document, maria: User, ana: User) -> None:
    unlock(waiting, PASSWORD, actor=maria)
    purging.purge(waiting.matter, actor=ana, why="closed")
    assert Document.objects.get(pk=waiting.pk).password == ""


def test_a_purge_destroys_the_unlocked_copy(waiting: Document, maria: User, ana: User) -> None:
    opened(waiting, PASSWORD, maria)
    key, under = waiting.unlocked_key, bytes(waiting.matter.key)
    purging.purge(waiting.matter, actor=ana, why="closed")
    assert Document.objects.get(pk=waiting.pk).unlocked_key == ""
    with pytest.raises(vault.Missing):
        vault.fingerprint(vault.Area.VAULT, key, under=under)


def test_no_sweep_takes_the_unlocked_copy(waiting: Document, maria: User) -> None:
    opened(waiting, PASSWORD, maria)
    assert waiting.unlocked_key in custody.referred(vault.Area.VAULT)


def test_looked_at_again_it_needs_no_password(waiting: Document, maria: User) -> None:
    opened(waiting, PASSWORD, maria)
    shut(waiting, state="received")
    check(waiting)
    prepare(waiting)
    assert (waiting.state, waiting.warnings) == ("ready", ["restrictions_removed"])
    assert waiting.verdicts.filter(sha256=waiting.unlocked_sha256, outcome="clean").count() == 2


def test_a_lost_copy_is_made_anew_from_the_file_and_its_password(waiting: Document, maria: User) -> None:
    content = locked_again(waiting)
    opened(waiting, PASSWORD, maria)
    vault.shred(vault.Area.VAULT, waiting.unlocked_key)
    shut(waiting, state="received")
    check(waiting)
    assert (waiting.state, waiting.reason) == ("received", "damaged")
    sent(content, "banco.pdf", waiting.matter, maria)
    check(waiting)
    assert opened(waiting, PASSWORD, maria).state == "ready"


def test_the_database_keeps_no_password_of_a_file_that_is_done(waiting: Document) -> None:
    with pytest.raises(IntegrityError, match="passwords_are_forgotten"):
        Document.objects.filter(pk=waiting.pk).update(password=PASSWORD)


def test_the_database_wants_a_verdict_on_the_unlocked_bytes(ready: Document) -> None:
    with pytest.raises(IntegrityError, match="no clean verdict"):
        Document.objects.filter(pk=ready.pk).update(unlocked_sha256="0" * 64)


# What people read


def test_its_client_is_asked_in_place(waiting: Document, phone: Client) -> None:
    text = page(phone, waiting)
    assert "This file has a password. Type it here and we will open it." in text
    assert where(waiting) in text
    assert "We forget the password when the file is ready." in text
    assert "Or send it again without a password" in text


def test_the_first_page_leads_there(waiting: Document, phone: Client) -> None:
    text = phone.get(reverse("matter", args=[waiting.matter_id])).text
    assert "Type the password: banco.pdf" in text
    assert reverse("document", args=[waiting.pk]) in text


def test_the_office_can_type_it_too(waiting: Document, browser: Browser, pat: User) -> None:
    text = page(browser(pat), waiting)
    assert where(waiting) in text
    assert "The client can give it too." in text


def test_the_office_reads_what_was_wrong_with_it(waiting: Document, browser: Browser, pat: User, maria: User) -> None:
    opened(waiting, "no es esta", maria)
    assert "That password did not open it" in page(browser(pat), waiting)
    assert browser(pat).post(where(waiting), {"password": ""}).status_code == 422


def test_it_counts_as_wanted_until_it_is_open(waiting: Document, maria: User) -> None:
    it = standing(waiting)
    assert (it.locked, it.wanted, len(wanted(waiting.matter, [it]))) == (True, True, 1)
    assert not standing(opened(waiting, PASSWORD, maria)).wanted


def test_a_page_never_shows_what_was_typed(waiting: Document, phone: Client) -> None:
    assert "mine-and-nobody" not in phone.post(where(waiting), {"password": "mine-and-nobody" + "x" * 600}).text
