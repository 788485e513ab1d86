"""Print-ready documents to measure with, the same at every call: photos of seeded noise, born-digital PDFs, scans.

PDFs and scans go through `prepare`, like anybody's. Photos are laid out at full size, 12 megapixels, where `prepare`
would make them smaller: that is the harder case, and the one the figures of other programs are known for.
"""

import hashlib
import io
import json
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, ImageDraw, ImageFont

from documents.preparing import geometry, jpeg, prepare, writer

VERSION = "2"
PHOTO, SCAN = (4000, 3000), (1700, 2200)  # pixels
ORDER = "order.json"


@dataclass(frozen=True, slots=True)
class Mix:
    """A set: how many photos of one page, and (documents, pages of each) of PDFs and scans."""

    name: str
    photos: int
    pdfs: tuple[int, int]
    scans: tuple[int, int]

    def kinds(self) -> Iterator[tuple[str, int]]:
        """(kind, pages) of each document, the kinds mixed."""
        left = {
            "photo": [1] * self.photos,
            "pdf": [self.pdfs[1]] * self.pdfs[0],
            "scan": [self.scans[1]] * self.scans[0],
        }
        total = {kind: len(pages) for kind, pages in left.items()}
        while any(left.values()):
            kind = max((kind for kind in left if left[kind]), key=lambda kind: len(left[kind]) / total[kind])
            yield kind, left[kind].pop()


MIXES = {
    mix.name: mix
    for mix in (
        Mix("small", 20, (20, 10), (0, 0)),  # 220 pages, 40 documents
        Mix("typical", 30, (25, 20), (5, 16)),  # 610 pages, 60 documents
        Mix("huge", 230, (120, 40), (50, 20)),  # 6,030 pages, 400 documents
    )
}


def raw(kind: str, pages: int, seed: int) -> bytes:
    """One document as a client would send it."""
    return {"photo": lambda: photo(seed), "pdf": lambda: born_digital(pages, seed), "scan": lambda: scan(pages, seed)}[
        kind
    ]()


def photo(seed: int) -> bytes:
    """A JPEG of 12 megapixels and about 3.2 MB."""
    return _jpeg(_noise(random.Random(f"photo {seed}"), (800, 600)).resize(PHOTO, Image.Resampling.BICUBIC), 74)


def scan(pages: int, seed: int) -> bytes:
    """A PDF of grainy pictures of written pages, 200 dpi in grey, about 1.2 MB each."""
    with Pdf.new() as pdf:
        for number in range(pages):
            chance = random.Random(f"scan {seed} {number}")
            paper = _noise(chance, (850, 1100)).convert("L").resize(SCAN).point(lambda value: 200 + value // 5)
            _write_lines(paper, chance)
            page = pdf.add_blank_page(page_size=geometry.LETTER).obj
            page.Resources = Dictionary(XObject=Dictionary(Im=_image(pdf, _jpeg(paper, 85), SCAN, Name.DeviceGray)))
            page.Contents = pdf.make_stream(b"q 612 0 0 792 0 0 cm /Im Do Q")
        return _saved(pdf)


def born_digital(pages: int, seed: int) -> bytes:
    """A PDF of text in embedded fonts, with a picture on every fifth page."""
    with Pdf.new() as pdf:
        font = _font(pdf)
        for number in range(pages):
            chance = random.Random(f"pdf {seed} {number}")
            page = pdf.add_blank_page(page_size=geometry.LETTER).obj
            page.Resources = Dictionary(Font=Dictionary(F=font))
            drawn = _text_of(chance)
            if number % 5 == 0:
                picture = _jpeg(_noise(chance, (300, 225)).resize((1200, 900)), 75)
                page.Resources.XObject = Dictionary(Im=_image(pdf, picture, (1200, 900), Name.DeviceRGB))
                drawn += b" q 200 0 0 150 380 60 cm /Im Do Q"
            page.Contents = pdf.make_stream(drawn)
        return _saved(pdf)


def make(mix: Mix, shelf: Path) -> Path:
    """The folder of this set below `shelf`: `NNN.pdf`, and `order.json` with each one's kind, hash and pages."""
    folder = shelf / f"{mix.name}-{VERSION}"
    if not (folder / ORDER).exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made = [_make(folder / f"{at:03d}.pdf", kind, pages, at) for at, (kind, pages) in enumerate(mix.kinds())]
        (folder / ORDER).write_text(json.dumps(made))
    return folder


def _make(path: Path, kind: str, pages: int, seed: int) -> dict[str, object]:
    data = raw(kind, pages, seed)
    if kind == "photo":
        entries = "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode"
        picture = writer.Picture(*PHOTO, geometry.picture_dpi(*PHOTO), entries, jpeg.strip(data) or b"")
        writer.write([picture], path)
    else:
        prepared(data, kind, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"name": path.stem, "kind": kind, "pages": pages, "sha256": digest}


def prepared(data: bytes, kind: str, to: Path) -> None:
    """The print-ready form of one document, at `to`."""
    name = f"{kind}.{'jpg' if kind == 'photo' else 'pdf'}"
    work = to.with_suffix(".work")
    work.mkdir()
    source = work / name
    source.write_bytes(data)
    (work / "into").mkdir()
    prepare(source, name, work / "into").pdf.replace(to)
    shutil.rmtree(work)


def _noise(chance: random.Random, size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _write_lines(paper: Image.Image, chance: random.Random) -> None:
    draw, font = ImageDraw.Draw(paper), ImageFont.load_default(size=34)
    for line in range(40):
        draw.text((150, 150 + 48 * line), _words(chance, 10), fill=20, font=font)


def _words(chance: random.Random, count: int) -> str:
    return " ".join("".join(chance.choices("abcdefghilmnoprstu", k=chance.randint(2, 9))) for _ in range(count))


def _text_of(chance: random.Random) -> bytes:
    lines = " ".join(f"({_words(chance, 12)}) Tj T*" for _ in range(45))
    return f"BT /F 10 Tf 14 TL 72 720 Td {lines} ET".encode()


def _image(pdf: Pdf, data: bytes, size: tuple[int, int], space: Name) -> pikepdf.Object:
    entries = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=size[0], Height=size[1], ColorSpace=space)
    entries.BitsPerComponent, entries.Filter = 8, Name.DCTDecode
    return pdf.make_stream(data, entries)


def _font(pdf: Pdf) -> pikepdf.Object:
    """Pillow's own typeface, embedded as a simple TrueType font."""
    face = ImageFont.load_default(size=1000)
    widths = Array([round(face.getlength(chr(code))) for code in range(32, 127)])
    program = pdf.make_stream(face.path.getvalue())  # type: ignore[union-attr]  # bytes in memory, not a path
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name.Aileron, Flags=32, FontBBox=Array([-200, -300, 1200, 1000]), ItalicAngle=0,
        Ascent=900, Descent=-250, CapHeight=700, StemV=80, FontFile2=program,
    )  # fmt: skip
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Aileron, FirstChar=32, LastChar=126, Widths=widths,
            FontDescriptor=pdf.make_indirect(descriptor), Encoding=Name.WinAnsiEncoding,
        )
    )  # fmt: skip


def _saved(pdf: Pdf) -> bytes:
    buffer = io.BytesIO()
    pdf.save(buffer, static_id=True)
    return buffer.getvalue()


if __name__ == "__main__":
    print(make(MIXES[sys.argv[1]], Path(sys.argv[2])))
