"""Small files that become large when they are opened: refused before they go off, within bounds of time and memory."""

import io
import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image, PngImagePlugin

from documents.preparing import Limits, Prepared, Reason, Refused
from tests import documents, fixtures
from tests.looks import Prepare

pytest_plugins = ["tests.prepared"]
MEMORY = 1 << 30  # bytes that no process of a file may hold
SECONDS = 10  # of processor time, for each step
MANY = 100_000
# As the gate does it, in a process that is small itself: what its children held is then theirs.
GATE = f"""
import json, resource, sys
from pathlib import Path
from documents import preparing
source, name, into = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
limits = preparing.Limits(cpu_seconds={SECONDS})
try:
    preparing.sniff(source, name, limits=limits)
    preparing.attachments(source, into, limits=limits)
    preparing.prepare(source, name, into, limits=limits)
    outcome = "ready"
except preparing.Refused as refused:
    outcome = refused.reason.value
except preparing.PreparingFailed as failed:
    outcome = str(failed)
print(json.dumps([outcome, 1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


@pytest.fixture
def gate(tmp_path: Path) -> Callable[[bytes, str], tuple[str, int]]:
    """The outcome of a file, and the most bytes of memory that a process held over it."""

    def act(data: bytes, name: str) -> tuple[str, int]:
        source, into = tmp_path / "source", tmp_path / "into"
        source.write_bytes(data)
        into.mkdir()
        command = [sys.executable, "-c", GATE, str(source), name, str(into)]
        ran = subprocess.run(command, capture_output=True, check=True, cwd=Path(__file__).parents[1])
        outcome, memory = json.loads(ran.stdout)
        return outcome, memory

    return act


# Documents


def zips_in_zips(depth: int = 3, copies: int = 10) -> bytes:
    """As 42.zip: 2 KB that are 10 GB."""
    content = documents.zipped({"0": bytes(10 << 20)})
    for _level in range(depth):
        content = documents.zipped({f"{number}.zip": content for number in range(copies)})
    return documents.docx(parts={"word/embeddings/a.zip": content})


def one_large_part() -> bytes:
    return documents.docx(parts={"word/a.xml": bytes(300 << 20)})


def a_part_that_lies() -> bytes:
    """Its directory says ten bytes."""
    whole = bytearray(documents.docx(parts={"word/a.xml": bytes(100 << 20)}))
    struct.pack_into("<L", whole, whole.rindex(b"word/a.xml") - 46 + 24, 10)
    return bytes(whole)


def laughs(letters: str = "utf-8") -> bytes:
    """An entity of ten entities of ten entities…"""
    more = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    text = f'<?xml version="1.0" encoding="{letters}"?><!DOCTYPE x [<!ENTITY l0 "lol">{more}]><x>&l9;</x>'
    return text.encode(letters)


def quadratic() -> bytes:
    return f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><x>{"&a;" * 100_000}</x>'.encode()


def main_part(content: bytes) -> bytes:
    return documents.docx(parts={"word/document.xml": content})


# Pictures


def much_text() -> bytes:
    """A small picture with 100 MB of compressed words."""
    said, into = PngImagePlugin.PngInfo(), io.BytesIO()
    said.add_text("a", "x" * (100 << 20), zip=True)
    Image.new("RGB", (900, 900)).save(into, "PNG", pnginfo=said)
    return into.getvalue()


def wide_gif() -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6) + b"\x2c" + struct.pack(
        "<HHHHB", 0, 0, 65535, 65535, 0
    ) + b"\x02\x02\x4c\x01\x00;"  # fmt: skip


# PDFs


def wall(side: int, bits: int) -> bytes:
    """A page with a picture of so many pixels each way, made of one byte."""

    def change(pdf: Pdf) -> None:
        size = {"Width": side, "Height": side, "BitsPerComponent": bits, "ColorSpace": Name.DeviceGray}
        picture = Stream(pdf, b"\0", Type=Name.XObject, Subtype=Name.Image, **size)
        pdf.pages[0].obj.Resources.XObject = Dictionary(I=picture)
        pdf.pages[0].contents_add(b"q 600 0 0 700 0 0 cm /I Do Q")

    return fixtures.pdf_with(change)


def drawings(levels: int = 10, each: int = 10, *, note: bool = False) -> bytes:
    """A drawing of ten drawings of ten drawings…, in a page or as what a note shows."""

    def change(pdf: Pdf) -> None:
        inner = fixtures.appearance(pdf, (612, 792), "0 0 1 1 re f")
        for _level in range(levels):
            outer = fixtures.appearance(pdf, (612, 792), "/F Do " * each)
            outer.Resources = Dictionary(XObject=Dictionary(F=inner))
            inner = outer
        if note:
            fixtures.annotate(pdf, Subtype=Name.Stamp, AP=Dictionary(N=inner), F=4)
        else:
            pdf.pages[0].obj.Resources.XObject = Dictionary(F=inner)
            pdf.pages[0].contents_add(b"/F Do")

    return fixtures.pdf_with(change)


def notes() -> bytes:
    """The same note, many times."""

    def change(pdf: Pdf) -> None:
        fixtures.annotate(pdf, Subtype=Name.Square, F=4)
        pdf.pages[0].obj.Annots = Array([pdf.pages[0].obj.Annots[0]] * MANY)

    return fixtures.pdf_with(change)


def page_tree() -> bytes:
    """Twenty times twenty times twenty… pages."""

    def change(pdf: Pdf) -> None:
        node = pdf.pages[0].obj
        for _level in range(6):
            node = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=10**9, Kids=Array([node] * 20)))
        pdf.Root.Pages = node

    return fixtures.pdf_with(change)


def arrays() -> bytes:
    """Arrays in arrays."""
    return fixtures.pdf().replace(b"/Type /Catalog", b"/Type /Catalog /A " + b"[" * MANY + b"]" * MANY)


def grown(size: int, *, twice: bool = False, embedded: bool = False) -> bytes:
    """`size` megabytes of blanks: what draws a page, or a file that is embedded."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * (1 << 20)) for _megabyte in range(size)) + packer.flush()
    filters = Array([Name.FlateDecode] * (1 + twice))
    with Pdf.open(io.BytesIO(fixtures.pdf())) as pdf:
        stream = pdf.make_indirect(Stream(pdf, zlib.compress(packed, 9) if twice else packed, Filter=filters))
        if embedded:
            stream.Type, pdf.Root["/Kept"] = Name.EmbeddedFile, stream
        else:
            pdf.pages[0].obj.Contents = stream
        as_it_is = pikepdf.StreamDecodeLevel.none
        return fixtures.saved(pdf, stream_decode_level=as_it_is, compress_streams=False)


BOMBS: dict[str, tuple[Callable[[], bytes], str, Reason]] = {
    "zips in zips in a docx": (zips_in_zips, "a.docx", Reason.TOO_COMPLEX),
    "docx, one large part": (one_large_part, "a.docx", Reason.TOO_COMPLEX),
    "docx, a part that lies": (a_part_that_lies, "a.docx", Reason.DAMAGED),
    "docx, billion laughs": (lambda: main_part(laughs()), "a.docx", Reason.TOO_COMPLEX),
    "docx, laughs in other letters": (lambda: main_part(laughs("utf-16")), "a.docx", Reason.TOO_COMPLEX),
    "docx, quadratic": (lambda: main_part(quadratic()), "a.docx", Reason.TOO_COMPLEX),
    "docx, deep": (lambda: documents.docx("<w:p>" * MANY + "</w:p>" * MANY), "a.docx", Reason.TOO_COMPLEX),
    "docx, wide": (lambda: documents.docx("<w:p/>" * 2 * MANY), "a.docx", Reason.TOO_LARGE),
    "docx, unfinished fields": (lambda: documents.docx("<w:fldChar " * 4 * MANY), "a.docx", Reason.DAMAGED),
    "odt, laughs in other letters": (
        lambda: documents.odt(parts={"content.xml": laughs("utf-16")}),
        "a.odt",
        Reason.TOO_COMPLEX,
    ),
    "rtf, fields": (lambda: documents.rtf(r"\fldinst" * MANY), "a.rtf", Reason.TOO_COMPLEX),
    "rtf, groups": (lambda: documents.rtf("{}" * 20 * MANY), "a.rtf", Reason.TOO_COMPLEX),
    "png, 400 megapixels": (fixtures.bomb_png, "a.png", Reason.TOO_LARGE),
    "png, words": (much_text, "a.png", Reason.DAMAGED),
    "gif, four thousand megapixels": (wide_gif, "a.gif", Reason.TOO_LARGE),
    "pdf, 900 megapixels": (lambda: wall(30_000, 8), "a.pdf", Reason.TOO_LARGE),
    "pdf, ten thousand megapixels": (lambda: wall(100_000, 1), "a.pdf", Reason.TOO_LARGE),
    "pdf, drawings in drawings": (drawings, "a.pdf", Reason.TOO_COMPLEX),
    "pdf, drawings in a note": (lambda: drawings(note=True), "a.pdf", Reason.TOO_COMPLEX),
    "pdf, notes": (notes, "a.pdf", Reason.TOO_COMPLEX),
    "pdf, pages": (page_tree, "a.pdf", Reason.DAMAGED),
    "pdf, arrays": (arrays, "a.pdf", Reason.DAMAGED),
    "pdf, a long drawing": (lambda: grown(200), "a.pdf", Reason.TOO_COMPLEX),
    "pdf, a file packed twice": (lambda: grown(600, twice=True, embedded=True), "a.pdf", Reason.TOO_COMPLEX),
}


@pytest.mark.parametrize(("make", "name", "reason"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_before_it_goes_off(
    gate: Callable[[bytes, str], tuple[str, int]], make: Callable[[], bytes], name: str, reason: Reason
) -> None:
    data = make()
    assert len(data) < 8 << 20
    outcome, memory = gate(data, name)
    assert outcome == reason
    assert memory < MEMORY


def test_a_large_picture_of_a_few_bytes_is_shown_within_bounds(gate: Callable[[bytes, str], tuple[str, int]]) -> None:
    outcome, memory = gate(wall(12_000, 4), "a.pdf")
    assert outcome == "ready"
    assert memory < MEMORY // 2


def test_a_document_of_too_many_things_is_too_complex(prepare: Prepare) -> None:
    def change(pdf: Pdf) -> None:
        pdf.Root["/Kept"] = Array([pdf.make_indirect(Dictionary(A=number)) for number in range(600)])

    with pytest.raises(Refused) as refused:
        prepare(fixtures.pdf_with(change), limits=Limits(objects=500))
    assert refused.value.reason is Reason.TOO_COMPLEX


def nested(pdf: Pdf) -> None:
    """Drawings in drawings as programs make them: a letterhead in a page in a page."""
    inner = fixtures.appearance(pdf, (612, 792), "0 0 50 50 re f")
    for _level in range(3):
        outer = fixtures.appearance(pdf, (612, 792), "/F Do")
        outer.Resources = Dictionary(XObject=Dictionary(F=inner))
        inner = outer
    pdf.pages[0].obj.Resources.XObject = Dictionary(F=inner)
    pdf.pages[0].contents_add(b"/F Do " * 100)


def test_what_programs_really_nest_is_no_bomb(prepare: Prepare) -> None:
    made: Prepared = prepare(fixtures.pdf_with(nested))
    assert made.warnings == set()
