"""Typed words as a drawing, for letters that the fonts of PDF forms lack: Cyrillic, Greek, Vietnamese, Arabic."""

import textwrap
import zlib
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image, ImageDraw, ImageFont

# Debian's fonts-dejavu-core and fonts-noto-core, which the setup installs.
_FONTS = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"),
)
_SHARP = 6  # dots a point: 432 dpi
_MARGIN = 2  # points
_NO_SUCH_LETTER = "\uffff"


def letter(pdf: pikepdf.Pdf, note: Any, words: str, size: float) -> bool:
    """Gives a field's widget a picture of its `words` in `size` points (0: as fits); False without a font for it."""
    left, bottom, right, top = sorted_rect(note)
    width, height = right - left, top - bottom
    points = size or min(12.0, height * 0.6)
    font = _font_for(words, points)
    if font is None or width < 1 or height < 1:
        return False
    note["/AP"] = pikepdf.Dictionary(N=_stencil(pdf, _drawn(words, font, width, height), width, height))
    return True


def is_western(words: str) -> bool:
    """Whether the standard fonts of PDF have all these letters."""
    try:
        words.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def sorted_rect(note: Any) -> tuple[float, float, float, float]:
    """An annotation's rectangle as left, bottom, right, top. ValueError when it has none."""
    x, y, to_x, to_y = (float(number) for number in note.get("/Rect", ()))
    return min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)


def _font_for(words: str, points: float) -> ImageFont.FreeTypeFont | None:
    for path in _FONTS:
        if path.exists():
            font = ImageFont.truetype(path, round(points * _SHARP))
            missing = bytes(font.getmask(_NO_SUCH_LETTER))
            if all(bytes(font.getmask(one)) != missing for one in set(words) if not one.isspace()):
                return font
    return None


def _drawn(words: str, font: ImageFont.FreeTypeFont, width: float, height: float) -> Image.Image:
    """Black on white, one bit a dot, lines broken to the width."""
    columns = max(1, int((width - 2 * _MARGIN) * _SHARP / font.getlength("n")))
    lines = [part for line in words.splitlines() for part in textwrap.wrap(line, columns) or [""]]
    image = Image.new("1", (max(1, round(width * _SHARP)), max(1, round(height * _SHARP))), 1)
    middle = len(lines) == 1 and height < 3 * font.size / _SHARP
    place, anchor = ((_MARGIN * _SHARP, image.height / 2), "lm") if middle else ((_MARGIN * _SHARP,) * 2, None)
    ImageDraw.Draw(image).text(place, "\n".join(lines), font=font, fill=0, anchor=anchor)
    return image


def _stencil(pdf: pikepdf.Pdf, image: Image.Image, width: float, height: float) -> pikepdf.Stream:
    mask = pikepdf.Stream(
        pdf,
        zlib.compress(image.tobytes()),
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=image.width,
        Height=image.height,
        ImageMask=True,
        BitsPerComponent=1,
        Filter=pikepdf.Name.FlateDecode,
    )
    form = pdf.make_stream(f"q 0 g {width:g} 0 0 {height:g} 0 0 cm /I Do Q".encode())
    form["/Type"], form["/Subtype"] = pikepdf.Name.XObject, pikepdf.Name.Form
    form["/BBox"] = pikepdf.Array([0, 0, width, height])
    form["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=mask))
    return form
