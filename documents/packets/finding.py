"""What a finished page shows and what a reader could get out of it, measured while its picture is drawn.

Only page numbers and kinds come out: no word and no number of a page. A page whose text nobody wrote down (a photo, a
scan) cannot be read here, and that is what is said of it. Nothing here changes a byte of a packet.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import cast

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from documents.packets import numbers
from documents.packets.shape import Frozen, LedgerRow, Order
from documents.packets.sights import Box, Picture, Sights, matrix_of, sights

BAND = 36.0  # points: the lowest half inch, for the stamp alone
PAPER = 250  # of 255: what is lighter is paper
FLAT = 8  # of 255: shades that nobody tells apart
PICTURE = 0.1  # of a page's area: a picture as large as that may hold words
READ = 20  # letters on a picture that make it one somebody read
SMALL, COARSE = 6.0, 150  # points; pixels an inch
SAMPLE = 40  # words of a page whose size and direction are looked at
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Number(Frozen):
    """A number of this kind (numbers.KINDS) seems to stand on this page."""

    page: int
    kind: str


@dataclass(frozen=True, slots=True)
class Findings(Frozen):
    """Packet pages, each list in order and without repeats.

    `pages_without_text`: evidence that shows something in which no text can be read, wholly or in a large picture;
    `numbers`: see numbers.py; `hidden`: words that are in the page and do not show; `stamped`: something stands in the
    band of the page number; `turned`: evidence whose words, or whose one large picture, run up or down the page;
    `small`: a tenth of the words are under 6 points; `coarse`: a large picture of under 150 pixels an inch.
    """

    pages_without_text: tuple[int, ...] = ()
    numbers: tuple[Number, ...] = ()
    hidden: tuple[int, ...] = ()
    stamped: tuple[int, ...] = ()
    turned: tuple[int, ...] = ()
    small: tuple[int, ...] = ()
    coarse: tuple[int, ...] = ()

    def require_sound(self, pages: int) -> None:
        """ValueError unless it is as told above, of a packet of so many pages: whoever wrote it read strangers' files."""
        for each in fields(self):
            listed = getattr(self, each.name)
            places = [(one.page, one.kind) if isinstance(one, Number) else (one, "") for one in listed]
            if places != sorted(set(places)) or not all(0 < page <= pages for page, _kind in places):
                raise ValueError(f"{each.name} names what is not there")
        if not {one.kind for one in self.numbers} <= {*numbers.KINDS}:
            raise ValueError("a number of no kind")


@dataclass(slots=True)
class Finder:
    """Looks at every page of a packet once. `evidence`: the packet pages that are not the portal's own."""

    order: Order
    evidence: Collection[int]
    own: Collection[str]
    found: dict[str, list[int]] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)
    bands: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, order: Order, ledger: Iterable[LedgerRow]) -> "Finder":
        own = {numbers.figures(person.a_number) for person in order.cover.respondents}
        return cls(order, {row.packet_page for row in ledger if row.document}, own)

    def look(self, page: pypdfium2.PdfPage, picture: Image.Image, number: int) -> None:
        """At one page as it was drawn, without a watermark."""
        text = page.get_textpage()
        try:
            look = Look(page, text, text.get_text_range(), picture)
            kinds = numbers.kinds(look.words, self.own)
            self.numbers += [Number(number, kind) for kind in sorted(kinds)]
            printed = sum(map(str.isalnum, self.order.label(number)))
            self.bands[number] = look.letters_in((0, 0, page.get_width(), BAND)) - printed
            if number in self.evidence:
                self._note(number, look)
        finally:
            text.close()

    def _note(self, number: int, look: "Look") -> None:
        small, turned = look.small_and_turned()
        seen = {
            "pages_without_text": look.unread(),
            "hidden": look.hides_words(),
            "stamped": look.fills_band(),
            "turned": turned,
            "small": small,
            "coarse": any(picture.dpi < COARSE for picture in look.large_pictures()),
        }
        for name, so in seen.items():
            if so:
                self.found.setdefault(name, []).append(number)

    def findings(self) -> Findings:
        """Of all pages looked at. The stamp has as many letters on every page, and the portal's own have nothing else
        in their band: what has more has words of its own there."""
        stamp = min(self.bands.values(), default=0)
        under = {page for page, letters in self.bands.items() if letters > stamp}
        found = {name: tuple(pages) for name, pages in self.found.items()}
        found["stamped"] = tuple(sorted({*found.get("stamped", ()), *under}))
        return Findings(numbers=tuple(self.numbers), **found)


@dataclass(slots=True)
class Look:
    """One page: its text, and its picture as a reader draws it."""

    page: pypdfium2.PdfPage
    text: pypdfium2.PdfTextPage
    words: str
    picture: Image.Image
    _sights: Sights | None = None
    _grey: Image.Image | None = None

    def sights(self) -> Sights:
        self._sights = self._sights or sights(self.page)
        return self._sights

    def large_pictures(self) -> list[Picture]:
        area = self.page.get_width() * self.page.get_height()
        return [one for one in self.sights().pictures if _area(one.box) >= PICTURE * area]

    def letters_in(self, box: Box) -> int:
        return sum(map(str.isalnum, self.text.get_text_bounded(*box)))

    def unread(self) -> bool:
        """It shows something, and there is no text, or none in a large picture."""
        width, height = self.page.get_size()
        if not self.letters_in((0, BAND, width, height)):
            return self._darkest((0, BAND, width, height)) < PAPER
        return any(self.letters_in(one.box) < READ for one in self.large_pictures())

    def fills_band(self) -> bool:
        """Something shows in the band below or above the stamp, which paints white under itself."""
        strips = ((0, 0, self.page.get_width(), 11), (0, 31, self.page.get_width(), BAND - 2))
        return any(self._darkest(strip) < PAPER for strip in strips)

    def hides_words(self) -> bool:
        """A word stands where the picture has one flat colour, under a filled shape, a picture, or drawn without ink."""
        covers = self.sights().covers
        return bool(covers) and any(
            any(_over(box, cover) for cover in covers) and self._is_flat(box) for box in self._boxes()
        )

    def _is_flat(self, box: Box) -> bool:
        low, high = cast(tuple[float, float], self.grey().crop(self._pixels(box)).getextrema())
        return high - low < FLAT

    def _boxes(self) -> Iterator[Box]:
        """Of each word that is on the page, in points."""
        first, last = pdfium.FS_RECTF(), pdfium.FS_RECTF()
        width, height = self.page.get_size()
        for word in _WORD.finditer(self.words):
            pdfium.FPDFText_GetLooseCharBox(self.text, word.start(), first)
            pdfium.FPDFText_GetLooseCharBox(self.text, word.end() - 1, last)
            left, right = min(first.left, last.left), max(first.right, last.right)
            bottom, top = min(first.bottom, last.bottom), max(first.top, last.top)
            if left >= 0 and right <= width and bottom >= BAND and top <= height:
                yield left, bottom, right, top

    def small_and_turned(self) -> tuple[bool, bool]:
        """Of words spread over the page; a page without words is judged by its one large picture, or not at all."""
        sizes, turned = [], 0
        for at in self._sampled():
            a, b, c, d = matrix_of(pdfium.FPDFText_GetMatrix, self.text, at)[:4]
            sizes.append(pdfium.FPDFText_GetFontSize(self.text, at) * math.hypot(c, d))
            turned += abs(b) > abs(a)
        if not sizes:
            large = self.large_pictures()
            return False, len(large) == 1 and large[0].turned
        return sum(size < SMALL for size in sizes) * 10 >= len(sizes), turned * 2 > len(sizes)

    def _sampled(self) -> list[int]:
        """Where some of the words begin, those in the stamp's band not among them: where a word is, is asked of few."""
        places = [word.start() for word in _WORD.finditer(self.words)]
        some = places[:: max(1, len(places) // SAMPLE)]
        return [at for at in some if not self._is_of_the_stamp(at)]

    def _is_of_the_stamp(self, at: int) -> bool:
        box = pdfium.FS_RECTF()
        pdfium.FPDFText_GetLooseCharBox(self.text, at, box)
        return max(box.bottom, box.top) <= BAND

    def _darkest(self, box: Box) -> int:
        """Of what shows there; 255 is paper."""
        low, _high = cast(tuple[float, float], self.picture.crop(self._pixels(box)).convert("L").getextrema())
        return int(low)

    def grey(self) -> Image.Image:
        self._grey = self._grey or self.picture.convert("L")
        return self._grey

    def _scale(self, points: float) -> int:
        return round(points * self.picture.width / self.page.get_width())

    def _pixels(self, box: Box) -> tuple[int, int, int, int]:
        left, bottom, right, top = map(self._scale, box)
        height = self.picture.height
        return left, height - top, max(right, left + 1), max(height - bottom, height - top + 1)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _over(word: Box, cover: Box) -> bool:
    """The middle of the word is under it."""
    across, up = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return cover[0] <= across <= cover[2] and cover[1] <= up <= cover[3]
