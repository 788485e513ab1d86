"""The packet: every ordered page exactly once, numbered, labelled and linked.

Facts are read from finished files by readers that had no part in writing them: pypdf, pdfium, poppler and qpdf.
"""

import csv
import dataclasses
import hashlib
import io
import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from pypdf import PdfReader

from documents.packets import letter
from documents.packets.bind import bind, file_names, ledger_csv, manifest_json
from documents.packets.shape import Bound, LedgerRow, Respondent, tab_letters
from tests.bindery import Bench, by_tab, links, one_packet, outline, printed_numbers, texts
from tests.prints import OPLA, TIES, document, exhibit, order, paths, words


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return one_packet(tmp_path_factory.mktemp("packet"))


@pytest.fixture(scope="module")
def bound(bench: Bench) -> Bound:
    return bench.bind()


def test_every_ordered_page_is_printed_exactly_once(bench: Bench, bound: Bound) -> None:
    seen = Counter(found for text in texts(bound.parts[0].path) for found in re.findall(r"\w+ leaf \d{3}", text))
    ordered = [words(source.document, page) for source in bench.order.sources() for page in source.numbers()]
    assert seen == Counter(ordered)


def test_the_ledger_says_where_each_page_is(bound: Bound) -> None:
    pages = texts(bound.parts[0].path)
    for row in bound.ledger:
        assert not row.document or words(row.document, row.source_page or 0) in pages[row.part_page - 1]
    assert [row.packet_page for row in bound.ledger] == list(range(1, bound.total_pages + 1))


def test_sections_stand_in_filing_order(bound: Bound) -> None:
    kinds = [kind for kind, _ in itertools.groupby(row.kind for row in bound.ledger)]
    assert kinds == ["appearance", "cover", "letter", "index", *["tab", "exhibit"] * 3]


def test_the_printed_number_is_the_page_label_on_every_page(bound: Bound) -> None:
    path = bound.parts[0].path
    assert printed_numbers(path) == PdfReader(path).page_labels == [str(n + 1) for n in range(bound.total_pages)]


def test_poppler_reads_the_number_and_the_matter_on_every_page(bound: Bound) -> None:
    crop = ["-x", "0", "-y", "756", "-W", "612", "-H", "36", "-r", "72"]
    read = subprocess.run(["pdftotext", *crop, bound.parts[0].path, "-"], capture_output=True, text=True, check=True)
    pages = [page.split() for page in read.stdout.split("\f")[:-1]]
    assert [page[-1] for page in pages] == [row.part_page and str(row.packet_page) for row in bound.ledger]
    assert all("A123-456-789" in page for page in pages)


def test_bookmarks_are_the_index(bound: Bound) -> None:
    starts = {row.tab or row.kind: row.part_page - 1 for row in reversed(bound.ledger)}
    assert outline(bound.parts[0].path) == [
        ("Appearance form", 0),
        ("Cover page", starts["cover"]),
        ("Request letter", starts["letter"]),
        ("Index of exhibits", starts["index"]),
        ("Tab A. Title of marriage", starts["A"]),
        ("Tab B. Title of school", starts["B"]),
        ("Tab C. Title of letters", starts["C"]),
    ]


def test_each_index_link_leads_to_the_first_page_it_names(bound: Bound) -> None:
    path = bound.parts[0].path
    index = next(row.part_page - 1 for row in bound.ledger if row.kind == "index")
    targets = [to for at, to in links(path) if at == index]
    starts = [page for _, page in outline(path)]
    assert set(targets) == set(starts)
    assert len(targets) == len(starts) + 1  # and the reference under the second factor


def test_the_index_prints_the_range_of_each_tab(bound: Bound) -> None:
    index = next(texts(bound.parts[0].path)[row.part_page - 1] for row in bound.ledger if row.kind == "index")
    for tab in "ABC":
        pages = [row.packet_page for row in bound.ledger if row.tab == tab]
        assert f"{pages[0]}–{pages[-1]}" in index


def test_a_document_for_two_factors_is_referred_to_under_the_other(bound: Bound) -> None:
    index = next(texts(bound.parts[0].path)[row.part_page - 1] for row in bound.ledger if row.kind == "index")
    pages = [row.packet_page for row in bound.ledger if row.tab == "A"]
    assert f"see Tab A, pp. {pages[0]}–{pages[-1]}" in index[index.index(TIES.name) :].replace("\xa0", " ")


def test_citations_name_the_page_and_lead_to_it(bound: Bound) -> None:
    path = bound.parts[0].path
    at = next(row.part_page - 1 for row in bound.ledger if row.kind == "letter")
    first = {row.tab: row.packet_page for row in reversed(bound.ledger) if row.kind == "exhibit"}
    cited = {"A": first["A"], "C": first["C"] + 1, "B": first["B"]}
    text = " ".join(texts(path)[at].replace("\xa0", " ").split())
    assert all(f"Tab {tab}, p. {page}" in text for tab, page in cited.items())
    assert [to + 1 for page, to in links(path) if page == at] == list(cited.values())


def test_generated_pages_are_tagged_and_the_file_says_what_it_is(bound: Bound) -> None:
    with pikepdf.open(bound.parts[0].path) as pdf:
        assert str(pdf.Root.Lang) == "en-US"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert str(pdf.docinfo.Title).startswith("Request for Prosecutorial Discretion: Reyes")
        assert len(pdf.Root.StructTreeRoot.ParentTree.Nums) > 2 * len(pdf.Root.Outlines.keys())


def test_nothing_in_it_can_act_and_there_is_no_clock(bound: Bound) -> None:
    raw = subprocess.run(
        ["qpdf", "--qdf", "--object-streams=disable", bound.parts[0].path, "-"], capture_output=True, check=True
    ).stdout
    forbidden = rb"/(AA|OpenAction|JS|JavaScript|EmbeddedFiles|URI|Launch|CreationDate|ModDate|Metadata)\b"
    assert not re.search(forbidden, raw)


def test_every_page_looks_as_it_does_in_its_document(bench: Bench, bound: Bound) -> None:
    packet = pypdfium2.PdfDocument(bound.parts[0].path)
    for row in (row for row in bound.ledger if row.document):
        original = pypdfium2.PdfDocument(bench.files[row.document])[(row.source_page or 0) - 1]
        both = [page.render(scale=1).to_pil().crop((0, 0, 612, 756)) for page in (packet[row.part_page - 1], original)]
        assert both[0].tobytes() == both[1].tobytes(), row


def test_qpdf_finds_nothing_to_complain_about(bound: Bound) -> None:
    for part in bound.parts:
        checked = subprocess.run(["qpdf", "--check", part.path], capture_output=True, text=True, check=True)
        assert "WARNING" not in checked.stdout + checked.stderr


def test_every_page_is_letter_and_upright(bound: Bound) -> None:
    for page in PdfReader(bound.parts[0].path).pages:
        assert [float(edge) for edge in page.mediabox] == [0, 0, 612, 792]
        assert page.rotation == 0


SCRIPT = """
import sys, pathlib
from documents.packets import profiles
from documents.packets.bind import bind
from documents.packets.shape import Order
folder = pathlib.Path(sys.argv[1])
order = Order.from_json((folder / "order.json").read_text())
files = {source.document: folder / f"{source.document}.pdf" for source in order.sources()}
print(bind(order, files, profiles.load("OPLA"), pathlib.Path(sys.argv[2])).parts[0].sha256)
"""


@pytest.mark.parametrize(
    "world",
    [
        {"TZ": "Asia/Tokyo", "LANG": "es_MX.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Los_Angeles", "LC_ALL": "C", "PYTHONHASHSEED": "2"},
    ],
)
def test_the_same_order_gives_the_same_bytes_everywhere(
    bench: Bench, bound: Bound, world: dict[str, str], tmp_path: Path
) -> None:
    (bench.folder / "order.json").write_text(bench.order.to_json(), encoding="utf-8")
    command = [sys.executable, "-c", SCRIPT, str(bench.folder), str(tmp_path)]
    root = str(Path(__file__).parent.parent)
    ran = subprocess.run(command, env={**os.environ, **world}, cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == bound.parts[0].sha256


def test_parts_are_named_after_the_matter(bench: Bench) -> None:
    stem = "ReyesNguyen_A123456789_PDRequest"
    assert file_names(bench.order, OPLA, 1) == [f"{stem}.pdf"]
    assert file_names(bench.order, OPLA, 2) == [f"{stem}_Part1of2.pdf", f"{stem}_Part2of2.pdf"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "王小明", "", "a\x00b\n", "Đặng"])
def test_no_name_can_leave_the_folder(bench: Bench, name: str) -> None:
    cover = dataclasses.replace(bench.order.cover, respondents=(Respondent(name),))
    (file,) = file_names(dataclasses.replace(bench.order, cover=cover), OPLA, 1)
    assert re.fullmatch(r"[A-Za-z0-9]+_PDRequest\.pdf", file)


def test_a_page_whose_content_leaves_the_canvas_turned_still_has_a_right_number(tmp_path: Path) -> None:
    source, path = document(tmp_path, "unbalanced", 1)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Contents = pdf.make_stream(b"q 0 1 -1 0 0 0 cm 0.1 0 0 0.1 0 0 cm 1 1 1 rg")
        pdf.save(path, static_id=True)
    made = dataclasses.replace(source, print_sha256=hashlib.sha256(path.read_bytes()).hexdigest()), path
    bound = Bench(tmp_path, order(exhibit(made)), paths(made)).bind()
    assert printed_numbers(bound.parts[0].path)[-1] == str(bound.total_pages)


def test_names_in_many_scripts_are_printed_and_what_cannot_be_is_said(tmp_path: Path) -> None:
    made = document(tmp_path, "names", 1)
    title = "Nguyễn Thị Đặng, Łódź, Владимир, 王小明 😀"
    bound = Bench(tmp_path, order(exhibit(made, title=title)), paths(made)).bind()
    index = " ".join(texts(bound.parts[0].path))
    assert "Nguyễn Thị Đặng, Łódź, Владимир, □□□ □" in index
    assert bound.notes == ("The packet's typeface has no letters for 小, 明, 王, 😀; □ is printed in their place.",)


def test_data_is_never_typesetter_source(tmp_path: Path) -> None:
    made = document(tmp_path, "source", 1)
    title = '#panic("x") $a$ *b* _c_ `d` <e> @f \\ // g'
    bound = Bench(tmp_path, order(exhibit(made, title=title), letter=title), paths(made)).bind()
    assert title in " ".join(texts(bound.parts[0].path)).replace("’", "'")


def test_the_manifest_and_the_ledger_agree(bench: Bench, bound: Bound) -> None:
    for place, facts in enumerate(bound.manifest["exhibits"]):
        rows = [row for row in bound.ledger if row.tab == tab_letters(place)]
        assert (facts["first_page"], facts["last_page"]) == (rows[0].packet_page, rows[-1].packet_page)
        assert (facts["documents"][0]["first_page"], facts["documents"][-1]["last_page"]) == (
            rows[1].packet_page,
            rows[-1].packet_page,
        )
    assert b'"created": "2026-11-24T10:00:00Z"' in manifest_json(bound.manifest)


def test_the_ledger_is_a_table_a_spreadsheet_cannot_run(bound: Bound) -> None:
    rows = (*bound.ledger, LedgerRow(99, 1, 99, "exhibit", "A", '=cmd|"x",1', 1, "0"))
    read = list(csv.reader(io.StringIO(ledger_csv(rows).decode(), newline="")))
    names = "packet_page,part,part_page,kind,tab,document,source_page,source_sha256"
    assert read[0] == names.split(",")
    assert read[-1][5] == '\'=cmd|"x",1'
    assert len(read) == len(rows) + 1


def test_whoever_watches_sees_every_evidence_page_go_by(bench: Bench) -> None:
    seen: list[tuple[int, int]] = []
    (bench.folder / "watched").mkdir()
    bind(
        bench.order,
        bench.files,
        OPLA,
        bench.folder / "watched",
        on_progress=lambda done, all_: seen.append((done, all_)),
    )
    assert seen == sorted(seen)
    assert seen[-1] == (13, 13)


def test_the_index_may_be_long_and_its_numbers_stay_right(tmp_path: Path) -> None:
    made = [document(tmp_path, f"n{at}", 1) for at in range(60)]
    ordered = order(*(exhibit(each) for each in made))
    ordered = dataclasses.replace(ordered, letter=order(letter=letter.default_letter(ordered)).letter)
    bound = Bench(tmp_path, ordered, paths(*made)).bind()
    assert sum(row.kind == "index" for row in bound.ledger) > 1
    text = "".join(texts(bound.parts[0].path))
    rows = by_tab(bound)
    assert all(f"{rows[tab][0].packet_page}–{rows[tab][-1].packet_page}" in text for tab in ("A", "Z", "ZZ", "HHH"))
