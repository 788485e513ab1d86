"""Preparing: a PDF becomes upright Letter pages that show what was sent and carry nothing else."""

import io
import random
from collections.abc import Callable

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from documents.preparing import Reason, Refused, Warning_, geometry, jpeg
from tests import fixtures
from tests.looks import Prepare, at, differs, ink, shown

pytest_plugins = ["tests.prepared"]
W = Warning_


# Pages


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"size": fixtures.A4},
        {"size": (792, 612)},
        {"rotate": 90},
        {"rotate": 180},
        {"rotate": 270, "size": (842, 595)},
        {"unit": 2, "size": (306, 396)},
        {"origin": (-300, 5000)},
        {"size": (3024, 4032)},
        {"crop": (20, 20, 590, 770)},
    ],
    ids=str,
)
def test_every_page_is_letter_portrait_with_a_clear_foot(prepare: Prepare, options: dict[str, object]) -> None:
    made = prepare(fixtures.pdf(2, **options))  # type: ignore[arg-type]  # each row is a set of its arguments
    assert len(made.pages) == 2
    with pikepdf.open(made.pdf) as document:
        for page in document.pages:
            assert [float(number) for number in page.obj.MediaBox] == [0, 0, 612, 792]
            assert not {"/Rotate", "/UserUnit", "/CropBox", "/TrimBox", "/Annots"} & set(page.obj.keys())
    assert ink(shown(made))[3] <= 792 - 36


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_text_reads_upright_however_the_page_was_turned(prepare: Prepare, rotate: int) -> None:
    """What a viewer shows is portrait in each case, so nothing is turned once more."""
    source = fixtures.pdf(size=(792, 612) if rotate in (90, 270) else (612, 792), rotate=rotate, framed=False)
    original = pypdfium2.PdfDocument(source)[0].render(scale=1).to_pil()
    assert differs(original, shown(prepare(source))) < 30


def test_a_landscape_page_is_turned_its_top_to_the_left(prepare: Prepare) -> None:
    left, top, right, bottom = ink(shown(prepare(fixtures.pdf(size=(792, 612), framed=False))))
    assert right < 100  # its first line, near its top
    assert top > 600  # reads upwards from the foot
    assert bottom - top > right - left


def test_a_letter_page_with_an_empty_foot_keeps_its_size(prepare: Prepare) -> None:
    source = fixtures.pdf(framed=False)
    assert differs(pypdfium2.PdfDocument(source)[0].render(scale=1).to_pil(), shown(prepare(source))) <= 1


def test_a_letter_page_with_something_in_its_foot_is_scaled_to_92_percent(prepare: Prepare) -> None:
    left, top, right, bottom = ink(shown(prepare(fixtures.pdf(framed=True))))
    assert right - left == pytest.approx((612 - 4) * 0.92, abs=2)
    assert bottom - top == pytest.approx((792 - 4) * 0.92, abs=2)


def test_what_lies_outside_the_crop_box_stays_unseen(prepare: Prepare) -> None:
    made = prepare(fixtures.pdf(crop=(100, 100, 300, 300)))
    assert made.pages[0].blank
    assert made.warnings == {W.BLANK_PAGES}


def test_a_small_page_keeps_its_size_and_a_tiny_one_becomes_four_inches(prepare: Prepare) -> None:
    small = ink(shown(prepare(fixtures.pdf(size=(300, 200)))))
    assert small[2] - small[0] == pytest.approx(296, abs=2)
    tiny = ink(shown(prepare(fixtures.pdf(size=(144, 100)))))
    assert tiny[2] - tiny[0] == pytest.approx(288 * 140 / 144, abs=3)


def test_a_very_tall_page_is_cut_into_slices_that_overlap(prepare: Prepare) -> None:
    made = prepare(fixtures.pdf(size=(390, 3000)))
    assert len(made.pages) == 5
    assert not any(page.blank for page in made.pages)
    assert ink(shown(made, 1))[2] - ink(shown(made, 1))[0] == pytest.approx(386, abs=2)


def test_a_page_too_tall_for_slices_is_too_large(refusal: Callable[..., Reason]) -> None:
    assert refusal(fixtures.pdf(size=(100, 14_000), unit=3)) is Reason.TOO_LARGE


def test_text_stays_text(prepare: Prepare) -> None:
    made = prepare(fixtures.pdf(3, words="hola"))
    texts = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made.pdf)]
    assert texts == ["Page 1 hola", "Page 2 hola", "Page 3 hola"]


def test_the_same_bytes_give_the_same_pages(prepare: Prepare) -> None:
    for data, name in ((fixtures.scripted_pdf(), "a.pdf"), (fixtures.jpeg(), "a.jpg"), (fixtures.png(), "a.png")):
        assert prepare(data, name).pdf.read_bytes() == prepare(data, name).pdf.read_bytes()


def test_a_blank_page_is_kept_and_said(prepare: Prepare) -> None:
    made = prepare(fixtures.pdf(3, blank=(2,)))
    assert [page.blank for page in made.pages] == [False, True, False]
    assert made.warnings == {W.BLANK_PAGES}


def test_previews_are_light_pictures_of_each_page(prepare: Prepare) -> None:
    made = prepare(fixtures.pdf(2))
    for page in made.pages:
        with Image.open(page.preview) as image:
            assert (image.format, image.width) == ("JPEG", 1000)
            assert not image.getexif()
        assert page.preview.stat().st_size < 120_000


# PDFs that carry more than pages


@pytest.mark.parametrize("name", ["scripted_pdf", "attached_pdf", "pinned_pdf", "photo_pdf", "form_pdf", "stamped_pdf"])
def test_nothing_but_drawings_is_left(prepare: Prepare, name: str) -> None:
    made = prepare(getattr(fixtures, name)())
    with pikepdf.open(made.pdf) as document:
        document.save(plain := io.BytesIO(), qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        assert set(document.Root.keys()) == {"/Type", "/Pages"}
        assert not {"/Info", "/Encrypt"} & set(document.trailer.keys())
    for word in (b"amparo", b"JavaScript", b"/URI", b"/Launch", b"/EF", b"/Annot", b"Exif", b"Phone", b"/Metadata"):
        assert word not in plain.getvalue()


def test_scripts_are_removed_and_said(prepare: Prepare) -> None:
    assert prepare(fixtures.scripted_pdf()).warnings == {W.ACTIVE_CONTENT_REMOVED}


@pytest.mark.parametrize("name", ["attached_pdf", "pinned_pdf"])
def test_attachments_are_set_aside_and_said(prepare: Prepare, name: str) -> None:
    assert W.ATTACHMENTS_SET_ASIDE in prepare(getattr(fixtures, name)()).warnings


@pytest.mark.parametrize("drawn", [True, False])
def test_a_filled_field_is_still_seen(prepare: Prepare, drawn: bool) -> None:
    made = prepare(fixtures.form_pdf(drawn=drawn))
    assert made.warnings == {W.FORMS_FLATTENED}
    assert ink(shown(made).crop((100, 352, 400, 392)))


def test_a_field_in_other_letters_is_drawn(prepare: Prepare) -> None:
    """Five question marks would be 67 points wide; this name in 24-point letters is wider."""
    made = prepare(fixtures.form_pdf("\u041c\u0430\u0440\u0438\u044f"))
    left, _, right, _ = ink(shown(made).crop((100, 352, 400, 392)))
    assert 70 < right - left < 110


def test_a_field_without_any_font_is_never_printed_wrong(refusal: Callable[..., Reason]) -> None:
    assert refusal(fixtures.form_pdf("\u1234\U00012345")) is Reason.TOO_COMPLEX


@pytest.mark.parametrize("flags", [4, 0])
def test_a_stamp_is_still_seen(prepare: Prepare, flags: int) -> None:
    made = prepare(fixtures.stamped_pdf(flags))
    assert made.warnings == {W.FORMS_FLATTENED}
    assert at(made, 200, 342) == (0, 0, 0)


def test_a_hidden_stamp_stays_hidden(prepare: Prepare) -> None:
    made = prepare(fixtures.stamped_pdf(flags=2))
    assert made.warnings == set()
    assert at(made, 200, 342) == (255, 255, 255)


@pytest.mark.parametrize(("shown", "colour"), [(True, 0), (False, 255)])
def test_layers_stay_as_they_open(prepare: Prepare, shown: bool, colour: int) -> None:
    assert at(prepare(fixtures.layered_pdf(shown=shown)), 200, 342) == (colour,) * 3


@pytest.mark.parametrize("kind", ["/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Square", "/Circle", "/Ink"])
def test_markup_that_leaves_drawing_to_the_viewer_is_still_seen(prepare: Prepare, kind: str) -> None:
    assert ink(shown(prepare(fixtures.marked_pdf(kind))).crop((90, 280, 310, 400)))


# Locks


def test_an_owner_password_is_no_lock(prepare: Prepare) -> None:
    made = prepare(fixtures.restricted_pdf())
    assert made.warnings == {W.RESTRICTIONS_REMOVED}
    assert not pikepdf.open(made.pdf).is_encrypted


def test_a_user_password_is_a_lock(refusal: Callable[..., Reason]) -> None:
    assert refusal(fixtures.locked_pdf()) is Reason.LOCKED


# Damage


@pytest.mark.parametrize("share", [0.25, 0.5, 0.7, 0.9, 0.97])
def test_a_pdf_cut_short_is_truncated_wherever_it_was_cut(refusal: Callable[..., Reason], share: float) -> None:
    assert refusal(fixtures.cut(fixtures.pdf(10, words="x" * 500), share)) is Reason.TRUNCATED


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["jpeg", "png", "heic"])
def test_a_picture_cut_short_is_truncated(refusal: Callable[..., Reason], kind: str, share: float) -> None:
    assert refusal(fixtures.cut(getattr(fixtures, kind)(), share), f"foto.{kind}") is Reason.TRUNCATED


def test_a_photo_whose_end_is_zeros_is_truncated(refusal: Callable[..., Reason]) -> None:
    whole = fixtures.jpeg()
    assert refusal(fixtures.cut(whole).ljust(len(whole), b"\0"), "foto.jpg") is Reason.TRUNCATED


def test_a_wrong_table_of_contents_is_repaired_and_said(prepare: Prepare) -> None:
    broken = fixtures.pdf(2).replace(b"startxref\n", b"startxref\n1")
    made = prepare(broken)
    assert made.warnings == {W.REPAIRED}
    assert len(made.pages) == 2


def test_a_missing_content_stream_is_damage(refusal: Callable[..., Reason]) -> None:
    """The table of contents is wrong too, so that readers rebuild it and find everything else."""
    whole = fixtures.pdf(2, framed=False)
    with pikepdf.open(io.BytesIO(whole)) as document:
        number = document.pages[1].obj.Contents.objgen[0]
    broken = whole.replace(b"\n%d 0 obj" % number, b"\n99 0 obj").replace(b"startxref\n", b"startxref\n1")
    assert refusal(broken) is Reason.DAMAGED


@pytest.mark.parametrize("seed", range(12))
def test_no_page_is_lost_in_silence_whatever_breaks(prepare: Prepare, seed: int) -> None:
    """A few bytes of a document go wrong on their way: all pages come out and show something, or it is refused."""
    chance = random.Random(seed)
    data = bytearray(fixtures.pdf(10))
    for _ in range(4):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        made = prepare(bytes(data))
    except Refused as refused:
        assert refused.reason in (Reason.DAMAGED, Reason.TRUNCATED, Reason.WRONG_TYPE)  # noqa: PT017 - one of two ways
    else:
        assert [page.blank for page in made.pages] == [False] * 10


def test_a_content_stream_that_cannot_be_inflated_is_damage(refusal: Callable[..., Reason]) -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].obj.Contents = pikepdf.Stream(document, b"no flate at all", Filter=pikepdf.Name.FlateDecode)

    assert refusal(fixtures.pdf_with(change)) is Reason.DAMAGED


def test_a_page_that_shows_nothing_because_its_content_is_rubbish_is_damage(refusal: Callable[..., Reason]) -> None:
    rubbish = b"x\x9c3T0\x00\xc2 w\x053"
    assert refusal(fixtures.pdf_with(lambda document: document.pages[0].obj.Contents.write(rubbish))) is Reason.DAMAGED


def test_rubbish_before_and_after_a_pdf_does_no_harm(prepare: Prepare) -> None:
    assert len(prepare(b"\nFrom: maria\n\n" + fixtures.pdf() + b"\0" * 3000).pages) == 1


# Small parts


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\x00", b"\xff\xd8\xff\xd9"])
def test_stripping_ends_on_any_bytes(data: bytes) -> None:
    try:
        stripped = jpeg.strip(data)
    except ValueError:
        stripped = None
    assert stripped == (data if data.endswith(b"\xd9") else None)


@pytest.mark.parametrize("size", [(612, 792), (100, 9000), (9000, 100), (1, 1), (5000, 5000), (700, 560)])
def test_nothing_is_ever_placed_outside_the_page(size: tuple[float, float]) -> None:
    for frame in geometry.place(*size, full_size=False):
        x, y, width, height = frame.clip
        assert x >= 0
        assert y >= geometry.BAND - 0.01
        assert x + width <= 612
        assert y + height <= 792
