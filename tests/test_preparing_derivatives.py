"""What people look at, of every type we take: nothing of who, where and with what, and nothing that does anything."""

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Dictionary, Name, Pdf, String
from PIL import Image, PngImagePlugin

from accounts.models import User
from documents import vault
from documents.models import Document, Matter
from documents.preparing import Kind
from tests import documents, fixtures, photographs
from tests.conftest import made_ready

CANARY = b"amparo-canary"
LINK = "https://example.test/amparo-canary"
# Besides: what carries a place or a camera's name, runs, leads out, or holds a file.
NEVER = (
    *(CANARY, b"Exif", b"GPS", b"Phone m", b"http://ns.adobe.com", b"/JavaScript", b"/JS", b"/AA", b"/OpenAction"),
    *(b"/URI", b"/Launch", b"/GoToR", b"/SubmitForm", b"/EmbeddedFile", b"/EF", b"/Filespec", b"/Annot", b"/Metadata"),
    *(b"/Info", b"/AcroForm", b"/XFA", b"/RichMedia", b"LibreOffice"),
)


def exif() -> Image.Exif:
    """Where it was taken, with what, and words about it."""
    tags = fixtures.exif()
    tags[0x010E], tags[0x013B] = CANARY.decode(), CANARY.decode()
    return tags


def picture(decoder: str, **options: object) -> bytes:
    return fixtures.saved_picture(fixtures.quarters(900, 700), decoder, **options)


def png() -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", CANARY.decode())
    said.add_itxt("XML:com.adobe.xmp", f"http://ns.adobe.com {CANARY.decode()}", zip=True)
    return picture("PNG", exif=exif(), pnginfo=said)


def pdf() -> bytes:
    """A script, an action, a link, an attachment, a form, an author, and a photo with its place."""
    with Pdf.open(io.BytesIO(fixtures.photo_pdf(fixtures.jpeg(comment=CANARY)))) as made:
        script = Dictionary(S=Name.JavaScript, JS=String(f"app.alert('{CANARY.decode()}')"))
        made.Root.OpenAction = script
        made.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String(f"{CANARY.decode()}.exe")))
        fixtures.annotate(made, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String(LINK)))
        made.attachments["canary.txt"] = pikepdf.AttachedFileSpec(made, CANARY)
        made.Root.Metadata = made.make_stream(CANARY)
        made.docinfo = made.make_indirect(Dictionary(Author=String(CANARY.decode())))
        return fixtures.saved(made)


def docx() -> bytes:
    """A photo with its place, a link, an author, a comment and an embedded object."""
    size = '<wp:extent cx="3000000" cy="2000000"/><wp:docPr id="1" name="a"/>'
    form = '<a:xfrm><a:off x="0" y="0"/><a:ext cx="3000000" cy="2000000"/></a:xfrm><a:prstGeom prst="rect"/>'
    fill = '<pic:blipFill><a:blip r:embed="p"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    names = '<pic:nvPicPr><pic:cNvPr id="1" name="a"/><pic:cNvPicPr/></pic:nvPicPr>'
    uri = "http://schemas.openxmlformats.org/drawingml/2006/picture"
    graphic = f'<a:graphic><a:graphicData uri="{uri}"><pic:pic>{names}{fill}<pic:spPr>{form}</pic:spPr></pic:pic>'
    shown = f"<wp:inline>{size}{graphic}</a:graphicData></a:graphic></wp:inline>"
    body = (
        f'<w:p><w:r><w:drawing>{shown}</w:drawing></w:r></w:p><w:p><w:hyperlink r:id="l"><w:r><w:t>Page one</w:t></w:r>'
    )
    links = {"l": ("hyperlink", LINK)}
    parts = {
        "word/_rels/document.xml.rels": documents._relations(links, outside=True).replace(
            b"</Relationships>",
            b'<Relationship Id="p" Type="%s/image" Target="media/a.jpeg"/></Relationships>' % documents._R.encode(),
        ),
        "word/media/a.jpeg": picture("JPEG", exif=exif(), comment=CANARY),
        "word/embeddings/a.bin": CANARY,
        "docProps/core.xml": b'<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/core-pro'
        b'perties" xmlns:d="http://purl.org/dc/elements/1.1/"><d:creator>%s</d:creator></c:coreProperties>' % CANARY,
    }
    types = b'<Default Extension="jpeg" ContentType="image/jpeg"/>'
    return rewritten(documents.docx(f"{body}</w:hyperlink></w:p>", parts=parts), types)


def rewritten(document: bytes, types: bytes) -> bytes:
    """The same with one more content type."""
    from_zip = documents.unzipped(document)
    content = from_zip["[Content_Types].xml"].replace(b"<Override", types + b"<Override", 1)
    return documents.zipped({**from_zip, "[Content_Types].xml": content})


def odt() -> bytes:
    link = f'<text:p><text:a xlink:type="simple" xlink:href="{LINK}">Page one</text:a></text:p>'
    frame = '<draw:frame svg:width="6cm" svg:height="4cm" text:anchor-type="as-char">'
    photo = f'<text:p>{frame}<draw:image xlink:href="Pictures/a.jpeg" xlink:type="simple"/></draw:frame></text:p>'
    return documents.odt(link + photo, parts={"Pictures/a.jpeg": picture("JPEG", exif=exif(), comment=CANARY)})


def rtf() -> bytes:
    link = r'{\field{\*\fldinst HYPERLINK "%s"}{\fldrslt Page one}}' % LINK
    return documents.rtf(r"{\info{\author %s}}%s{\pict\jpegblip %s}" % (CANARY.decode(), link, photo_digits()))


def photo_digits() -> str:
    return picture("JPEG", exif=exif(), comment=CANARY).hex()


MAKE: dict[Kind, Callable[[], bytes]] = {
    Kind.PDF: pdf,
    Kind.JPEG: lambda: picture("JPEG", exif=exif(), comment=CANARY),
    Kind.PNG: png,
    Kind.HEIC: lambda: fixtures.saved_picture(fixtures.quarters(64, 48), "HEIF", exif=exif().tobytes(), quality=90),
    Kind.AVIF: lambda: picture("AVIF", exif=exif()),
    Kind.TIFF: lambda: picture("TIFF", exif=exif()),
    Kind.WEBP: lambda: picture("WEBP", exif=exif()),
    Kind.GIF: lambda: picture("GIF", comment=CANARY) + b"<script>" + CANARY,
    Kind.BMP: lambda: picture("BMP") + CANARY,
    Kind.PHOTOS: lambda: photographs.album([picture("JPEG", exif=exif(), comment=CANARY), png()]),
    Kind.DOCX: docx,
    Kind.ODT: odt,
    Kind.RTF: rtf,
    Kind.TXT: lambda: b"Page one, see www.example.test\n",
}


def test_every_type_that_we_take_is_here() -> None:
    assert {*MAKE, Kind.DOC} == set(Kind)


@pytest.fixture
def doc(tmp_path: Path) -> bytes:
    """The DOCX as the office program saves it in the old format; there is no sandbox here."""
    source = tmp_path / "a.docx"
    source.write_bytes(docx())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["/usr/lib/libreoffice/program/soffice.bin", "--headless", profile, "--convert-to", "doc"]
    command += ["--outdir", str(tmp_path), str(source)]
    if subprocess.run(command, check=False, capture_output=True).returncode == 81:  # it has made its profile
        subprocess.run(command, check=True, capture_output=True)
    return source.with_suffix(".doc").read_bytes()


def plain(document: Document) -> bytes:
    """Everything that is kept to be looked at: the pages, with their streams laid open, and their pictures."""
    under, into = bytes(document.matter.key), io.BytesIO()
    kept = b"".join(vault.chunks(vault.Area.VAULT, document.print_key, under=under))
    with pikepdf.open(io.BytesIO(kept)) as made:
        made.save(into, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    keys = document.page_set.values_list("preview_key", flat=True)
    previews = [chunk for key in keys for chunk in vault.chunks(vault.Area.VAULT, key, under=under)]
    return kept + into.getvalue() + b"".join(previews)


def tells(content: bytes, name: str, matter: Matter, maria: User) -> list[bytes]:
    """What its derivatives tell that they should not."""
    document = made_ready(content, name, matter, maria)
    assert (document.state, document.reason) == ("ready", "")
    found = plain(document)
    return [word for word in NEVER if word in found]


@pytest.mark.parametrize("kind", MAKE)
def test_what_people_look_at_tells_nothing_and_does_nothing(kind: Kind, matter: Matter, maria: User) -> None:
    assert tells(MAKE[kind](), f"carta.{kind}", matter, maria) == []


def test_nor_does_what_comes_of_an_old_document(doc: bytes, matter: Matter, maria: User) -> None:
    assert tells(doc, "carta.doc", matter, maria) == []


@pytest.mark.parametrize("kind", [kind for kind in MAKE if kind != Kind.TXT])
def test_the_canary_was_there(kind: Kind) -> None:
    source = MAKE[kind]()
    laid_open = b"".join(documents.unzipped(source).values()) if kind in (Kind.DOCX, Kind.ODT) else source
    assert CANARY in laid_open or CANARY.hex().encode() in laid_open


# Two things at once: what is served is made anew, whatever else the file is


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (fixtures.pdf() + documents.zipped({"a.txt": b"x"}), "carta.pdf"),
        (picture("GIF") + b"/*" + CANARY + b"*/=1;alert(1)", "foto.js"),
        (fixtures.jpeg(900, 700, comment=b"%PDF-1.7 1 0 obj") + fixtures.scripted_pdf(), "foto.pdf"),
        (fixtures.jpeg(900, 700, comment=b"<html><script>" + CANARY), "foto.html"),
        (fixtures.pdf() + b"<script>" + CANARY + b"</script>", "carta.html"),
    ],
    ids=["PDF and zip", "GIF and script", "photo and PDF", "photo and page", "PDF and page"],
)
def test_what_is_two_things_is_served_as_one_that_we_made(
    content: bytes, name: str, matter: Matter, maria: User
) -> None:
    assert tells(content, name, matter, maria) == []
