"""Black boxes burnt into print-ready pages, in the sandbox: what was under them is in no byte of the file, however it is
read; the other pages are as they were; and what is not so is not let through."""

import io
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from documents import preparing
from documents.preparing import Box, NotBurnt, Prepared, Refused, burning, burnt, proof
from documents.preparing.boxes import Misboxed
from documents.preparing.made import BURNT
from documents.preparing.words import Job
from tests import fixtures
from tests.conftest import simple_pdf

WORD = "Secreto"
BOX = Box(2, 60, 120, 320, 150)  # over the one line of page 2


def made(folder: Path, content: bytes, name: str = "a.pdf") -> Prepared:
    (folder / name).write_bytes(content)
    (folder / "made").mkdir()
    return preparing.prepare(folder / name, name, folder / "made")


def burn(folder: Path, document: Prepared, *boxes: Box, into: str = "burnt") -> Prepared:
    (folder / into).mkdir()
    return preparing.burn(document, boxes, folder / into)


def said(path: Path) -> list[str]:
    """The words of each page, by a reader that had no part in it."""
    answer = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True)
    return [page.strip() for page in answer.stdout.split("\f")[:-1]]


def everything(path: Path) -> bytes:
    """Every byte of the file, and every stream of it unpacked, whatever refers to it."""
    with pikepdf.open(path) as pdf:
        streams = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
        plain = [thing.read_bytes() for thing in streams if thing.get("/Filter") != "/DCTDecode"]
    return path.read_bytes() + b"".join(plain)


def drawn(path: Path, page: int) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    return document[page - 1].render(scale=1).to_pil().convert("L")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return made(tmp_path_factory.mktemp("three"), simple_pdf(3, WORD))


def test_no_reader_finds_what_is_under_a_box(tmp_path: Path, three: Prepared) -> None:
    assert f"{WORD} 2".encode() in everything(three.pdf)
    after = burn(tmp_path, three, BOX)
    assert said(after.pdf) == [f"{WORD} 1", "", f"{WORD} 3"]
    assert f"{WORD} 2".encode() not in everything(after.pdf)
    page = pypdfium2.PdfDocument(after.pdf)[1].get_textpage()
    assert page.count_chars() == 0


def test_the_page_is_black_there_and_white_where_it_was(tmp_path: Path, three: Prepared) -> None:
    after = burn(tmp_path, three, BOX)
    inside = (BOX.left, BOX.top, BOX.right, BOX.bottom)
    assert drawn(after.pdf, 2).crop(inside).getextrema() == (0, 0)
    assert drawn(after.pdf, 2).crop((0, 0, 612, BOX.top - 2)).getextrema() == (255, 255)
    with Image.open(after.pages[1].preview) as shown:
        scale = shown.width / 612
        left, top, right, bottom = (round(edge * scale) for edge in inside)
        assert proof.extremes(shown.crop((left, top, right, bottom)))[1] < 40
    assert [page.preview.parent.name for page in after.pages] == ["made", "burnt", "made"]


def test_a_page_with_a_box_is_one_picture_and_nothing_else(tmp_path: Path, three: Prepared) -> None:
    with pikepdf.open(burn(tmp_path, three, BOX).pdf) as pdf:
        assert {*pdf.Root.keys()} == {"/Type", "/Pages"}
        assert "/Info" not in pdf.trailer
        page = pdf.pages[1].obj
        assert {*page.keys()} == {"/Type", "/Parent", "/MediaBox", "/Contents", "/Resources"}
        assert {*page.Resources.keys()} == {"/XObject"}


def test_the_other_pages_are_as_they_were(tmp_path: Path, three: Prepared) -> None:
    after = burn(tmp_path, three, BOX)
    with pikepdf.open(three.pdf) as was, pikepdf.open(after.pdf) as now:
        for page in (0, 2):
            before, there = was.pages[page], now.pages[page]
            assert before.Contents.read_raw_bytes() == there.Contents.read_raw_bytes()
            assert before.Resources.XObject.P.read_raw_bytes() == there.Resources.XObject.P.read_raw_bytes()


def test_same_boxes_in_any_order_same_file(tmp_path: Path, three: Prepared) -> None:
    other = Box(3, 0, 0, 50, 50)
    one = burn(tmp_path, three, BOX, other, into="one")
    two = burn(tmp_path, three, other, BOX, BOX, into="two")
    assert one.pdf.read_bytes() == two.pdf.read_bytes()


def test_a_photo_stays_a_photo(tmp_path: Path) -> None:
    """Its pixels are pressed as they came, but for the box; and small as photos are."""
    photo = made(tmp_path, fixtures.jpeg(), "a.jpg")
    after = burn(tmp_path, photo, Box(1, 200, 200, 300, 300))
    assert drawn(after.pdf, 1).crop((200, 200, 300, 300)).getextrema() == (0, 0)


def test_a_blackened_page_is_not_empty(tmp_path: Path) -> None:
    empty = made(tmp_path, fixtures.pdf(1, words=""))
    after = burn(tmp_path, empty, Box(1, 0, 0, 612, 792))
    assert after.pages[0].blank is False
    assert drawn(after.pdf, 1).getextrema() == (0, 0)


def tall() -> bytes:
    """One very tall page with a line at its top, which becomes several Letter pages of one drawing."""
    pdf, into = pikepdf.new(), io.BytesIO()
    page = pdf.add_blank_page(page_size=(612, 3000))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 2900 Td ({WORD}) Tj 0 -2700 Td (Abajo) Tj ET".encode())
    pdf.save(into)
    return into.getvalue()


def test_a_slice_of_a_tall_page_leaves_nothing_in_the_others(tmp_path: Path) -> None:
    long = made(tmp_path, tall())
    assert len(long.pages) > 2
    after = burn(tmp_path, long, Box(1, 60, 80, 400, 160))
    assert WORD.encode() not in everything(after.pdf)
    assert said(after.pdf) == [""] * len(long.pages)  # they are pictures, and still there
    assert drawn(after.pdf, len(long.pages)).convert("L").histogram()[:128] != [0] * 128


def sharing(*, under: bool) -> bytes:
    """Two pages with one and the same picture: at their top, or where the line of the first is."""
    pdf, into = pikepdf.new(), io.BytesIO()
    picture = pdf.make_stream(zlib.compress(bytes(range(64))))
    picture.stream_dict.update(
        pikepdf.Dictionary(
            Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=8, Height=8, BitsPerComponent=8,
            ColorSpace=pikepdf.Name.DeviceGray, Filter=pikepdf.Name.FlateDecode,
        )
    )  # fmt: skip
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    for number in (1, 2):
        page = pdf.add_blank_page(page_size=(612, 792))
        page.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)), XObject=pikepdf.Dictionary(Im=picture)
        )
        at = 620 if under else 740
        shown = f"BT /F1 24 Tf 72 650 Td ({WORD} {number}) Tj ET q 90 0 0 40 72 {at} cm /Im Do Q"
        page.Contents = pdf.make_stream(shown.encode())
    pdf.save(into)
    return into.getvalue()


@pytest.mark.parametrize(("under", "kept"), [(True, ""), (False, f"{WORD} 2")])
def test_what_a_box_covers_is_nowhere_else_either(tmp_path: Path, under: bool, kept: str) -> None:
    """A letterhead that lies clear of the box leaves the other page as it is."""
    both = made(tmp_path, sharing(under=under))
    assert said(burn(tmp_path, both, Box(1, 60, 110, 320, 180)).pdf) == ["", kept]


edges = st.tuples(st.integers(-50, 700), st.integers(-50, 900), st.integers(1, 700), st.integers(1, 900))


@settings(max_examples=60, deadline=None)
@given(edges)
def test_a_box_is_on_its_page_or_is_none(sides: tuple[int, int, int, int]) -> None:
    left, top, wide, high = sides
    try:
        box = Box.from_json([1, left, top, left + wide, top + high])
    except Misboxed:
        assert left < 0 or top < 0 or left + wide > 612 or top + high > 792
    else:
        assert Box.from_json(box.to_json()) == box


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 780), st.integers(1, 12), st.integers(1, 12)), min_size=1)
)
def test_no_box_is_smaller_than_it_was_drawn(sides: list[tuple[int, int, int, int]]) -> None:
    boxes = [Box(1, left, top, left + wide, top + high) for left, top, wide, high in sides]
    white = Image.new("L", (1700, 2200), 255)
    burnt._demand_black(burning.blackened(white, boxes), boxes)


@pytest.mark.parametrize(
    "wrong", [[1, 2, 3], [1, 0, 0, 0, 9], [0, 0, 0, 9, 9], [1, 0, 0, 613, 9], [1, 0.5, 0, 9, 9], "box"]
)
def test_what_is_no_box_is_refused(wrong: object) -> None:
    with pytest.raises(Misboxed):
        Box.from_json(wrong)


def test_a_box_on_no_page_burns_nothing(tmp_path: Path, three: Prepared) -> None:
    with pytest.raises(NotBurnt):
        burn(tmp_path, three, Box(4, 0, 0, 9, 9))
    assert not list((tmp_path / "burnt").glob("*.pdf"))


# The proof believes nothing of what the other process made


def job(folder: Path, three: Prepared, change: Callable[[pikepdf.Pdf], None], **wish: Any) -> Job:
    """A burnt file to prove, that somebody tampered with before it was saved."""
    (folder / "into").mkdir()
    into = folder / "into"
    told = {"boxes": [BOX.to_json()], "pages": [2], **wish}
    burning.work(Job(three.pdf, into, ".pdf", preparing.Limits(), wish=told["boxes"]))
    with pikepdf.open(into / BURNT, allow_overwriting_input=True) as pdf:
        change(pdf)
        burning.save(pdf, into / BURNT)
    return Job(three.pdf, into, ".pdf", preparing.Limits(), wish=told)


def _text(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.Contents = pdf.make_stream(burning.DRAWING + b" BT (x) Tj ET")


def _note(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Text, Contents=WORD)])


def _second(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.Resources.XObject.Q = pdf.pages[0].Resources.XObject.P


def _told(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].obj.Resources.XObject.P.Metadata = pdf.make_stream(WORD.encode())


def _properties(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = WORD


def _tree(pdf: pikepdf.Pdf) -> None:
    pdf.Root.Kept = pdf.make_stream(WORD.encode())


def _white(pdf: pikepdf.Pdf) -> None:
    image = pdf.pages[1].obj.Resources.XObject.P
    image.write(zlib.compress(b"\xff" * 1700 * 2200), filter=pikepdf.Name.FlateDecode)


def _black(pdf: pikepdf.Pdf) -> None:
    image = pdf.pages[1].obj.Resources.XObject.P
    image.write(zlib.compress(bytes(1700 * 2200)), filter=pikepdf.Name.FlateDecode)


def _other(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Contents = pdf.make_stream(b"")


def _lost(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[2]


TAMPERED = {
    "text": (_text, "more than its picture"),
    "a note": (_note, "more than its picture"),
    "another drawing": (_second, "more than its picture"),
    "metadata": (_told, "more than pixels"),
    "properties": (_properties, "tells of itself"),
    "something beside its pages": (_tree, "more than pages"),
    "a white box": (_white, "shows in a box"),
    "a black page": (_black, "lost more than its boxes"),
    "another page": (_other, "without a box changed"),
    "a page less": (_lost, "more or fewer pages"),
}


@pytest.mark.parametrize(("change", "why"), TAMPERED.values(), ids=TAMPERED)
def test_what_is_more_or_less_than_its_boxes_is_not_let_through(
    tmp_path: Path, three: Prepared, monkeypatch: pytest.MonkeyPatch, change: Callable[[pikepdf.Pdf], None], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match=why):
        burnt.work(job(tmp_path, three, change))


def test_nothing_hides_behind_the_end_of_the_file(
    tmp_path: Path, three: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sound = job(tmp_path, three, lambda pdf: None)
    assert burnt.work(sound)
    with (sound.into / BURNT).open("ab") as file:
        file.write(f"\n9 0 obj\n({WORD})\nendobj\n%%EOF\n".encode())
    with pytest.raises(Refused, match="hides"):
        burnt.work(sound)


def test_a_page_with_a_box_that_was_left_is_noticed(
    tmp_path: Path, three: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match="left as it was"):
        burnt.work(job(tmp_path, three, lambda pdf: None, pages=[3]))
