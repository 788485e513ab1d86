"""Preparing: papers of several photos, how they are arranged, and what is noticed about a photo."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from documents import preparing
from documents.preparing import (
    Kind,
    Limits,
    Misplaced,
    Placed,
    Prepared,
    PreparingFailed,
    Reason,
    Refused,
    answers,
    edges,
    noticing,
)
from documents.preparing import Warning_ as W
from tests import fixtures, hiding, photographs
from tests.looks import Prepare, colour, ink, near, shown
from tests.photographs import album

pytest_plugins = ["tests.prepared"]
Refusal = Callable[..., Reason]
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
COLOURS = {"red": fixtures.RED, "green": fixtures.GREEN, "blue": fixtures.BLUE}


def plain(name: str, width: int = 640, height: int = 480) -> bytes:
    """A photo of one colour."""
    return photographs.jpeg(Image.new("RGB", (width, height), COLOURS[name]))


THREE = album([plain("red"), plain("green"), plain("blue")])


def middle(made: Prepared, number: int) -> tuple[int, ...]:
    """The colour in the middle of what is on a page."""
    image = shown(made, number)
    left, top, right, bottom = ink(image)
    return colour(image, (left + right) // 2, (top + bottom) // 2)


def order(made: Prepared) -> list[str]:
    """Which photo is on each page."""
    seen = [middle(made, page.number) for page in made.pages]
    return [name for dot in seen for name, wanted in COLOURS.items() if near(dot, wanted)]


# Albums


def test_a_paper_of_photos_is_one_page_a_photo_in_order(prepare: Prepare) -> None:
    made = prepare(THREE, "papel.zip")
    assert (made.kind, made.mime, made.photos) == (Kind.PHOTOS, "application/zip", 3)
    assert order(made) == ["red", "green", "blue"]


def test_the_same_album_gives_the_same_bytes(prepare: Prepare) -> None:
    assert prepare(THREE, "a.zip").pdf.read_bytes() == prepare(THREE, "b.zip").pdf.read_bytes()


def test_every_kind_of_picture_may_be_in_an_album(prepare: Prepare) -> None:
    kinds = ["AVIF", "TIFF", "WEBP", "GIF", "BMP"]
    made = prepare(album([fixtures.picture(kind) for kind in kinds] + [fixtures.heic(), fixtures.png()]), "a.zip")
    assert len(made.pages) == made.photos == 7
    assert not any(page.blank for page in made.pages)


def test_every_page_of_a_scan_in_an_album_is_printed(prepare: Prepare) -> None:
    made = prepare(album([plain("red"), fixtures.tiff((800, 600), (600, 800)), plain("blue")]), "a.zip")
    assert (made.photos, len(made.pages)) == (3, 4)


def test_a_photo_in_an_album_is_the_page_it_is_by_itself(prepare: Prepare) -> None:
    alone = prepare(fixtures.jpeg(1200, 900), "foto.jpg")
    assert prepare(album([fixtures.jpeg(1200, 900)]), "a.zip").pdf.read_bytes() == alone.pdf.read_bytes()


@pytest.mark.parametrize(("damage", "reason"), [(0.6, Reason.TRUNCATED), (0.0, None)], ids=["cut short", "whole"])
def test_one_photo_that_cannot_be_read_keeps_the_paper_out_by_its_number(
    prepare: Prepare, damage: float, reason: Reason | None
) -> None:
    second = fixtures.cut(fixtures.jpeg(), damage) if damage else fixtures.jpeg()
    data = album([plain("red"), second])
    if reason is None:
        assert len(prepare(data, "a.zip").pages) == 2
        return
    with pytest.raises(Refused, match="Photo 2") as refused:
        prepare(data, "a.zip")
    assert refused.value.reason is reason


def test_more_photos_than_a_paper_has_are_too_large(refusal: Refusal) -> None:
    assert refusal(album([fixtures.png(20, 20)] * 61), "a.zip") is Reason.TOO_LARGE


def test_more_bytes_than_a_paper_has_are_too_large(refusal: Refusal) -> None:
    assert refusal(THREE, "a.zip", limits=Limits(inflated=len(THREE) // 2)) is Reason.TOO_LARGE


def test_photos_with_too_many_pixels_together_are_too_large(refusal: Refusal) -> None:
    many = album([fixtures.png(100, 100)] * 41)
    assert refusal(many, "a.zip", limits=Limits(pixels=10_000)) is Reason.TOO_LARGE


def test_photos_with_too_many_pages_together_are_too_large(refusal: Refusal) -> None:
    assert refusal(THREE, "a.zip", limits=Limits(pages=2)) is Reason.TOO_LARGE


def with_comment(data: bytes) -> bytes:
    into = io.BytesIO(data)
    with zipfile.ZipFile(into, "a") as file:
        file.comment = b"hidden"
    return into.getvalue()


def with_extra(data: bytes) -> bytes:
    """The same photo with a field of its own before it."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as file:
        part = zipfile.ZipInfo("1.jpg")
        part.extra = b"\x34\x12\4\0abcd"
        file.writestr(part, data)
    return into.getvalue()


def other_header(data: bytes) -> bytes:
    """What stands before the first photo tells of another size than the directory does."""
    return data[:18] + bytes([data[18] ^ 1]) + data[19:]


def elsewhere(data: bytes) -> bytes:
    """The directory says that the last photo begins where the first one does."""
    at = data.rindex(b"PK\1\2") + 42
    return data[:at] + bytes(4) + data[at + 4 :]


RED, PAIR = plain("red"), album([plain("red"), plain("green")])
NO_ALBUMS: dict[str, bytes] = {
    "deflated": album([RED], method=zipfile.ZIP_DEFLATED),
    "a text": album([RED, b"hola"], ["1.jpg", "2.txt"]),
    "a text called a photo": album([RED, b"hola"]),
    "a PDF": album([RED, fixtures.pdf()], ["1.jpg", "2.pdf"]),
    "a zip in it": album([RED, album([RED])], ["1.jpg", "2.zip"]),
    "nothing": album([]),
    "an empty photo": album([RED, b""]),
    "a folder": album([RED], ["fotos/1.jpg"]),
    "a way out": album([RED], ["..\\1.jpg"]),
    "one name twice": album([RED, RED], ["1.jpg", "1.JPG"]),
    "a comment": with_comment(PAIR),
    "a field of its own": with_extra(RED),
    "bytes before it": b"PK\3\4" + PAIR,
    "bytes after it": PAIR + b"hidden",
    "bytes between": PAIR.replace(b"PK\1\2", b"hiddenPK\1\2", 1),
    "two sizes": other_header(PAIR),
    "another place": elsewhere(PAIR),
}


@pytest.mark.parametrize("data", NO_ALBUMS.values(), ids=NO_ALBUMS)
def test_a_zip_of_anything_else_is_another_type(refusal: Refusal, data: bytes) -> None:
    assert refusal(data, "fotos.zip") in {Reason.WRONG_TYPE, Reason.DAMAGED}


def test_each_photo_is_taken_out_for_the_scanner(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(album([plain("red"), hiding.photo_and_pdf(fixtures.MARKER)]))
    (tmp_path / "inside").mkdir()
    found = [path.read_bytes() for path in preparing.attachments(tmp_path / "source", tmp_path / "inside")]
    assert {*found} == {plain("red"), hiding.photo_and_pdf(fixtures.MARKER), fixtures.MARKER}


# Arranged


def test_photos_come_in_the_order_that_was_asked_for_without_those_left_out(prepare: Prepare) -> None:
    assert order(prepare(THREE, "a.zip", arrangement=[Placed(3), Placed(1)])) == ["blue", "red"]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_photo_is_turned_clockwise(prepare: Prepare, turn: int) -> None:
    made = prepare(fixtures.jpeg(), "foto.jpg", arrangement=[Placed(1, turn)])
    corners = [fixtures.RED, fixtures.GREEN, fixtures.YELLOW, fixtures.BLUE]  # clockwise from the upper left
    image = shown(made)
    left, top, right, _ = ink(image)
    quarter = (right - left) // 4
    assert near(colour(image, left + quarter, top + quarter), corners[-turn // 90])
    assert near(colour(image, right - quarter, top + quarter), corners[1 - turn // 90])


def test_a_crop_is_of_the_photo_as_it_stands_upright(prepare: Prepare) -> None:
    placed = Placed(1, crop=(0.5, 0.0, 1.0, 0.5))
    made = prepare(fixtures.jpeg(orientation=6), "foto.jpg", arrangement=[placed])
    left, top, right, bottom = ink(shown(made))
    assert (right - left) / (bottom - top) == pytest.approx(4 / 3, rel=0.02)
    assert near(middle(made, 1), fixtures.GREEN)


def test_a_crop_is_printed_as_finely_as_the_photo_allows(prepare: Prepare) -> None:
    whole = prepare(fixtures.jpeg(4000, 3000), "a.jpg")
    part = prepare(fixtures.jpeg(4000, 3000), "a.jpg", arrangement=[Placed(1, crop=(0.25, 0.25, 0.75, 0.75))])
    assert W.LOW_RESOLUTION not in whole.warnings | part.warnings
    small = prepare(fixtures.jpeg(800, 600), "a.jpg", arrangement=[Placed(1, crop=(0.3, 0.3, 0.6, 0.6))])
    assert W.LOW_RESOLUTION in small.warnings


def test_a_tilt_turns_clockwise_and_loses_no_corner(prepare: Prepare) -> None:
    made = prepare(plain("red", 800, 600), "a.jpg", arrangement=[Placed(1, tilt=10)])
    image = shown(made)
    left, top, right, bottom = ink(image)
    upper_left = next(x for x in range(left, right) if min(colour(image, x, top + 2)) < 200)
    assert upper_left < left + (right - left) / 3  # the upper left corner is highest when the right goes down
    ratio = (800 + 600 * 0.1763) / (600 + 800 * 0.1763)
    assert (right - left) / (bottom - top) == pytest.approx(ratio, rel=0.02)


def test_one_photo_and_one_in_an_album_are_arranged_alike(prepare: Prepare) -> None:
    placed = Placed(1, 90, (0.1, 0.1, 0.8, 0.7), 3.5)
    alone = prepare(fixtures.jpeg(), "a.jpg", arrangement=[placed])
    assert prepare(album([fixtures.jpeg()]), "a.zip", arrangement=[placed]).pdf.read_bytes() == alone.pdf.read_bytes()


MISPLACED: dict[str, tuple[bytes, list[Placed]]] = {
    "no such photo": (THREE, [Placed(4)]),
    "photo 0": (THREE, [Placed(0)]),
    "one photo twice": (THREE, [Placed(1), Placed(2), Placed(1)]),
    "a turn by 45 degrees": (THREE, [Placed(1, 45)]),
    "a crop of nothing": (THREE, [Placed(1, crop=(0.5, 0.5, 0.5, 0.9))]),
    "a crop from without": (THREE, [Placed(1, crop=(-0.1, 0, 1, 1))]),
    "a crop of no number": (fixtures.jpeg(), [Placed(1, crop=(0, 0, float("nan"), 1))]),
    "a tilt that is a turn": (fixtures.jpeg(), [Placed(1, tilt=80)]),
    "a PDF": (fixtures.pdf(2), [Placed(1)]),
    "a scan of pages": (fixtures.tiff((80, 60), (80, 60)), [Placed(1)]),
}


@pytest.mark.parametrize(("data", "arrangement"), MISPLACED.values(), ids=MISPLACED)
def test_what_cannot_be_arranged_so_is_not_prepared(prepare: Prepare, data: bytes, arrangement: list[Placed]) -> None:
    with pytest.raises(Misplaced):
        prepare(data, "a", arrangement=arrangement)


def test_a_placed_photo_goes_through_json_and_back() -> None:
    for placed in (Placed(1), Placed(7, 270, (0.1, 0.2, 0.8, 0.9), -2.5)):
        assert Placed.from_json(placed.to_json()) == placed


@pytest.mark.parametrize(
    "value",
    [None, [], {"photo": 1}, Placed(1).to_json() | {"crop": [0, 0, 1]}, Placed(1).to_json() | {"photo": "1"},
     Placed(1).to_json() | {"crop": [0, 0, "1", 1]}, Placed(1).to_json() | {"tilt": None}],
)  # fmt: skip
def test_what_is_no_placed_photo_is_not_taken_for_one(value: object) -> None:
    with pytest.raises(Misplaced):
        Placed.from_json(value)


@pytest.mark.parametrize(
    "lie",
    [{"photos": 10**9}, {"photos": -1}, {"noticed": []}, {"suggestions": [{"photo": 1}]},
     {"suggestions": [Placed(2).to_json()]}, {"suggestions": [Placed(1, crop=(0.0, 0.0, 9.0, 1.0)).to_json()]}],
)  # fmt: skip
def test_a_process_that_was_taken_over_cannot_make_up_photos(tmp_path: Path, lie: dict[str, object]) -> None:
    for name in ("print.pdf", "page-0001.jpg"):
        (tmp_path / name).touch()
    answer = {"blank": [False], "noticed": [["dark", "made up"]], "photos": 1, "suggestions": []}
    assert answers.prepared(Kind.JPEG, tmp_path, answer, []).pages[0].noticed == (W.DARK,)
    with pytest.raises(PreparingFailed):
        answers.prepared(Kind.JPEG, tmp_path, answer | lie, [])


# Noticed


PAGE = photographs.page()
SNAP = photographs.grainy(photographs.on_table(PAGE, tilt=3))
READABLE: dict[str, Image.Image] = {
    "a scan": PAGE,
    "two lines on white": photographs.grainy(photographs.page(lines=2), 5),
    "an empty page": photographs.grainy(photographs.page(lines=0), 5),
    "an empty page on a table": photographs.grainy(photographs.on_table(photographs.page(lines=0), tilt=2)),
    "a snapshot": SNAP,
    "a snapshot that is nearly sharp": photographs.blurred(SNAP, 1.5),
    "a screenshot": photographs.page(1170, 2532, size=30),
    "a screenshot at night": Image.eval(photographs.page(1170, 2532, size=30), lambda value: 255 - value),
    "a snapshot in poor light": photographs.darkened(SNAP, 0.45),
    "a small photo": PAGE.resize((480, 620)),
    "a long receipt": photographs.page(500, 1900, size=30),
    "a grey page": PAGE.convert("L"),
    "a photo of quarters": fixtures.quarters(1200, 900),
    "a soft gradient": Image.linear_gradient("L").resize((1200, 900)).convert("RGB"),
    "a tiny picture": photographs.blurred(PAGE, 30).resize((90, 120)),
    "a dot": Image.new("RGB", (1, 1)),
}


@pytest.mark.parametrize("image", READABLE.values(), ids=READABLE)
def test_nothing_is_said_of_a_photo_that_can_be_read(image: Image.Image) -> None:
    assert noticing.noticed(image) == set()


def lined() -> Image.Image:
    """Paper with lines across and nothing on it."""
    image = photographs.page(lines=0)
    for y in range(120, 1900, 60):
        ImageDraw.Draw(image).line((0, y, 1500, y), (120, 140, 200), 2)
    return photographs.on_table(image, tilt=2)


def test_nothing_is_said_of_lined_paper() -> None:
    assert noticing.noticed(lined()) == set()


UNREADABLE: dict[str, Image.Image] = {
    "a snapshot out of focus": photographs.grainy(photographs.blurred(photographs.on_table(PAGE, tilt=3), 5)),
    "a snapshot far out of focus": photographs.grainy(photographs.blurred(photographs.on_table(PAGE), 12)),
    "a scan out of focus": photographs.grainy(photographs.blurred(PAGE, 6), 4),
    "a snapshot that moved": photographs.grainy(photographs.moved(photographs.on_table(PAGE), 24), 4),
    "a small photo out of focus": photographs.blurred(PAGE.resize((750, 970)), 3),
}


@pytest.mark.parametrize("image", UNREADABLE.values(), ids=UNREADABLE)
def test_a_photo_whose_letters_run_together_is_blurred(image: Image.Image) -> None:
    assert noticing.noticed(image) == {W.BLURRED}


@pytest.mark.parametrize("light", [0.18, 0.1, 0.03])
def test_a_photo_on_which_nothing_can_be_made_out_is_dark(light: float) -> None:
    assert noticing.noticed(photographs.grainy(photographs.darkened(SNAP, light), 4)) == {W.DARK}


def test_what_is_noticed_is_said_of_its_page(prepare: Prepare) -> None:
    photos = [PAGE, UNREADABLE["a snapshot out of focus"], photographs.darkened(SNAP, 0.1)]
    made = prepare(album([photographs.jpeg(photo) for photo in photos]), "a.zip")
    assert [page.noticed for page in made.pages] == [(), (W.BLURRED,), (W.DARK,)]
    assert made.warnings == {W.BLURRED, W.DARK}


def test_nothing_is_noticed_of_a_document(prepare: Prepare) -> None:
    made = prepare(fixtures.pdf(2))
    assert (made.photos, made.suggestions, [page.noticed for page in made.pages]) == (0, (), [(), ()])


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("photo__*")), ids=lambda path: path.name)
def test_nothing_is_noticed_of_photos_from_real_life(file: Path, tmp_path: Path) -> None:
    made = preparing.prepare(file, file.name, tmp_path)
    assert not made.warnings & {W.BLURRED, W.DARK}
    assert made.suggestions == ()


# Suggested


@pytest.mark.parametrize("tilt", [-8, -2.5, 0, 1, 6])
def test_a_paper_on_a_table_is_found(tilt: float) -> None:
    found = edges.suggestion(photographs.grainy(photographs.on_table(PAGE, tilt=tilt, share=0.7)), 4)
    assert found is not None
    assert (found.photo, found.turn) == (4, 0)
    assert found.tilt == pytest.approx(-tilt, abs=0.3)
    height = 0.7 * 1560 * 1940 / 1500 / 2080
    assert found.crop == pytest.approx((0.15, 0.5 - height / 2, 0.85, 0.5 + height / 2), abs=0.012)


NOTHING_TO_CROP: dict[str, Image.Image] = {
    "a scan": PAGE,
    "a screenshot": photographs.page(1170, 2532, size=30),
    "a paper on a white table": photographs.on_table(PAGE, table=(240, 238, 235)),
    "a paper that goes on beyond the photo": photographs.on_table(PAGE, move=400),
    "a paper askew": photographs.on_table(PAGE, tilt=30, share=0.6),
    "a small thing": photographs.on_table(PAGE, share=0.25),
    "two papers": Image.new("RGB", (1560, 2080), (90, 70, 50)),
    "a round thing": Image.new("RGB", (1560, 2080), (90, 70, 50)),
    "a dot": Image.new("RGB", (1, 1)),
    "a line": Image.new("RGB", (4000, 2)),
}
for _left in (150, 830):
    NOTHING_TO_CROP["two papers"].paste((240, 240, 240), (_left, 300, _left + 600, 1300))
ImageDraw.Draw(NOTHING_TO_CROP["a round thing"]).ellipse((200, 400, 1360, 1560), (240, 240, 240))


@pytest.mark.parametrize("image", NOTHING_TO_CROP.values(), ids=NOTHING_TO_CROP)
def test_nothing_is_suggested_where_it_is_not_certain(image: Image.Image) -> None:
    assert edges.suggestion(image, 1) is None


def test_a_suggestion_is_only_followed_when_it_is_asked_for(prepare: Prepare) -> None:
    data = album([photographs.jpeg(PAGE), photographs.jpeg(photographs.on_table(PAGE, tilt=4))])
    made = prepare(data, "a.zip")
    assert [placed.photo for placed in made.suggestions] == [2]
    assert min(colour(shown(made, 2), 60, 40)) < 120  # the table is there
    followed = prepare(data, "a.zip", arrangement=[Placed(1), *made.suggestions])
    image = shown(followed, 2)
    left, top, right, bottom = ink(image)
    corners = [colour(image, x, y) for x in (left + 20, right - 20) for y in (top + 20, bottom - 20)]
    assert all(min(dot) > 200 for dot in corners)  # paper, where the table was
    assert (right - left) / (bottom - top) == pytest.approx(1500 / 1940, rel=0.02)
