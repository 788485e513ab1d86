"""Text documents as clients send them, made in code. Each says "Page one" unless it is given a body of its own."""

import io
import struct
import zipfile
from collections.abc import Mapping

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DOCX_SPACES = (
    f'xmlns:w="{_W}" xmlns:r="{_R}" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODT_SPACES = (
    f'xmlns:office="{_ODF}office:1.0" xmlns:text="{_ODF}text:1.0" xmlns:draw="{_ODF}drawing:1.0" '
    f'xmlns:svg="{_ODF}svg-compatible:1.0" xmlns:script="{_ODF}script:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    f'office:version="1.3"'
)


def paragraph(text: str = "Page one") -> str:
    """A paragraph of a DOCX."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(
    body: str = paragraph(),
    *,
    links: Mapping[str, tuple[str, str]] | None = None,
    parts: Mapping[str, bytes] | None = None,
    main: str = _MAIN,
) -> bytes:
    """A Word document. `links`: an id, the kind of relationship, and its target, outside; `parts` are put beside."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="png" ContentType="image/png"/><Default Extension="bin" ContentType="application/x"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    inside = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": _relations({"d": (f"{_R}/officeDocument", "word/document.xml")}, outside=False),
        "word/_rels/document.xml.rels": _relations(links or {}, outside=True),
        "word/document.xml": f"<w:document {_DOCX_SPACES}><w:body>{body}</w:body></w:document>".encode(),
    }
    return zipped(inside | dict(parts or {}))


def odt(
    body: str = "<text:p>Page one</text:p>", *, parts: Mapping[str, bytes] | None = None, locked: str = ""
) -> bytes:
    """An OpenDocument text; `locked` is put into the entry of its list of parts that says how it is encrypted."""
    mime = "application/vnd.oasis.opendocument.text"
    listed = f'<m:file-entry m:full-path="/" m:media-type="{mime}"/><m:file-entry m:full-path="content.xml">{locked}'
    content = f"<office:document-content {_ODT_SPACES}><office:body><office:text>{body}</office:text></office:body>"
    inside = {
        "mimetype": mime.encode(),
        "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_ODF}manifest:1.0">{listed}</m:file-entry></m:manifest>'.encode(),
        "content.xml": f"{content}</office:document-content>".encode(),
    }
    return zipped(inside | dict(parts or {}))


def rtf(body: str = "Page one") -> bytes:
    """A rich text."""
    return rb"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}\f0\fs24 " + body.encode("ascii") + b"\\par}"


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A zip of these parts, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def unzipped(archive: bytes) -> dict[str, bytes]:
    """What a zip has in it, by name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        return {name: file.read(name) for name in file.namelist()}


def compound(*names: str, flags: int = 0) -> bytes:
    """Microsoft's compound file with these streams; one called WordDocument begins as Word's does, with these flags."""
    size, streams = 4096, len(names)
    directory = [_cfb_entry("Root Entry", 5, child=1)]
    directory += [
        _cfb_entry(n, 2, right=i + 1 if i < streams else -1, start=2 + 8 * (i - 1)) for i, n in enumerate(names, 1)
    ]
    pages = -(-len(directory) // 4)
    table = [0xFFFFFFFD, 0xFFFFFFFF]  # sector 0 is the table itself, 1 is unused
    for _ in names:
        table += [len(table) + place for place in range(1, 8)] + [0xFFFFFFFE]
    table += [len(table) + place for place in range(1, pages)] + [0xFFFFFFFE]
    first_directory = 2 + 8 * streams
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, first_directory, 0, size, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header += b"\xff" * (512 - len(header))
    text = struct.pack("<HH6xH", 0xA5EC, 0xC1, flags).ljust(size, b"\0")
    body = b"".join(text if name == "WordDocument" else bytes(size) for name in names)
    words = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    return header + words + bytes(512) + body + b"".join(directory).ljust(512 * pages, b"\0")


def _cfb_entry(name: str, kind: int, *, right: int = -1, child: int = -1, start: int = 0) -> bytes:
    letters = name.encode("utf-16-le") + b"\0\0"
    head = letters.ljust(64, b"\0") + struct.pack("<HBB", len(letters), kind, 1)
    return head + struct.pack("<iii36xIQ", -1, right, child, start, 4096 if kind == 2 else 0)


def _relations(links: Mapping[str, tuple[str, str]], *, outside: bool) -> bytes:
    mode = ' TargetMode="External"' if outside else ""
    rows = "".join(
        f'<Relationship Id="{name}" Type="{kind if "/" in kind else f"{_R}/{kind}"}" Target="{target}"{mode}/>'
        for name, (kind, target) in links.items()
    )
    return f'<Relationships xmlns="{_RELS}">{rows}</Relationships>'.encode()
