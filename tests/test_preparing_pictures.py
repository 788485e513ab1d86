"""Preparing: photos, what a file is at all, and what is inside it."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from documents import preparing
from documents.preparing import Kind, Limits, Reason, Refused, Warning_
from tests import fixtures
from tests.looks import Prepare, at, colour, ink, near, shown

pytest_plugins = ["tests.prepared"]
W = Warning_


# Pictures


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stands_upright_however_the_phone_was_held(prepare: Prepare, orientation: int) -> None:
    image = shown(prepare(fixtures.jpeg(orientation=orientation), "foto.jpg"))
    left, top, right, bottom = ink(image)
    width, height = right - left, bottom - top
    assert width > height
    corners = [colour(image, left + width * x // 4, top + height * y // 4) for y in (1, 3) for x in (1, 3)]
    wanted = [fixtures.RED, fixtures.GREEN, fixtures.BLUE, fixtures.YELLOW]
    assert all(near(corner, colour) for corner, colour in zip(corners, wanted, strict=True))


@pytest.mark.parametrize(("kind", "name"), [("jpeg", "a.jpg"), ("heic", "a.heic"), ("png", "a.png")])
def test_nothing_tells_where_or_with_what_a_picture_was_taken(prepare: Prepare, kind: str, name: str) -> None:
    made = prepare(getattr(fixtures, kind)(), name)
    for path in (made.pdf, *(page.preview for page in made.pages)):
        assert not [word for word in (b"Exif", b"GPS", b"Phone", b"http://ns.adobe.com") if word in path.read_bytes()]


def test_a_fitting_jpeg_keeps_its_very_pixels(prepare: Prepare) -> None:
    made = prepare(fixtures.jpeg(1200, 900, comment=b"amparo-comment"), "foto.jpg")
    with pikepdf.open(made.pdf) as document:
        kept = document.pages[0].obj.Resources.XObject.P.read_raw_bytes()
    assert b"amparo" not in kept
    with Image.open(io.BytesIO(kept)) as ours, Image.open(io.BytesIO(fixtures.jpeg(1200, 900))) as theirs:
        assert ours.tobytes() == theirs.tobytes()


def test_a_large_photo_is_reduced_to_200_dpi(prepare: Prepare) -> None:
    with pikepdf.open(prepare(fixtures.jpeg(4000, 3000), "foto.jpg").pdf) as document:
        assert document.pages[0].obj.Resources.XObject.P.Width == pytest.approx(612 * 0.92 / 72 * 200, abs=1)


def test_a_wide_photo_stays_upright_and_fills_the_width(prepare: Prepare) -> None:
    left, top, right, _ = ink(shown(prepare(fixtures.jpeg(2000, 1000), "foto.jpg")))
    assert [left, right] == pytest.approx([24, 588], abs=2)
    assert top < 30


@pytest.mark.parametrize(("width", "warned"), [(300, True), (590, True), (610, False), (1200, False)])
def test_a_small_picture_is_warned_of(prepare: Prepare, width: int, warned: bool) -> None:
    made = prepare(fixtures.png(width, width // 2), "foto.png")
    assert (W.LOW_RESOLUTION in made.warnings) == warned


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png_is_shown(prepare: Prepare, mode: str) -> None:
    assert not prepare(fixtures.png(mode=mode), "captura.png").pages[0].blank


def test_see_through_is_white(prepare: Prepare) -> None:
    made = prepare(fixtures.png(1200, 900, mode="RGBA"), "captura.png")
    assert near(at(made, 100, 60), fixtures.RED)
    assert at(made, 500, 60) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_printers_colours_are_shown(prepare: Prepare, mode: str) -> None:
    made = prepare(fixtures.jpeg(1200, 900, mode=mode), "foto.jpg")
    assert not made.pages[0].blank
    assert near(at(made, 100, 60), fixtures.RED if mode == "CMYK" else (84, 84, 84))


def test_a_tall_screenshot_is_cut_into_slices(prepare: Prepare) -> None:
    made = prepare(fixtures.png(600, 6000), "chat.png")
    assert len(made.pages) == 5
    assert not any(page.blank for page in made.pages)


# Type, size


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.pdf", Reason.EMPTY),
        (b"PK\x03\x04 zip", "a.pdf", Reason.WRONG_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.png", Reason.WRONG_TYPE),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "a.heic", Reason.WRONG_TYPE),
        (b"\x01\x02\x03" * 500, "a.pdf", Reason.DAMAGED),
        (b"\xff\xd8\xff\xe0 and no more", "a.jpg", Reason.TRUNCATED),
    ],
    ids=["empty", "zip", "svg", "video", "nothing known", "start only"],
)
def test_content_decides_what_a_file_is(refusal: Callable[..., Reason], data: bytes, name: str, reason: Reason) -> None:
    assert refusal(data, name) is reason


def test_a_wrong_name_among_accepted_types_does_no_harm(prepare: Prepare, tmp_path: Path) -> None:
    assert prepare(fixtures.jpeg(), "carta.pdf").kind is Kind.JPEG
    assert preparing.sniff(tmp_path / "source", "carta.png") is Kind.JPEG


def test_a_picture_that_is_also_a_pdf_is_the_picture(prepare: Prepare) -> None:
    both = fixtures.jpeg(comment=b"%PDF-1.7 1 0 obj") + fixtures.scripted_pdf()
    made = prepare(both, "foto.pdf")
    assert (made.kind, made.mime) == (Kind.JPEG, "image/jpeg")
    assert b"JavaScript" not in made.pdf.read_bytes()


def test_a_pixel_bomb_is_too_large_and_costs_nothing(refusal: Callable[..., Reason]) -> None:
    assert refusal(fixtures.bomb_png(), "a.png", limits=Limits(memory=192 << 20)) is Reason.TOO_LARGE


def test_too_many_pages_are_too_large(refusal: Callable[..., Reason]) -> None:
    assert refusal(fixtures.pdf(6), limits=Limits(pages=5)) is Reason.TOO_LARGE


# Attachments


@pytest.fixture
def attachments(tmp_path: Path) -> Callable[..., list[bytes]]:
    """The contents of what is embedded in some bytes."""

    def act(data: bytes, limits: Limits = preparing.DEFAULT) -> list[bytes]:
        (tmp_path / "inside").mkdir()
        (tmp_path / "source").write_bytes(data)
        found = preparing.attachments(tmp_path / "source", tmp_path / "inside", limits=limits)
        assert sorted(found) == sorted((tmp_path / "inside").iterdir())
        return [path.read_bytes() for path in found]

    return act


@pytest.mark.parametrize("name", ["attached_pdf", "pinned_pdf"])
def test_attachments_come_out_as_they_went_in(attachments: Callable[..., list[bytes]], name: str) -> None:
    assert attachments(getattr(fixtures, name)()) == [fixtures.MARKER]


def test_attachments_of_attachments_come_out_too(attachments: Callable[..., list[bytes]]) -> None:
    inner = fixtures.attached_pdf()
    assert sorted(attachments(fixtures.attached_pdf(inner, "inner.pdf"))) == sorted([inner, fixtures.MARKER])


def test_other_files_have_none(attachments: Callable[..., list[bytes]]) -> None:
    assert attachments(fixtures.jpeg()) == []


def test_too_many_attachments_are_too_complex(attachments: Callable[..., list[bytes]]) -> None:
    with pytest.raises(Refused) as refused:
        attachments(fixtures.attached_pdf(bytes(5000)), limits=Limits(attachment_bytes=4000))
    assert refused.value.reason is Reason.TOO_COMPLEX


def test_a_locked_pdf_is_locked_before_anything_else(attachments: Callable[..., list[bytes]]) -> None:
    with pytest.raises(Refused) as refused:
        attachments(fixtures.locked_pdf())
    assert refused.value.reason is Reason.LOCKED
