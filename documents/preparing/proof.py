"""The proof that a print-ready page shows what its source shows: each is rendered in full. Previews come out of it.

The renderer is pdfium, which shares no code with the writer of the pages.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

import pypdfium2
from PIL import Image

from documents.preparing.geometry import LETTER
from documents.preparing.made import PRINT_READY, preview_name
from documents.preparing.seeming import Look
from documents.preparing.words import Reason, Refused

PREVIEW_WIDTH = 1000  # pixels: a page of 10-point text can be read on a phone
PREVIEW_QUALITY = 50
SHOWS = 48  # a spread of grey values from which a source certainly shows something
BLANK = 16  # and below which a page is empty to the eye

_SAMPLE = 250  # pixels across: dust and noise vanish, a single letter does not


def spread(image: Image.Image) -> int:
    """Between the darkest and the lightest spot of a picture, 0 to 255, once noise is averaged away."""
    factor = max(1, image.width // _SAMPLE)
    low, high = extremes(image.reduce(factor))
    return high - low


def extremes(image: Image.Image) -> tuple[int, int]:
    """The darkest and the lightest grey value in a picture."""
    return cast(tuple[int, int], image.convert("L").getextrema())  # of a picture with one channel


class Shown(NamedTuple):
    """What a page shows. `look`: None where that is nothing."""

    blank: bool
    look: Look | None


def prove(into: Path, spreads: list[int]) -> list[Shown]:
    """Renders every page of the print-ready PDF, writes its preview, and tells which pages are blank, and how the others look.

    Refused(DAMAGED) naming the first page (1-based) that lost what its source (`spreads`) showed.
    """
    document = pypdfium2.PdfDocument(into / PRINT_READY)
    if len(document) != len(spreads):
        raise Refused(Reason.DAMAGED, f"{len(spreads)} pages became {len(document)}.")
    return [_prove(page, number, spreads[number - 1], into) for number, page in _pages(document)]


def _pages(document: pypdfium2.PdfDocument) -> Iterator[tuple[int, pypdfium2.PdfPage]]:
    for index in range(len(document)):
        page = document[index]
        yield index + 1, page
        page.close()


def _prove(page: pypdfium2.PdfPage, number: int, source: int, into: Path) -> Shown:
    image = page.render(scale=PREVIEW_WIDTH / LETTER[0]).to_pil()
    shown = spread(image)
    if source >= SHOWS and shown < BLANK:
        raise Refused(Reason.DAMAGED, f"Page {number} shows something, but came out empty.")
    image.save(into / preview_name(number), "JPEG", quality=PREVIEW_QUALITY)
    blank = shown < BLANK
    return Shown(blank, None if blank else Look.of(image))
