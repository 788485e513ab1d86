"""A print-ready PDF with its pictures brought down to fewer dots per inch, never below what is legible.

Only pictures change that are plain colours or greys drawn on a page, finer than what is wanted, and become clearly
smaller; letters, line art, fax pages and everything with transparency stay as they are. Each changed page is drawn
before and after and compared: a document that would look different is left alone.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
import pypdfium2
from PIL import Image, ImageChops, ImageStat

from documents.preparing.drawing import drawn
from documents.preparing.geometry import LEAST_DPI, Matrix
from documents.preparing.made import SMALLER
from documents.preparing.saving import save
from documents.preparing.words import Job

_FINER = 1.1  # times what is wanted, before a picture is touched
_WORTH = 0.8  # of its bytes, at most, for it to be worth it
_QUALITY = 80
_LOOK = 50 / 72  # scale at which pages are compared: 50 dots an inch
_UNLIKE = 6.0  # grey levels apart, on average, from which two pages do not look alike
_PLAIN = {"/DeviceRGB": "RGB", "/DeviceGray": "L", "/CalRGB": "RGB", "/CalGray": "L"}
_PROFILED = {1: "L", 3: "RGB"}


@dataclass(slots=True)
class _Picture:
    """A picture, the coarsest at which it is drawn (dots an inch), and the 1-based pages that show it."""

    image: Any
    dpi: float
    pages: set[int]


def work(job: Job) -> list[dict[str, int]]:
    """Writes SMALLER with pictures of at most `job.wish` dots an inch (never under LEAST_DPI) and tells of each change:
    page, dpi before and after, bytes before and after. Empty where nothing is gained."""
    wanted = max(LEAST_DPI, int(job.wish))
    with pikepdf.open(job.source, suppress_warnings=True) as pdf:
        changes = [change for picture in _pictures(pdf) for change in _brought_down(picture, wanted)]
        if changes:
            save(pdf, job.into / SMALLER)
    if changes and not _alike(job, {change["page"] for change in changes}):
        (job.into / SMALLER).unlink()
        return []
    return sorted(changes, key=lambda change: change["page"])


def _pictures(pdf: pikepdf.Pdf) -> list[_Picture]:
    found: dict[tuple[int, int], _Picture] = {}
    for number, page in enumerate(pdf.pages, 1):
        for image, at in drawn(page):
            if image.get("/Subtype") == "/Image":
                dpi = _dpi(image, at)
                picture = found.setdefault(image.objgen, _Picture(image, dpi, set()))
                picture.dpi = min(picture.dpi, dpi)
                picture.pages.add(number)
    return list(found.values())


def _dpi(image: Any, at: Matrix) -> float:
    """The fewer of its dots an inch, across or down; without end where it is drawn as nothing."""
    across, down = math.hypot(at[0], at[1]), math.hypot(at[2], at[3])
    return min(
        int(image.Width) * 72 / across if across else math.inf, int(image.Height) * 72 / down if down else math.inf
    )


def _brought_down(picture: _Picture, wanted: int) -> Iterator[dict[str, int]]:
    """The change on each page that shows it; nothing when it stays as it is."""
    mode = _mode(picture.image)
    if mode is None or picture.dpi < wanted * _FINER or math.isinf(picture.dpi):
        return
    before = len(picture.image.read_raw_bytes())
    data, size = _coded(picture.image, mode, wanted / picture.dpi)
    if not data or len(data) > before * _WORTH:
        return
    picture.image.write(data, filter=pikepdf.Name.DCTDecode)
    picture.image.Width, picture.image.Height = size
    for page in sorted(picture.pages):
        yield {"page": page, "from_dpi": round(picture.dpi), "to_dpi": wanted, "before": before, "after": len(data)}


def _mode(image: Any) -> str | None:
    """How Pillow calls its colours; None for what is not touched."""
    if any(key in image for key in ("/SMask", "/Mask", "/Decode", "/ImageMask", "/Alternates", "/OPI")):
        return None
    if image.get("/BitsPerComponent") != 8:
        return None
    colours = image.get("/ColorSpace")
    if isinstance(colours, pikepdf.Name):
        return _PLAIN.get(str(colours))
    if isinstance(colours, pikepdf.Array) and len(colours) == 2:
        if colours[0] == "/ICCBased":
            return _PROFILED.get(int(colours[1].get("/N", 0)))
        return _PLAIN.get(str(colours[0]))
    return None


def _coded(image: Any, mode: str, factor: float) -> tuple[bytes, tuple[int, int]]:
    """The same picture with fewer dots, as JPEG; nothing where its pixels are not what its entries say."""
    size = max(1, math.ceil(int(image.Width) * factor)), max(1, math.ceil(int(image.Height) * factor))
    try:
        pixels = pikepdf.PdfImage(image).as_pil_image()
        if pixels.mode != mode or pixels.size != (int(image.Width), int(image.Height)):
            return b"", size
        into = io.BytesIO()
        pixels.draft(None, size)  # a JPEG is read at a half or a quarter, where that is still as fine
        fewer = pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        fewer.save(into, "JPEG", quality=_QUALITY, optimize=True)
    except (pikepdf.PdfError, pikepdf.UnsupportedImageTypeError, pikepdf.InvalidPdfImageError, OSError, ValueError):
        return b"", size
    return into.getvalue(), size


def _alike(job: Job, pages: set[int]) -> bool:
    """Whether each changed page still looks as it did, to another reader than wrote it."""
    before, after = pypdfium2.PdfDocument(job.source), pypdfium2.PdfDocument(job.into / SMALLER)
    if len(before) != len(after):
        return False
    return all(_difference(before[page - 1], after[page - 1]) < _UNLIKE for page in sorted(pages))


def _difference(before: pypdfium2.PdfPage, after: pypdfium2.PdfPage) -> float:
    views = [page.render(scale=_LOOK, grayscale=True).to_pil().convert("L") for page in (before, after)]
    if views[0].size != views[1].size:
        return 255.0
    return float(ImageStat.Stat(ImageChops.difference(*views)).mean[0])
