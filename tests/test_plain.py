"""The plain form is read as qpdf reads it, and any other file not at all."""

import io
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf

from documents.packets.plain import Plain, Unsound, entries, opened, plainly
from documents.preparing import prepare
from tests.conftest import simple_pdf
from tests.fixtures import jpeg
from tests.test_bind_exact import DATA, VALUES, Value

PACKED = ObjectStreamMode.generate


def saved(pdf: Pdf, **how: object) -> bytes:
    to = io.BytesIO()
    pdf.save(to, **({"static_id": True, "object_stream_mode": ObjectStreamMode.disable} | how))
    return to.getvalue()


@pytest.fixture(scope="module")
def file() -> bytes:
    with Pdf.new() as pdf:
        for number in range(3):
            page = pdf.add_blank_page(page_size=(612, 792)).obj
            page.Contents = pdf.make_stream(b"BT ET %d" % number)
            page.Resources = Dictionary(Odd=Array([Name.A, pdf.make_indirect(Dictionary(Deep="x)(\\"))]))
        return saved(pdf, compress_streams=False)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    values: list[Value] = draw(st.lists(VALUES, max_size=4))
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(612, 792)).obj
        page.Resources = pdf.make_indirect(Dictionary(All=Array([value(pdf) for value in values])))
        page.Contents = pdf.make_stream(draw(DATA))
        return saved(pdf, compress_streams=draw(st.booleans()))


@given(data=files())
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_object_is_what_qpdf_finds(data: bytes) -> None:
    plain = Plain(data)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert [number for number, _ in plain.pages()] == [page.objgen[0] for page in pdf.pages]
        for number in range(1, len(pdf.objects) + 1):
            _is_same(data, plain, pdf, number)


def _is_same(data: bytes, plain: Plain, pdf: Pdf, number: int) -> None:
    theirs, ours = pdf.get_object(number, 0), plain.body(number)
    page = isinstance(theirs, pikepdf.Dictionary) and theirs.get("/Type") in (Name.Page, Name.Pages)
    assert (ours is None) == (theirs is None or page)
    if ours is None:
        return
    if isinstance(theirs, pikepdf.Stream):
        start, length = ours.stream or (0, -1)
        assert data[start : start + length] == theirs.read_raw_bytes()
        assert entries(ours.text) | {b"/Length": b"%d" % length} == entries(theirs.stream_dict.unparse())
    else:
        assert ours.stream is None
        alone = theirs.unparse(resolved=True) if isinstance(theirs, pikepdf.Object) else Array([theirs]).unparse()[2:-2]
        assert ours.text == alone


@given(change=st.tuples(st.integers(0, 2000), st.integers(0, 255)))
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_changed_file_is_read_or_unsound_and_nothing_else(file: bytes, change: tuple[int, int]) -> None:
    at, byte = change[0] % len(file), change[1]
    try:
        plain = Plain(file[:at] + bytes([byte]) + file[at + 1 :])
        for number, _ in plain.pages():
            plain.body(number)
        for number in range(20):
            plain.body(number)
    except Unsound:
        pass


@pytest.mark.parametrize(
    "how",
    [{"object_stream_mode": PACKED}, {"encryption": pikepdf.Encryption(owner="x")}, {"qdf": True}, {"linearize": True}],
    ids=["packed", "locked", "for people", "for the web"],
)
def test_a_file_in_any_other_form_is_unsound(file: bytes, how: dict[str, object]) -> None:
    with pikepdf.open(io.BytesIO(file)) as pdf, pytest.raises(Unsound):
        Plain(saved(pdf, **({"static_id": False} | how)))


def test_a_page_tree_that_leads_back_to_itself_is_unsound(file: bytes) -> None:
    assert b"/Kids [ 3 0 R" in file
    with pytest.raises(Unsound):
        [*Plain(file.replace(b"/Kids [ 3 0 R", b"/Kids [ 2 0 R")).pages()]


def test_a_stream_that_is_longer_than_it_says_is_unsound(file: bytes) -> None:
    assert b"/Length 7 >>" in file
    plain = Plain(file.replace(b"/Length 7 >>", b"/Length 6 >>"))
    with pytest.raises(Unsound):
        [plain.body(number) for number in range(12)]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"startxref\n0\n%%EOF\n"])
def test_what_is_no_file_is_unsound(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(Unsound), opened(tmp_path / "file"):
        pass


def test_qpdf_brings_a_packed_file_into_plain_form_and_leaves_its_streams_alone(file: bytes) -> None:
    with pikepdf.open(io.BytesIO(file)) as pdf:
        packed = saved(pdf, object_stream_mode=PACKED)
    with pikepdf.open(io.BytesIO(packed)) as before, pikepdf.open(io.BytesIO(plainly(packed))) as after:
        contents = [[page.obj.Contents.read_raw_bytes() for page in pdf.pages] for pdf in (before, after)]
    assert contents[0] == contents[1]
    assert len([*Plain(plainly(packed)).pages()]) == 3


@pytest.mark.parametrize("name", ["evidence.pdf", "evidence.jpg"])
def test_what_is_prepared_is_in_plain_form(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(simple_pdf(text="Hola") if name.endswith("pdf") else jpeg())
    (tmp_path / "made").mkdir()
    with opened(prepare(source, name, tmp_path / "made").pdf) as plain:
        assert len([*plain.pages()]) == 1
