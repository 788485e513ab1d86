"""A copy of a document to be opened in its place: without comments, and with its fields as they were saved.

An office program fills some fields in anew each time: today's date, the file's name, what another file says. Evidence must
show what it showed when it was sent, on whatever day it is printed, and the same bytes must give the same pages. So such
fields are turned into others that show the result they were saved with. Comments are no part of the paper: they go first.
"""

import re
import zipfile
from pathlib import Path

from documents.preparing.words import Kind

_WORDS = (
    *("DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME", "FILENAME", "FILESIZE", "TEMPLATE", "REVNUM"),
    *("AUTHOR", "LASTSAVEDBY", "TITLE", "SUBJECT", "KEYWORDS", "COMMENTS", "INFO", "DOCPROPERTY"),
    *("USERNAME", "USERINITIALS", "USERADDRESS", "INCLUDETEXT", "INCLUDEPICTURE", "LINK", "DDE", "DDEAUTO", "IMPORT"),
)
NUMBERS = {*range(14, 26), 29, 30, 31, 32, 45, 46, 55, 56, 60, 61, 62, 67, 68}  # the same, in a DOC ([MS-DOC] 2.9.90)
_VOLATILE = "|".join(_WORDS).encode()
# A DOCX writes a field as instructions, possibly in several pieces, between two marks; or in an attribute.
_FIELD = re.compile(rb"""<w:fldChar\b[^<>]*?w:fldCharType=["']begin["'].*?(?=<w:fldChar\b)""", re.DOTALL)
_INSTRUCTION = re.compile(rb"(<w:instrText\b[^<>]*>)([^<]*)(</w:instrText>)")
_SIMPLE = re.compile(rb"""(<w:fldSimple\b[^<>]*?w:instr=["']\s*)(?:%s)\b""" % _VOLATILE, re.IGNORECASE)
_NAMED = re.compile(rb"\s*(?:%s)\b" % _VOLATILE, re.IGNORECASE)
# (Few words between the two: else a row of the first would be searched to its end from each.)
_RTF = re.compile(rb"(\\fldinst(?:\\[a-z]+-?\d*+|[{}\s]++){0,60}+)(?:%s)\b" % _VOLATILE, re.IGNORECASE)
_COMMENT = re.compile(rb"<w:comment(?:Reference|RangeStart|RangeEnd)\b[^<>]*/>")
_RTF_COMMENT = re.compile(rb"(\{\\\*\\)annotation\b")
# An ODT has an element for each, with the result as its content.
_ELEMENTS = (
    rb"date|time|file-name|template-name|editing-duration|editing-cycles|print(?:ed-by|-date|-time)|"
    rb"modification-(?:date|time)|creation-(?:date|time)|creator|initial-creator|author-(?:name|initials)|sender-[a-z-]+"
)
_ODT = re.compile(rb"<text:(%s)(?:\s[^<>]*)?(?<!/)>([^<]*)</text:\1>" % _ELEMENTS)

_ODT_COMMENT = re.compile(
    rb"<office:annotation(?=[\s>])(?:[^<>]*/>|(?:(?!<office:annotation[\s>]).)*?</office:annotation>)", re.DOTALL
)


def freeze(source: Path, kind: Kind, to: Path) -> None:
    """Copies a DOCX, ODT or RTF to `to`, its volatile fields turned into what they showed."""
    if kind is Kind.RTF:
        to.write_bytes(_RTF_COMMENT.sub(rb"\1unknown", _RTF.sub(rb"\1QUOTE", source.read_bytes())))
        return
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.lower().endswith(".xml"):
                content = _frozen_odt(content) if kind is Kind.ODT else _frozen_docx(content)
            stored = zipfile.ZIP_STORED if part.filename == "mimetype" else zipfile.ZIP_DEFLATED
            new.writestr(zipfile.ZipInfo(part.filename), content, stored)


def _frozen_odt(content: bytes) -> bytes:
    return _ODT.sub(rb"\2", _ODT_COMMENT.sub(b"", content))


def _frozen_docx(content: bytes) -> bytes:
    return _FIELD.sub(_shows_result, _SIMPLE.sub(rb"\1QUOTE", _COMMENT.sub(b"", content)))


def _shows_result(field: re.Match[bytes]) -> bytes:
    """A field whose instruction is now QUOTE; it may be written in pieces, of which the others become empty."""
    if not _NAMED.match(b"".join(found[2] for found in _INSTRUCTION.finditer(field[0]))):
        return field[0]
    emptied = _INSTRUCTION.sub(rb"\1\3", field[0])
    return emptied.replace(b"</w:instrText>", b" QUOTE </w:instrText>", 1)
