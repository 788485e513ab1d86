"""DOCX and ODT: documents that are zips. What they are, and whether they may be opened, before anything is inflated.

The two are ECMA-376 part 2 and OASIS ODF 1.3 part 2. Sizes and numbers come from the zip's own directory; then every
part is inflated once, in pieces, so that a directory that lies is found out here.
"""

import mmap
import re
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from xml.parsers import expat

from PIL import Image

from documents.preparing.words import Job, Kind, Limits, Reason, Refused, Warning_

_END, _END_SIZE, _COMMENT = b"PK\x05\x06", 22, 0xFFFF
_DIRECTORY_BYTES = 4 << 20
_TYPES, _MIMETYPE, _MANIFEST = "[Content_Types].xml", "mimetype", "META-INF/manifest.xml"
_WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_WORD_WITH_MACROS = b"application/vnd.ms-word.document.macroEnabled.main+xml"
_OPEN_TEXT = b"application/vnd.oasis.opendocument.text"
_SIGNS = (b"word/", b"mimetypeapplication/vnd.oasis.opendocument.text")  # of the two in a zip that has lost its end
_MACROS = re.compile(r"(.*/)?vbaProject\.bin|Basic/(?!(.*/)?script-l[bc]\.xml$).+\.xml|Scripts/.+[^/]", re.IGNORECASE)
_RUNS = b"script:event-listener"
_ICON = re.compile(rb"""DrawAspect=["']Icon["']""")
_PICTURES = ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]
_PICTURE_NAME = re.compile(r".*\.(png|jpe?g|gif|bmp|dib|tiff?|webp)", re.IGNORECASE)
_MORE_PIXELS = 10  # all pictures together: so many times the pixels that one may have
_MOST_ELEMENTS, _DEEPEST = 2_000_000, 250  # a table in a table in a table takes 12
_PARAGRAPHS, _PARAGRAPHS_A_PAGE = {"w:p", "text:p", "text:h"}, 60
_PIECE, _OVERLAP = 1 << 20, 64
ENCRYPTED = 1  # of a part's flags
_LINK = 0xA000  # the kind of file in the upper half of a zip's attributes (stat.h)


def kind_of(job: Job, head: bytes) -> Kind | None:
    """DOCX or ODT; None for any other zip. Refused where it certainly is one that cannot be taken."""
    if not _has_end(job.source):
        if job.suffix in (".docx", ".odt") or any(sign in head for sign in _SIGNS):
            raise Refused(Reason.TRUNCATED, "Its list of parts, which comes last, is not there.")
        return None
    with zipfile.ZipFile(job.source) as file:
        names = file.namelist()
        types = _start(file, _TYPES) if _TYPES in names else b""
        if _WORD_WITH_MACROS in types:
            raise Refused(Reason.ACTIVE_CONTENT, "It is a document made to hold macros.")
        if _WORD in types:
            return Kind.DOCX
        return Kind.ODT if _MIMETYPE in names and _start(file, _MIMETYPE).strip() == _OPEN_TEXT else None


def demand_harmless(job: Job) -> set[Warning_]:
    """Refuses macros, locks, and what is too much to open; tells what will not be in print."""
    with zipfile.ZipFile(job.source) as file:
        parts = file.infolist()
        demand_bounds(parts, job.limits)
        if any(_MACROS.fullmatch(part.filename) for part in parts):
            raise Refused(Reason.ACTIVE_CONTENT, "It has macros.")
        if any(part.flag_bits & ENCRYPTED for part in parts):
            raise Refused(Reason.LOCKED, "Its parts are encrypted.")
        _demand_sane_names(parts)
        warnings: set[Warning_] = set()
        shape = _Shape(job.limits)
        for part in parts:
            warnings |= _look_through(file, part, shape)
        _demand_small_pictures(file, parts, job.limits.pixels)
        return warnings


def _has_end(source: Path) -> bool:
    """Whether the zip's last record is there. Refused(TOO_COMPLEX) where it promises a directory beyond all reason."""
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.rfind(_END, max(0, len(data) - _END_SIZE - _COMMENT))
        if at < 0 or at + _END_SIZE > len(data):
            return False
        if int.from_bytes(data[at + 12 : at + 16], "little") > _DIRECTORY_BYTES:
            raise Refused(Reason.TOO_COMPLEX, "Its list of parts is larger than any document's.")
        return True


def _start(file: zipfile.ZipFile, name: str) -> bytes:
    with file.open(name) as part:
        return part.read(_PIECE)


def demand_bounds(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    """By what the directory says. Refused(TOO_COMPLEX)."""
    if len(parts) > limits.parts:
        raise Refused(Reason.TOO_COMPLEX, f"It has {len(parts)} parts.")
    sizes = [part.file_size for part in parts]
    if sum(sizes) > limits.inflated or max(sizes, default=0) > limits.part_bytes:
        raise Refused(Reason.TOO_COMPLEX, f"It would grow to {sum(sizes)} bytes.")


def _demand_sane_names(parts: list[zipfile.ZipInfo]) -> None:
    """No part twice, none outside, no links: two readers could take the file for two different documents."""
    names = [part.filename.lower() for part in parts]
    outside = [name for name in names if name.startswith("/") or ".." in name.split("/") or "\\" in name]
    links = [part for part in parts if (part.external_attr >> 16) & 0xF000 == _LINK]
    if len(set(names)) < len(names) or outside or links:
        raise Refused(Reason.DAMAGED, "Its list of parts makes no sense.")


def _look_through(file: zipfile.ZipFile, part: zipfile.ZipInfo, shape: "_Shape") -> set[Warning_]:
    """Inflates one part to its end, which proves it whole, and looks for what may not be in it."""
    warnings: set[Warning_] = set()
    is_xml = part.filename.lower().endswith((".xml", ".rels"))
    read_on = shape.reader() if is_xml else None
    with file.open(part) as content:
        piece = b""
        while more := content.read(_PIECE):
            piece = piece[-_OVERLAP:] + more
            if read_on is None:
                continue
            _demand_harmless_words(part.filename, piece)
            read_on(more)
            if _ICON.search(piece):
                warnings.add(Warning_.ATTACHMENTS_SET_ASIDE)
    return warnings


def _demand_harmless_words(name: str, piece: bytes) -> None:
    if b"<!ENTITY" in piece:  # also where it is no XML and another reader may be more patient
        _refuse_entity()
    if name == _MANIFEST and b"encryption-data" in piece:
        raise Refused(Reason.LOCKED, "A password is needed to open it.")
    if _RUNS in piece:
        raise Refused(Reason.ACTIVE_CONTENT, "It runs scripts when something happens to it.")


class _Shape:
    """Counts the elements of all parts: how many, how deep, how many that begin a page. Bombs are small when zipped."""

    def __init__(self, limits: Limits) -> None:
        self._pages = limits.pages
        self._elements = self._paragraphs = self._breaks = self._depth = 0

    def reader(self) -> Callable[[bytes], None]:
        """Takes one part in pieces. What is no XML is not refused here: the office program decides what it needs."""
        self._depth = 0
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.EntityDeclHandler = _refuse_entity
        return partial(_parse, parser)

    def _start(self, name: str, values: dict[str, str]) -> None:
        self._elements += 1
        self._depth += 1
        self._paragraphs += name in _PARAGRAPHS
        if self._elements > _MOST_ELEMENTS or self._depth > _DEEPEST:
            raise Refused(Reason.TOO_COMPLEX, "It has more elements, or deeper ones, than any document.")
        if self._paragraphs > _PARAGRAPHS_A_PAGE * self._pages:
            raise Refused(Reason.TOO_LARGE, f"It has more paragraphs than {self._pages} pages have.")
        if name == "w:br" and values.get("w:type") == "page":
            self._breaks += 1
            if self._breaks >= self._pages:
                raise Refused(Reason.TOO_LARGE, f"It has more than {self._pages} pages.")

    def _end(self, _name: str) -> None:
        self._depth -= 1


def _refuse_entity(*_declared: object) -> None:
    """In whatever letters it is written: it is how a few bytes become millions."""
    raise Refused(Reason.TOO_COMPLEX, "A part of it defines entities of its own.")


def _parse(parser: expat.XMLParserType, piece: bytes) -> None:
    try:
        parser.Parse(piece)
    except expat.ExpatError:
        parser.StartElementHandler = None


def _demand_small_pictures(file: zipfile.ZipFile, parts: list[zipfile.ZipInfo], most: int) -> None:
    """By the pictures' headers alone: those who open the document will decode them all."""
    total = 0
    for part in parts:
        if _PICTURE_NAME.fullmatch(part.filename):
            size = _pixels(file, part)
            total += size
            if size > most or total > _MORE_PIXELS * most:
                raise Refused(Reason.TOO_LARGE, "The pictures in it have too many pixels.")


def _pixels(file: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """0 where it is no picture that this decoder knows: then it is none for anybody, and shows nothing."""
    try:
        with file.open(part) as content, Image.open(content, formats=_PICTURES) as image:
            return image.width * image.height
    except (OSError, SyntaxError, ValueError, EOFError):
        return 0
