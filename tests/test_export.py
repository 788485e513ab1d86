"""Leaving with everything: plain folders, an index, the custody log. And only what was found clean."""

import csv
import hashlib
import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import audit
from accounts.models import AuditEvent, User
from documents import tagging, vault
from documents.models import Document, Matter, Packet, Request
from documents.packets import order
from documents.packets.binding import bind_packet
from documents.scanning import EICAR
from tests.conftest import made_ready, sent, simple_pdf
from tests.papers import judged


def exported(matter: Matter, out: Path) -> dict[str, dict[str, str]]:
    """The index by document number."""
    call_command("export", "--matter", matter.reference, "--out", str(out), stdout=StringIO())
    return {row["number"]: row for row in read(out / "index.csv")}


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def bound(accepted: Document, request_: Request, ana: User) -> Packet:
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    return packet


def test_originals_and_pages_are_the_very_bytes(accepted: Document, matter: Matter, tmp_path: Path) -> None:
    row = exported(matter, tmp_path / "out")["1"]
    assert (row["file"], row["print"]) == ("documents/001-Document-1.pdf", "print/001.pdf")
    assert digest(tmp_path / "out" / row["file"]) == row["sha256"] == accepted.sha256
    assert digest(tmp_path / "out" / row["print"]) == accepted.print_sha256


def test_the_index_says_what_it_is(accepted: Document, matter: Matter, tmp_path: Path) -> None:
    row = exported(matter, tmp_path / "out")["1"]
    assert (row["original_name"], row["factors"], row["review"]) == ("carta.pdf", "FAMILY_USC_LPR", "accepted")
    assert (row["sender"], row["state"]) == ("Maria Rodríguez <maria@example.test>", "ready")


def test_no_name_of_a_client_is_the_name_of_a_file(matter: Matter, maria: User, pat: User, tmp_path: Path) -> None:
    document = made_ready(simple_pdf(), "María Rodríguez 123456789.pdf", matter, maria)
    tagging.name_exhibit(document, "../Letter of an employer: “Lake/side”", actor=pat)
    assert exported(matter, tmp_path / "out")["1"]["file"] == "documents/001-Letter-of-an-employer-Lake-side.pdf"


@pytest.mark.parametrize("name", ["=cmd|'x'!A1.pdf", "+1.pdf", "-1.pdf", "@SUM.pdf", " =1.pdf"])
def test_no_cell_is_a_formula(matter: Matter, maria: User, tmp_path: Path, name: str) -> None:
    sent(simple_pdf(), name, matter, maria)
    assert exported(matter, tmp_path / "out")["1"]["original_name"] == f"'{name}"


def test_what_was_not_found_clean_stays_and_is_listed(matter: Matter, maria: User, pat: User, tmp_path: Path) -> None:
    made_ready(EICAR, "foto.jpg", matter, maria)
    sent(simple_pdf(), "carta.pdf", matter, maria)
    tagging.withdraw(made_ready(simple_pdf(2), "otra.pdf", matter, maria), actor=pat)
    rows = exported(matter, tmp_path / "out")
    assert [row["why_not"] for row in rows.values()] == ["infected", "received", "withdrawn"]
    assert not [path for folder in ("documents", "print") for path in (tmp_path / "out" / folder).iterdir()]


def test_a_later_verdict_counts(ready: Document, matter: Matter, tmp_path: Path) -> None:
    judged(ready, "infected")
    assert exported(matter, tmp_path / "out")["1"]["file"] == ""


def test_a_bound_packet_is_there_whole(bound: Packet, matter: Matter, tmp_path: Path) -> None:
    exported(matter, tmp_path / "out")
    folder = tmp_path / "out" / "packets" / "1-1"
    part = bound.parts.get()
    assert digest(folder / part.filename) == part.sha256
    assert len(read(folder / "ledger.csv")) == json.loads((folder / "manifest.json").read_text())["total_pages"]


def test_a_packet_with_something_unclear_is_not(bound: Packet, accepted: Document, matter: Matter, tmp_path: Path) -> None:
    judged(accepted, "infected")
    exported(matter, tmp_path / "out")
    [row] = read(tmp_path / "out" / "packets.csv")
    assert (row["folder"], bool(row["why_not"])) == ("", True)
    assert not (tmp_path / "out" / "packets").exists()


def test_the_custody_log_is_the_whole_chain(accepted: Document, matter: Matter, tmp_path: Path) -> None:
    exported(matter, tmp_path / "out")
    events = [json.loads(line) for line in (tmp_path / "out" / "custody.jsonl").read_text().splitlines()]
    assert [event["seq"] for event in events] == list(range(1, audit.trail(matter.audit_chain).count() + 1))
    assert [event["prev_hash"] for event in events[1:]] == [event["hash"] for event in events[:-1]]
    assert events[-1]["kind"] == "exported"


def test_it_is_on_the_record_as_the_operators(ready: Document, matter: Matter, tmp_path: Path) -> None:
    exported(matter, tmp_path / "out")
    [event] = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.EXPORTED])
    assert event.actor is not None
    assert (event.actor.name, event.facts["documents"]) == ("Operator", 1)


def test_nobody_else_may_look_into_the_folder(ready: Document, matter: Matter, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o755)
    exported(matter, tmp_path / "out")
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_nothing_is_written_over(matter: Matter, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="not an empty folder"):
        exported(matter, tmp_path)


def test_bytes_that_are_gone_are_no_export(ready: Document, matter: Matter, tmp_path: Path, capsys: Any) -> None:
    vault.shred(vault.Area.VAULT, ready.vault_key)
    with pytest.raises(CommandError, match="not whole"):
        exported(matter, tmp_path / "out")
    assert capsys.readouterr().out == ""
