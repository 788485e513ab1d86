"""A print-ready PDF with the words that were read off its pictures under them: nothing looks different, and a reader can
find, copy and read aloud what stands there.

The words are written without ink in a font whose letters draw nothing. Each changed page is drawn before and after, and
must be the same to the last dot.
"""

import copy
import zlib
from collections.abc import Iterable
from typing import NamedTuple

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name

from documents.preparing.geometry import LETTER
from documents.preparing.made import SEARCHABLE
from documents.preparing.saving import save
from documents.preparing.words import Job, PreparingFailed, Reason, Refused

_FONT = "/AmparoWords"
_WIDE = 500  # thousandths of the size that each letter takes
_CODES = range(33, 256)
_INK = b"3 Tr"  # none
_LOOK = 100 / 72  # scale at which pages are compared


class Place(NamedTuple):
    """A word on a page, in points: from the left, from the top, how wide, how high."""

    word: str
    left: float
    top: float
    wide: float
    high: float


def place_of(answer: object) -> Place:
    """One of what a sandboxed process says it read. Raises PreparingFailed where that stands on no page."""
    match answer:
        case [
            str(word),
            int() | float() as left,
            int() | float() as top,
            int() | float() as wide,
            int() | float() as high,
        ]:
            inside = left >= 0 and top >= 0 and left + wide <= LETTER[0] + 1 and top + high <= LETTER[1] + 1
            if word and len(word) <= 200 and inside and wide >= 0 and high >= 0:
                return Place(word, left, top, wide, high)
    raise PreparingFailed("Its process read a word that stands on no page.")


def work(job: Job) -> int:
    """Writes SEARCHABLE with the words that `job.wish` has for a page, by its 1-based number as text; how many there are
    now. 0, and no file, where there are none."""
    words = {int(number): [*map(place_of, places)] for number, places in job.wish.items()}
    count = 0
    with pikepdf.open(job.source, suppress_warnings=True) as pdf:
        for number, places in sorted(words.items()):
            count += _put_under(pdf, pdf.pages[number - 1], places)
        if count:
            save(pdf, job.into / SEARCHABLE)
    if count and not _looks_the_same(job, words):
        raise Refused(Reason.DAMAGED, "A page would look different with words under it.")
    return count


def _put_under(pdf: pikepdf.Pdf, page: pikepdf.Page, places: list[Place]) -> int:
    """The page's own content in a frame, and the words behind it: no state it leaves can move them."""
    letters = sorted({letter for place in places for letter in place.word if not letter.isspace()})[: len(_CODES)]
    if not letters:
        return 0
    codes = dict(zip(letters, _CODES, strict=False))
    drawn = b" ".join(_written(place, codes) for place in places)
    resources = copy.copy(page.resources)
    fonts = copy.copy(resources.Font) if "/Font" in resources else Dictionary()
    fonts[_FONT] = _font(pdf, codes)
    resources.Font = fonts
    page.obj.Resources = resources
    before = page.obj.get("/Contents")
    own = b"\n".join(
        each.read_bytes() for each in (before if isinstance(before, Array) else [before]) if each is not None
    )
    whole = b"q\n" + own + b"\nQ\nBT " + _INK + b" " + drawn + b" ET"
    page.obj.Contents = pdf.make_stream(zlib.compress(whole), Filter=Name.FlateDecode)
    return len(places)


def _written(place: Place, codes: dict[str, int]) -> bytes:
    """The word and a space behind it, as wide as it stands there."""
    text = bytes(codes[letter] for letter in place.word if letter in codes)
    size = max(place.high, 1.0)
    stretch = 100 * place.wide / max(len(text) * size * _WIDE / 1000, 0.1)
    up = LETTER[1] - place.top - place.high
    return b"%s %.1f Tf %.1f Tz 1 0 0 1 %.1f %.1f Tm <%s> Tj" % (
        _FONT.encode(), size, max(stretch, 1.0), place.left, up, (text + b" ").hex().encode(),
    )  # fmt: skip


def _font(pdf: pikepdf.Pdf, codes: dict[str, int]) -> pikepdf.Object:
    """Letters of one width that draw nothing, and the table of what each is (ISO 32000-1, 9.6.5 and 9.10.3)."""
    nothing = pdf.make_stream(b"%d 0 d0" % _WIDE)
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type3,
            FontBBox=Array([0, -200, _WIDE, 800]),
            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
            CharProcs=Dictionary({"/n": nothing}),
            Encoding=Dictionary(Type=Name.Encoding, Differences=Array([32, *([Name.n] * 224)])),
            FirstChar=32,
            LastChar=255,
            Widths=Array([_WIDE] * 224),
            Resources=Dictionary(),
            ToUnicode=pdf.make_stream(_table({" ": 32, **codes})),
        )
    )


def _table(codes: dict[str, int]) -> bytes:
    lines = [f"<{code:02x}> <{letter.encode('utf-16-be').hex()}>" for letter, code in codes.items()]
    blocks = [lines[at : at + 100] for at in range(0, len(lines), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CMapName /Words def /CMapType 2 def\n1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{body}\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def _looks_the_same(job: Job, pages: Iterable[int]) -> bool:
    """To another reader than wrote it."""
    before, after = pypdfium2.PdfDocument(job.source), pypdfium2.PdfDocument(job.into / SEARCHABLE)
    if len(before) != len(after):
        return False
    return all(_drawn(before[page - 1]) == _drawn(after[page - 1]) for page in sorted(pages))


def _drawn(page: pypdfium2.PdfPage) -> bytes:
    return bytes(page.render(scale=_LOOK, grayscale=True).to_pil().convert("L").tobytes())
