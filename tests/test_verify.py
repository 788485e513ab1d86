"""verify --deep: finished packets read again by their bytes, keys opened, nothing in the store unaccounted for."""

import json
import os
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pikepdf
import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from documents import custody, vault, verifying
from documents.intake.workspace import seal_file
from documents.models import Document, Matter, Packet, PacketPart, Request
from documents.packets import order
from documents.packets.binding import bind_packet


@pytest.fixture
def bound(accepted: Document, request_: Request, ana: User) -> Packet:
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    assert packet.state == "bound"
    return packet


def wrong(packet: Packet) -> str:
    return verifying._wrong_with(packet)


def replaced(packet: Packet, tmp_path: Path, change: Any) -> None:
    """The part as somebody with the key and the database could leave it: other pages, and rows that agree with them."""
    part, matter = packet.parts.get(), packet.request.matter
    vault.copy_to_file(vault.Area.VAULT, part.key, tmp_path / "part.pdf", under=bytes(matter.key))
    with pikepdf.open(tmp_path / "part.pdf") as pdf:
        change(pdf)
        pdf.save(tmp_path / "changed.pdf")
    sealed = seal_file(tmp_path / "changed.pdf", vault.Area.VAULT, matter=matter)
    PacketPart.objects.filter(pk=part.pk).update(key=sealed.key, sha256=sealed.sha256, bytes=sealed.size)


def test_a_packet_as_it_was_bound_is_whole(bound: Packet) -> None:
    assert wrong(bound) == ""


def test_a_page_that_is_gone_from_its_file_is_found(bound: Packet, tmp_path: Path) -> None:
    replaced(bound, tmp_path, lambda pdf: pdf.pages.__delitem__(-1))
    assert "pages" in wrong(bound)


def test_pages_that_changed_places_are_found(bound: Packet, tmp_path: Path) -> None:
    replaced(bound, tmp_path, lambda pdf: pdf.pages.reverse())
    assert "number" in wrong(bound)


def test_another_label_is_found(bound: Packet, tmp_path: Path) -> None:
    replaced(bound, tmp_path, lambda pdf: pdf.Root.PageLabels.Nums[1].__setattr__("St", 7))
    assert "number" in wrong(bound)


def test_a_page_that_shows_something_else_is_found(bound: Packet, tmp_path: Path) -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[-1].obj.Resources.XObject["/Page"].write(b"q Q")

    replaced(bound, tmp_path, change)
    assert "not what stands on page" in wrong(bound)


def test_a_ledger_that_says_something_else_is_found(bound: Packet) -> None:
    last = bound.ledger.last()
    assert last is not None
    bound.ledger.filter(pk=last.pk).update(source_page=9)
    assert "exactly once" in wrong(bound)


def test_a_tab_sheet_passed_off_as_evidence_is_found(bound: Packet) -> None:
    tab, page = bound.ledger.get(kind="tab"), bound.ledger.filter(kind="exhibit").first()
    assert page is not None
    taken = {"document_id": page.document_id, "source_page": page.source_page, "source_sha256": page.source_sha256}
    bound.ledger.filter(pk=page.pk).update(document=None, source_page=None, source_sha256="")
    bound.ledger.filter(pk=tab.pk).update(**taken)
    assert "not of the kind" in wrong(bound)


def test_evidence_prepared_anew_under_a_standing_packet_is_found(bound: Packet, accepted: Document) -> None:
    Document.objects.filter(pk=accepted.pk).update(print_sha256="0" * 64)
    assert "no longer those it was bound from" in wrong(bound)


def test_an_invalid_packet_is_read_without_its_sources(bound: Packet, accepted: Document, pat: User) -> None:
    Document.objects.filter(pk=accepted.pk).update(print_sha256="0" * 64)
    Packet.objects.filter(pk=bound.pk).update(state="invalidated")
    bound.refresh_from_db()
    assert wrong(bound) == ""


def test_a_key_that_is_kept_beside_what_it_seals_is_well(matter: Matter) -> None:
    custody.keep_key(str(matter.pk))
    assert not [sentence for sentence in verifying._keys() if matter.reference in sentence]


def test_a_key_that_was_never_kept_is_found_after_a_day(matter: Matter) -> None:
    assert not [sentence for sentence in verifying._keys() if matter.reference in sentence]
    Matter.objects.filter(pk=matter.pk).update(opened_at=timezone.now() - custody.MIN_AGE * 2)
    assert [sentence for sentence in verifying._keys() if matter.reference in sentence]


def test_a_kept_key_that_nothing_opens_is_found(matter: Matter, settings: Any) -> None:
    custody.keep_key(str(matter.pk))
    settings.KEY_ENCRYPTION_KEYS = [("other", os.urandom(32))]
    assert [sentence for sentence in verifying._keys() if matter.reference in sentence and "opens" in sentence]


def test_a_key_of_no_matter_is_found(matter: Matter) -> None:
    stranger = str(uuid4())
    vault.keep_key(stranger, vault.new_key())
    assert [sentence for sentence in verifying._keys() if stranger in sentence]
    vault.forget_keys(stranger)


def test_an_object_that_nothing_refers_to_is_found_however_young(matter: Matter) -> None:
    stray = vault.seal([b"stray"], vault.Area.VAULT, under=bytes(matter.key))
    assert not [sentence for sentence in verifying._verify_store() if stray.key in sentence]
    assert [sentence for sentence in verifying._strays() if stray.key in sentence]
    vault.shred(vault.Area.VAULT, stray.key)


def test_the_command_ends_badly_when_something_is_wrong(bound: Packet, matter: Matter, capsys: Any) -> None:
    vault.shred(vault.Area.VAULT, bound.parts.get().key)
    with pytest.raises(SystemExit):
        call_command("verify", "--deep", stdout=StringIO())
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line for line in told if str(bound.pk) in str(line["wrong"]) and "read again" in str(line["wrong"])]
