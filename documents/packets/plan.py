"""Where every page of a packet goes: what an order must be, how it divides into parts, the ledger that follows."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from documents.packets.letter import dangling
from documents.packets.printready import Print
from documents.packets.profiles import Profile
from documents.packets.shape import CannotBind, Exhibit, LedgerRow, Order, Source

PAGE_COST = 900  # bytes: a page dictionary, its stamp and their cross-references, rounded up
TAB_COST = 8_000  # bytes: a tab sheet with its tags, rounded up
PART_COST = 80_000  # bytes: fonts and structure of the generated pages of a part, rounded up
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one exhibit in one part (from 1). `skip` of its pages came in earlier parts, `length` are here; the
    tab sheet goes with the first stretch."""

    exhibit: int
    part: int
    skip: int
    length: int


@dataclass(frozen=True)
class Layout:
    """An order divided into parts. Pages here are counted from the first tab sheet, which is 1."""

    order: Order
    runs: tuple[Run, ...]

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """The tab sheet of each exhibit."""
        firsts, page = [], 1
        for exhibit in self.order.exhibits:
            firsts.append(page)
            page += 1 + exhibit.length()
        return tuple(firsts)

    @cached_property
    def parts(self) -> int:
        """How many files."""
        return max(run.part for run in self.runs)

    def last(self, exhibit: int) -> int:
        """The last page of this exhibit."""
        return self.firsts[exhibit] + self.order.exhibits[exhibit].length()

    def stretches(self, exhibit: int) -> list[Run]:
        """Where this exhibit is, in order."""
        return [run for run in self.runs if run.exhibit == exhibit]

    def part_of(self, exhibit: int, page: int) -> int:
        """The part that holds the exhibit's tab sheet (page 0) or its evidence page (from 1)."""
        return next(run.part for run in self.stretches(exhibit) if page <= run.skip + run.length)

    def in_part(self, part: int) -> list[Run]:
        """The stretches of one part, in order."""
        return [run for run in self.runs if run.part == part]


@dataclass(slots=True)
class _Filling:
    """Parts being filled up to `limit` bytes, one after another."""

    limit: int
    prints: Mapping[str, Print]
    used: int
    part: int = 1
    runs: list[Run] = field(default_factory=list)

    def add(self, place: int, exhibit: Exhibit) -> None:
        """Whole where it fits, in the next part where it fits there, else page by page."""
        whole = self._whole(exhibit)
        occupied = any(run.part == self.part for run in self.runs)
        if self.used + whole > self.limit and (occupied or PART_COST + whole <= self.limit):
            self._turn()
        if self.used + whole <= self.limit:
            self.used += whole
            self.runs.append(Run(place, self.part, 0, exhibit.length()))
        else:
            self._add_by_page(place, exhibit)

    def _whole(self, exhibit: Exhibit) -> int:
        counted: dict[str, set[int]] = {}
        return TAB_COST + sum(self._cost(source, page, counted) for source, page in exhibit.leaves())

    def _add_by_page(self, place: int, exhibit: Exhibit) -> None:
        counted: dict[str, set[int]] = {}
        start = at = 0
        own = TAB_COST  # the tab sheet stays with the first page
        for at, (source, page) in enumerate(exhibit.leaves()):
            cost = own + self._cost(source, page, counted)
            if self.used + cost > self.limit and self.used > PART_COST:
                if at > start:
                    self.runs.append(Run(place, self.part, start, at - start))
                start, counted = at, {}
                self._turn()
                cost = own + self._cost(source, page, counted)
            if self.used + cost > self.limit:
                raise _too_large(source, page, self.used + cost, self.limit)
            self.used, own = self.used + cost, 0
        self.runs.append(Run(place, self.part, start, at + 1 - start))

    def _cost(self, source: Source, page: int, counted: dict[str, set[int]]) -> int:
        already = counted.setdefault(source.document, set())
        return PAGE_COST + self.prints[source.document].weigh(page, already)

    def _turn(self) -> None:
        self.part, self.used = self.part + 1, PART_COST


def divide(order: Order, prints: Mapping[str, Print], limit: int) -> Layout:
    """The order in parts of at most `limit` bytes, divided between tabs; a tab too large for a part is divided between
    pages. CannotBind names a page that is too large by itself."""
    filling = _Filling(limit, prints, used=_front_cost(order, prints))
    for place, exhibit in enumerate(order.exhibits):
        filling.add(place, exhibit)
    return Layout(order, tuple(filling.runs))


def _front_cost(order: Order, prints: Mapping[str, Print]) -> int:
    words = len(order.letter.markdown) if order.letter else 0
    cost = PART_COST + 3_000 * len(order.exhibits) + 4 * words
    if order.appearance:
        counted: set[int] = set()
        form = prints[order.appearance.document]
        cost += sum(PAGE_COST + form.weigh(page, counted) for page in order.appearance.numbers())
    return cost


def _too_large(source: Source, page: int, size: int, limit: int) -> CannotBind:
    return CannotBind(
        "Page %(page)d of “%(document)s” needs a part of %(size).1f MB, and a part may have %(limit).1f MB.",
        page=page,
        document=source.title,
        size=size / MEGABYTE,
        limit=limit / MEGABYTE,
    )


def check(order: Order, profile: Profile) -> None:
    """CannotBind unless the order can become a packet for this profile: complete, each page once, citations kept."""
    if (order.profile, order.profile_version) != (profile.code, profile.version):
        raise CannotBind("The office profile has changed since this packet was ordered. Order it again.")
    if not order.exhibits:
        raise CannotBind("There is no exhibit in this packet.")
    _check_pages(order)
    for place, exhibit in enumerate(order.exhibits):
        if not exhibit.length() or not exhibit.factors:
            raise CannotBind("Tab %(tab)s has no pages or no factor.", tab=order.tab(place))
    _check_letter(order)


def _check_pages(order: Order) -> None:
    seen: dict[tuple[str, int], Source] = {}
    facts: dict[str, tuple[str, str, int]] = {}
    for source in order.sources():
        same = (source.sha256, source.print_sha256, source.pages)
        if facts.setdefault(source.document, same) != same:
            raise CannotBind("“%(document)s” stands in this packet in two versions.", document=source.title)
        for first, last in source.use:
            if not 1 <= first <= last <= source.pages:
                raise _outside(source, first, last)
        for page in source.numbers():
            if (source.document, page) in seen:
                raise CannotBind("Page %(page)d of “%(document)s” is twice in it.", page=page, document=source.title)
            seen[source.document, page] = source


def _outside(source: Source, first: int, last: int) -> CannotBind:
    sentence = "Pages %(first)d to %(last)d were ordered of “%(document)s”, which has %(pages)d."
    return CannotBind(sentence, first=first, last=last, document=source.title, pages=source.pages)


def _check_letter(order: Order) -> None:
    if not order.letter:
        return
    if hashlib.sha256(order.letter.markdown.encode()).hexdigest() != order.letter.sha256:
        raise CannotBind("The letter has changed since it was signed.")
    if unresolved := dangling(order.letter.markdown, order):
        sentence = "The letter refers to what is not in this packet: %(citations)s."
        raise CannotBind(sentence, citations=", ".join(dict.fromkeys(unresolved)))


def ledger(layout: Layout, sections: Mapping[str, int]) -> tuple[LedgerRow, ...]:
    """One row a packet page. `sections`: how many pages cover, letter and index have, in filing order."""
    rows: list[LedgerRow] = []
    in_part: dict[int, int] = {}
    for part, kind, tab, source, page in _pages(layout, sections):
        in_part[part] = in_part.get(part, 0) + 1
        origin = (source.document, page, source.sha256) if source else ("", None, "")
        rows.append(LedgerRow(len(rows) + 1, part, in_part[part], kind, tab, *origin))
    return tuple(rows)


def _pages(layout: Layout, sections: Mapping[str, int]) -> Iterator[tuple[int, str, str, Source | None, int]]:
    order = layout.order
    if order.appearance:
        yield from ((1, "appearance", "", order.appearance, page) for page in order.appearance.numbers())
    for kind, length in sections.items():
        yield from ((1, kind, "", None, 0) for _ in range(length))
    for run in layout.runs:
        tab = order.tab(run.exhibit)
        if not run.skip:
            yield run.part, "tab", tab, None, 0
        leaves = list(order.exhibits[run.exhibit].leaves())[run.skip : run.skip + run.length]
        yield from ((run.part, "exhibit", tab, source, page) for source, page in leaves)
