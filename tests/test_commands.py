"""What an operator does from the command line: JSON on standard output, an exit that tells the truth."""

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pypdf import PdfReader

from accounts import audit
from accounts.models import User
from documents import alarms, custody, vault, verifying
from documents.models import Alarm, Document, Matter, Request
from documents.scanning import EICAR
from tests.conftest import simple_pdf


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    call_command(*arguments, stdout=StringIO())
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def paper(folder: Path, content: bytes, name: str = "carta.pdf") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def received(capsys: pytest.CaptureFixture[str], matter: Matter, maria: User, *paths: str) -> list[dict[str, Any]]:
    return ran(capsys, "receive", "--matter", matter.reference, "--as", maria.email, *paths)


def test_receive_brings_a_file_to_ready(capsys: Any, matter: Matter, maria: User, tmp_path: Path) -> None:
    [line] = received(capsys, matter, maria, paper(tmp_path, simple_pdf(3)))
    assert (line["outcome"], line["pages"], line["reason"]) == ("ready", 3, "")


def test_receive_says_why_not_in_two_languages(capsys: Any, matter: Matter, maria: User, tmp_path: Path) -> None:
    [line] = received(capsys, matter, maria, paper(tmp_path, EICAR, "foto.jpg"))
    assert line["outcome"] == "quarantined"
    said = " ".join(line["message"].values()).lower()
    assert said
    assert not any(word in said for word in ("virus", "infect", "malware"))


def test_receive_knows_an_empty_file(capsys: Any, matter: Matter, maria: User, tmp_path: Path) -> None:
    [line] = received(capsys, matter, maria, paper(tmp_path, b""))
    assert (line["outcome"], line["reason"], line["document"]) == ("refused", "empty", None)


def test_receive_knows_the_same_bytes(capsys: Any, matter: Matter, maria: User, tmp_path: Path) -> None:
    path = paper(tmp_path, simple_pdf())
    first, second = received(capsys, matter, maria, path, path)
    assert (second["document"], second["reason"]) == (first["document"], "duplicate")


def test_receive_does_not_call_waiting_done(
    capsys: Any, matter: Matter, maria: User, tmp_path: Path, settings: Any
) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    with pytest.raises(SystemExit):
        ran(
            capsys,
            "receive",
            "--matter",
            matter.reference,
            "--as",
            maria.email,
            "--wait",
            "0",
            paper(tmp_path, b"%PDF-"),
        )
    assert json.loads(capsys.readouterr().out)["reason"] == "scanner_unavailable"


@pytest.mark.parametrize(("ref", "email"), [("AMP-9999", "maria@example.test"), ("AMP-0001", "nobody@example.test")])
def test_receive_knows_whom_and_where(matter: Matter, tmp_path: Path, ref: str, email: str) -> None:
    with pytest.raises(CommandError):
        call_command("receive", "--matter", ref, "--as", email, paper(tmp_path, simple_pdf()))


def test_bind_writes_the_packet_into_a_folder(
    capsys: Any, accepted: Document, request_: Request, tmp_path: Path
) -> None:
    [line] = ran(capsys, "bind", "--request", str(request_.pk), "--out", str(tmp_path / "out"))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    [part] = manifest["parts"]
    assert len(PdfReader(tmp_path / "out" / part["file"]).pages) == line["pages"] == manifest["total_pages"]
    assert {"V09", "V10", "V11", "V17", "V18"} <= {rule["id"] for rule in manifest["rules"] if rule["passed"]}


def test_bind_names_what_stands_in_the_way(capsys: Any, ready: Document, request_: Request, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        ran(capsys, "bind", "--request", str(request_.pk), "--out", str(tmp_path))
    assert str(ready) in capsys.readouterr().out


def test_verify_finds_nothing_where_nothing_is_wrong(accepted: Document, request_: Request) -> None:
    assert list(verifying._verify_documents()) == []


def test_verify_finds_changed_bytes(ready: Document, matter: Matter) -> None:
    other = vault.seal([b"other"], vault.Area.VAULT, under=bytes(matter.key))
    Document.objects.filter(pk=ready.pk).update(vault_key=other.key)
    assert any("SHA-256" in sentence for sentence in verifying._verify_documents())


def test_verify_finds_bytes_that_are_gone(ready: Document) -> None:
    vault.shred(vault.Area.VAULT, ready.vault_key)
    assert any(str(ready.pk) in sentence for sentence in verifying._verify_documents())


def test_verify_finds_events_cut_off_since_the_anchor(ready: Document) -> None:
    heads = audit.heads()
    chain = ready.audit_chain
    longer = {**heads, chain: (heads[chain][0] + 1, "0" * 64)}
    assert any(chain in sentence for sentence in audit.verify(longer))


def test_the_anchor_is_kept_where_it_cannot_be_changed(ready: Document) -> None:
    assert json.loads(vault.read_witness(custody.anchor())) == {c: list(h) for c, h in audit.heads().items()}


@pytest.fixture
def as_application(db: None) -> Iterator[None]:
    """Tests are connected as a superuser, who keeps no promise; the portal is not."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE amparo_app")
        yield
        cursor.execute("RESET ROLE")


def test_selftest_proves_every_promise_by_its_name(capsys: Any, as_application: None) -> None:
    lines = ran(capsys, "selftest")
    assert [line for line in lines if not line["ok"]] == []
    names = [line["probe"] for line in lines]
    assert len(names) == len(set(names))
    assert {"eicar", "over_limit", "write_once", "overwriting", "witness_version_stays", "web_lists_nothing",
            "audit_only_grows"} <= set(names)  # fmt: skip


def test_selftest_tries_the_webs_credential_only_where_it_has_it(
    capsys: Any, as_application: None, settings: Any
) -> None:
    settings.S3_WEB_ACCESS_KEY_ID = ""
    assert not [line for line in ran(capsys, "selftest") if line["probe"].startswith("web")]


def test_selftest_shuts_the_gate_without_a_scanner(capsys: Any, as_application: None, settings: Any) -> None:
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    with pytest.raises(SystemExit):
        ran(capsys, "selftest")


def test_selftest_does_not_pass_as_a_superuser(capsys: Any, db: None) -> None:
    with pytest.raises(SystemExit):
        ran(capsys, "selftest")


def test_a_verify_that_finds_nothing_ends_the_alarm_of_changed_bytes(
    capsys: Any, ready: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarms.raise_(Alarm.Kind.BYTES_CHANGED)
    monkeypatch.setattr(custody, "MIN_AGE", timedelta(days=9))  # the buckets are shared: what others left is not ours
    ran(capsys, "verify")
    assert not alarms.open_().exists()


def test_a_verify_that_finds_something_does_not(capsys: Any, ready: Document) -> None:
    alarms.raise_(Alarm.Kind.BYTES_CHANGED)
    vault.shred(vault.Area.VAULT, ready.vault_key)
    with pytest.raises(SystemExit):
        ran(capsys, "verify")
    assert alarms.open_().exists()


def test_a_rotated_key_still_opens_what_was_sealed_before(capsys: Any, ready: Document, matter: Matter) -> None:
    [line] = ran(capsys, "rotate_keys", "--matter", matter.reference)
    matter.refresh_from_db()
    assert line["rotated"] == "data"
    kept = vault.fingerprint(vault.Area.VAULT, ready.vault_key, under=bytes(matter.key))
    assert kept.sha256 == ready.sha256
