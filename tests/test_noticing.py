"""What is noticed of a photo, and where its paper ends."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from documents import preparing
from documents.preparing import (
    Placed,
    edges,
    noticing,
)
from documents.preparing import Warning_ as W
from tests import fixtures, photographs
from tests.albums import SAMPLES
from tests.looks import Prepare, colour, ink, shown
from tests.photographs import album

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
