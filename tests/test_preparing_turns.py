"""Preparing: pages of PDFs, scans and texts in another order, or turned. Every page of the file is there once."""

import pypdfium2
import pytest

from documents.preparing import Kind, Misplaced, Placed, Prepared, PreparingFailed, answers
from tests import documents, fixtures
from tests.looks import Prepare

pytest_plugins = ["tests.prepared"]
THREE = fixtures.pdf(3)
SCAN = fixtures.tiff((80, 60), (200, 60), (60, 200))


def lines(made: Prepared) -> list[str]:
    return [page.get_textpage().get_text_bounded().strip() for page in pypdfium2.PdfDocument(made.pdf)]


def test_pages_of_a_pdf_are_printed_in_the_order_asked_for(prepare: Prepare) -> None:
    made = prepare(THREE, arrangement=[Placed(3), Placed(1, turn=180), Placed(2)])
    assert [line[:6] for line in lines(made)] == ["Page 3", "Page 1", "Page 2"]
    assert [page.leaf for page in made.pages] == [3, 1, 2]
    assert (made.leaves, made.photos) == (3, 0)


def test_all_as_they_are_gives_the_same_bytes_as_nothing_asked_for(prepare: Prepare) -> None:
    asked = prepare(THREE, arrangement=[Placed(1), Placed(2), Placed(3)])
    assert asked.pdf.read_bytes() == prepare(THREE).pdf.read_bytes()


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("size", [fixtures.LETTER, fixtures.LETTER[::-1]])
def test_a_turned_page_stays_text_on_a_letter_page(prepare: Prepare, turn: int, size: tuple[float, float]) -> None:
    data = fixtures.pdf(1, size=size)
    made, as_it_came = prepare(data, arrangement=[Placed(1, turn)]), prepare(data)
    page = pypdfium2.PdfDocument(made.pdf)[0]
    assert (page.get_size(), page.get_rotation()) == (fixtures.LETTER, 0)
    assert lines(made) == lines(as_it_came)
    assert round(angle(made) - angle(as_it_came) - turn) % 360 == 0


def angle(made: Prepared) -> float:
    """Of the first letters, in degrees clockwise."""
    text = pypdfium2.PdfDocument(made.pdf)[0].get_textpage()
    return float(pypdfium2.raw.FPDFText_GetCharAngle(text, 0) * 180 / 3.14159265 % 360)


def test_four_quarters_are_none(prepare: Prepare) -> None:
    wide = fixtures.pdf(1, size=(792, 612))
    assert prepare(wide, arrangement=[Placed(1, 0)]).pdf.read_bytes() == prepare(wide).pdf.read_bytes()


def test_slices_of_a_tall_page_stay_together(prepare: Prepare) -> None:
    tall = fixtures.pdf(2, size=(612, 3000))
    leaves = [page.leaf for page in prepare(tall, arrangement=[Placed(2), Placed(1)]).pages]
    assert leaves == sorted(leaves, reverse=True)
    assert {*leaves} == {1, 2}
    assert len(leaves) > 2


def test_pages_of_a_scan_are_turned_and_moved(prepare: Prepare) -> None:
    made = prepare(SCAN, "a.tiff", arrangement=[Placed(3), Placed(2, turn=90), Placed(1)])
    assert [page.leaf for page in made.pages] == [3, 2, 1]
    boxes = [next(page.get_objects()).get_bounds() for page in pypdfium2.PdfDocument(made.pdf)]
    assert [right - left > top - bottom for left, bottom, right, top in boxes] == [False, False, True]


def test_pages_of_a_text_are_turned_and_moved(prepare: Prepare) -> None:
    text = documents.rtf(r"Page one\page Page two")
    made = prepare(text, "a.rtf", arrangement=[Placed(2), Placed(1)])
    assert lines(made) == ["Page two", "Page one"]
    with pytest.raises(Misplaced):
        prepare(text, "a.rtf", arrangement=[Placed(2)])


@pytest.mark.parametrize(
    "arrangement",
    [[Placed(1)], [Placed(1), Placed(2), Placed(2)], [Placed(1), Placed(2), Placed(4)], [Placed(n) for n in range(4)],
     [Placed(1), Placed(2), Placed(3, crop=(0, 0, 0.5, 1))], [Placed(1, tilt=2), Placed(2), Placed(3)],
     [Placed(1, turn=45), Placed(2), Placed(3)]],
)  # fmt: skip
@pytest.mark.parametrize("data", [THREE, SCAN], ids=["pdf", "scan"])
def test_no_page_is_left_out_or_there_twice(prepare: Prepare, data: bytes, arrangement: list[Placed]) -> None:
    with pytest.raises(Misplaced):
        prepare(data, "a", arrangement=arrangement)


@pytest.mark.parametrize("leaves", [[1, 2], [2, 2, 1], [1, 2, 3], [3, 1, 1], [2, 1, 2], [2, 1, "3"]])
def test_a_process_that_was_taken_over_leaves_no_page_out(tmp_path, leaves: list[object]) -> None:
    for name in ("print.pdf", "page-0001.jpg", "page-0002.jpg", "page-0003.jpg"):
        (tmp_path / name).touch()
    answer = {"blank": [False] * 3, "noticed": [[]] * 3, "photos": 0, "suggestions": [], "of": 3}
    asked = [Placed(2), Placed(1), Placed(3)]
    told = answer | {"leaves": [2, 1, 3]}
    assert [page.leaf for page in answers.prepared(Kind.PDF, tmp_path, told, [], asked).pages] == [2, 1, 3]
    with pytest.raises(PreparingFailed):
        answers.prepared(Kind.PDF, tmp_path, answer | {"leaves": leaves}, [], asked)
