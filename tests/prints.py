"""Small print-ready documents and orders of them, made by hand for the packet's tests."""

import hashlib
import random
import zlib
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from documents.packets import profiles
from documents.packets.shape import CoverData, Exhibit, FactorRef, LetterData, Order, Respondent, Source

OPLA = profiles.load("OPLA")
FAMILY = FactorRef("FAMILY_USC_LPR", "U.S. citizen or resident family")
SCHOOL = FactorRef("EDUCATION", "School: finished or studying now")
TIES = FactorRef("COMMUNITY_TIES", "Ties to your community")

Made = tuple[Source, Path]


def words(document: str, page: int) -> str:
    """What is printed on one page of a made document; no other page has it."""
    return f"{document} leaf {page:03d}"


def document(
    folder: Path, name: str, pages: int, *, use: tuple[tuple[int, int], ...] = (), noise: int = 0, split: bool = False
) -> Made:
    """A print-ready document of `pages` pages that say which they are; `noise` bytes of picture on each page that do
    not compress; `split` writes the content as an array of streams."""
    path = folder / f"{name}.pdf"
    with Pdf.new() as pdf:
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        for number in range(1, pages + 1):
            _page(pdf, font, words(name, number), noise, split)
        pdf.save(path, static_id=True)
    printed = hashlib.sha256(path.read_bytes()).hexdigest()
    original = hashlib.sha256(name.encode()).hexdigest()
    return Source(name, original, printed, pages, use or ((1, pages),), f"Title of {name}"), path


def _page(pdf: Pdf, font: pikepdf.Object, text: str, noise: int, split: bool) -> None:
    page = pdf.add_blank_page(page_size=(612, 792)).obj
    shown = f"BT /F 12 Tf 72 700 Td ({text}) Tj ET".encode()
    page.Resources = Dictionary(Font=Dictionary(F=font))
    if noise:
        picture = pdf.make_stream(zlib.compress(random.Random(text).randbytes(noise), 0))
        picture.stream_dict.update(
            Dictionary(
                Type=Name.XObject, Subtype=Name.Image, Width=noise, Height=1, ColorSpace=Name.DeviceGray,
                BitsPerComponent=8, Filter=Name.FlateDecode,
            )
        )  # fmt: skip
        page.Resources.XObject = Dictionary(Im=picture)
        shown += b" q 400 0 0 300 72 300 cm /Im Do Q"
    streams = (
        [pdf.make_stream(b"q"), pdf.make_stream(shown), pdf.make_stream(b"Q")] if split else [pdf.make_stream(shown)]
    )
    page.Contents = Array(streams) if split else streams[0]


def exhibit(*made: Made, factors: tuple[FactorRef, ...] = (FAMILY,), title: str = "", **more: object) -> Exhibit:
    """An exhibit of these documents, each whole unless its `use` says otherwise."""
    sources = tuple(source for source, _ in made)
    return Exhibit(title or sources[0].title, factors, sources, **more)  # type: ignore[arg-type]  # passed through


def order(*exhibits: Exhibit, letter: str | None = None, appearance: Source | None = None) -> Order:
    """An order of these exhibits for Maria, in her full name and number."""
    cover = CoverData(
        filer=("Ana Ortiz, Esq.", "12 Clinic Street", "Chicago, IL 60601"),
        office=("Office of the Principal Legal Advisor", "Chicago"),
        respondents=(Respondent("Reyes Nguyễn, María", "A123-456-789"),),
        title="Request for Prosecutorial Discretion",
        form_asked="Dismissal without prejudice",
        notice="DETAINED",
    )
    signed = LetterData.of(letter) if letter is not None else None
    return Order(
        "packet-1", "request-1", OPLA.code, OPLA.version, cover, signed, appearance, exhibits, "2026-11-24T10:00:00Z"
    )


def paths(*made: Made) -> dict[str, Path]:
    """Where each document is, as the binder wants it."""
    return {source.document: path for source, path in made}
