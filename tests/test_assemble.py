"""A folder of evidence becomes a packet, and nothing of it stays behind."""

import hashlib
import json
import re
import subprocess
from collections import Counter
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pypdf import PdfReader

from accounts import audit
from documents.models import Matter
from tests.assembling import FOLDER, Run, Runs, laid_out, left_since, objects, started
from tests.databases import cloned


@pytest.fixture(scope="module")
def runs(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    top = laid_out(tmp_path_factory.mktemp("folder"), FOLDER)
    made = [Run(tmp_path_factory.mktemp("out") / name) for name in ("one", "two")]
    with cloned(django_db_blocker), django_db_blocker.unblock():
        before = objects()
        there = {"TZ": "Pacific/Kiritimati", "LANG": "es_ES.UTF-8", "LC_ALL": "C"}
        for run, clock in zip(made, [there, {"TZ": "America/Chicago", "LANG": "C.UTF-8"}], strict=True):
            process = started(top, run.out, **clock)
            run.lines = [json.loads(line) for line in process.communicate()[0].splitlines()]
            assert process.returncode == 0, run.lines
        matter = Matter.objects.latest("opened_at")
        trail = [(event.kind, event.actor.email if event.actor else "") for event in audit.trail(matter.audit_chain)]
        return Runs(made[0], made[1], left_since(before), trail)


def test_two_runs_give_the_same_bytes(runs: Runs) -> None:
    digests = [hashlib.sha256(run.part.read_bytes()).hexdigest() for run in (runs.one, runs.two)]
    assert digests[0] == digests[1]


def test_it_tells_files_then_seconds_then_rules_then_the_packet(runs: Runs) -> None:
    lines = runs.one.lines
    assert [line["outcome"] for line in lines[:2]] == ["ignored", "ignored"]
    assert all({"file", "document", "outcome", "seconds"} <= line.keys() for line in lines[2:14])
    assert lines[14].keys() == {"receive", "prepare", "bind"}
    assert {"V05", "V17", "V18", "V28"} <= {line["id"] for line in lines[15:-1]}
    assert (lines[-1]["parts"], lines[-1]["pages"]) == (1, runs.one.manifest["total_pages"])


def test_qpdf_has_nothing_to_say(runs: Runs) -> None:
    said = subprocess.run(["qpdf", "--check", runs.one.part], capture_output=True, text=True, check=False)
    assert (said.returncode, "WARNING" in said.stdout + said.stderr) == (0, False)


def test_every_page_is_letter_and_upright(runs: Runs) -> None:
    with pikepdf.open(runs.one.part) as pdf:
        for page in pdf.pages:
            assert [float(edge) for edge in page.mediabox] == [0, 0, 612, 792]
            assert int(page.obj.get("/Rotate", 0)) == 0


def test_printed_numbers_are_the_labels(runs: Runs) -> None:
    document = pypdfium2.PdfDocument(runs.one.part)
    printed = [document[at].get_textpage().get_text_bounded(0, 0, 612, 36).split()[-1] for at in range(len(document))]
    document.close()
    assert printed == PdfReader(runs.one.part).page_labels == [row["packet_page"] for row in runs.one.ledger]


def test_the_index_leads_to_every_tab(runs: Runs) -> None:
    reader = PdfReader(runs.one.part)
    index = [int(row["packet_page"]) for row in runs.one.ledger if row["kind"] == "index"]
    links = [note.get_object() for page in index for note in reader.pages[page - 1].get("/Annots", ())]
    targets = {(reader.get_page_number(link["/Dest"][0].get_object()) or 0) + 1 for link in links}
    assert {exhibit["first_page"] for exhibit in runs.one.manifest["exhibits"]} <= targets


def test_nothing_of_a_camera_and_nothing_that_acts_is_left(runs: Runs) -> None:
    plain = ["qpdf", "--qdf", "--object-streams=disable", str(runs.one.part), "-"]
    raw = subprocess.run(plain, capture_output=True, check=True).stdout
    assert not re.search(rb"/(AA|OpenAction|JS|JavaScript|EmbeddedFiles|URI|Launch|Metadata|CreationDate)\b", raw)
    assert not re.search(rb"Exif\0|Phone (maker|model)|amparo-", raw)


def test_the_ledger_has_each_page_exactly_once(runs: Runs) -> None:
    listed = Counter((row["document"], int(row["source_page"])) for row in runs.one.ledger if row["document"])
    pages = {line["document"]: line["pages"] for line in runs.one.lines if "document" in line}
    assert listed == Counter((pk, page) for pk, count in pages.items() for page in range(1, count + 1))


def test_the_same_file_under_two_factors_is_one_exhibit(runs: Runs) -> None:
    [twice] = [exhibit for exhibit in runs.one.manifest["exhibits"] if len(exhibit["factors"]) == 2]
    assert (twice["factors"], twice["title"]) == (["FAMILY_USC_LPR", "COMMUNITY_TIES"], "acta de matrimonio")
    assert len(runs.one.told(document=twice["documents"][0]["document"])) == 2


def test_tabs_stand_in_the_order_people_count_in(runs: Runs) -> None:
    titles = [exhibit["title"] for exhibit in runs.one.manifest["exhibits"]]
    assert titles[:5] == ["cédula", "foto 3", "foto 6", "2 «ñandú»", "10 título"]


def test_the_letter_cites_every_tab(runs: Runs) -> None:
    reader, letter = PdfReader(runs.one.part), [row for row in runs.one.ledger if row["kind"] == "letter"]
    text = " ".join(reader.pages[int(row["part_page"]) - 1].extract_text() for row in letter).replace("\xa0", " ")
    for exhibit in runs.one.manifest["exhibits"]:
        assert f"Tab {exhibit['tab']}, p. {exhibit['first_page'] + 1}" in text


def test_it_signs_nothing_for_an_attorney(runs: Runs) -> None:
    signed = [rule for rule in runs.one.manifest["rules"] if rule["id"] == "V05"]
    assert {(rule["passed"], rule["severity"]) for rule in signed} == {(False, "B")}


def test_that_nobody_said_what_is_asked_for_is_reported(runs: Runs) -> None:
    [posture] = [rule for rule in runs.one.manifest["rules"] if rule["id"] == "V02"]
    assert (posture["passed"], posture["severity"], "what is asked for" in posture["why"]) == (False, "B", True)


def test_nothing_of_it_is_left(runs: Runs) -> None:
    assert runs.left == (set(), [], [])


def test_it_is_on_the_record_as_the_operators(runs: Runs) -> None:
    kinds = dict(runs.events)
    assert {kinds[kind] for kind in ("matter_opened", "received", "ordered", "purged")} == {"operator@portal.invalid"}
    assert kinds["bound"] == ""  # the portal itself
