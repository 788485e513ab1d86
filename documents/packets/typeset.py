"""The pages the portal writes itself, through Typst: data goes in as JSON, never as source, and no clock comes out."""

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typst

from documents.packets.shape import CannotBind

TEMPLATES = Path(__file__).parent / "typst"
SUBSTITUTE = "□"
_MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_UNBROKEN = re.compile(r"[^\s\u200b]{32}(?=[^\s\u200b]{8})")


@dataclass(frozen=True, slots=True)
class Typeset:
    """Finished pages. `marks`: what the template measured, by name, in order; `unprintable`: characters that no pinned
    font has, each printed as □."""

    pdf: bytes
    marks: tuple[tuple[str, float], ...]
    unprintable: tuple[str, ...]

    def mark(self, name: str) -> int:
        """The first measure of this name. KeyError when the template made none."""
        return int(dict(reversed(self.marks))[name])


def typeset(template: str, data: dict[str, Any], *, tagged: bool = True) -> Typeset:
    """The template filled with `data` (JSON types), as tagged PDF that keeps the rules of PDF/UA-1.

    Those rules make Typst refuse text it has no glyph for, which is how nothing vanishes: such text is printed as □ and
    reported. Control characters and direction overrides are left out, long unbroken words may break.
    """
    data, unprintable = _printable(data), []
    while True:
        compiler = _compiler(template, data)
        try:
            made, warnings = compiler.compile_with_warnings(format="pdf", timestamp=0, pdf_standards="ua-1")
        except typst.TypstError as error:
            missing = _missing(error)
            data = _replaced(data, missing)
            unprintable += missing
            continue
        if warnings:
            raise CannotBind("The index could not be laid out: %(why)s.", why=warnings[0].message)
        if not tagged:
            made = compiler.compile(format="pdf", timestamp=0, pdf_tags=False)
        marks = json.loads(compiler.query("<mark>", field="value"))
        if not isinstance(made, bytes):
            raise TypeError("the typesetter gave something other than one PDF")
        return Typeset(made, tuple((name, value) for name, value in marks), tuple(unprintable))


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _compiler(template: str, data: dict[str, Any]) -> typst.Compiler:
    return typst.Compiler(
        TEMPLATES / template,
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
    )


def _missing(error: typst.TypstError) -> list[str]:
    """The texts without a glyph; any other complaint is a fault of the template and is raised again."""
    found = [_ESCAPED.sub(_unescape, text) for text in _MISSING.findall(error.diagnostic)]
    if not found or SUBSTITUTE in found:
        raise error
    return sorted(set(found), key=lambda text: (-len(text), text))


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2]


def _printable(value: Any) -> Any:
    return _each_text(value, _clean)


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():  # most of it: there is nothing to compose or to leave out
        return _UNBROKEN.sub(_may_break, text)
    composed = unicodedata.normalize("NFC", text.replace("\t", " "))
    visible = "".join(char for char in composed if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))
    return _UNBROKEN.sub(_may_break, visible)


def _may_break(run: re.Match[str]) -> str:
    return run[0] + "\u200b"


def _replaced(value: Any, missing: list[str]) -> Any:
    def substitute(text: str) -> str:
        for each in missing:
            text = text.replace(each, SUBSTITUTE)
        return text

    return _each_text(value, substitute)


def _each_text(value: Any, change: Any) -> Any:
    """The same JSON value with `change` applied to every text in it that is not a key."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(each, change) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(each, change) for each in value]
    return value
