"""A page in the packet is the page of its document, object by object and byte by byte, whatever is in it: by two readers
that had no part in it, pypdf and pdfium. And the proof notices a single byte.
"""

import dataclasses
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, String
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from documents.packets import prove
from documents.packets.bind import bind
from documents.packets.shape import Bound, CannotBind, Order, Source
from tests.prints import OPLA, Made, document, exhibit, order, paths

# What a reader of PDF that looks for words, and not for tokens, would stumble over.
TRAPS = [
    "5 0 R",
    "endstream\nendobj\n",
    ">>\nstream\n",
    "(",
    ")",
    "\\",
    "\r",
    "\n",
    "/Length 7",
    "<<",
    "ñ",
    "a b#",
    "%",
]
TEXTS = st.lists(st.sampled_from(TRAPS), max_size=4).map("".join)
DATA = st.lists(st.sampled_from([trap.encode() for trap in TRAPS] + [b"\0", b"\xff\xd8"]), max_size=6).map(b"".join)
Value = Callable[[Pdf], Any]


def _made(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    """Arrays, dictionaries and streams of values, some of them objects of their own."""
    items = st.lists(values, max_size=3)
    arrays = items.map(lambda each: lambda pdf: Array([value(pdf) for value in each]))
    maps = items.map(lambda each: lambda pdf: Dictionary({f"/K{at}": value(pdf) for at, value in enumerate(each)}))
    streams = st.tuples(DATA, maps).map(lambda pair: lambda pdf: pdf.make_stream(pair[0], pair[1](pdf)))
    alone = st.one_of(arrays, maps).map(lambda value: lambda pdf: pdf.make_indirect(value(pdf)))
    return st.one_of(arrays, maps, streams, alone)


PLAIN: st.SearchStrategy[Value] = st.one_of(
    st.one_of(st.integers(-9, 999), st.booleans()).map(lambda value: lambda _: value),
    TEXTS.map(lambda text: lambda _: String(text)),
    st.sampled_from(["/A", "/b c(#"]).map(lambda name: lambda _: Name(name)),
)
VALUES = st.recursive(PLAIN, _made, max_leaves=8)


@st.composite
def documents(draw: st.DrawFn) -> Callable[[Path, str], Made]:
    """Two pages with the same picture and a font, and resources of any kind below them."""
    odd, data = draw(VALUES), draw(DATA)
    group, compress, split = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))

    def write(folder: Path, name: str) -> Made:
        source, path = document(folder, name, 2, noise=300, split=split)
        with Pdf.open(path, allow_overwriting_input=True) as pdf:
            shared = pdf.make_indirect(Dictionary(Odd=odd(pdf), Data=pdf.make_stream(data)))
            for page in pdf.pages:
                page.obj.Resources.Extra = shared
                page.obj.Resources.Own = Array([odd(pdf)])
                if group:
                    page.obj.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB, Odd=odd(pdf))
            streams = pikepdf.ObjectStreamMode.disable if compress else pikepdf.ObjectStreamMode.disable
            pdf.save(path, static_id=True, compress_streams=compress, object_stream_mode=streams)
        return dataclasses.replace(source, print_sha256=hashlib.sha256(path.read_bytes()).hexdigest()), path

    return write


@given(kinds=st.lists(documents(), min_size=1, max_size=2))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_whatever_a_page_has_is_in_the_packet_unchanged(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[Callable[[Path, str], Made]]
) -> None:
    folder = tmp_path_factory.mktemp("exact")
    made = [write(folder, f"d{at}") for at, write in enumerate(kinds)]
    bound = bind(order(*(exhibit(each) for each in made)), paths(*made), OPLA, folder)
    packet, drawn = PdfReader(bound.parts[0].path), pypdfium2.PdfDocument(bound.parts[0].path)
    for row in (row for row in bound.ledger if row.document):
        path, at = paths(*made)[row.document], (row.source_page or 0) - 1
        assert _shown(packet.pages[row.part_page - 1]) == _page(PdfReader(path).pages[at])
        assert _picture(drawn[row.part_page - 1]) == _picture(pypdfium2.PdfDocument(path)[at])


def _shown(page: Any) -> tuple[object, ...]:
    """What the form of a packet's page is made of, as pypdf reads it."""
    form = page["/Resources"]["/XObject"]["/Page"]
    return form.get_data().strip(), _plain(form["/Resources"]), _plain(page.get("/Group"))


def _page(page: Any) -> tuple[object, ...]:
    contents = page["/Contents"]
    streams = [each.get_object() for each in contents] if isinstance(contents, ArrayObject) else [contents]
    data = b"\n".join(stream.get_data() for stream in streams)
    return data.strip(), _plain(page["/Resources"]), _plain(page.get("/Group"))


def _plain(thing: Any) -> object:
    """A value with all that it refers to; of a stream the raw bytes."""
    thing = thing.get_object() if hasattr(thing, "get_object") else thing
    if isinstance(thing, DictionaryObject):
        entries = {key: _plain(value) for key, value in thing.items() if key != "/Length"}
        return (entries, thing._data) if isinstance(thing, StreamObject) else entries
    return [_plain(each) for each in thing] if isinstance(thing, ArrayObject) else (type(thing).__name__, thing)


def _picture(page: pypdfium2.PdfPage) -> bytes:
    return page.render(scale=0.5).to_pil().crop((0, 0, 306, 370)).tobytes()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Order, dict[str, Path], Bound]:
    folder = tmp_path_factory.mktemp("forged")
    one = document(folder, "one", 2, noise=200_000)
    ordered = order(exhibit(one))
    return ordered, paths(one), bind(ordered, paths(one), OPLA, folder)


def _raw_pages(path: Path) -> list[bytes]:
    with pikepdf.open(path) as pdf:
        return [page.obj.Resources.XObject.Im.read_raw_bytes() for page in pdf.pages]


@pytest.mark.parametrize("at", [0, 70_000, -1], ids=["first", "middle", "last"])
def test_the_proof_notices_one_bit_of_one_picture(
    made: tuple[Order, dict[str, Path], Bound], tmp_path: Path, at: int
) -> None:
    ordered, files, bound = made
    picture = _raw_pages(files["one"])[1]
    changed = bytearray(picture)
    changed[at] ^= 1
    with pytest.raises(CannotBind, match="Page 2 of “Title of one” is not what stands on page"):
        _prove_forged(made, tmp_path, picture, bytes(changed))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        (b"/Helvetica", b"/Helvetics"),
        (b"/Width 200000", b"/Width 200001"),
        (b"/BBox [ 0 0 612 792 ]", b"/BBox [ 0 0 612 700 ]"),
        (b"/Im ", b"/In "),
        (b"/Page Do\n/Artifact", b"/Pagf Do\n/Artifact"),
    ],
)
def test_the_proof_notices_what_else_a_page_shows(
    made: tuple[Order, dict[str, Path], Bound], tmp_path: Path, was: bytes, now: bytes
) -> None:
    with pytest.raises(CannotBind, match="Page 1 of “Title of one” is not what stands on page"):
        _prove_forged(made, tmp_path, was, now)


def test_the_proof_notices_another_picture_of_the_same_document(
    made: tuple[Order, dict[str, Path], Bound], tmp_path: Path
) -> None:
    first, second = _raw_pages(made[1]["one"])
    with pytest.raises(CannotBind, match="Page 1 of “Title of one” is not what stands on page"):
        _prove_forged(made, tmp_path, first, second)


def test_the_proof_notices_that_two_pages_show_one_picture(
    made: tuple[Order, dict[str, Path], Bound], tmp_path: Path
) -> None:
    first, second = re.findall(rb"/Im \d+ 0 R", made[2].parts[0].path.read_bytes())
    with pytest.raises(CannotBind, match="Page 2 of “Title of one” is not what stands on page"):
        _prove_forged(made, tmp_path, second, first.ljust(len(second)))


def test_the_proof_notices_a_picture_that_is_only_its_description(
    made: tuple[Order, dict[str, Path], Bound], tmp_path: Path
) -> None:
    ordered, files, bound = made
    path = tmp_path / "forged.pdf"
    with pikepdf.open(bound.parts[0].path) as pdf:
        shown = next(page.obj.Resources.XObject["/Page"] for page in pdf.pages if "/Page" in page.obj.Resources.XObject)
        shown.Resources.XObject.Im = pdf.make_indirect(Dictionary(dict(shown.Resources.XObject.Im.stream_dict.items())))
        pdf.save(path, static_id=True)
    forged = dataclasses.replace(bound.parts[0], path=path, bytes=path.stat().st_size)
    with pytest.raises(CannotBind, match="Page 1 of “Title of one” is not what stands on page"):
        prove.prove(ordered, [forged], files)


def _prove_forged(made: tuple[Order, dict[str, Path], Bound], folder: Path, was: bytes, now: bytes) -> None:
    """Prove a packet in which some bytes were exchanged, wherever they stand."""
    ordered, files, bound = made
    whole = bound.parts[0].path.read_bytes()
    assert was in whole
    forged = dataclasses.replace(bound.parts[0], path=folder / "forged.pdf")
    forged.path.write_bytes(whole.replace(was, now))
    prove.prove(ordered, [forged], files)


def test_an_honest_packet_is_proved(made: tuple[Order, dict[str, Path], Bound]) -> None:
    ordered, files, bound = made
    prove.prove(ordered, list(bound.parts), files)


def test_a_stream_that_does_not_end_where_it_says_stops_the_packet(tmp_path: Path) -> None:
    source, path = document(tmp_path, "short", 1)
    with Pdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Contents = pdf.make_stream(b"BT ET" + b" " * 100)
        pdf.save(path, static_id=True, compress_streams=False)
    path.write_bytes(path.read_bytes().replace(b"/Length 105", b"/Length 102"))
    short: Source = dataclasses.replace(source, print_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(CannotBind, match="“Title of short” cannot be read: it is damaged"):
        bind(order(exhibit((short, path))), {"short": path}, OPLA, tmp_path)
