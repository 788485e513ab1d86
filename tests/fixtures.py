"""Files as clients send them, made in code: every function returns the bytes of one file. Same call, same bytes."""

import io
import struct
from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image
from pillow_heif import register_heif_opener

register_heif_opener()

LETTER, A4 = (612.0, 792.0), (595.0, 842.0)
MARKER = b"amparo-marker-0123456789"  # an attachment whose way can be followed
RED, GREEN, BLUE, YELLOW = (230, 30, 30), (30, 200, 30), (30, 30, 230), (240, 220, 20)
_TO_STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


# Pictures. Their quarters are red, green, blue and yellow, read like a book, once they are upright.


def quarters(width: int = 800, height: int = 600) -> Image.Image:
    """The upright picture itself."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: how it was held, its name, and where it was."""
    tags = Image.Exif()
    tags[0x0112], tags[0x010F], tags[0x0110] = orientation, "Phone maker", "Phone model"
    tags.get_ifd(0x8825).update({1: "N", 2: (41.0, 52.0, 41.0), 3: "W", 4: (87.0, 37.0, 39.0)})
    return tags


def jpeg(
    width: int = 800, height: int = 600, *, orientation: int = 1, comment: bytes = b"", mode: str = "RGB"
) -> bytes:
    """A phone photo of `quarters`, held in one of the eight EXIF ways, with GPS."""
    image, turn = quarters(width, height).convert(mode), _TO_STORED[orientation]
    stored = image if turn is None else image.transpose(turn)
    return _saved(stored, "JPEG", exif=exif(orientation), comment=comment, quality=90)


def png(width: int = 800, height: int = 600, *, mode: str = "RGB") -> bytes:
    """A screenshot of `quarters` in any mode of PNG; those with alpha have a see-through right half."""
    if mode == "I;16":
        return _saved(Image.linear_gradient("L").convert("I").point(lambda v: v * 257 + 0).convert("I;16"), "PNG")
    image = quarters(width, height)
    if mode.endswith("A"):
        image.putalpha(Image.new("L", (width, height), 255))
        image.paste((0, 0, 0, 0), (width // 2, 0, width, height))
    return _saved(image.convert(mode), "PNG")


def heic(width: int = 64, height: int = 48) -> bytes:
    """A small HEIC photo with GPS (encoding a real one takes half a minute)."""
    return _saved(quarters(width, height), "HEIF", exif=exif().tobytes(), quality=90)


def picture(decoder: str, width: int = 800, height: int = 600, *, mode: str = "RGB", **options: object) -> bytes:
    """`quarters` as any of Pillow's formats: AVIF, TIFF, WEBP, GIF, BMP."""
    return _saved(quarters(width, height).convert(mode), decoder, **options)


def turned(orientation: int, width: int, height: int) -> Image.Image:
    """`quarters` as a phone stores it that was held this way."""
    turn = _TO_STORED[orientation]
    return quarters(width, height) if turn is None else quarters(width, height).transpose(turn)


def saved_picture(image: Image.Image, decoder: str, **options: object) -> bytes:
    """Any picture as a file."""
    return _saved(image, decoder, **options)


def tiff(*sizes: tuple[int, int], mode: str = "RGB", reduced: int = 0, **options: object) -> bytes:
    """A scan with one page of `quarters` for each size; the page numbered `reduced` says it is a smaller copy."""
    first, *more = [quarters(*size).convert(mode) for size in sizes or ((800, 600),)]
    if reduced:
        more[reduced - 2].encoderinfo = {"tiffinfo": {254: 1}}
    return _saved(first, "TIFF", save_all=True, append_images=more, **options)


def scan(mode: str, width: int = 800, height: int = 600) -> bytes:
    """A TIFF whose left half is light and whose right half is dark, in any mode of TIFF."""
    image = Image.new("L", (width, height), 230)
    image.paste(20, (width // 2, 0, width, height))
    if mode == "LAB":
        return _saved(Image.merge("LAB", (image, *[Image.new("L", image.size, 128)] * 2)), "TIFF")
    if mode in ("I;16", "I"):
        return _saved(image.convert("I").point(lambda value: value * 257 + 0).convert(mode), "TIFF")
    if mode == "F":
        return _saved(image.convert("F").point(lambda value: value / 255 + 0), "TIFF")
    return _saved(image.convert("RGB").convert(mode), "TIFF")


def film(decoder: str) -> bytes:
    """Moves: `quarters`, then black (GIF, WEBP, AVIF, PNG)."""
    return _saved(quarters(), decoder, save_all=True, append_images=[Image.new("RGB", (800, 600))], duration=100)


def photo_with_another(kind: str) -> bytes:
    """A JPEG with a second picture in it, which its list of pictures (CIPA DC-007) calls a panorama's, a preview, …"""
    numbers = {"panorama": 0x020001, "preview": 0x010001, "unknown": 0}
    data = _saved(quarters(), "MPO", save_all=True, append_images=[quarters(80, 60)])
    second = data.index(b"MPF\0") + 4 + 50 + 16  # the list is a TIFF directory, its entries of 16 bytes come after it
    return data[:second] + struct.pack("<I", numbers[kind]) + data[second + 4 :]


def bomb_png(side: int = 20_000) -> bytes:
    """A few hundred kilobytes that decode to `side`² pixels."""
    return _saved(Image.new("1", (side, side)), "PNG")


def cut(data: bytes, share: float = 0.6) -> bytes:
    """What arrives when the connection drops: the first `share` of a file."""
    return data[: int(len(data) * share)]


# PDFs. Each page says "Page N" near its visible top left, and has a line around its media box.


def pdf(
    pages: int = 1,
    *,
    size: tuple[float, float] = LETTER,
    rotate: int = 0,
    unit: float = 1,
    origin: tuple[float, float] = (0, 0),
    crop: tuple[float, float, float, float] | None = None,
    words: str = "",
    blank: tuple[int, ...] = (),
    framed: bool = True,
) -> bytes:
    """A text document. `blank` names 1-based pages with nothing on them; without `framed` the bottom band is empty."""
    document = Pdf.new()
    for number in range(1, pages + 1):
        page = add_page(document, size, f"Page {number} {words}".strip(), origin, framed=framed, empty=number in blank)
        page.obj.Rotate = rotate
        if unit != 1:
            page.obj.UserUnit = unit
        if crop:
            page.obj.CropBox = Array(crop)
    return saved(document)


def add_page(
    document: Pdf,
    size: tuple[float, float] = LETTER,
    text: str = "Page 1",
    origin: tuple[float, float] = (0, 0),
    *,
    framed: bool = True,
    empty: bool = False,
) -> pikepdf.Page:
    """One page with `text` in 18 points near its top left corner."""
    (width, height), (x, y) = size, origin
    page = document.add_blank_page(page_size=size)
    page.obj.MediaBox = Array([x, y, x + width, y + height])
    page.obj.Resources = Dictionary(Font=Dictionary(F=_helvetica()))
    frame = f"1 0 0 RG 6 w {x + 5} {y + 5} {width - 10} {height - 10} re S" if framed else ""
    drawn = f"{frame} BT /F 18 Tf {x + 40} {y + height - 60} Td ({text}) Tj ET"
    page.obj.Contents = document.make_stream(b"" if empty else drawn.encode())
    return page


def saved(document: Pdf, **options: object) -> bytes:
    """A document's bytes, the same each time."""
    buffer = io.BytesIO()
    document.save(buffer, **({"static_id": True} | options))  # type: ignore[arg-type]  # options are save's own
    return buffer.getvalue()


def pdf_with(change: Callable[[Pdf], None], pages: int = 1, *, framed: bool = False) -> bytes:
    """A text document after `change` was made to it."""
    document = Pdf.open(io.BytesIO(pdf(pages, framed=framed)))
    change(document)
    return saved(document)


def locked_pdf(password: str = "opensesame") -> bytes:
    """Needs `password` to be opened."""
    return saved(_plain(), encryption=pikepdf.Encryption(owner=password, user=password), static_id=False)


def restricted_pdf() -> bytes:
    """Opens without a password and forbids printing and copying."""
    forbidden = pikepdf.Permissions(extract=False, print_lowres=False, print_highres=False)
    return saved(_plain(), encryption=pikepdf.Encryption(owner="owner", user="", allow=forbidden), static_id=False)


def attached_pdf(content: bytes = MARKER, name: str = "note.txt") -> bytes:
    """Carries a file in its list of attachments."""
    return pdf_with(lambda document: document.attachments.__setitem__(name, content))


def pinned_pdf(content: bytes = MARKER) -> bytes:
    """Carries a file on a paper-clip annotation, where pikepdf's list of attachments does not look."""

    def change(document: Pdf) -> None:
        file = _filespec(document, content)
        annotate(document, Subtype=Name.FileAttachment, FS=file, Contents=String("clip"))

    return pdf_with(change)


def scripted_pdf() -> bytes:
    """Would run a script when opened, has another by name, starts a program, and links to an address."""

    def change(document: Pdf) -> None:
        script = Dictionary(S=Name.JavaScript, JS=String("app.alert('amparo-script')"))
        document.Root.OpenAction = script
        document.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
        document.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("calc.exe")))
        annotate(document, Subtype=Name.Link, A=Dictionary(S=Name.URI, URI=String("https://example.test/amparo-link")))
        document.Root.Metadata = document.make_stream(b"<x>amparo-metadata</x>")
        document.docinfo = document.make_indirect(Dictionary(Author=String("amparo-author")))

    return pdf_with(change)


def form_pdf(value: str = "Maria", *, drawn: bool = False) -> bytes:
    """Has a text field filled with `value`; unless `drawn` the file leaves drawing it to the viewer."""

    def change(document: Pdf) -> None:
        field = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("name"),
            V=String(value),
            DA=String("/F 24 Tf 0 g"),
            Rect=Array([100, 400, 400, 440]),
            F=4,
        )
        if drawn:
            field.AP = Dictionary(N=appearance(document, (300, 40), "0 g 5 5 290 30 re f"))
        widget = document.make_indirect(field)
        document.pages[0].obj.Annots = Array([widget])
        fonts = Dictionary(Font=Dictionary(F=_helvetica()))
        document.Root.AcroForm = Dictionary(Fields=Array([widget]), DR=fonts, DA=String("/F 24 Tf 0 g"))
        document.Root.AcroForm.NeedAppearances = not drawn

    return pdf_with(change)


def stamped_pdf(flags: int = 4) -> bytes:
    """Has a black stamp on it with these annotation flags: 4 prints, 0 shows on screen only, 2 is hidden."""

    def change(document: Pdf) -> None:
        look = Dictionary(N=appearance(document, (200, 100), "0 g 0 0 200 100 re f"))
        annotate(document, Subtype=Name.Stamp, AP=look, F=flags)

    return pdf_with(change)


def marked_pdf(kind: str) -> bytes:
    """Has a mark of this annotation subtype, and leaves drawing it to the viewer."""

    def change(document: Pdf) -> None:
        corners = Array([100, 500, 300, 500, 100, 400, 300, 400])
        strokes = Array([Array([100, 400, 200, 500, 300, 400])])
        annotate(document, Subtype=Name(kind), QuadPoints=corners, InkList=strokes, C=Array([1, 0, 0]), F=4)

    return pdf_with(change)


def layered_pdf(*, shown: bool) -> bytes:
    """Has a black square in a layer that is on or off when the file is opened."""

    def change(document: Pdf) -> None:
        layer = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("layer")))
        off = Array([] if shown else [layer])
        document.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(OFF=off))
        page = document.pages[0]
        page.obj.Resources.Properties = Dictionary(L=layer)
        page.contents_add(b"/OC /L BDC 0 g 100 400 200 100 re f EMC")

    return pdf_with(change)


def photo_pdf(photo: bytes | None = None) -> bytes:
    """A scan the way phone apps make one: a JPEG in a page, EXIF and GPS included."""
    data = photo or jpeg()
    document = Pdf.new()
    page = document.add_blank_page(page_size=LETTER)
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
    entries = {"Type": Name.XObject, "Subtype": Name.Image, "Width": width, "Height": height, "BitsPerComponent": 8}
    picture = Stream(document, data, **entries, ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode)
    page.obj.Resources = Dictionary(XObject=Dictionary(I=picture))
    page.obj.Contents = document.make_stream(b"q 400 0 0 300 100 300 cm /I Do Q")
    return saved(document)


def annotate(document: Pdf, **entries: Any) -> None:
    """Puts an annotation at (100, 400) to (300, 500) of the first page."""
    note = Dictionary(Type=Name.Annot, Rect=Array([100, 400, 300, 500]), **entries)
    page = document.pages[0].obj
    page.Annots = Array([*page.get("/Annots", []), document.make_indirect(note)])


def appearance(document: Pdf, size: tuple[int, int], drawing: str) -> Stream:
    """A drawing of this size that an annotation can show."""
    form = document.make_stream(drawing.encode())
    form.Type, form.Subtype, form.BBox = Name.XObject, Name.Form, Array([0, 0, *size])
    return form


def _filespec(document: Pdf, content: bytes) -> Dictionary:
    stream = document.make_stream(content)
    stream.Type = Name.EmbeddedFile
    return Dictionary(Type=Name.Filespec, F=String("clip.bin"), EF=Dictionary(F=stream))


def _helvetica() -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def _plain() -> Pdf:
    return Pdf.open(io.BytesIO(pdf(2)))


def _saved(image: Image.Image, decoder: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, decoder, **options)
    return buffer.getvalue()
