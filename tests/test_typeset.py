"""The pages the portal writes: from data only, the same everywhere, with nothing that vanishes."""

import dataclasses
import io
import json
import subprocess
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops
from pypdf import PdfReader

from documents.packets.pages import draft_images
from documents.packets.shape import FactorRef, Order, Respondent, tab_letters
from documents.packets.stamp import typeset_stamp
from documents.packets.typeset import Typeset, typeset
from tests.prints import document, exhibit, order


def sheet(title: str = "Marriage certificate", **more: object) -> dict[str, object]:
    tab = {"tab": "A", "title": title, "date": "", "note": "", "factors": [{"code": "F", "name": "Family"}], **more}
    return {"title": "Request", "lang": "en", "region": "us", "front": None, "tabs": [tab]}


def text(made: Typeset) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(made.pdf)).pages)


def test_the_same_data_gives_the_same_bytes() -> None:
    assert typeset("packet.typ", sheet()).pdf == typeset("packet.typ", sheet()).pdf


def test_only_fonts_that_come_with_the_typesetter_are_used_and_all_are_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "made.pdf").write_bytes(typeset("packet.typ", sheet("Nguyễn Владимир שלום مرحبا ✔")).pdf)
    listed = subprocess.run(["pdffonts", tmp_path / "made.pdf"], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()[2:]]
    assert {row[0].split("+")[1].split("-")[0] for row in rows} <= {"LibertinusSerif", "DejaVuSansMono"}
    assert all(row[-5:-2] == ["yes", "yes", "yes"] for row in rows)  # embedded, subset, readable as text


@pytest.mark.parametrize("name", ["José Núñez Ü", "Nguyễn Thị Hương", "Đặng Łódź", "Владимир", "Έλλη", "“q” – ’"])
def test_letters_of_many_names_are_printed(name: str) -> None:
    made = typeset("packet.typ", sheet(name))
    assert name in text(made)
    assert made.unprintable == ()


def test_letters_no_font_has_are_printed_as_a_box_and_reported() -> None:
    made = typeset("packet.typ", sheet("王 and 😀"))
    assert "□ and □" in text(made)
    assert set(made.unprintable) == {"王", "😀"}


def test_what_cannot_be_seen_is_left_out() -> None:
    assert "abc def" in text(typeset("packet.typ", sheet("a\u202eb\u200dc\x07 d\ufeffe\u00adf")))


def test_letters_and_their_marks_become_one() -> None:
    assert "é" in text(typeset("packet.typ", sheet("e\u0301")))


@pytest.mark.parametrize("title", ["#panic()", "$x$ *y* _z_", "<label> @ref", "\\ // /* */", "= H", "`raw`", '"]'])
def test_data_is_printed_and_never_run(title: str) -> None:
    assert title in text(typeset("packet.typ", sheet(title)))


def test_a_tab_sheet_is_one_page_however_long_its_title() -> None:
    long = typeset("packet.typ", sheet("Certified copy of the register " * 12, note="Translated from Spanish"))
    assert long.mark("total") == 1


def test_a_long_word_breaks_inside_the_page() -> None:
    made = typeset("packet.typ", sheet("x" * 200))
    page = pypdfium2.PdfDocument(made.pdf)[0].get_textpage()
    assert all(page.get_charbox(at)[2] <= 612 - 72 for at in range(page.count_chars()))


def test_generated_pages_are_tagged() -> None:
    with pikepdf.open(io.BytesIO(typeset("packet.typ", sheet()).pdf)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-US"


def test_a_cover_shows_what_there_is_and_nothing_empty(tmp_path: Path) -> None:
    made = order(exhibit(document(tmp_path, "one", 1)))
    shown = text(typeset("packet.typ", front(made)))
    assert "DETAINED" in shown
    assert "A123-456-789" in shown
    assert "Immigration judge" not in shown


def front(made: Order) -> dict[str, object]:
    data = json.loads(made.to_json())
    contents = {"title": "Index of exhibits", "rows": []}
    return {**sheet(), "front": {"appearance": 0, "cover": data["cover"], "letter": None, "index": contents}}


def test_the_stamp_shrinks_a_name_that_is_too_long(tmp_path: Path) -> None:
    made = order(exhibit(document(tmp_path, "one", 1)))
    cover = dataclasses.replace(made.cover, respondents=(Respondent("Maximiliano " * 20, "A1"),))
    stamp = typeset_stamp(dataclasses.replace(made, cover=cover))
    page = pypdfium2.PdfDocument(stamp.pdf)[0].get_textpage()
    assert all(page.get_charbox(at)[2] <= 420 for at in range(page.count_chars()))


@pytest.mark.parametrize(
    ("place", "tab"), [(0, "A"), (25, "Z"), (26, "AA"), (27, "BB"), (51, "ZZ"), (52, "AAA"), (78, "AAAA")]
)
def test_tabs_are_lettered_in_the_manner_of_the_field(place: int, tab: str) -> None:
    assert tab_letters(place) == tab


def test_an_order_survives_its_json(tmp_path: Path) -> None:
    made = order(exhibit(document(tmp_path, "one", 2), factors=(FactorRef("F", "ñ"),)), letter="é {tab:A}")
    assert Order.from_json(made.to_json()) == made
    assert Order.from_json(made.to_json()).digest() == made.digest()


@pytest.mark.parametrize("spoil", ["missing", "unknown", "type"])
def test_an_order_of_another_shape_is_refused(tmp_path: Path, spoil: str) -> None:
    data = json.loads(order(exhibit(document(tmp_path, "one", 1))).to_json())
    data.update({"missing": {}, "unknown": {"extra": 1}, "type": {"packet": 7}}[spoil])
    if spoil == "missing":
        del data["cover"]
    with pytest.raises(ValueError, match=r"lacks cover|is not"):
        Order.from_json(json.dumps(data))


def test_draft_pictures_are_named_by_packet_page_and_marked(tmp_path: Path) -> None:
    _, path = document(tmp_path, "one", 2)
    marked = draft_images(path, tmp_path, first_page=41)
    assert [each.name for each in marked] == ["page-00041.jpg", "page-00042.jpg"]
    with Image.open(marked[0]) as picture:
        assert picture.size == (1000, 1295)
        red, green, _ = picture.convert("RGB").split()
        reddish = sum(ImageChops.subtract(red, green).histogram()[30:])
    assert reddish > 0.03 * 1000 * 1295
