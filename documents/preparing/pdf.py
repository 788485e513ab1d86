"""A PDF → Letter pages. Each page becomes one drawing, and only drawings are copied into a fresh document: scripts,
links, forms, attachments, bookmarks and metadata have no way in. Text stays text, fonts are kept.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image

from documents.preparing import active, annotations, bounds, geometry, layers, opening, proof
from documents.preparing.made import PRINT_READY, Made
from documents.preparing.objects import listed
from documents.preparing.placing import Placed, every
from documents.preparing.words import Job, Kind, Reason, Refused, Warning_

_WHITE = 250  # grey value from which paper counts as empty
_ACROSS, _DOWN = 306, 3000  # pixels of the source's render: half a pixel a point of a Letter page


def prepare(job: Job, kind: Kind) -> Made:
    """Writes the print-ready PDF of a PDF and tells what was changed. Refused as opening and active say; one `kind`.

    Raises Misplaced where the job asks for other pages than it has, or not for all.
    """
    source = opening.open_pdf(job)
    warnings = active.found(source, job.limits)
    if source.is_encrypted:
        warnings.add(Warning_.RESTRICTIONS_REMOVED)
    layers.drop_hidden(source)
    bounds.demand_few_drawings(source)
    if annotations.flatten(source):
        warnings.add(Warning_.FORMS_FLATTENED)
    pages = every(job.arrangement, len(source.pages))
    made = Made(warnings, [], of=len(pages))
    _write(source, job, pages, made)
    if source.get_warnings():
        opening.demand_whole(source, job.source)
        warnings.add(Warning_.REPAIRED)
    return made


def _write(source: pikepdf.Pdf, job: Job, pages: tuple[Placed, ...], made: Made) -> None:
    """Writes the document; `made` is told of each new page."""
    views = _views(source, job, pages)
    copy = pikepdf.new()
    for placed, view in zip(pages, views, strict=True):
        page, spread = source.pages[placed.photo - 1], proof.spread(view)
        if spread < proof.BLANK:
            opening.demand_sense(page, placed.photo)
        drawing = copy.copy_foreign(page.as_form_xobject(handle_transformations=False))
        frames = _frames(page, drawing, view, placed.turn)
        for frame in frames:
            _add(copy, drawing, frame)
        made.spreads += [spread] if len(frames) == 1 else [0] * len(frames)
        made.leaves += [placed.photo] * len(frames)
        if len(made.spreads) > job.limits.pages:
            raise Refused(Reason.TOO_LARGE, f"It has more than {job.limits.pages} pages.")
    active.scrub(copy, job.limits)
    copy.save(
        job.into / PRINT_READY,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )


def _views(source: pikepdf.Pdf, job: Job, pages: tuple[Placed, ...]) -> Iterator[Image.Image]:
    """A small render of each of these pages as it was sent, forms and annotations drawn, by another reader than ours."""
    document = _second_reader(source, job)
    document.init_forms()
    for placed in pages:
        page = document[placed.photo - 1]
        width, height = page.get_size()
        scale = min(_ACROSS / max(1, min(width, height)), _DOWN / max(1, width, height))
        yield page.render(scale=scale, grayscale=True).to_pil()
        page.close()


def _second_reader(source: pikepdf.Pdf, job: Job) -> pypdfium2.PdfDocument:
    """pdfium on the file itself; where it cannot read what qpdf could repair, on the repaired form.

    Refused(DAMAGED) where it finds pages that we did not: none may be lost in silence.
    """
    document = _as_sent(job)
    if document is not None and len(document) == len(source.pages):
        return document
    if document is not None and len(document) > len(source.pages):
        raise Refused(Reason.DAMAGED, f"{len(document) - len(source.pages)} of its pages cannot be read.")
    repaired = Path("repaired.pdf")
    source.save(repaired, encryption=False)
    document = pypdfium2.PdfDocument(repaired)
    if len(document) != len(source.pages):
        raise Refused(Reason.DAMAGED, "Two readers find different pages in it.")
    return document


def _as_sent(job: Job) -> pypdfium2.PdfDocument | None:
    try:
        return pypdfium2.PdfDocument(job.source)
    except pypdfium2.PdfiumError:
        return None


def _frames(page: pikepdf.Page, drawing: Any, view: Image.Image, turn: int) -> list[geometry.Frame]:
    """Where the page goes. Gives `drawing` the box a viewer shows, so that what lies outside stays unseen."""
    box = _visible_box(page)
    drawing["/BBox"] = pikepdf.Array(box)
    rotate, unit = page.obj.get("/Rotate", 0), page.obj.get("/UserUnit", 1)
    matrix, width, height = geometry.upright(box, int(rotate), float(unit))
    lies = geometry.lies(width, height, turn)
    upright = geometry.turned(lies, width, height)[1] < geometry.LETTER[1] - 2
    full_size = geometry.is_letter(width, height) and upright and _is_band_clear(view, lies)
    return [
        geometry.Frame(geometry.multiply(matrix, frame.matrix), frame.clip)
        for frame in geometry.place(width, height, full_size=full_size, turn=turn)
    ]


def _visible_box(page: pikepdf.Page) -> tuple[float, float, float, float]:
    """The crop box within the media box; Letter where a file has no usable one, as viewers assume."""
    media = _box(page.obj.get("/MediaBox")) or (0.0, 0.0, *geometry.LETTER)
    crop = _box(page.obj.get("/CropBox")) or media
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if right - left >= 1 and top - bottom >= 1 else media


def _box(value: object) -> tuple[float, float, float, float] | None:
    try:
        x, y, to_x, to_y = (float(number) for number in listed(value))
    except (TypeError, ValueError):
        return None
    box = min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)
    return box if box[2] - box[0] >= 1 and box[3] - box[1] >= 1 else None


def _is_band_clear(view: Image.Image, lies: int) -> bool:
    """Whether nothing stands in the band that the page number needs: where its foot is once it is turned (geometry.lies)."""
    band = round(geometry.BAND / geometry.LETTER[1] * max(view.size)) + 1
    width, height = view.size
    areas = {
        0: (0, height - band, width, height),
        90: (width - band, 0, width, height),
        180: (0, 0, width, band),
        270: (0, 0, band, height),
    }
    return proof.extremes(view.crop(areas[lies]))[0] >= _WHITE


def _add(copy: pikepdf.Pdf, drawing: Any, frame: geometry.Frame) -> None:
    numbers = " ".join(f"{number:.5f}" for number in frame.matrix)
    clip = " ".join(f"{number:.3f}" for number in frame.clip)
    page = copy.add_blank_page(page_size=geometry.LETTER)
    page.obj["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=drawing))
    page.obj["/Contents"] = copy.make_stream(f"q {clip} re W n {numbers} cm /P Do Q".encode())
