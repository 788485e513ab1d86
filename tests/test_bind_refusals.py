"""No packet and a sentence saying why: what is missing, changed, misplaced or not ready to print is named."""

import dataclasses
import hashlib
from pathlib import Path

import pikepdf
import pytest

from documents.packets import prove
from documents.packets.bind import bind
from documents.packets.shape import Bound, CannotBind, Exhibit, Source
from tests.bindery import Bench, one_packet
from tests.prints import OPLA, document, exhibit, order, paths


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return one_packet(tmp_path_factory.mktemp("packet"))


@pytest.fixture(scope="module")
def bound(bench: Bench) -> Bound:
    return bench.bind()


def test_a_citation_that_leads_nowhere_stops_the_packet(bench: Bench) -> None:
    broken = order(*bench.order.exhibits, letter="See {tab:A p.4} and {tab:divorce}.").letter
    with pytest.raises(CannotBind, match=r"not in this packet: \{tab:A p.4\}, \{tab:divorce\}"):
        bench.having(letter=broken).bind("dangling")


def test_a_letter_changed_after_signing_stops_the_packet(bench: Bench) -> None:
    assert bench.order.letter
    changed = dataclasses.replace(bench.order.letter, markdown="Something else")
    with pytest.raises(CannotBind, match="has changed since it was signed"):
        bench.having(letter=changed).bind("changed")


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
