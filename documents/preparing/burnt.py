"""The proof that what is under a black box is gone. Another process than the one that burnt it, and it believes nothing.

A page with a box may be one picture and nothing else: that leaves no place for a word, a drawing, a note or metadata. Its
pixels are read by another decoder than drew them. The other pages are drawn and must look as they did. Saved once more, the
file is the same to the byte, so nothing hides between or behind what its pages hang on.
"""

import filecmp
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image, ImageChops, ImageStat

from documents.preparing import burning, jpeg, proof
from documents.preparing.boxes import HEIGHT, Box, by_page
from documents.preparing.made import BURNT, preview_name
from documents.preparing.words import Job, Reason, Refused

_BLACK = 48  # grey value up to which a spot within a compressed picture may be off black
_MEAN = 4.0  # and all of them on average
_ALIKE = 6.0  # grey levels, on average, that a page may differ outside of its boxes from what it was
_PAGE = {"/Type", "/Parent", "/MediaBox", "/Contents", "/Resources"}
_PICTURE = {
    *("/Type", "/Subtype", "/Width", "/Height", "/Length"),
    *("/ColorSpace", "/BitsPerComponent", "/Filter", "/DecodeParms"),
}


def work(job: Job) -> bool:
    """Looks at BURNT in `job.into`, made from `job.source`; `job.wish` is the boxes and the pages that are pictures now.

    Writes the previews of these pages anew. Refused(DAMAGED) with what is wrong where anything is.
    """
    boxes = by_page(Box.from_json(each) for each in job.wish["boxes"])
    pictured = {*map(int, job.wish["pages"])}
    path = job.into / BURNT
    _demand(boxes.keys() <= pictured, "A page with a box was left as it was.")
    _demand_whole(path)
    with pikepdf.open(path) as pdf, pikepdf.open(job.source) as was:
        _demand(len(pdf.pages) == len(was.pages), "It has more or fewer pages than it had.")
        for number in sorted(pictured):
            _demand_bare(pdf.pages[number - 1].obj, boxes.get(number, []))
    _demand_shown(path, job, boxes, pictured)
    return True


def _demand(true: bool, why: str) -> None:
    if not true:
        raise Refused(Reason.DAMAGED, why)


def _demand_whole(path: Path) -> None:
    """No earlier version, nothing that no page refers to, nothing behind its end, no properties of the document."""
    with pikepdf.open(path) as pdf:
        _demand({*pdf.trailer.keys()} <= {"/Root", "/Size", "/ID"}, "It tells of itself.")
        _demand({*pdf.Root.keys()} == {"/Type", "/Pages"}, "It holds more than pages.")
        burning.save(pdf, Path("again.pdf"))
    _demand(filecmp.cmp(path, "again.pdf", shallow=False), "Something hides in it.")


def _demand_bare(page: Any, boxes: list[Box]) -> None:
    """One picture, drawn over all of the page; its pixels black in the boxes."""
    things = page.Resources.XObject
    _demand({*page.keys()} == _PAGE, "A page is more than its picture.")
    _demand(page.Contents.read_bytes() == burning.DRAWING, "A page is more than its picture.")
    _demand({*page.Contents.keys()} == {"/Length"}, "A page is more than its picture.")
    _demand({*page.Resources.keys()} == {"/XObject"} and {*things.keys()} == {"/P"}, "A page is more than its picture.")
    image = things.P
    _demand({*image.keys()} <= _PICTURE and image.Subtype == "/Image", "A page's picture is more than pixels.")
    if image.Filter == "/DCTDecode":
        data = image.read_raw_bytes()
        _demand(jpeg.strip(data) == data, "A page's picture says more than its pixels.")
    _demand_black(pikepdf.PdfImage(image).as_pil_image().convert("L"), boxes)


def _demand_black(picture: Image.Image, boxes: list[Box]) -> None:
    for box in boxes:
        inside = picture.crop(_pixels(box, picture.width / 612))
        _darkest, lightest = proof.extremes(inside)
        _demand(lightest <= _BLACK and ImageStat.Stat(inside).mean[0] <= _MEAN, "Something shows in a box.")


def _pixels(box: Box, scale: float) -> tuple[int, int, int, int]:
    """All that is at least partly in the box."""
    left, top = math.floor(box.left * scale), math.floor(box.top * scale)
    return left, top, math.ceil(box.right * scale), math.ceil(box.bottom * scale)


def _demand_shown(path: Path, job: Job, boxes: dict[int, list[Box]], pictured: set[int]) -> None:
    """By the renderer: no letter on the pages that are pictures, and every page as it was but for its boxes."""
    for number, page, before in _pairs(path, job.source):
        if number in pictured:
            _demand_no_text(page)
            image = page.render(scale=proof.PREVIEW_WIDTH / 612).to_pil()
            _demand_alike(image.convert("L"), before, boxes.get(number, []))
            image.save(job.into / preview_name(number), "JPEG", quality=proof.PREVIEW_QUALITY)
        else:
            same = page.render(scale=1).to_pil().tobytes() == before.render(scale=1).to_pil().tobytes()
            _demand(same, "A page without a box changed.")


def _pairs(path: Path, source: Path) -> Iterator[tuple[int, pypdfium2.PdfPage, pypdfium2.PdfPage]]:
    document, before = pypdfium2.PdfDocument(path), pypdfium2.PdfDocument(source)
    _demand(len(document) == len(before), "It has more or fewer pages than it had.")
    for index in range(len(document)):
        page, was = document[index], before[index]
        yield index + 1, page, was
        page.close()
        was.close()


def _demand_no_text(page: pypdfium2.PdfPage) -> None:
    text = page.get_textpage()
    letters = text.count_chars()
    text.close()
    _demand(letters == 0, "Text is left on a page.")


def _demand_alike(now: Image.Image, before: pypdfium2.PdfPage, boxes: list[Box]) -> None:
    """Nothing but the boxes was lost: compared small, with what is around the boxes black in both."""
    was = before.render(scale=proof.PREVIEW_WIDTH / 612).to_pil().convert("L")
    for picture in (now_ := now.copy(), was):
        for box in boxes:
            picture.paste(0, _pixels(Box(box.page, *_grown(box)), picture.width / 612))
    difference = ImageChops.difference(now_.reduce(4), was.reduce(4))
    _demand(ImageStat.Stat(difference).mean[0] <= _ALIKE, "A page lost more than its boxes.")


def _grown(box: Box) -> tuple[int, int, int, int]:
    return max(0, box.left - 2), max(0, box.top - 2), min(612, box.right + 2), min(HEIGHT, box.bottom + 2)
