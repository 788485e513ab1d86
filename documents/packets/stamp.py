"""What is printed on every page: the matter on the left, the page number on the right, in the clear half inch below."""

import io
import re
from dataclasses import dataclass

import pikepdf

from documents.packets.partfile import PartFile, Placed, renumbered
from documents.packets.plain import Objects, Plain, entries, plainly, refs_of
from documents.packets.printready import Leaf, leaf_of
from documents.packets.shape import Order
from documents.packets.typeset import Typeset, typeset

SIZE = 11.0  # points, of the number
BASELINE = 19.0  # points above the lower edge
LEFT, RIGHT = 36.0, 576.0  # points: the line begins, the number ends
FIGURES = "0123456789"
_PAIR = re.compile(rb"<([0-9A-Fa-f]+)> <([0-9A-Fa-f]+)>")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp ready to be used in one part: the numbers of its objects there, and how its digits are written.

    `codes`: the two bytes of each character in the font; `widths`: of each in points; `line`: the width of the line.
    """

    line_form: int
    font: int
    codes: dict[str, bytes]
    widths: dict[str, float]
    line: float

    def content(self, text: str) -> bytes:
        """The drawing of a page's stamp, as a pagination artifact of a tagged page (ISO 32000-1, 14.8.2.2).

        White behind it: a dark page that breaks the promise of a clear band still has a number one can read. The number
        is a text run of its own.
        """
        width = sum(self.widths[character] for character in text)
        left = RIGHT - width
        shown = b"".join(self.codes[character] for character in text).hex().encode()
        return (
            b"/Artifact << /Type /Pagination >> BDC q 1 g 33 13 %.2f 16 re f %.2f 13 %.2f 16 re f "
            b"q 1 0 0 1 %.2f 13 cm /Matter Do Q 0.1 g BT /Digits %.2f Tf %.3f %.2f Td <%b> Tj ET Q EMC\n"
        ) % (self.line + 6, left - 3, width + 6, LEFT, SIZE, left, BASELINE, shown)

    def fonts(self) -> bytes:
        """The entry for a page's /Font resources."""
        return b"/Digits %d 0 R" % self.font

    def forms(self) -> bytes:
        """The entry for a page's /XObject resources."""
        return b"/Matter %d 0 R" % self.line_form


def matter_line(order: Order) -> str:
    """Name and A-number as the order gives them (masked on drafts)."""
    if not order.cover.respondents:
        return order.cover.title
    first = order.cover.respondents[0]
    return " · ".join(filter(None, (first.name, first.a_number)))


@dataclass(frozen=True, slots=True)
class Die:
    """What the stamp of every part is struck from: the typesetter's two pages, read once.

    `line`: the entries of the page with the line, `font`: the number of the digits' font, both in the file `data`.
    """

    data: bytes
    objects: Objects
    line: Leaf
    font: int
    codes: dict[str, bytes]
    widths: dict[str, float]
    wide: float


def typeset_stamp(order: Order) -> Typeset:
    """The pages a die is made of: the line, and the digits in their font."""
    language, _, region = order.language.partition("-")
    data = {"title": "Stamp", "lang": language.lower(), "region": region.lower() or None, "line": matter_line(order)}
    return typeset("stamp.typ", {**data, "figures": FIGURES + ("." if order.onto else "")}, tagged=False)


def read_stamp(made: Typeset) -> Die:
    """The die, of the pages that were typeset for it."""
    data = plainly(made.pdf)
    plain, objects = Plain(data), Objects()
    line, digits = (leaf_of(plain, entries) for _, entries in plain.pages())
    (font,) = refs_of(entries(digits.resources)[b"/Font"])
    objects.gather(plain, [font, *line.refs(), *line.contents])
    with pikepdf.open(io.BytesIO(data)) as pdf:
        face = pdf.get_object(font, 0)
        codes = _codes(face.ToUnicode.read_bytes())
        widths = {character: _width(face, code) * SIZE / 1000 for character, code in codes.items()}
    return Die(data, objects, line, font, codes, widths, min(dict(made.marks)["width"], 410.0))


def place_stamp(part: PartFile, die: Die) -> Stamp:
    """Bring the line and the digits' font into a part, once."""
    raw, placed = io.BytesIO(die.data), Placed()
    part.carry(raw, die.objects, [die.font, *die.line.refs()], placed)
    drawn = die.objects.bodies[die.line.contents[0]]
    if drawn is None or drawn.stream is None:
        raise LookupError("the line of the stamp is not drawn")
    head = b"/Type /XObject /Subtype /Form /BBox [ 0 0 420 16 ] /Resources " + renumbered(die.line.resources, placed)
    form = part.copy_stream(head + drawn.text[2:-2], raw, drawn.stream)
    return Stamp(form, placed[die.font], die.codes, die.widths, die.wide)


def _codes(to_unicode: bytes) -> dict[str, bytes]:
    """Figure or dot to the bytes that show it, from a ToUnicode map of single characters."""
    codes = {
        bytes.fromhex(text.decode()).decode("utf-16-be"): bytes.fromhex(code.decode())
        for code, text in _PAIR.findall(to_unicode)
    }
    return {character: codes[character] for character in (*FIGURES, ".") if character in codes}


def _width(font: pikepdf.Object, code: bytes) -> float:
    """The width of one glyph in thousandths of the font size (ISO 32000-1, 9.7.4.3)."""
    descendant = font.DescendantFonts[0]
    entries, wanted, at = list(descendant.get("/W", ())), int.from_bytes(code), 0
    while at + 1 < len(entries):
        first, second = int(entries[at]), entries[at + 1]
        if isinstance(second, pikepdf.Array):
            if first <= wanted < first + len(second):
                return float(second[wanted - first])
            at += 2
        else:
            if first <= wanted <= int(second):
                return float(entries[at + 2])
            at += 3
    return float(descendant.get("/DW", 1000))
