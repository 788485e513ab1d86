"""What stops `assemble` is named, and nothing is left: of a failure, an interruption, a death."""

import csv
import json
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts import invitations, people
from accounts.models import Role, User
from documents import access, purging
from documents.models import Document, Matter, Packet, Tag
from tests import fixtures
from tests.assembling import laid_out, left_since, objects, started
from tests.databases import cloned
from tests.stack import wait_until

# What stops it is named, and nothing is left then either.


@pytest.fixture
def assembled(db: None, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """Runs it here, on these files; what it told, and whether it went well."""

    def act(files: dict[str, bytes], *options: str) -> tuple[bool, list[dict[str, Any]]]:
        shutil.rmtree(tmp_path / "in", ignore_errors=True)
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        top = laid_out(tmp_path / "in", files)
        try:
            call_command("assemble", str(top), "--out", str(tmp_path / "out"), "--jobs", "1", *options, stdout=StringIO())
            well = True
        except SystemExit as ended:
            well = not ended.code
        assert not Matter.objects.filter(purged_at=None).exists()
        return well, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return act


GOOD = {"FAMILY_USC_LPR/carta.pdf": fixtures.pdf(1)}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("FAMILY/carta.pdf", fixtures.pdf(1)),
        ("carta.pdf", fixtures.pdf(1)),
        ("FAMILY_USC_LPR/anexos/carta.pdf", fixtures.pdf(1)),
        ("CRIMINAL_HISTORY/sentencia.pdf", fixtures.pdf(1)),
        ("REHABILITATION/programa.pdf", fixtures.pdf(1)),
    ],
)
def test_what_is_in_the_wrong_place_stops_it_by_name(assembled: Any, name: str, content: bytes) -> None:
    well, lines = assembled({**GOOD, name: content})
    told = [line["file"] for line in lines if line["outcome"] == "stopped"]
    assert not well
    assert len(told) == 1
    assert told[0].rpartition("/in/")[2] in name


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("clave.pdf", fixtures.locked_pdf(), "locked"),
        ("nota.svg", b"<svg xmlns='x'/>", "wrong_type"),
        ("vacio.pdf", b"", "empty"),
    ],
)
def test_a_refused_file_stops_it_by_name(assembled: Any, name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    well, lines = assembled({**GOOD, f"IDENTITY/{name}": content})
    [refused] = [line for line in lines if line["outcome"] == "refused"]
    assert (well, refused["reason"], refused["file"].endswith(name)) == (False, reason, True)
    assert not (tmp_path / "out").exists()


def test_strict_stops_where_the_legal_team_would_be_stopped(assembled: Any, tmp_path: Path) -> None:
    well, lines = assembled(GOOD, "--strict")
    assert not well
    assert [line["id"] for line in lines if "id" in line] == ["V05"]
    assert not (tmp_path / "out").exists()


def test_an_empty_folder_is_no_packet(assembled: Any, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    assert assembled({"EDUCATION/.DS_Store": b""})[0] is False


def test_nothing_is_written_over(db: None, tmp_path: Path) -> None:
    top, out = laid_out(tmp_path / "in", GOOD), laid_out(tmp_path / "out", {"mine.txt": b"mine"})
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("assemble", str(top), "--out", str(out))


@pytest.mark.parametrize("options", [["--profile", "NOWHERE"], ["--letter", "/nowhere/letter.md"]])
def test_what_it_is_told_must_be_there(db: None, tmp_path: Path, options: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("assemble", str(laid_out(tmp_path / "in", GOOD)), "--out", str(tmp_path / "out"), *options)


def lettered(assembled: Any, tmp_path: Path, text: str, files: dict[str, bytes]) -> tuple[bool, list[dict[str, Any]], str]:
    (tmp_path / "letter.md").write_text(text)
    well, lines = assembled(files, "--letter", str(tmp_path / "letter.md"))
    parts = list((tmp_path / "out").glob("*.pdf"))
    return well, lines, " ".join(PdfReader(parts[0]).pages[1].extract_text().replace("\xa0", " ").split()) if parts else ""


def test_a_letter_calls_exhibits_by_their_files_and_factors(assembled: Any, tmp_path: Path) -> None:
    letter = "{tab:Cédula} {tab:FAMILY_USC_LPR/carta.pdf p.2} {tab:carta} {tab:COMMUNITY_TIES} {tab:B}"
    carta = fixtures.pdf(2)
    files = {"FAMILY_USC_LPR/carta.pdf": carta, "COMMUNITY_TIES/carta.pdf": carta, "IDENTITY/cédula.jpg": fixtures.jpeg()}
    well, _lines, text = lettered(assembled, tmp_path, letter, files)
    assert well
    assert re.findall(r"Tab (\w), p\. (\d)", text) == [("A", "5"), ("B", "8"), ("B", "7"), ("B", "7"), ("B", "7")]


def test_no_name_of_a_file_is_in_the_letter_that_is_kept(assembled: Any, tmp_path: Path) -> None:
    lettered(assembled, tmp_path, "{tab:carta}", GOOD)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert "carta.pdf" not in json.dumps(manifest)


@pytest.mark.parametrize("citation", ["{tab:divorcio}", "{tab:carta p.9}", "{tab:hoja}"])
def test_a_citation_that_leads_nowhere_or_to_two_stops_it(assembled: Any, tmp_path: Path, citation: str) -> None:
    files = {**GOOD, "EDUCATION/hoja.pdf": fixtures.pdf(1, words="a"), "IDENTITY/hoja.pdf": fixtures.pdf(1, words="b")}
    well, lines, _text = lettered(assembled, tmp_path, f"See {citation}.", files)
    assert not well
    assert any("tab:" in line.get("why", "") for line in lines)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    files=st.dictionaries(
        st.tuples(st.sampled_from(["IDENTITY", "EDUCATION", "DECLARATION"]), st.sampled_from("abc")),
        st.one_of(
            st.builds(
                fixtures.pdf,
                st.integers(1, 3),
                rotate=st.sampled_from([0, 90, 180, 270]),
                size=st.tuples(st.integers(40, 2000), st.integers(40, 2000)),
            ),
            st.builds(fixtures.cut, st.builds(fixtures.pdf, st.just(2)), st.floats(0.3, 0.99)),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_the_ledger_is_exact_or_the_file_is_named(assembled: Any, tmp_path: Path, files: dict[tuple[str, str], bytes]) -> None:
    well, lines = assembled({f"{code}/{name}.pdf": content for (code, name), content in files.items()})
    arrived = [line for line in lines if "document" in line]
    if not well:
        assert [line["file"] for line in arrived if not line["outcome"].startswith("ready")]
        return
    rows = list(csv.DictReader((tmp_path / "out" / "ledger.csv").read_text().splitlines()))
    listed = Counter((row["document"], int(row["source_page"])) for row in rows if row["document"])
    pages = {line["document"]: line["pages"] for line in arrived}
    assert listed == Counter((pk, page) for pk, count in pages.items() for page in range(1, count + 1))


# Interrupted.


@pytest.fixture
def real_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with cloned(django_db_blocker), django_db_blocker.unblock():
        yield


def interrupted(tmp_path: Path, how: signal.Signals) -> tuple[int, set[str]]:
    """Its exit and the objects there were before, after this signal in the middle of its work."""
    before = objects()
    many = {f"EDUCATION/{n}.jpg": fixtures.jpeg(1600, 1200 + n) for n in range(12)}
    process = started(laid_out(tmp_path / "in", many), tmp_path / "out")
    wait_until(lambda: Document.objects.filter(state="ready").exists(), 60)
    process.send_signal(how)
    process.communicate(timeout=60)
    return process.returncode, before


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_still_purges(real_database: None, tmp_path: Path, how: signal.Signals) -> None:
    status, before = interrupted(tmp_path, how)
    assert status == 128 + how
    assert left_since(before) == (set(), [], [])


def test_killed_it_is_purged_by_the_sweep(real_database: None, tmp_path: Path) -> None:
    _status, before = interrupted(tmp_path, signal.SIGKILL)
    living = Matter.objects.get(purged_at=None)
    wait_until(lambda: purging.finish(), 30)  # its locks are gone when the database has noticed
    assert set(living.documents.values_list("state", flat=True)) == {"purged"}
    known = {key for key in objects() - before if Document.objects.filter(vault_key=key).exists()}
    assert (known, [str(m) for m in Matter.objects.exclude(key=b"")]) == (set(), [])


# The operator.


def test_the_operator_is_one_person_who_cannot_sign_in(db: None) -> None:
    first, second = people.operator(), people.operator()
    assert first == second
    assert (first.is_active, first.has_usable_password()) == (False, False)


@pytest.mark.parametrize("change", [{"is_active": True}, {"joined_at": "2026-01-01T00:00Z"}, {"password": "pbkdf2$x"}])
def test_the_database_refuses_an_operator_who_could(db: None, change: dict[str, object]) -> None:
    operator = people.operator()
    with pytest.raises(IntegrityError, match="operator|only_who_joined"), transaction.atomic():
        User.objects.filter(pk=operator.pk).update(**change)


def test_the_operator_is_not_invited_and_on_no_list(db: None, ada: User) -> None:
    operator = people.operator()
    for invite in (
        lambda: invitations.invite(operator.email, "Max", Role.ADMINISTRATOR, "en", actor=ada),
        lambda: invitations.reissue(operator, actor=ada),
    ):
        with pytest.raises(invitations.CannotInvite):
            invite()
    assert operator not in people.everybody()


def test_a_matter_to_throw_away_has_no_number_and_is_on_no_list(db: None, ada: User) -> None:
    with purging.throwaway(actor=people.operator()) as matter:
        assert matter.number is None
        assert matter not in access.assignable(ada)
    assert not Tag.objects.exists()
    assert not Packet.objects.exists()
