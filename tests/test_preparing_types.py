"""Preparing: the pictures that scanners, browsers and newer phones make."""

import struct
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from documents.preparing import Kind, Limits, Reason, Warning_
from tests import fixtures
from tests.looks import Prepare, at, colour, ink, near, shown

pytest_plugins = ["tests.prepared"]
W = Warning_
Refusal = Callable[..., Reason]
CORNERS = [fixtures.RED, fixtures.GREEN, fixtures.BLUE, fixtures.YELLOW]


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours of the four quarters of what is on a page, read like a book."""
    left, top, right, bottom = ink(image)
    width, height = right - left, bottom - top
    return [colour(image, left + width * x // 4, top + height * y // 4) for y in (1, 3) for x in (1, 3)]


def is_upright(image: Image.Image) -> bool:
    return all(near(found, wanted) for found, wanted in zip(corners(image), CORNERS, strict=True))


@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "WEBP", "GIF", "BMP"])
def test_a_picture_of_any_kind_becomes_a_page(prepare: Prepare, kind: str) -> None:
    made = prepare(fixtures.picture(kind, 1200, 900), f"foto.{kind.lower()}")
    assert (made.kind, made.mime) == (Kind(kind.lower()), f"image/{kind.lower()}")
    assert made.warnings == set()
    assert is_upright(shown(made))


@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "WEBP", "GIF", "BMP"])
def test_the_same_picture_gives_the_same_bytes(prepare: Prepare, kind: str) -> None:
    first, second = (prepare(fixtures.picture(kind), "a").pdf.read_bytes() for _ in range(2))
    assert first == second


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "WEBP", "GIF", "BMP"])
def test_a_picture_of_any_kind_cut_short_is_truncated(refusal: Refusal, kind: str, share: float) -> None:
    assert refusal(fixtures.cut(fixtures.picture(kind), share), f"foto.{kind.lower()}") is Reason.TRUNCATED


@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "WEBP", "GIF", "BMP"])
def test_a_picture_of_any_kind_with_too_many_pixels_is_too_large(refusal: Refusal, kind: str) -> None:
    limits = Limits(pixels=100_000)
    assert refusal(fixtures.picture(kind), "a", limits=limits) is Reason.TOO_LARGE


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "AVIF", "PNG"])
def test_of_a_film_the_first_picture_is_printed_and_that_is_said(prepare: Prepare, kind: str) -> None:
    made = prepare(fixtures.film(kind), f"a.{kind.lower()}")
    assert made.warnings == {W.FIRST_FRAME_ONLY}
    assert is_upright(shown(made))


@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_every_kind_of_photo_stands_upright(prepare: Prepare, kind: str, orientation: int) -> None:
    stored = fixtures.turned(orientation, 1200, 900)
    made = prepare(fixtures.saved_picture(stored, kind, exif=fixtures.exif(orientation)), "a")
    assert is_upright(shown(made))


@pytest.mark.parametrize("kind", ["AVIF", "TIFF", "WEBP"])
def test_nothing_tells_where_a_photo_of_any_kind_was_taken(prepare: Prepare, kind: str) -> None:
    made = prepare(fixtures.picture(kind, exif=fixtures.exif()), "a")
    assert not [word for word in (b"Exif", b"GPS", b"Phone") if word in made.pdf.read_bytes()]


# Scans


def test_each_page_of_a_scan_is_printed_once_in_order(prepare: Prepare) -> None:
    sizes = [(800, 600), (600, 800), (900, 300), (640, 640)]
    made = prepare(fixtures.tiff(*sizes), "fax.tif")
    assert len(made.pages) == 4
    boxes = [ink(shown(made, number)) for number in range(1, 5)]
    shapes = [(right - left) / (bottom - top) for left, top, right, bottom in boxes]
    assert shapes == pytest.approx([width / height for width, height in sizes], rel=0.02)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LAB", "I;16", "I", "F"])
def test_every_mode_of_scan_is_shown(prepare: Prepare, mode: str) -> None:
    made = prepare(fixtures.scan(mode), "a.tif")
    assert not made.pages[0].blank
    assert min(at(made, 200, 100)) > 150 > 100 > max(at(made, 400, 100))  # its left half is light, its right half dark


@pytest.mark.parametrize("compression", ["group4", "tiff_lzw", "jpeg", "tiff_adobe_deflate", "packbits"])
def test_every_compression_of_scan_is_shown_and_missed_when_cut(
    prepare: Prepare, refusal: Refusal, compression: str
) -> None:
    mode = "1" if compression == "group4" else "RGB"
    data = fixtures.tiff((800, 600), (800, 600), mode=mode, compression=compression)
    assert len(prepare(data, "a.tif").pages) == 2
    assert refusal(fixtures.cut(data, 0.7), "a.tif") is Reason.TRUNCATED


def test_a_fax_is_pulled_straight(prepare: Prepare) -> None:
    left, top, right, bottom = ink(shown(prepare(fixtures.tiff((1728, 1100), dpi=(204, 98)), "fax.tif")))
    assert (right - left) / (bottom - top) == pytest.approx(1728 / (1100 * 204 / 98), rel=0.02)


def test_a_smaller_copy_of_a_page_is_no_page(prepare: Prepare) -> None:
    assert len(prepare(fixtures.tiff((800, 600), (80, 60), reduced=2), "a.tif").pages) == 1


@pytest.mark.parametrize("raw", [{50706: b"\x01\x04\0\0"}], ids=["dng"])
def test_a_cameras_raw_file_is_another_type(refusal: Refusal, raw: dict[int, bytes]) -> None:
    assert refusal(fixtures.tiff(tiffinfo=raw), "a.tif") is Reason.WRONG_TYPE


def test_a_scan_whose_list_of_pages_runs_in_a_circle_is_damaged(refusal: Refusal) -> None:
    data = bytearray(fixtures.tiff())
    first = struct.unpack_from("<I", data, 4)[0]
    after = first + 2 + 12 * struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, after, first)
    assert refusal(bytes(data), "a.tif") is Reason.DAMAGED


def test_a_scan_with_too_many_pages_is_too_large(refusal: Refusal) -> None:
    assert refusal(fixtures.tiff(*[(40, 30)] * 6), "a.tif", limits=Limits(pages=5)) is Reason.TOO_LARGE


def test_a_scan_with_too_many_pixels_on_all_pages_is_too_large(refusal: Refusal) -> None:
    many = fixtures.tiff(*[(100, 100)] * 41, mode="1", compression="group4")
    assert refusal(many, "a.tif", limits=Limits(pixels=10_000)) is Reason.TOO_LARGE


# More pictures in one


@pytest.mark.parametrize(("kind", "said"), [("panorama", True), ("preview", False), ("unknown", False)])
def test_other_pictures_in_a_photo_are_said_and_a_cameras_previews_are_not(
    prepare: Prepare, kind: str, said: bool
) -> None:
    made = prepare(fixtures.photo_with_another(kind), "a.jpg")
    assert (W.FIRST_FRAME_ONLY in made.warnings) == said
    assert is_upright(shown(made))


def test_a_tall_screenshot_with_an_empty_stretch_is_printed_with_it(prepare: Prepare) -> None:
    image = Image.new("RGB", (600, 6000), "white")
    image.paste((0, 0, 0), (0, 0, 600, 300))
    made = prepare(fixtures.saved_picture(image, "PNG"), "chat.png")
    assert [page.blank for page in made.pages] == [False, True, True, True, True]


def test_a_drawing_keeps_its_few_colours(prepare: Prepare) -> None:
    with pikepdf.open(prepare(fixtures.picture("GIF", 1200, 900), "a.gif").pdf) as document:
        assert document.pages[0].obj.Resources.XObject.P.Filter == "/FlateDecode"


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"BM rubbish" * 9, "a.bmp", Reason.DAMAGED),
        (b"BMW letter", "a.txt.exe", Reason.WRONG_TYPE),
        (b"RIFF\0\0\0\0WAVEfmt ", "a.webp", Reason.WRONG_TYPE),
        (b"GIF89a", "a.gif", Reason.TRUNCATED),
        (b"II*\0", "a.tif", Reason.TRUNCATED),
        (b"II*\0\0\0\0\0", "a.tif", Reason.DAMAGED),
        (b"push graphic-context\nviewbox 0 0 9 9\n", "a.gif", Reason.WRONG_TYPE),
    ],
    ids=["bmp by name", "BM by chance", "sound", "gif start", "tiff start", "tiff without pages", "drawing commands"],
)
def test_what_only_begins_like_a_picture_is_refused(refusal: Refusal, data: bytes, name: str, reason: Reason) -> None:
    assert refusal(data, name) is reason
