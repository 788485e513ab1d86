"""What a packet will come to, before it is bound: pages, bytes and parts. An estimate, and called so.

Numbers of evidence pages and sizes of print-ready files are real; what the portal prints itself is reckoned.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from documents.packets.plan import MEGABYTE, PAGE_COST, PART_COST, TAB_COST
from documents.packets.profiles import Profile
from documents.packets.shape import Order, Source

FRONT_COST = 200_000  # bytes: cover, letter and index
LETTERS_A_PAGE = 2_800  # characters of a single-spaced letter
EXHIBITS_A_PAGE = 22  # lines of the index
FULL = 0.96  # of a part's limit: what the meter calls nearly full


@dataclass(frozen=True, slots=True)
class Line:
    """One section or exhibit. `first` and `last`: packet pages, 0 before they are known; `pages` counts its tab sheet;
    `bytes`: of its print-ready form. `unwanted`: the office's profile says it does not want it."""

    title: str
    pages: int
    tab: str = ""
    supports: str = ""
    also: tuple[str, ...] = ()
    document: str = ""
    handle: str = ""
    first: int = 0
    last: int = 0
    bytes: int = 0
    unwanted: bool = False

    @property
    def megabytes(self) -> float:
        return self.bytes / MEGABYTE


@dataclass(slots=True)
class ExpectedPart:
    """A file that will come: packet pages, bytes, and the lines that begin in it."""

    number: int
    limit: int
    first: int
    last: int = 0
    bytes: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def megabytes(self) -> float:
        return self.bytes / MEGABYTE

    @property
    def most(self) -> float:
        """The office's limit in MB."""
        return self.limit / MEGABYTE

    @property
    def high(self) -> int:
        """Bytes from which it is nearly full."""
        return int(self.limit * FULL)


@dataclass(frozen=True, slots=True)
class Expected:
    parts: list[ExpectedPart]

    @property
    def pages(self) -> int:
        return self.parts[-1].last

    @property
    def megabytes(self) -> float:
        return sum(part.megabytes for part in self.parts)

    @property
    def exhibits(self) -> list[Line]:
        return [line for part in self.parts for line in part.lines if line.tab]


def expected(order: Order, profile: Profile, sizes: Mapping[str, int], names: Mapping[str, str]) -> Expected:
    """The parts this order will come to. `sizes`: bytes of print-ready forms by document; `names`: what the sections
    appearance, cover, letter and index are called."""
    part = ExpectedPart(1, profile.part_limit, 1, 0, FRONT_COST)
    parts = [part]
    for line in _front(order, profile, sizes, names):
        _lay(part, line, line.pages, line.bytes)
    for place in range(len(order.exhibits)):
        _add(parts, _line(order, place, profile, sizes))
    return Expected(parts)


def _front(order: Order, profile: Profile, sizes: Mapping[str, int], names: Mapping[str, str]) -> Iterator[Line]:
    if form := order.appearance:
        unwanted = "REPRESENTATION" in profile.forbidden
        size = sizes.get(form.document, 0)
        yield Line(names["appearance"], form.pages, document=form.document, bytes=size, unwanted=unwanted)
    yield Line(names["cover"], 1)
    if order.letter:
        a_page = LETTERS_A_PAGE // (2 if profile.double_spaced else 1)
        yield Line(names["letter"], 1 + len(order.letter.markdown) // a_page)
    yield Line(names["index"], 1 + len(order.exhibits) // EXHIBITS_A_PAGE)


def _line(order: Order, place: int, profile: Profile, sizes: Mapping[str, int]) -> Line:
    exhibit = order.exhibits[place]
    first, *others = exhibit.factors
    known = {*exhibit.handles, *(factor.code for factor in exhibit.factors)}
    return Line(
        title=exhibit.title,
        pages=exhibit.length() + 1,
        tab=order.tab(place),
        supports=first.name,
        also=tuple(factor.name for factor in others),
        document=exhibit.sources[0].document,
        handle=exhibit.handles[0] if exhibit.handles else "",
        bytes=_weight(exhibit.sources, sizes),
        unwanted=bool(known & {*profile.forbidden}),
    )


def _weight(sources: Iterable[Source], sizes: Mapping[str, int]) -> int:
    return sum(sizes.get(source.document, 0) for source in sources)


def _add(parts: list[ExpectedPart], line: Line) -> None:
    """Whole where it fits, in the next part where it fits there, else page by page: as `plan.divide` does it."""
    whole = line.bytes + TAB_COST + PAGE_COST * line.pages
    room = parts[-1].limit - parts[-1].bytes
    if whole > room and (_has_exhibits(parts[-1]) or PART_COST + whole <= parts[-1].limit):
        _turn(parts)
    left, a_page = line.pages, whole // line.pages
    while left:
        part = parts[-1]
        fits = max(0, part.limit - part.bytes) // a_page
        if not fits and part.bytes > PART_COST:
            _turn(parts)
            continue
        here = min(left, max(1, fits))  # a page too large for any part stops the binding, which names it
        _lay(part, line if left == line.pages else None, here, a_page * here)
        left -= here


def _has_exhibits(part: ExpectedPart) -> bool:
    return any(line.tab for line in part.lines)


def _turn(parts: list[ExpectedPart]) -> None:
    last = parts[-1]
    parts.append(ExpectedPart(last.number + 1, last.limit, last.last + 1, last.last, PART_COST))


def _lay(part: ExpectedPart, line: Line | None, pages: int, size: int) -> None:
    if line:
        part.lines.append(replace(line, first=part.last + 1, last=part.last + line.pages))
    part.last += pages
    part.bytes += size
