"""What goes into a packet and what comes out, frozen.

An `Order` says everything that decides the bytes of a packet; a `Bound` says where each page went. Nothing here knows
the database, the clock or the network.
"""

import hashlib
import json
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Self, Union, get_args, get_origin, get_type_hints


class CannotBind(Exception):
    """The packet would not be what was ordered. The message names the document or page and what is wrong with it."""

    def __init__(self, sentence: str, **facts: object) -> None:
        """`sentence` is a %-format with named `facts`; both are kept, so that it can be shown in another language."""
        super().__init__(sentence % facts if facts else sentence)
        self.sentence = sentence
        self.facts = facts


class Frozen:
    """Canonical JSON both ways, for the dataclasses below."""

    def facts(self) -> dict[str, Any]:
        """Its fields as JSON types."""
        return asdict(self)  # type: ignore[call-overload]  # every subclass below is a dataclass

    def to_json(self) -> str:
        """Sorted keys, no spaces, no escapes: the same value always gives the same text."""
        return json.dumps(self.facts(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The inverse of `to_json`. ValueError when a field is missing, unknown or of another type."""
        built: Self = _built(cls, json.loads(text))
        return built

    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the canonical JSON in UTF-8."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class FactorRef(Frozen):
    """A factor as a packet names it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Source(Frozen):
    """A document and the pages of it that go in.

    `sha256`: of the original as it was received; `print_sha256`: of the print-ready PDF; `pages`: how many the
    print-ready PDF has; `use`: ranges of its pages, 1-based and inclusive, in the order they are printed.
    """

    document: str
    sha256: str
    print_sha256: str
    pages: int
    use: tuple[tuple[int, int], ...]
    title: str

    def numbers(self) -> Iterator[int]:
        """The page numbers that go in, 1-based, in order."""
        for first, last in self.use:
            yield from range(first, last + 1)


@dataclass(frozen=True, slots=True)
class Exhibit(Frozen):
    """What stands behind one tab. It is printed under its first factor, others refer to it. Its letter is its place.

    `handles`: what a citation may call it; of several sources, D and a number name one each, in order, and its pages.
    """

    title: str
    factors: tuple[FactorRef, ...]
    sources: tuple[Source, ...]
    handles: tuple[str, ...] = ()
    date: str = ""
    note: str = ""

    def leaves(self) -> Iterator[tuple[Source, int]]:
        """Every (source, page) behind this tab, in order."""
        for source in self.sources:
            for number in source.numbers():
                yield source, number

    def length(self) -> int:
        """Pages of evidence, without the tab sheet."""
        return sum(1 for _ in self.leaves())


@dataclass(frozen=True, slots=True)
class Respondent(Frozen):
    """A person the request is for; the A-number is printed as given, so it may come masked."""

    name: str
    a_number: str = ""
    family_name: str = ""


@dataclass(frozen=True, slots=True)
class CoverData(Frozen):
    """The cover page (ICPM 3.3(c)(6)). Lines of blocks are tuples; what is empty is not printed."""

    filer: tuple[str, ...]
    office: tuple[str, ...]
    respondents: tuple[Respondent, ...]
    title: str
    form_asked: str = ""
    stage: str = ""
    judge: str = ""
    next_hearing: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class LetterData(Frozen):
    """The letter as it was signed: its Markdown and the SHA-256 of that text in UTF-8."""

    markdown: str
    sha256: str

    @classmethod
    def of(cls, markdown: str) -> Self:
        """A letter whose hash is right by construction."""
        return cls(markdown, hashlib.sha256(markdown.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Filed(Frozen):
    """What a supplement adds to: a packet (its id) of so many `pages`, filed on a day (as it is printed), and with it so
    many `tabs`; `added` pages stand behind it already, in supplements before this one, which is the `number`th."""

    packet: str
    day: str
    pages: int
    tabs: int
    added: int = 0
    number: int = 1


@dataclass(frozen=True, slots=True)
class Order(Frozen):
    """Everything that decides the bytes of a packet. `ordered_at`: ISO 8601, from the caller; no clock is read."""

    packet: str
    request: str
    profile: str
    profile_version: str
    cover: CoverData
    letter: LetterData | None
    appearance: Source | None
    exhibits: tuple[Exhibit, ...]
    ordered_at: str
    language: str = "en-US"
    onto: Filed | None = None

    def facts(self) -> dict[str, Any]:
        """Without what it adds to where that is nothing: what was frozen before there were supplements stays itself."""
        facts = asdict(self)
        if self.onto is None:
            del facts["onto"]
        return facts

    def count(self, page: int) -> tuple[str, int]:
        """What a packet page is called, in two halves: none and 7; in a supplement to 41 pages “41.” and 7."""
        return (f"{self.onto.pages}.", self.onto.added + page) if self.onto else ("", page)

    def label(self, page: int) -> str:
        """What a packet page is called."""
        return "{}{}".format(*self.count(page))

    def tab(self, place: int) -> str:
        """The tab of the exhibit at this place (from 0): after those that were filed."""
        return tab_letters(place + (self.onto.tabs if self.onto else 0))

    def essence(self) -> str:
        """SHA-256 of what decides the pages: without ids and the time, which two equal packets do not share."""
        bare = self.facts() | {"packet": "", "request": "", "ordered_at": ""}
        if self.onto:
            bare["onto"]["packet"] = ""
        used = [bare["appearance"] or {}, *(source for exhibit in bare["exhibits"] for source in exhibit["sources"])]
        for source in used:
            source["document"] = ""
        for exhibit in bare["exhibits"]:
            exhibit["handles"] = ()
        return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()

    def sources(self) -> Iterator[Source]:
        """Every source, in packet order. A document stands here once for each place that uses pages of it."""
        if self.appearance:
            yield self.appearance
        for exhibit in self.exhibits:
            yield from exhibit.sources


@dataclass(frozen=True, slots=True)
class Part:
    """A finished file. `first_page` and `last_page` are packet pages; `bytes` its size."""

    file: str
    path: Path
    pages: int
    bytes: int
    sha256: str
    first_page: int
    last_page: int


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """Where one packet page came from. Pages the portal made itself have an empty document and no source page."""

    packet_page: int
    part: int
    part_page: int
    kind: str
    tab: str = ""
    document: str = ""
    source_page: int | None = None
    source_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound packet. `notes`: complete sentences about anything that could not be printed as it was given."""

    parts: tuple[Part, ...]
    ledger: tuple[LedgerRow, ...]
    manifest: dict[str, Any]
    total_pages: int
    notes: tuple[str, ...] = field(default=())


def tab_letters(place: int) -> str:
    """The tab of the exhibit at `place` (from 0): A…Z, AA, BB … ZZ, AAA…

    >>> [tab_letters(place) for place in (0, 25, 26, 27, 51, 52)]
    ['A', 'Z', 'AA', 'BB', 'ZZ', 'AAA']
    """
    return chr(ord("A") + place % 26) * (place // 26 + 1)


def _built(kind: Any, value: Any) -> Any:
    """`value` as JSON gave it, as an instance of `kind`."""
    if is_dataclass(kind):
        return _built_dataclass(kind, value)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(value, list):
        return _built_tuple(arguments, value)
    if origin in (Union, types.UnionType):
        return None if value is None else _built(arguments[0], value)
    if isinstance(kind, type) and type(value) is kind:
        return value
    raise ValueError(f"{value!r} is not {kind}")


def _built_tuple(kinds: tuple[Any, ...], values: list[Any]) -> tuple[Any, ...]:
    if kinds[-1] is Ellipsis:
        return tuple(_built(kinds[0], value) for value in values)
    if len(kinds) != len(values):
        raise ValueError(f"{values!r} does not have {len(kinds)} entries")
    return tuple(_built(kind, value) for kind, value in zip(kinds, values, strict=True))


def _built_dataclass(kind: Any, value: Any) -> Any:
    hints, known = get_type_hints(kind), {each.name: each for each in fields(kind)}
    if not isinstance(value, Mapping) or not value.keys() <= known.keys():
        raise ValueError(f"{value!r} is not a {kind.__name__}")
    required = {name for name, each in known.items() if each.default is MISSING}
    if not required <= value.keys():
        raise ValueError(f"{kind.__name__} lacks {', '.join(sorted(required - value.keys()))}")
    return kind(**{name: _built(hints[name], given) for name, given in value.items()})
