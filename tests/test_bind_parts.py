"""A packet in several files: none is too large, the count goes on, what lies elsewhere is named with its part."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from pypdf import PdfReader

from documents.packets.shape import Bound, CannotBind
from tests.bindery import Bench, by_tab, limited, outline, printed_numbers, texts
from tests.prints import FAMILY, TIES, document, exhibit, order, paths


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Bound:
    """Five tabs of pictures under a limit that three parts can keep; the third tab is too large for one part."""
    folder = tmp_path_factory.mktemp("parts")
    made = [document(folder, f"d{at}", pages, noise=20_000) for at, pages in enumerate((2, 4, 24, 2, 3))]
    tabs = [exhibit(each, factors=(FAMILY, TIES) if at == 3 else (FAMILY,)) for at, each in enumerate(made)]
    ordered = order(*tabs, letter="First {tab:d0}, then {tab:D}.")
    return Bench(folder, ordered, paths(*made)).bind(profile=limited(420_000))


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
    divided = [tab for tab, rows in by_tab(parted).items() if len({row.part for row in rows}) > 1]
    assert divided == ["C"]


def test_a_tab_in_another_part_is_named_with_its_part_and_not_linked(parted: Bound) -> None:
    text = " ".join(" ".join(texts(parted.parts[0].path)).replace("\xa0", " ").split())
    tabs = by_tab(parted)
    for tab in "DE":
        assert f"Part {tabs[tab][0].part}, p. {tabs[tab][0].packet_page}" in text
    assert f"Tab D, Part {tabs['D'][1].part}, p. {tabs['D'][1].packet_page}" in text  # the citation in the letter
    assert f"see Tab D, Part {tabs['D'][0].part}, p. {tabs['D'][0].packet_page}" in text


def test_a_tab_that_goes_on_in_the_next_part_says_where(parted: Bound) -> None:
    rows = by_tab(parted)["C"]
    over = next(row for row in rows if row.part > rows[0].part)
    text = " ".join(" ".join(texts(parted.parts[0].path)).replace("\xa0", " ").split())
    assert f"(cont.) Part {over.part}, p. {over.packet_page}" in text
    assert ("Tab C. Title of d2 (cont.)", 0) in outline(parted.parts[over.part - 1].path)


def test_every_part_has_the_tags_of_the_pages_the_portal_wrote_and_no_others(parted: Bound) -> None:
    for number, part in enumerate(parted.parts, 1):
        with pikepdf.open(part.path) as pdf:
            own = [page.obj for page in pdf.pages if "/StructParents" in page.obj]
            assert len(own) == sum(1 for row in parted.ledger if row.part == number and not row.document)
            assert ("/IDTree" in pdf.Root.StructTreeRoot) == (number == 1)  # the cells of the index have identifiers
            assert {*_tagged(pdf.Root.StructTreeRoot)} == {page.objgen for page in own}
            links = [link.StructParent for page in own for link in page.get("/Annots", ())]
            assert (
                sorted([*links, *(page.StructParents for page in own)]) == pdf.Root.StructTreeRoot.ParentTree.Nums[::2]
            )


def _tagged(element: pikepdf.Object) -> Iterator[tuple[int, int]]:
    """The pages of an element and of all below it, each of which knows what it hangs from."""
    below = [child for child in element.K if isinstance(child, pikepdf.Dictionary) and "/S" in child]
    assert below or "/Pg" in element or not len(element.K)  # the typesetter leaves empty ones
    if "/Pg" in element:
        yield element.Pg.objgen
    for child in below:
        assert child.P.objgen == element.objgen
        yield from _tagged(child)


def test_qpdf_finds_nothing_to_complain_about_in_any_part(parted: Bound) -> None:
    for part in parted.parts:
        checked = subprocess.run(["qpdf", "--check", part.path], capture_output=True, text=True, check=True)
        assert "WARNING" not in checked.stdout + checked.stderr


def test_a_page_too_large_for_any_part_is_named(tmp_path: Path) -> None:
    made = document(tmp_path, "scan", 2, noise=300_000)
    with pytest.raises(
        CannotBind, match=r"Page 1 of “Title of scan” needs a part of 0\.4 MB, and a part may have 0\.2 MB"
    ):
        Bench(tmp_path, order(exhibit(made)), paths(made)).bind(profile=limited(200_000))
