"""A file in pieces over a network that breaks: nothing is lost, nothing is twice, and nobody else may touch it."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from documents import custody, lifecycle, purging, vault
from documents.intake import arriving
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Upload
from tests.phones import HALF, LETTER, TUS, Phone, document
from tests.phones import begun as begun
from tests.phones import phone as phone
from tests.test_lifecycle import other_connection


def test_the_door_says_what_it_speaks(phone: Phone) -> None:
    answer = phone.client.options(reverse("uploads"))
    assert answer.status_code == 204
    assert {"creation", "creation-with-upload", "checksum", "termination", "expiration"} == set(
        answer["Tus-Extension"].split(",")
    )


def test_a_file_in_pieces_becomes_one_document(phone: Phone, begun: str) -> None:
    assert phone.send(begun, 0, LETTER[:HALF])["Upload-Offset"] == str(HALF)
    assert not Document.objects.exists()
    assert phone.send(begun, HALF, LETTER[HALF:]).status_code == 204
    assert (document().sha256, document().size) == (hashlib.sha256(LETTER).hexdigest(), len(LETTER))


def test_what_came_in_pieces_is_checked_and_made_ready(phone: Phone, begun: str) -> None:
    for at in range(0, len(LETTER), 300):
        phone.send(begun, at, LETTER[at : at + 300])
    made = document()
    check(made)
    prepare(made)
    made.refresh_from_db()
    assert (made.state, made.pages, made.intake_key) == ("ready", 3, "")
    assert vault.fingerprint(vault.Area.VAULT, made.vault_key, under=bytes(made.matter.key)).sha256 == made.sha256
    prefix = Upload.objects.get().prefix
    assert not [each for each in vault.inventory(vault.Area.INTAKE) if each.key.startswith(prefix)]


def test_the_first_piece_may_come_with_the_beginning(phone: Phone) -> None:
    answer = phone.begin(body=LETTER[:HALF])
    assert (answer.status_code, answer["Upload-Offset"]) == (201, str(HALF))
    phone.send(answer["Location"], HALF, LETTER[HALF:])
    assert document().size == len(LETTER)


def test_the_same_beginning_twice_is_one_upload(phone: Phone) -> None:
    first, second = phone.begin(), phone.begin()
    assert (first["Location"], first.status_code) == (second["Location"], second.status_code)


def test_the_same_id_for_another_file_is_a_conflict(phone: Phone, begun: str) -> None:
    assert phone.begin(len(LETTER) + 1).status_code == 409
    assert phone.begin(filename="otra.pdf").status_code == 409


def test_the_same_file_after_it_came_is_known(phone: Phone, begun: str) -> None:
    phone.send(begun, 0, LETTER)
    again = phone.begin()
    assert (again["Location"], again["Upload-Offset"]) == (begun, str(len(LETTER)))


def test_the_same_file_after_it_was_taken_out_is_new(phone: Phone, begun: str, maria: User) -> None:
    phone.send(begun, 0, LETTER)
    lifecycle.move(document(), "withdrawn", actor=maria)
    assert phone.begin()["Location"] != begun


def test_the_same_bytes_under_another_name_are_the_first_document(phone: Phone, begun: str) -> None:
    phone.send(begun, 0, LETTER)
    phone.id = uuid4()
    phone.send(phone.begin(filename="copia.pdf")["Location"], 0, LETTER)
    assert document().number == 1
    assert Upload.objects.get(file_id=phone.id).duplicate


@pytest.mark.parametrize("at", [1, HALF, len(LETTER)])
def test_a_piece_for_elsewhere_is_told_where_to_begin(phone: Phone, begun: str, at: int) -> None:
    answer = phone.send(begun, at, b"x")
    assert (answer.status_code, answer["Upload-Offset"]) == (409, "0")
    assert phone.arrived(begun) == 0


def test_a_piece_twice_counts_once(phone: Phone, begun: str) -> None:
    phone.send(begun, 0, LETTER[:HALF])
    assert phone.send(begun, 0, LETTER[:HALF]).status_code == 409
    assert phone.arrived(begun) == HALF


def kept_but_not_noted(body: bytes) -> Upload:
    """A piece lies there, and the process died before its row."""
    upload = Upload.objects.select_related("matter").get()
    vault.put_piece(upload.prefix, 0, body, under=bytes(upload.matter.key))
    return upload


@pytest.mark.parametrize("length", [HALF, HALF - 7, HALF + 7])
def test_a_piece_whose_answer_was_lost_is_taken_as_it_lies_there(phone: Phone, begun: str, length: int) -> None:
    kept_but_not_noted(LETTER[:HALF])
    assert phone.send(begun, 0, LETTER[:length])["Upload-Offset"] == str(HALF)
    phone.send(begun, HALF, LETTER[HALF:])
    assert document().sha256 == hashlib.sha256(LETTER).hexdigest()


def test_another_file_at_the_same_place_is_a_conflict(phone: Phone, begun: str) -> None:
    kept_but_not_noted(LETTER[:HALF])
    assert phone.send(begun, 0, b"y" * HALF).status_code == 409


def test_an_upload_whose_last_answer_was_lost_is_finished_when_asked_for(phone: Phone, begun: str) -> None:
    kept_but_not_noted(LETTER)
    Upload.objects.update(offset=len(LETTER))
    assert phone.arrived(begun) == len(LETTER)
    assert document().size == len(LETTER)


def test_an_upload_whose_last_answer_was_lost_is_finished_when_it_is_begun_again(phone: Phone, begun: str) -> None:
    kept_but_not_noted(LETTER)
    Upload.objects.update(offset=len(LETTER))
    assert phone.begin()["Upload-Offset"] == str(len(LETTER))
    assert document().size == len(LETTER)


def test_while_somebody_else_ends_it_nothing_is_called_received(phone: Phone, begun: str, elsewhere: None) -> None:
    answer = phone.send(begun, 0, LETTER)
    assert (answer.status_code, Document.objects.count()) == (423, 0)


@pytest.fixture
def elsewhere(begun: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process holds the upload, for longer than we wait."""
    monkeypatch.setattr(arriving, "PATIENCE", 0)
    with other_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [lifecycle._lock(Upload.objects.get())])
        yield


@pytest.mark.parametrize("spoil", ["gone", "changed"])
def test_a_piece_that_the_store_lost_ends_in_a_sentence(phone: Phone, begun: str, spoil: str) -> None:
    phone.send(begun, 0, LETTER[:HALF])
    upload = Upload.objects.select_related("matter").get()
    vault.shred(vault.Area.INTAKE, f"{upload.prefix}/0")
    if spoil == "changed":
        vault.put_piece(upload.prefix, 0, LETTER[: HALF - 1], under=bytes(upload.matter.key))
    answer = phone.send(begun, HALF, LETTER[HALF:])
    assert (answer.status_code, answer["Content-Type"]) == (410, "text/plain; charset=utf-8")
    assert answer.content
    assert not Document.objects.exists()


def test_an_upload_whose_last_answer_was_lost_is_finished_by_the_worker(phone: Phone, begun: str) -> None:
    kept_but_not_noted(LETTER)
    Upload.objects.update(offset=len(LETTER))
    arriving.expire()
    arriving.expire()
    assert document().size == len(LETTER)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_piece_that_changed_on_its_way_is_not_kept(phone: Phone, begun: str, algorithm: str) -> None:
    right = base64.b64encode(hashlib.new(algorithm, LETTER).digest()).decode()
    answer = phone.send(begun, 0, LETTER[:-1] + b"?", Upload_Checksum=f"{algorithm} {right}")
    assert (answer.status_code, phone.arrived(begun)) == (460, 0)
    assert phone.send(begun, 0, LETTER, Upload_Checksum=f"{algorithm} {right}").status_code == 204


@pytest.mark.parametrize("told", ["md5 x", "sha256", "sha256 ***", ""])
def test_a_checksum_we_do_not_know_is_a_bad_request(phone: Phone, begun: str, told: str) -> None:
    assert phone.send(begun, 0, LETTER, Upload_Checksum=told).status_code == 400
    assert phone.arrived(begun) == 0


def test_what_was_taken_back_is_gone(phone: Phone, begun: str) -> None:
    phone.send(begun, 0, LETTER[:HALF])
    assert phone.client.delete(begun, headers=TUS).status_code == 204
    assert phone.client.head(begun, headers=TUS).status_code == 410
    assert phone.send(begun, HALF, LETTER[HALF:]).status_code == 410
    assert not Document.objects.exists()


def test_what_was_received_is_not_taken_back_this_way(phone: Phone, begun: str) -> None:
    phone.send(begun, 0, LETTER)
    assert phone.client.delete(begun, headers=TUS).status_code == 410
    assert document().state == "received"


def test_an_upload_says_when_it_expires_and_then_does(phone: Phone, begun: str) -> None:
    assert phone.client.head(begun, headers=TUS)["Upload-Expires"].endswith("GMT")
    phone.send(begun, 0, LETTER[:HALF])
    Upload.objects.update(touched_at=timezone.now() - timedelta(hours=71))
    arriving.expire()
    assert phone.arrived(begun) == HALF
    Upload.objects.update(touched_at=timezone.now() - timedelta(hours=73))
    arriving.expire()
    assert phone.client.head(begun, headers=TUS).status_code == 410


def test_the_sweeper_leaves_what_is_on_its_way_and_takes_what_was_abandoned(
    phone: Phone, begun: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone.send(begun, 0, LETTER[:HALF])
    assert prefixed() == set()
    phone.client.delete(begun, headers=TUS)
    (left,) = prefixed()
    monkeypatch.setattr(custody, "MIN_AGE", timedelta())
    custody.sweep_store(many=True)
    with pytest.raises(vault.Missing):
        vault.fingerprint(vault.Area.INTAKE, left, under=bytes(phone.matter.key))


def test_a_purge_leaves_nothing_of_what_was_on_its_way(phone: Phone, begun: str) -> None:
    phone.send(begun, 0, LETTER[:HALF])
    purging.purge(phone.matter, actor=None, why="test")
    upload = Upload.objects.get()
    assert (upload.state, upload.name) == ("abandoned", "")
    assert not [each for each in vault.inventory(vault.Area.INTAKE) if each.key.startswith(upload.prefix)]


def prefixed() -> set[str]:
    """Pieces of the one upload that nothing refers to."""
    prefix = Upload.objects.get().prefix
    return {each.key for each in custody.orphans(vault.Area.INTAKE) if each.key.startswith(prefix)}
