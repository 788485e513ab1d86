"""The packet: every ordered page exactly once, numbered, labelled and linked, or no packet and a sentence saying why.

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
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from documents.packets import letter, prove
from documents.packets.bind import bind, file_names, ledger_csv, manifest_json
from documents.packets.profiles import Profile
from documents.packets.shape import Bound, CannotBind, Exhibit, LedgerRow, Order, Respondent, Source, tab_letters
from tests.prints import FAMILY, OPLA, SCHOOL, TIES, document, exhibit, order, paths, words

BAND = (0, 0, 612, 36)  # points: the lowest half inch


@dataclasses.dataclass
class Bench:
    """A folder of documents, an order of them, and what became of it."""

    folder: Path
    order: Order
    files: dict[str, Path]

    def bind(self, into: str = "out", profile: Profile = OPLA) -> Bound:
        (self.folder / into).mkdir(exist_ok=True)
        ordered = dataclasses.replace(self.order, profile_version=profile.version)
        return bind(ordered, self.files, profile, self.folder / into)

    def having(self, **changes: object) -> "Bench":
        return dataclasses.replace(self, order=dataclasses.replace(self.order, **changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Appearance form, letter, three tabs; one document supports two factors, one has pages left out."""
    folder = tmp_path_factory.mktemp("packet")
    form, marriage = document(folder, "form", 2), document(folder, "marriage", 3)
    school, letters = document(folder, "school", 2, split=True), document(folder, "letters", 7, use=((1, 3), (5, 7)))
    made = order(
        exhibit(marriage, factors=(FAMILY, TIES), date="3 May 2020"),
        exhibit(school, factors=(SCHOOL,)),
        exhibit(letters, factors=(TIES,), note="Translated from Spanish", handles=("neighbours",)),
        appearance=form[0],
        letter="# Why\n\nThey are married ({tab:marriage}), and {tab:Neighbours p.2} says so; see {tab:EDUCATION}.",
    )
    return Bench(folder, made, paths(form, marriage, school, letters))


@pytest.fixture(scope="module")
def bound(bench: Bench) -> Bound:
    return bench.bind()


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Bound:
    """Five tabs of pictures under a limit that three parts can keep; the third tab is too large for one part."""
    folder = tmp_path_factory.mktemp("parts")
    made = [document(folder, f"d{at}", pages, noise=20_000) for at, pages in enumerate((2, 4, 24, 2, 3))]
    tabs = [exhibit(each, factors=(FAMILY, TIES) if at == 3 else (FAMILY,)) for at, each in enumerate(made)]
    ordered = order(*tabs, letter="First {tab:d0}, then {tab:D}.")
    return Bench(folder, ordered, paths(*made)).bind(profile=limited(420_000))


def limited(limit: int) -> Profile:
    return dataclasses.replace(OPLA, part_limit=limit)


def texts(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def printed_numbers(path: Path) -> list[str]:
    """The last word in the lowest half inch of each page, as pdfium reads it."""
    pdf = pypdfium2.PdfDocument(path)
    found = [pdf[at].get_textpage().get_text_bounded(*BAND).split()[-1] for at in range(len(pdf))]
    pdf.close()
    return found


def links(path: Path) -> list[tuple[int, int]]:
    """(page with the link, page it leads to), both from 0."""
    reader = PdfReader(path)
    annotations = [(at, each.get_object()) for at, page in enumerate(reader.pages) for each in page.get("/Annots", ())]
    return [(at, reader.get_page_number(each["/Dest"][0].get_object()) or 0) for at, each in annotations]


def outline(path: Path) -> list[tuple[str, int]]:
    """(title, page from 0) of each bookmark, as pdfium reads it."""
    pdf = pypdfium2.PdfDocument(path)
    found = [(each.get_title(), each.get_dest().get_index()) for each in pdf.get_toc()]
    pdf.close()
    return found


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


def test_a_citation_that_leads_nowhere_stops_the_packet(bench: Bench) -> None:
    broken = order(*bench.order.exhibits, letter="See {tab:A p.4} and {tab:divorce}.").letter
    with pytest.raises(CannotBind, match=r"not in this packet: \{tab:A p.4\}, \{tab:divorce\}"):
        bench.having(letter=broken).bind("dangling")


def test_a_letter_changed_after_signing_stops_the_packet(bench: Bench) -> None:
    assert bench.order.letter
    changed = dataclasses.replace(bench.order.letter, markdown="Something else")
    with pytest.raises(CannotBind, match="has changed since it was signed"):
        bench.having(letter=changed).bind("changed")


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


def test_qpdf_finds_nothing_to_complain_about(bound: Bound, parted: Bound) -> None:
    for part in (*bound.parts, *parted.parts):
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


def test_parts_keep_the_limit_and_say_their_own_size_and_hash(parted: Bound) -> None:
    assert len(parted.parts) > 2
    for part in parted.parts:
        assert part.path.stat().st_size == part.bytes <= 420_000
        assert hashlib.sha256(part.path.read_bytes()).hexdigest() == part.sha256


def test_the_count_goes_on_from_part_to_part(parted: Bound) -> None:
    numbers = [number for part in parted.parts for number in printed_numbers(part.path)]
    labels = [label for part in parted.parts for label in PdfReader(part.path).page_labels]
    assert numbers == labels == [str(n + 1) for n in range(parted.total_pages)]


def test_parts_are_divided_between_tabs_unless_a_tab_is_too_large(parted: Bound) -> None:
    divided = [tab for tab, rows in _by_tab(parted).items() if len({row.part for row in rows}) > 1]
    assert divided == ["C"]


def _by_tab(bound: Bound) -> dict[str, list[LedgerRow]]:
    return {
        tab: [row for row in bound.ledger if row.tab == tab]
        for tab in dict.fromkeys(r.tab for r in bound.ledger)
        if tab
    }


def test_a_tab_in_another_part_is_named_with_its_part_and_not_linked(parted: Bound) -> None:
    text = " ".join(" ".join(texts(parted.parts[0].path)).replace("\xa0", " ").split())
    tabs = _by_tab(parted)
    for tab in "DE":
        assert f"Part {tabs[tab][0].part}, p. {tabs[tab][0].packet_page}" in text
    assert f"Tab D, Part {tabs['D'][1].part}, p. {tabs['D'][1].packet_page}" in text  # the citation in the letter
    assert f"see Tab D, Part {tabs['D'][0].part}, p. {tabs['D'][0].packet_page}" in text


def test_a_tab_that_goes_on_in_the_next_part_says_where(parted: Bound) -> None:
    rows = _by_tab(parted)["C"]
    over = next(row for row in rows if row.part > rows[0].part)
    text = " ".join(" ".join(texts(parted.parts[0].path)).replace("\xa0", " ").split())
    assert f"(cont.) Part {over.part}, p. {over.packet_page}" in text
    assert ("Tab C. Title of d2 (cont.)", 0) in outline(parted.parts[over.part - 1].path)


def test_every_part_has_tags_for_the_pages_the_portal_wrote(parted: Bound) -> None:
    for part in parted.parts:
        with pikepdf.open(part.path) as pdf:
            own = [page for page in pdf.pages if "/StructParents" in page]
            sheets = sum(1 for row in parted.ledger if row.part == parted.parts.index(part) + 1 and not row.document)
            assert len(own) == sheets


def test_a_page_too_large_for_any_part_is_named(tmp_path: Path) -> None:
    made = document(tmp_path, "scan", 2, noise=300_000)
    with pytest.raises(
        CannotBind, match=r"Page 1 of “Title of scan” needs a part of 0\.4 MB, and a part may have 0\.2 MB"
    ):
        Bench(tmp_path, order(exhibit(made)), paths(made)).bind(profile=limited(200_000))


def test_parts_are_named_after_the_matter(bench: Bench) -> None:
    stem = "ReyesNguyen_A123456789_PDRequest"
    assert file_names(bench.order, OPLA, 1) == [f"{stem}.pdf"]
    assert file_names(bench.order, OPLA, 2) == [f"{stem}_Part1of2.pdf", f"{stem}_Part2of2.pdf"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "王小明", "", "a\x00b\n", "Đặng"])
def test_no_name_can_leave_the_folder(bench: Bench, name: str) -> None:
    cover = dataclasses.replace(bench.order.cover, respondents=(Respondent(name),))
    (file,) = file_names(dataclasses.replace(bench.order, cover=cover), OPLA, 1)
    assert re.fullmatch(r"[A-Za-z0-9]+_PDRequest\.pdf", file)


def test_a_page_that_stands_twice_in_the_order_is_named(bench: Bench) -> None:
    first = bench.order.exhibits[0]
    with pytest.raises(CannotBind, match="Page 1 of “Title of marriage” is twice in it"):
        bench.having(exhibits=(first, first)).bind("twice")


@pytest.mark.parametrize("use", [((0, 1),), ((2, 4),), ((3, 2),)])
def test_pages_the_document_does_not_have_are_named(bench: Bench, use: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(CannotBind, match="of “Title of marriage”, which has 3"):
        bench.having(exhibits=(_with(bench.order.exhibits[0], use=use),)).having(letter=None).bind("outside")


def _with(one: Exhibit, **changes: object) -> Exhibit:
    source = dataclasses.replace(one.sources[0], **changes)  # type: ignore[arg-type]  # a field of Source each
    return dataclasses.replace(one, sources=(source, *one.sources[1:]))


def test_a_missing_document_is_named(bench: Bench) -> None:
    files = {name: path for name, path in bench.files.items() if name != "school"}
    with pytest.raises(CannotBind, match="The pages of “Title of school” are missing"):
        dataclasses.replace(bench, files=files).bind("missing")


def test_a_document_changed_by_one_bit_is_named(bench: Bench, tmp_path: Path) -> None:
    raw = bytearray(bench.files["school"].read_bytes())
    raw[len(raw) // 2] ^= 1
    (tmp_path / "school.pdf").write_bytes(raw)
    with pytest.raises(CannotBind, match="“Title of school” has changed since it was ordered"):
        dataclasses.replace(bench, files={**bench.files, "school": tmp_path / "school.pdf"}).bind("bit")


def test_a_page_count_that_differs_is_named(bench: Bench) -> None:
    wrong = _with(bench.order.exhibits[1], pages=3)
    with pytest.raises(CannotBind, match="“Title of school” has 2 pages, but 3 were ordered"):
        bench.having(exhibits=(wrong,), letter=None).bind("count")


def _spoiled(folder: Path, spoil: str) -> tuple[Source, Path]:
    source, path = document(folder, "spoiled", 2)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        page = pdf.pages[1].obj
        changes: dict[str, dict[str, object]] = {
            "turned": {"/Rotate": 90},
            "a4": {"/MediaBox": pikepdf.Array([0, 0, 595, 842])},
            "cropped": {"/CropBox": pikepdf.Array([0, 0, 300, 300])},
            "scaled": {"/UserUnit": 2},
            "noted": {"/Annots": pikepdf.Array([pikepdf.Dictionary(Type=pikepdf.Name.Annot)])},
            "active": {"/AA": pikepdf.Dictionary()},
        }
        for key, value in changes[spoil].items():
            page[key] = value
        pdf.save(path, static_id=True)
    return dataclasses.replace(source, print_sha256=hashlib.sha256(path.read_bytes()).hexdigest()), path


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("turned", "it is turned"),
        ("a4", "it is not Letter size"),
        ("cropped", "it is cropped or scaled"),
        ("scaled", "it is cropped or scaled"),
        ("noted", "it carries notes, links or actions"),
        ("active", "it carries notes, links or actions"),
    ],
)
def test_a_page_that_is_not_print_ready_is_named(tmp_path: Path, spoil: str, why: str) -> None:
    made = _spoiled(tmp_path, spoil)
    with pytest.raises(CannotBind, match=f"Page 2 of “Title of spoiled” is not ready to print: {why}"):
        Bench(tmp_path, order(exhibit(made)), paths(made)).bind()


def test_a_damaged_document_is_named(tmp_path: Path) -> None:
    source, path = document(tmp_path, "cut", 4, noise=2000)
    path.write_bytes(path.read_bytes()[:-900])
    cut = dataclasses.replace(source, print_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(CannotBind, match="“Title of cut”"):
        Bench(tmp_path, order(exhibit((cut, path))), paths((cut, path))).bind()


def test_a_profile_that_changed_stops_the_packet(bench: Bench) -> None:
    with pytest.raises(CannotBind, match="office profile has changed"):
        bind(dataclasses.replace(bench.order, profile_version="older"), bench.files, OPLA, bench.folder)


class Stopped(Exception):
    """Whoever watched had enough."""


def test_a_packet_that_is_not_finished_leaves_no_file_behind(bench: Bench) -> None:
    def stop(done: int, total: int) -> None:
        if done == total:
            raise Stopped

    (bench.folder / "stopped").mkdir()
    with pytest.raises(Stopped):
        bind(bench.order, bench.files, OPLA, bench.folder / "stopped", on_progress=stop)
    assert not list((bench.folder / "stopped").iterdir())


def test_the_proof_notices_a_page_that_was_exchanged(bench: Bench, bound: Bound, tmp_path: Path) -> None:
    part = bound.parts[0]
    path = tmp_path / part.file
    with pikepdf.open(part.path) as pdf:
        one, other = (next(r.part_page for r in bound.ledger if r.tab == tab and r.document) for tab in "AB")
        pdf.pages[one - 1].obj.Resources.XObject["/Page"] = pdf.pages[other - 1].obj.Resources.XObject["/Page"]
        pdf.save(path)
    forged = dataclasses.replace(part, path=path, bytes=path.stat().st_size)
    with pytest.raises(CannotBind, match="Page 1 of “Title of marriage” is not what stands on page"):
        prove.prove(bench.order, [forged], bench.files)


def test_the_proof_notices_a_page_that_was_left_out(bench: Bench, bound: Bound, tmp_path: Path) -> None:
    part = bound.parts[0]
    path = tmp_path / part.file
    with pikepdf.open(part.path) as pdf:
        del pdf.pages[-1]
        pdf.save(path)
    forged = dataclasses.replace(part, path=path, bytes=path.stat().st_size, pages=part.pages - 1)
    with pytest.raises(CannotBind, match="Page 7 of “Title of letters” is missing"):
        prove.prove(bench.order, [forged], bench.files)


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
    rows = _by_tab(bound)
    assert all(f"{rows[tab][0].packet_page}–{rows[tab][-1].packet_page}" in text for tab in ("A", "Z", "ZZ", "HHH"))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Source, Path]]:
    folder = tmp_path_factory.mktemp("shelf")
    return [document(folder, f"s{at}", at % 4 + 1, noise=9000 * (at % 3), split=at % 2 == 0) for at in range(6)]


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
def test_any_order_is_bound_exactly_or_refused(
    shelf: list[tuple[Source, Path]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    ordered = data.draw(orders(shelf))
    limit = data.draw(st.sampled_from([110_000, 125_000, 160_000, 10_000_000]))
    outcome = _outcome(Bench(tmp_path_factory.mktemp("any"), ordered, paths(*shelf)), limited(limit))
    if isinstance(outcome, CannotBind):
        event("refused")
        assert re.search(r"Page \d+ of “|a part may have", str(outcome))
    else:
        event("bound")
        _is_exact(ordered, outcome, limit)


def _outcome(bench: Bench, profile: Profile) -> Bound | CannotBind:
    try:
        return bench.bind(profile=profile)
    except CannotBind as refusal:
        return refusal


def _is_exact(ordered: Order, bound: Bound, limit: int) -> None:
    wanted = Counter(words(source.document, page) for source in ordered.sources() for page in source.numbers())
    text = [text for part in bound.parts for text in texts(part.path)]
    assert Counter(found for each in text for found in re.findall(r"s\d leaf \d{3}", each)) == wanted
    assert all(part.bytes <= limit for part in bound.parts)


@st.composite
def orders(draw: st.DrawFn, shelf: list[tuple[Source, Path]]) -> Order:
    """Orders of what is on the shelf, in any sequence and any pieces; one in a few has something twice."""
    taken = draw(st.lists(st.sampled_from(shelf), min_size=1, max_size=6, unique=draw(st.integers(0, 4)) > 0))
    pieces = [draw(_pieces(source)) for source, _ in taken]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(pieces) - 1)), max_size=3)))
    groups = [pieces[start:end] for start, end in itertools.pairwise([0, *cuts, len(pieces)]) if start < end]
    factors = draw(st.permutations([FAMILY, SCHOOL, TIES]))
    return order(*(Exhibit(f"Exhibit {at}", tuple(factors[at % 3 :]), tuple(each)) for at, each in enumerate(groups)))


@st.composite
def _pieces(draw: st.DrawFn, source: Source) -> Source:
    first = draw(st.integers(1, source.pages))
    return dataclasses.replace(source, use=((first, draw(st.integers(first, source.pages))),))
