"""Files with other files inside: every function takes what is to be hidden and returns the bytes of what hides it."""

import base64
import io
import struct
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from tests import documents, fixtures

Hide = Callable[[bytes], bytes]


# In PDFs


def attached(content: bytes, name: str = "note.txt") -> bytes:
    """In a PDF's list of attachments, as pikepdf writes it: clamd does not see it (Cisco-Talos/clamav#1773)."""
    return fixtures.pdf_with(lambda pdf: pdf.attachments.__setitem__(name, pikepdf.AttachedFileSpec(pdf, content)))


def pinned(content: bytes) -> bytes:
    """On a paper clip of a page, in no list."""

    def change(pdf: Pdf) -> None:
        file = Dictionary(Type=Name.Filespec, F=String("clip.bin"), EF=Dictionary(F=_unseen(pdf, content)))
        fixtures.annotate(pdf, Subtype=Name.FileAttachment, FS=file)

    return fixtures.pdf_with(change)


def stray(content: bytes) -> bytes:
    """An embedded file that nothing refers to as such."""
    return fixtures.pdf_with(lambda pdf: pdf.Root.__setitem__("/Kept", _unseen(pdf, content)))


def portfolio(content: bytes) -> bytes:
    """A PDF that is shown as a list of the files in it."""

    def change(pdf: Pdf) -> None:
        pdf.attachments["note.txt"] = pikepdf.AttachedFileSpec(pdf, content)
        pdf.Root.Collection = Dictionary(Type=Name.Collection, View=Name.D)

    return fixtures.pdf_with(change)


def twice(content: bytes) -> bytes:
    """Attached to a PDF that is attached to a PDF."""
    return attached(attached(content), "carta.pdf")


def without_pages(content: bytes) -> bytes:
    """Attached to a PDF that holds a file and no page, attached to a PDF."""
    inner = Pdf.new()
    inner.attachments["note.txt"] = pikepdf.AttachedFileSpec(inner, content)
    return attached(fixtures.saved(inner), "carta.pdf")


def restricted(content: bytes) -> bytes:
    """Attached to a PDF that opens without a password and is encrypted all the same."""
    with Pdf.open(io.BytesIO(attached(content))) as pdf:
        return fixtures.saved(pdf, encryption=pikepdf.Encryption(owner="owner", user=""), static_id=False)


def badly_summed(content: bytes) -> bytes:
    """Attached with a wrong checksum, which readers do not mind."""
    whole, checksum = stray(content), zlib.adler32(content).to_bytes(4)
    assert whole.count(checksum) == 1
    return whole.replace(checksum, b"oops")


def unreadable(content: bytes) -> bytes:
    """Attached, and what is compressed is none."""
    whole, packed = stray(content), zlib.compress(content)
    assert whole.count(packed) == 1
    return whole.replace(packed, b"\xff" * len(packed))


def stream(content: bytes) -> bytes:
    """In the stream that draws a page."""
    return fixtures.pdf_with(lambda pdf: pdf.pages[0].contents_add(b"% " + content))


def compressed_stream(content: bytes) -> bytes:
    """In a stream of a PDF that draws nothing, compressed twice."""

    def change(pdf: Pdf) -> None:
        packed = zlib.compress(zlib.compress(content))
        kept = Stream(pdf, packed, Filter=Array([Name.FlateDecode, Name.FlateDecode]))
        pdf.Root["/Kept"] = pdf.make_indirect(kept)

    return fixtures.pdf_with(change)


def after_the_pdf(content: bytes) -> bytes:
    """After a PDF's end."""
    return fixtures.pdf() + content


# In pictures


def comment(content: bytes) -> bytes:
    return fixtures.jpeg(comment=content)


def after_the_photo(content: bytes) -> bytes:
    """After a photo's end: it is also a zip."""
    return fixtures.jpeg() + zipped(content)


def photo_and_pdf(content: bytes) -> bytes:
    """A photo that is also a PDF, with something attached."""
    return fixtures.jpeg(comment=b"%PDF-1.7 ") + attached(content)


def after_the_heic(content: bytes) -> bytes:
    return fixtures.heic() + content


# In text documents


def docx_part(content: bytes, name: str = "word/embeddings/a.bin") -> bytes:
    return documents.docx(parts={name: content})


def docx_media(content: bytes) -> bytes:
    return docx_part(fixtures.png(64, 64) + content, "word/media/a.png")


def docx_package(content: bytes) -> bytes:
    """A file dropped into a letter, which shows as an icon."""
    return docx_part(compound({"\x01Ole10Native": packaged(content)}))


def docx_in_docx(content: bytes) -> bytes:
    return docx_part(docx_part(content), "word/embeddings/a.docx")


def odt_part(content: bytes) -> bytes:
    return documents.odt(parts={"Object 1": content})


def odt_picture(content: bytes) -> bytes:
    return documents.odt(parts={"Pictures/a.png": content})


def doc_package(content: bytes) -> bytes:
    """A file dropped into an old letter."""
    start = struct.pack("<HH6xH", 0xA5EC, 0xC1, 0)
    return compound({"WordDocument": start, "\x01Ole10Native": packaged(content)})


def rtf_package(content: bytes) -> bytes:
    return _rtf(_ole(b"Package", packaged(content)[4:]).hex())


def rtf_object(content: bytes) -> bytes:
    return _rtf(_ole(b"Acme", content).hex(" ", 16))


def rtf_disguised(content: bytes) -> bytes:
    """With something between the digits, as only malware writes it."""
    return _rtf("{\\*\\x}".join(f"{byte:02x}" for byte in _ole(b"Acme", content)))


def rtf_picture(content: bytes) -> bytes:
    return documents.rtf(r"Page one{\pict\pngblip %s}" % content.hex())


def rtf_as_it_is(content: bytes) -> bytes:
    return documents.rtf(r"Page one{\object{\*\objdata \bin%d %s}}" % (len(content), content.decode("ascii")))


# In what is no document


def zipped(content: bytes) -> bytes:
    return documents.zipped({"a.txt": content})


def encrypted_zip(content: bytes) -> bytes:
    """Marked as encrypted: nobody can look into it."""
    locked = bytearray(zipped(content))
    locked[6] |= 1
    locked[locked.rindex(b"PK\1\2") + 8] |= 1
    return bytes(locked)


def mail(content: bytes) -> bytes:
    head = b"From: a@example.test\r\nTo: b@example.test\r\nSubject: a\r\nMIME-Version: 1.0\r\n"
    kind = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + kind + base64.encodebytes(content)


def seven_zip(content: bytes) -> bytes:
    """Only its beginning is real: nothing of ours opens one."""
    return b"7z\xbc\xaf\x27\x1c\0\x04" + content


def rar(content: bytes) -> bytes:
    return b"Rar!\x1a\x07\x01\0" + content


# How OLE wraps things


def packaged(content: bytes) -> bytes:
    """The stream of a packed file: label, path, path again, then the file."""
    inner = struct.pack("<H", 2) + b"a.bin\0C:\\a.bin\0" + struct.pack("<HHI", 0, 3, 9) + b"C:\\a.bin\0"
    inner += struct.pack("<I", len(content)) + content
    return struct.pack("<I", len(inner)) + inner


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file with these streams, each in sectors of its own."""
    sectors, table, directory = [], [0xFFFFFFFD], [documents._cfb_entry("Root Entry", 5, child=1)]
    for number, (name, content) in enumerate(streams.items(), 1):
        room = max(4096, -(-len(content) // 512) * 512)
        entry = bytearray(documents._cfb_entry(name, 2, right=number + 1 if number < len(streams) else -1))
        struct.pack_into("<IQ", entry, 116, len(table), room)
        directory.append(bytes(entry))
        table += [*range(len(table) + 1, len(table) + room // 512), 0xFFFFFFFE]
        sectors.append(content.ljust(room, b"\0"))
    first = len(table)
    pages = -(-len(directory) // 4)
    table += [*range(first + 1, first + pages), 0xFFFFFFFE]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<10I", 0, 1, first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    words = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return head.ljust(512, b"\xff") + words + b"".join(sectors) + b"".join(directory).ljust(512 * pages, b"\0")


def _ole(kind: bytes, native: bytes) -> bytes:
    name = kind + b"\0"
    head = b"\1\5\0\0\2\0\0\0" + struct.pack("<I", len(name)) + name + bytes(8)
    return head + struct.pack("<I", len(native)) + native


def _rtf(digits: str) -> bytes:
    return documents.rtf(r"Page one{\object\objemb{\*\objclass Package}{\*\objdata %s}{\result b}}" % digits)


def _unseen(pdf: Pdf, content: bytes) -> Stream:
    """An embedded file that clamd does not see: what tells how it is compressed comes after a hexadecimal checksum."""
    made = pdf.make_stream(content)
    made.Type, made.Params = Name.EmbeddedFile, Dictionary(CheckSum=String(bytes(range(128, 144))))
    return made
