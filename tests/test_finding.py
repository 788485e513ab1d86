"""What is measured on finished pages: which numbers seem to stand there, what cannot be read, what does not show."""

import hashlib
import json
from dataclasses import fields
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Pdf
from PIL import Image, ImageDraw

from documents.packets import numbers
from documents.packets.bind import bind
from documents.packets.finding import Finder, Findings, Number
from documents.packets.pages import draft_images
from documents.packets.shape import Source
from tests.prints import OPLA, Made, exhibit, order, paths

OWN = ["123456789"]
PLAIN = b"BT /F 12 Tf 72 700 Td (A plain line of words) Tj ET"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("SSN 219-09-9999", {"ssn"}),
        ("219 09 9999", {"ssn"}),
        ("Social Security No. 219099999", {"ssn"}),
        ("ITIN 912-70-1234", {"itin"}),
        ("card 4111 1111 1111 1111", {"card"}),
        ("3782-822463-10005", {"card"}),
        ("Account number: 000123456789", {"bank"}),
        ("Routing 021000021", {"bank"}),
        ("A987-654-321", {"a_number"}),
        ("Alien Number: 987654321", {"a_number"}),
        ("A# 87 654 321", {"a_number"}),
    ],
)
def test_a_number_is_told_by_its_form(text: str, kinds: set[str]) -> None:
    assert numbers.kinds(text, OWN) == kinds


@pytest.mark.parametrize(
    "text",
    [
        "XXX-XX-9999", "000-12-3456", "666-12-3456", "219-00-9999", "219-09-0000", "912-49-1234", "Chicago, IL 60601-1234",
        "(312) 555-0142", "4111 1111 1111 1112", "Routing 021000022", "A123-456-789", "A 123456789", "219099999",
        "12 March 2020, page 123 of 456", "",
    ],
)  # fmt: skip
def test_what_is_none_is_not_told(text: str) -> None:
    assert numbers.kinds(text, OWN) == set()


def test_of_a_masked_number_its_last_figures_are_compared() -> None:
    assert numbers.kinds("A123-456-789", ["789"]) == set()
    assert numbers.kinds("A123-456-780", ["789"]) == {"a_number"}


def evidence(folder: Path, name: str, *pages: bytes, picture: Image.Image | None = None) -> Made:
    """A print-ready document of these content streams; `/Im` is the picture."""
    path = folder / f"{name}.pdf"
    with Pdf.new() as pdf:
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        for content in pages:
            page = pdf.add_blank_page(page_size=(612, 792)).obj
            page.Resources = Dictionary(Font=Dictionary(F=font))
            if picture:
                page.Resources.XObject = Dictionary(Im=drawn(pdf, picture))
            page.Contents = pdf.make_stream(content)
        pdf.save(path, static_id=True)
    printed = hashlib.sha256(path.read_bytes()).hexdigest()
    return Source(name, "0" * 64, printed, len(pages), ((1, len(pages)),), f"Title of {name}"), path


def drawn(pdf: Pdf, picture: Image.Image) -> pikepdf.Object:
    stream = pdf.make_stream(picture.convert("L").tobytes())
    stream.stream_dict.update(
        Dictionary(
            Type=Name.XObject, Subtype=Name.Image, Width=picture.width, Height=picture.height,
            ColorSpace=Name.DeviceGray, BitsPerComponent=8,
        )
    )  # fmt: skip
    return stream


def found(folder: Path, *pages: bytes, picture: Image.Image | None = None) -> Findings:
    """The findings of a packet of this one document, its page numbers counted from 1 in the document."""
    made = evidence(folder, "one", *pages, picture=picture)
    ordered = order(exhibit(made))
    bound = bind(ordered, paths(made), OPLA, folder)
    finder = Finder.of(ordered, bound.ledger)
    for part in bound.parts:
        draft_images(part.path, folder, first_page=part.first_page, look=finder.look)
    before = next(row.packet_page for row in bound.ledger if row.document) - 1
    findings = finder.findings()
    findings.require_sound(len(bound.ledger))
    listed = {name: tuple(page - before for page in getattr(findings, name)) for name in LISTS}
    return Findings(numbers=tuple(Number(one.page - before, one.kind) for one in findings.numbers), **listed)


LISTS = [one.name for one in fields(Findings) if one.name != "numbers"]


def scan(*, side: int = 900) -> Image.Image:
    picture = Image.new("L", (side, side), 255)
    ImageDraw.Draw(picture).rectangle((100, 100, side - 100, 200), fill=0)
    return picture


def test_an_ordinary_page_and_a_blank_one_are_not_worth_a_word(tmp_path: Path) -> None:
    assert found(tmp_path, PLAIN, b"") == Findings()


def test_a_number_is_told_by_page_and_kind_alone(tmp_path: Path) -> None:
    findings = found(tmp_path, PLAIN, b"BT /F 12 Tf 72 700 Td (SSN 219-09-9999 A999-888-777) Tj ET")
    assert findings == Findings(numbers=(Number(2, "a_number"), Number(2, "ssn")))
    assert "219" not in findings.to_json()


def test_a_page_without_text_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, b"q 432 0 0 432 90 200 cm /Im Do Q", picture=scan()).pages_without_text == (1,)


def test_a_line_above_a_scan_does_not_make_it_read(tmp_path: Path) -> None:
    findings = found(tmp_path, PLAIN + b" q 432 0 0 432 90 200 cm /Im Do Q", picture=scan())
    assert findings.pages_without_text == (1,)


def test_a_scan_whose_words_were_read_is_not_told(tmp_path: Path) -> None:
    words = b" BT 3 Tr /F 12 Tf 145 555 Td (" + b"Words that somebody read here" + b") Tj ET"
    findings = found(tmp_path, b"q 432 0 0 432 90 200 cm /Im Do Q" + words, picture=striped())
    assert (findings.pages_without_text, findings.hidden) == ((), ())


def striped() -> Image.Image:
    picture = Image.new("L", (900, 900), 255)
    for left in range(0, 900, 20):
        ImageDraw.Draw(picture).rectangle((left, 0, left + 9, 899), fill=0)
    return picture


@pytest.mark.parametrize(
    "content",
    [
        PLAIN + b" q 60 690 300 30 re f Q",
        b"q 1 g BT /F 12 Tf 72 700 Td (White on white paper) Tj ET Q " + PLAIN.replace(b"700", b"600"),
        b"BT 3 Tr /F 12 Tf 72 700 Td (Drawn without ink) Tj ET",
    ],
    ids=["under a box", "white on white", "without ink"],
)
def test_words_that_do_not_show_are_told(tmp_path: Path, content: bytes) -> None:
    assert found(tmp_path, PLAIN, content).hidden == (2,)


def test_words_under_the_black_of_a_read_scan_are_told(tmp_path: Path) -> None:
    words = b" BT 3 Tr /F 12 Tf 145 555 Td (219-09-9999 and thirty more letters) Tj ET"
    assert found(tmp_path, b"q 432 0 0 432 90 200 cm /Im Do Q" + words, picture=scan()).hidden == (1,)


def test_words_on_a_coloured_box_are_not(tmp_path: Path) -> None:
    assert found(tmp_path, b"q 0.8 g 60 690 300 30 re f Q " + PLAIN).hidden == ()


@pytest.mark.parametrize("at", [b"72 20", b"72 3"], ids=["under the stamp", "below it"])
def test_words_in_the_place_of_the_page_number_are_told(tmp_path: Path, at: bytes) -> None:
    assert found(tmp_path, PLAIN, PLAIN + b" " + PLAIN.replace(b"72 700", at)).stamped == (2,)


def test_a_drawing_in_the_place_of_the_page_number_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, PLAIN + b" 0 0 200 8 re f").stamped == (1,)


def test_words_that_run_up_the_page_are_told(tmp_path: Path) -> None:
    assert found(tmp_path, PLAIN, b"BT 0 12 -12 0 300 100 Tm /F 1 Tf (Turned to fit the page) Tj ET").turned == (2,)


def test_small_print_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, PLAIN, PLAIN.replace(b"12 Tf", b"5.5 Tf")).small == (2,)


def test_a_coarse_picture_is_told(tmp_path: Path) -> None:
    content = b"q 432 0 0 432 90 200 cm /Im Do Q"
    assert found(tmp_path, content, picture=scan(side=890)).coarse == (1,)


def test_one_of_150_pixels_an_inch_is_not(tmp_path: Path) -> None:
    assert found(tmp_path, b"q 432 0 0 432 90 200 cm /Im Do Q", picture=scan(side=900)).coarse == ()


@pytest.mark.parametrize(
    "lie",
    [
        {"hidden": [4]}, {"hidden": [0]}, {"hidden": [2, 1]}, {"hidden": [1, 1]}, {"hidden": ["1"]}, {"hidden": [True]},
        {"words": [1]}, {"numbers": [{"page": 1, "kind": "219-09-9999"}]}, {"numbers": [{"page": 9, "kind": "ssn"}]},
        {"numbers": [{"page": 1, "kind": "ssn", "text": "219"}]}, {"numbers": [{"page": 1, "kind": "ssn"}] * 2},
    ],
)  # fmt: skip
def test_an_answer_of_another_shape_is_refused(lie: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="."):
        Findings.from_json(json.dumps(lie)).require_sound(3)


def test_what_is_found_changes_no_byte(tmp_path: Path) -> None:
    made = evidence(tmp_path, "one", PLAIN)
    (part,) = bind(order(exhibit(made)), paths(made), OPLA, tmp_path).parts
    draft_images(part.path, tmp_path, first_page=1, look=Finder.of(order(exhibit(made)), ()).look)
    assert hashlib.sha256(part.path.read_bytes()).hexdigest() == part.sha256
