"""Black boxes burnt into a print-ready PDF. A page with a box becomes a picture of itself, the box in its very pixels.

So does every page that shares what the box covers (sharing.py). Nothing else of these pages is kept: no text, no drawing,
no picture that was under it. The other pages stay as they are. What comes out is proved by another process (burnt.py).
"""

import math
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw

from documents.preparing import encoding, saving, sharing
from documents.preparing.boxes import Box, by_page
from documents.preparing.geometry import LETTER, TARGET_DPI
from documents.preparing.made import BURNT
from documents.preparing.words import Job, Reason, Refused
from documents.preparing.writer import Picture

DRAWING = b"q 612 0 0 792 0 0 cm /P Do Q"  # all that such a page says: its picture, over all of it
SCALE = TARGET_DPI / 72
_MORE = 2  # pixels on each side: never smaller than it was drawn, whatever is rounded


def work(job: Job) -> list[int]:
    """Writes BURNT: `job.source` with the boxes `job.wish` black. Which 1-based pages became pictures.

    The same bytes and boxes give the same PDF. Refused(DAMAGED) where a box is on no page of it.
    """
    boxes = [Box.from_json(each) for each in job.wish]
    boxed = by_page(boxes)
    drawn = pypdfium2.PdfDocument(job.source)
    with pikepdf.open(job.source, suppress_warnings=True) as pdf:
        if not boxed or max(boxed) > len(pdf.pages):
            raise Refused(Reason.DAMAGED, "A box is on a page that is not there.")
        numbers = sorted(sharing.pages_with(pdf, boxes))
        for number in numbers:
            image = blackened(_rendered(drawn, number), boxed.get(number, []))
            _become(pdf, pdf.pages[number - 1].obj, encoding.smallest(image))
        save(pdf, job.into / BURNT)
    return numbers


def _rendered(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    """A page at print resolution; grey where it has no colour."""
    page = document[number - 1]
    image = page.render(scale=SCALE).to_pil().convert("RGB")
    page.close()
    grey = image.convert("L")
    return grey if grey.convert("RGB").tobytes() == image.tobytes() else image


def blackened(image: Image.Image, boxes: list[Box]) -> Image.Image:
    """The same picture, what is in the boxes and a little around them gone."""
    draw = ImageDraw.Draw(image)
    for box in boxes:
        left, top = (math.floor(edge * SCALE) - _MORE for edge in (box.left, box.top))
        right, bottom = (math.ceil(edge * SCALE) + _MORE for edge in (box.right, box.bottom))
        draw.rectangle((left, top, right, bottom), fill=0 if image.mode == "L" else (0, 0, 0))
    return image


def _become(pdf: pikepdf.Pdf, page: Any, picture: Picture) -> None:
    """The page is this picture and nothing else. What it was hangs on nothing any more, and is not written."""
    image = pdf.make_stream(picture.data)
    entries: Any = pikepdf.Object.parse(f"<< {picture.entries} >>".encode())
    image.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=picture.width, Height=picture.height
    )
    for key, value in entries.items():
        image[key] = value
    for key in [key for key in page.keys() if key not in ("/Type", "/Parent")]:  # noqa: SIM118 - it is no mapping
        del page[key]
    page["/MediaBox"] = pikepdf.Array([0, 0, *map(int, LETTER)])
    page["/Contents"] = pdf.make_stream(DRAWING)
    page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=image))


def save(pdf: pikepdf.Pdf, to: Any) -> None:
    """Only what hangs on a page is written, streams as they are. Without the mark that tells what it was made from."""
    if "/ID" in pdf.trailer:
        del pdf.trailer["/ID"]
    saving.save(pdf, to)
