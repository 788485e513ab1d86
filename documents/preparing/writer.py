"""A PDF that holds pictures, one on each Letter page, and nothing else. Same pictures, same bytes: no clock, no ids."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from documents.preparing.geometry import LEFT, LETTER, TOP, WIDTH


@dataclass(frozen=True, slots=True)
class Picture:
    """Encoded pixels and the PDF image dictionary entries that decode them; printed at `dpi` pixels per inch."""

    width: int
    height: int
    dpi: float
    entries: str
    data: bytes


def write(pictures: Iterable[Picture], to: Path) -> int:
    """Writes the document and returns its number of pages. Each picture is centred across, at the top of the page."""
    offsets: list[int] = []
    digest = hashlib.sha256()
    pages = 0
    with to.open("wb") as file:

        def put(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        def add(body: bytes) -> None:
            offsets.append(file.tell())
            put(b"%d 0 obj\n%s\nendobj\n" % (len(offsets) + 2, body))

        put(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
        for picture in pictures:
            for body in _page(picture, first=3 + 3 * pages):
                add(body)
            pages += 1
        kids = b" ".join(b"%d 0 R" % (3 + 3 * page) for page in range(pages))
        start = file.tell()
        put(b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n")
        tree = file.tell()
        put(b"2 0 obj\n<< /Type /Pages /Count %d /Kids [%s] >>\nendobj\n" % (pages, kids))
        table = file.tell()
        rows = b"".join(b"%010d 00000 n \n" % offset for offset in (start, tree, *offsets))
        count = len(offsets) + 3
        put(b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, rows))
        name = digest.hexdigest()[:32].encode()
        put(b"trailer\n<< /Size %d /Root 1 0 R /ID [<%s> <%s>] >>\n" % (count, name, name))
        put(b"startxref\n%d\n%%%%EOF\n" % table)
    return pages


def _page(picture: Picture, *, first: int) -> tuple[bytes, bytes, bytes]:
    """The three objects of a page: its dictionary (number `first`), its content, its image."""
    width, height = picture.width / picture.dpi * 72, picture.height / picture.dpi * 72
    left, bottom = LEFT + (WIDTH - width) / 2, TOP - height
    drawing = f"q {width:.4f} 0 0 {height:.4f} {left:.4f} {bottom:.4f} cm /P Do Q".encode()
    box = f"[0 0 {LETTER[0]:g} {LETTER[1]:g}]"
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {first + 1} 0 R "
        f"/Resources << /XObject << /P {first + 2} 0 R >> >> >>"
    )
    image = f"/Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height} {picture.entries}"
    return page.encode(), _stream("", drawing), _stream(image, picture.data)


def _stream(entries: str, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries.encode(), len(data), data)
