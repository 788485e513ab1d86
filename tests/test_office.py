"""Preparing: text documents, through the office program in the sandbox, and plain text."""

import io
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator

import pikepdf
import pypdfium2
import pytest

from documents.preparing import Kind, Limits, Prepared, PreparingFailed, Reason, Warning_
from tests import documents, fixtures
from tests.looks import Prepare, ink, shown

pytest_plugins = ["tests.prepared"]
W = Warning_
SOFFICE = "/usr/lib/libreoffice/program/soffice.bin"
Refusal = Callable[..., Reason]


def words(made: Prepared) -> str:
    """All that the pages say, as a reader that is not ours finds it."""
    pages = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made.pdf))
    return " ".join(" ".join(pages).split())


@pytest.fixture(scope="session")
def saved_as(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes, str], bytes]:
    """A DOCX as the office program saves it in another format; it runs with no sandbox here."""
    folder = tmp_path_factory.mktemp("office")
    count = iter(range(100))

    def act(data: bytes, kind: str) -> bytes:
        source = folder / f"{next(count)}.docx"
        source.write_bytes(data)
        profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
        command = [SOFFICE, "--headless", profile, "--convert-to", kind, "--outdir", str(folder), str(source)]
        if subprocess.run(command, check=False, capture_output=True).returncode == 81:  # it has made its profile
            subprocess.run(command, check=True, capture_output=True)
        return source.with_suffix(f".{kind}").read_bytes()

    return act


@pytest.fixture
def document(saved_as: Callable[[bytes, str], bytes]) -> Callable[[str], bytes]:
    """A document of any accepted kind that says “Page one”."""

    def act(kind: str) -> bytes:
        if kind == "doc":
            return saved_as(documents.docx(documents.paragraph() + documents.paragraph("x" * 3000)), "doc")
        if kind == "txt":
            return b"Page one\r\n"
        return bytes(getattr(documents, kind)())

    return act


# What is accepted


@pytest.mark.parametrize("kind", ["docx", "doc", "odt", "rtf", "txt"])
def test_a_document_becomes_pages_that_say_what_it_says(
    prepare: Prepare, document: Callable[[str], bytes], kind: str
) -> None:
    made = prepare(document(kind), f"carta.{kind}")
    assert made.kind is Kind(kind)
    assert words(made).startswith("Page one")
    assert made.warnings == set()
    assert ink(shown(made))


def test_the_name_of_a_document_is_not_believed(prepare: Prepare) -> None:
    assert prepare(documents.odt(), "carta.pdf").kind is Kind.ODT
    assert prepare(documents.rtf(), "carta.doc").mime == "application/rtf"


@pytest.mark.parametrize("kind", ["docx", "odt", "rtf", "txt"])
def test_the_same_document_gives_the_same_bytes(prepare: Prepare, document: Callable[[str], bytes], kind: str) -> None:
    first, second = (prepare(document(kind), f"a.{kind}").pdf.read_bytes() for _ in range(2))
    assert first == second


def field(instruction: str, result: str, *, pieces: int = 1) -> str:
    """A field of a DOCX that was saved showing `result`; its instruction is written in pieces."""
    step = -(-len(instruction) // pieces)
    parts = [instruction[at : at + step] for at in range(0, len(instruction), step)]
    told = "".join(f'<w:r><w:instrText xml:space="preserve">{part}</w:instrText></w:r>' for part in parts)
    begin, middle, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    return f"<w:p>{begin}{told}{middle}<w:r><w:t>{result}</w:t></w:r>{end}</w:p>"


DATED = {
    "docx": documents.docx(
        field(' DATE \\@ "d MMMM yyyy" ', "1 March 2019")
        + field(" TIME ", "09:15", pieces=3)
        + field(" FILENAME \\p ", "C:/carta.docx")
        + '<w:p><w:fldSimple w:instr=" DATE "><w:r><w:t>2 March</w:t></w:r></w:fldSimple></w:p>'
    ),
    "odt": documents.odt(
        '<text:p><text:date text:date-value="2019-03-01">1 March 2019</text:date> <text:time>09:15</text:time> '
        "<text:file-name>C:/carta.docx</text:file-name> <text:date>2 March</text:date></text:p>"
    ),
    "rtf": documents.rtf(
        "".join(
            r"{\field{\*\fldinst {\rtlch\af0 %s }}{\fldrslt {%s}}} " % pair
            for pair in [
                ("DATE", "1 March 2019"),
                ("time", "09:15"),
                ("FILENAME", "C:/carta.docx"),
                ("DATE", "2 March"),
            ]
        )
    ),
}


@pytest.mark.parametrize("kind", DATED)
def test_a_date_stays_what_it_was_when_the_letter_was_saved(prepare: Prepare, kind: str) -> None:
    assert words(prepare(DATED[kind], f"a.{kind}")) == "1 March 2019 09:15 C:/carta.docx 2 March"


def test_a_date_in_an_old_document_stays_too(prepare: Prepare, saved_as: Callable[[bytes, str], bytes]) -> None:
    """The office program fills it in when it saves the DOC; the digits are then exchanged, as if it were years ago."""
    data = saved_as(documents.docx(field(' DATE \\@ "d MMMM yyyy" ', "x")), "doc")
    year = data.index("20".encode("utf-16-le") if b"2\x000\x002\x00" in data else b"20")
    wide = data[year + 1] == 0
    old = data[:year] + ("1999".encode("utf-16-le") if wide else b"1999") + data[year + (8 if wide else 4) :]
    assert "1999" in words(prepare(old, "a.doc"))


def test_page_numbers_are_still_counted(prepare: Prepare) -> None:
    pages = field(" PAGE ", "9") + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' + field(" PAGE ", "9")
    made = prepare(documents.docx(pages), "a.docx")
    assert (len(made.pages), words(made)) == (2, "1 2")


# What is left behind


def test_links_and_who_wrote_it_are_gone_and_not_worth_a_warning(prepare: Prepare) -> None:
    core = (
        b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>amparo-author</dc:creator></cp:coreProperties>'
    )
    link = '<w:p><w:hyperlink r:id="l"><w:r><w:t>Page one</w:t></w:r></w:hyperlink></w:p>'
    links = {"l": ("hyperlink", "https://example.test/amparo-link")}
    made = prepare(documents.docx(link, links=links, parts={"docProps/core.xml": core}), "a.docx")
    with pikepdf.open(made.pdf) as pdf:
        pdf.save(plain := io.BytesIO(), qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        assert set(pdf.Root.keys()) == {"/Type", "/Pages"}
    assert not [word for word in (b"amparo", b"/URI", b"LibreOffice", b"Annot") if word in plain.getvalue()]
    assert made.warnings == set()


def test_comments_stay_out_of_the_pages(prepare: Prepare) -> None:
    note = "<office:annotation><text:p>amparo-comment</text:p></office:annotation>"
    made = prepare(documents.odt(f"<text:p>Page one{note}</text:p>"), "a.odt")
    assert words(made) == "Page one"
    assert b"amparo" not in made.pdf.read_bytes()


def test_a_file_shown_as_an_icon_is_set_aside_and_said(prepare: Prepare) -> None:
    body = (
        documents.paragraph()
        + '<w:p><w:r><w:object><o:OLEObject Type="Embed" DrawAspect="Icon"/></w:object></w:r></w:p>'
    )
    assert prepare(documents.docx(body), "a.docx").warnings == {W.ATTACHMENTS_SET_ASIDE}


# Nothing is fetched


class Canary:
    """Listens on this machine, and counts who comes."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.hits = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.hits += 1
            caller.close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    bird = Canary()
    yield bird
    bird.close()


def linked_docx(address: str) -> bytes:
    """Refers to a picture, a template, a spreadsheet, and text that are elsewhere."""
    size = '<wp:extent cx="990000" cy="990000"/><wp:docPr id="1" name="a"/>'
    uri = "http://schemas.openxmlformats.org/drawingml/2006/picture"
    fill = '<pic:blipFill><a:blip r:link="p"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    form = '<a:xfrm><a:off x="0" y="0"/><a:ext cx="990000" cy="990000"/></a:xfrm><a:prstGeom prst="rect"/>'
    names = '<pic:nvPicPr><pic:cNvPr id="1" name="a"/><pic:cNvPicPr/></pic:nvPicPr>'
    picture = f'<a:graphicData uri="{uri}"><pic:pic>{names}{fill}<pic:spPr>{form}</pic:spPr></pic:pic></a:graphicData>'
    drawn = (
        f"<w:p><w:r><w:drawing><wp:inline>{size}<a:graphic>{picture}</a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    ole = '<o:OLEObject Type="Link" ProgID="Excel.Sheet.12" r:id="o" UpdateMode="Always"/>'
    sheet = f"<w:p><w:r><w:object>{ole}</w:object></w:r></w:p>"
    links = {"p": ("image", f"{address}/p.png"), "o": ("oleObject", f"{address}/o.xlsx")}
    links["t"] = ("attachedTemplate", f"{address}/t.dotx")
    fetched = field(f' INCLUDEPICTURE "{address}/i.png" \\d ', "x") + field(f' INCLUDETEXT "{address}/i.docx" ', "y")
    return documents.docx(documents.paragraph() + drawn + sheet + fetched, links=links)


def linked_odt(address: str) -> bytes:
    frame = '<draw:frame svg:width="3cm" svg:height="3cm" text:anchor-type="as-char">'
    link = f'xlink:href="{address}/a" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"'
    things = "".join(
        f"{frame}<draw:{kind} {link}/></draw:frame>" for kind in ("image", "object", "object-ole", "plugin")
    )
    section = f'<text:section text:name="s"><text:section-source {link}/><text:p>s</text:p></text:section>'
    return documents.odt(f"<text:p>Page one{things}</text:p>{section}")


def linked_rtf(address: str) -> bytes:
    picture = r'{\field{\*\fldinst { IMPORT "%s/p.png" \\d }}{\fldrslt x}}' % address
    ole = r"{\object\objautlink\objupdate{\*\objclass Excel.Sheet.12}{\*\objdata 01050000}{\result y}}"
    return documents.rtf(r"{\*\template %s/t.dot}Page one%s%s" % (address, picture, ole))


def test_the_canary_sings_without_the_sandbox(canary: Canary, saved_as: Callable[[bytes, str], bytes]) -> None:
    saved_as(linked_docx(canary.address), "pdf")
    assert canary.hits > 0


@pytest.mark.parametrize("kind", ["docx", "odt", "rtf", "doc"])
def test_nothing_a_document_refers_to_is_fetched(
    prepare: Prepare, canary: Canary, saved_as: Callable[[bytes, str], bytes], kind: str
) -> None:
    make = {"docx": linked_docx, "odt": linked_odt, "rtf": linked_rtf}
    data = make[kind](canary.address) if kind in make else saved_as(linked_docx(canary.address), kind)
    if kind in ("rtf", "doc"):  # the others are zips
        assert canary.address.encode() in data.replace(b"\0", b"")
    before = canary.hits
    assert words(prepare(data, f"a.{kind}")).startswith("Page one")
    assert canary.hits == before


# Refusals


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("kind", ["docx", "odt", "rtf", "doc"])
def test_a_document_cut_short_is_truncated(
    refusal: Refusal, document: Callable[[str], bytes], kind: str, share: float
) -> None:
    assert refusal(fixtures.cut(document(kind), share), f"a.{kind}") is Reason.TRUNCATED


LOCK = "<m:encryption-data/>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (documents.compound("EncryptionInfo", "EncryptedPackage"), Reason.LOCKED),
        (documents.compound("WordDocument", flags=0x100), Reason.LOCKED),
        (documents.odt(locked=LOCK), Reason.LOCKED),
        (documents.compound("WordDocument", "_VBA_PROJECT"), Reason.ACTIVE_CONTENT),
        (documents.docx(parts={"word/vbaProject.bin": b"x"}), Reason.ACTIVE_CONTENT),
        (documents.docx(main="application/vnd.ms-word.document.macroEnabled.main+xml"), Reason.ACTIVE_CONTENT),
        (documents.odt(parts={"Basic/Standard/Module1.xml": b"x"}), Reason.ACTIVE_CONTENT),
        (documents.odt(parts={"Scripts/python/a.py": b"x"}), Reason.ACTIVE_CONTENT),
        (
            documents.odt('<text:p><script:event-listener script:event-name="dom:load"/></text:p>'),
            Reason.ACTIVE_CONTENT,
        ),
        (documents.compound("Workbook"), Reason.WRONG_TYPE),
        (
            documents.docx(main="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
            Reason.WRONG_TYPE,
        ),
        (documents.zipped({"a.txt": b"x"}), Reason.WRONG_TYPE),
        (documents.zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), Reason.WRONG_TYPE),
        (documents.docx("<w:p>"), Reason.DAMAGED),
        (documents.docx(parts={"../../evil": b"x"}), Reason.DAMAGED),
        (documents.docx(parts={"WORD/document.xml": b"x"}), Reason.DAMAGED),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000, Reason.DAMAGED),
    ],
    ids=[
        *("docx locked", "doc locked", "odt locked", "doc macro", "docx macro", "docm", "odt basic", "odt python"),
        *("odt event", "xls", "xlsx", "zip", "ods", "broken xml", "path", "twice", "no directory"),
    ],
)
def test_a_document_that_cannot_be_taken_says_why(refusal: Refusal, data: bytes, reason: Reason) -> None:
    assert refusal(data, "a.doc") is reason


def test_a_part_that_is_not_what_its_checksum_says_is_damage(refusal: Refusal) -> None:
    data = bytearray(documents.docx(parts={"word/media/a.png": os.urandom(2000)}))
    data[data.index(b"word/media/a.png") + 500] ^= 1
    assert refusal(bytes(data), "a.docx") is Reason.DAMAGED


@pytest.mark.parametrize(
    ("parts", "limits", "reason"),
    [
        ({"word/a.xml": bytes(3 << 20)}, Limits(inflated=2 << 20), Reason.TOO_COMPLEX),
        ({"word/a.xml": bytes(3 << 20)}, Limits(part_bytes=2 << 20), Reason.TOO_COMPLEX),
        ({f"word/{n}.xml": b"" for n in range(60)}, Limits(parts=50), Reason.TOO_COMPLEX),
        ({"word/a.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]>"}, Limits(), Reason.TOO_COMPLEX),
        ({"word/media/a.png": fixtures.bomb_png(12_000)}, Limits(), Reason.TOO_LARGE),
    ],
    ids=["all parts", "one part", "number of parts", "entities", "pixels"],
)
def test_a_bomb_is_refused_before_it_goes_off(
    refusal: Refusal, parts: dict[str, bytes], limits: Limits, reason: Reason
) -> None:
    assert refusal(documents.docx(parts=parts), "a.docx", limits=limits) is reason


def test_too_many_pages_are_too_large(refusal: Refusal) -> None:
    assert refusal(b"\f".join([b"x"] * 6), "a.txt", limits=Limits(pages=5)) is Reason.TOO_LARGE


def test_a_document_that_takes_too_long_is_an_attempt(prepare: Prepare) -> None:
    with pytest.raises(PreparingFailed) as failed:
        prepare(documents.docx(), "a.docx", limits=Limits(seconds=0.4))
    assert failed.value.timed_out


# Plain text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_letters_it_was_written_in(prepare: Prepare, encoding: str) -> None:
    made = prepare("Señora Núñez — “sí”\r\n\tsegún {ley} \\a\n".encode(encoding), "carta.TXT")
    assert words(made) == "Señora Núñez — “sí” según {ley} \\a"


def test_other_alphabets_and_little_pictures_are_printed(prepare: Prepare) -> None:
    """Each in letters of its own font: an empty box would not be found as the character it stands for."""
    assert words(prepare("Мария 日本語 ❤ 😀".encode(), "chat.txt")) == "Мария 日本語 ❤ 😀"


def test_a_long_line_is_broken_and_not_cut(prepare: Prepare) -> None:
    assert words(prepare(b"x" * 500, "a.txt")).replace(" ", "") == "x" * 500


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (bytes(range(256)) * 9, "a.txt", Reason.WRONG_TYPE),
        (b"Page one\0\0", "a.txt", Reason.WRONG_TYPE),
        (b"<html><body>Page one</body></html>", "a.txt", Reason.WRONG_TYPE),
        (b"<?php system($_GET['c']); ?>", "a.txt", Reason.WRONG_TYPE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.txt", Reason.WRONG_TYPE),
        (b"#!/bin/sh\necho\n", "a.txt", Reason.WRONG_TYPE),
        (b"Page one", "carta", Reason.WRONG_TYPE),
        (b"Page one", "carta.log", Reason.WRONG_TYPE),
        ("Señora Núñe".encode() + b"\xc3", "a.txt", Reason.TRUNCATED),
        ("日本語の手紙です".encode("shift-jis"), "a.txt", Reason.TOO_COMPLEX),
        (b"x" * (9 << 20), "a.txt", Reason.TOO_LARGE),
    ],
    ids=["binary", "zeros", "html", "php", "svg", "script", "no name", "log", "cut", "unnamed letters", "long"],
)
def test_text_that_is_none_or_cannot_be_read_is_refused(
    refusal: Refusal, data: bytes, name: str, reason: Reason
) -> None:
    assert refusal(data, name) is reason
