"""Preparing: papers of several photos, how they are arranged, and what is noticed about a photo."""

import io
import zipfile
from pathlib import Path

import pytest

from documents import preparing
from documents.preparing import (
    Kind,
    Limits,
    Misplaced,
    Placed,
    PreparingFailed,
    Reason,
    Refused,
    answers,
)
from documents.preparing import Warning_ as W
from tests import fixtures, hiding
from tests.albums import THREE, Refusal, middle, order, plain
from tests.looks import Prepare, colour, ink, near, shown
from tests.photographs import album

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
    [{"photos": 10**9}, {"leaves": []}, {"leaves": [2]}, {"of": 2}, {"photos": -1},
     {"noticed": []}, {"suggestions": [{"photo": 1}]},
     {"suggestions": [Placed(2).to_json()]}, {"suggestions": [Placed(1, crop=(0.0, 0.0, 9.0, 1.0)).to_json()]}],
)  # fmt: skip
def test_a_process_that_was_taken_over_cannot_make_up_photos(tmp_path: Path, lie: dict[str, object]) -> None:
    for name in ("print.pdf", "page-0001.jpg"):
        (tmp_path / name).touch()
    answer = {"blank": [False], "noticed": [["dark", "made up"]], "photos": 1, "suggestions": [], "leaves": [1], "of": 1}
    assert answers.prepared(Kind.JPEG, tmp_path, answer, []).pages[0].noticed == (W.DARK,)
    with pytest.raises(PreparingFailed):
        answers.prepared(Kind.JPEG, tmp_path, answer | lie, [])
