"""Bind an order into its packet. A pure function: the same order and the same print-ready pages give the same bytes."""

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any

from documents.packets.binder import PartPlan, write_part
from documents.packets.contents import bookmarks, document_title, packet_data
from documents.packets.generated import Generated
from documents.packets.plan import Layout, check, divide, ledger
from documents.packets.printready import Print, read
from documents.packets.profiles import Profile
from documents.packets.prove import prove
from documents.packets.shape import Bound, CannotBind, LedgerRow, Order, Part, Source
from documents.packets.stamp import read_stamp, typeset_stamp
from documents.packets.typeset import Typeset, typeset

Progress = Callable[[int, int], None]
_NO_MARK = str.maketrans("đĐłŁøØ", "dDlLoO")  # letters that do not come apart into a letter and a mark
_FORMULA = re.compile(r"\A[=+\-@\t\r]")


def _quiet(done: int, total: int) -> None:
    """Nobody is watching."""


def bind(
    order: Order, sources: Mapping[str, Path], profile: Profile, into: Path, *, on_progress: Progress = _quiet
) -> Bound:
    """Write the parts of the packet into the folder `into` and say where every page went.

    `sources`: the print-ready PDF of each document in plain form, by its id, proved by whoever fetched it to be the one
    that was ordered: its `print_sha256` is not reckoned again. `on_progress(done, total)` counts evidence pages.
    CannotBind when any page would be missing, extra, changed or misplaced; then nothing is left in the folder. No
    clock, no random number, no locale: only `order`, the files and `profile` decide the bytes.
    """
    check(order, profile)
    prints = _prints(order, sources)
    layout = divide(order, prints, profile.part_limit)
    typed = typeset("packet.typ", packet_data(layout, profile))
    stamp = typeset_stamp(order)
    die = read_stamp(stamp)
    rows = ledger(layout, _sections(order, typed))
    made = Generated(typed)
    packet = _Packet(layout, profile, rows, _sheets(made, rows), order.essence())
    written: list[Path] = []
    try:
        parts = []
        tell = _Tell(on_progress, sum(1 for row in rows if row.document))
        for number, name in enumerate(file_names(order, profile, layout.parts), start=1):
            written.append(into / name)
            plan = packet.part(number)
            size, digest = write_part(written[-1], plan, prints, made, die, tell)
            parts.append(_part(written[-1], plan, size, digest, profile.part_limit))
        prove(order, parts, sources)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    notes = _notes((*typed.unprintable, *stamp.unprintable))
    return Bound(tuple(parts), rows, manifest(order, parts, layout, rows), len(rows), notes)


@dataclass(frozen=True, slots=True)
class _Packet:
    """A packet whose every page has its place. `sheets`: the object of each of the portal's own pages, by packet page;
    `essence` goes into the identity of its files."""

    layout: Layout
    profile: Profile
    rows: tuple[LedgerRow, ...]
    sheets: dict[int, int]
    essence: str

    def part(self, number: int) -> PartPlan:
        """What the part of this number (from 1) holds."""
        order = self.layout.order
        starts = {row.kind: row.packet_page for row in reversed(self.rows)}
        marks = bookmarks(self.layout, self.profile, starts, starts["tab"] - 1, number)
        own = tuple(row for row in self.rows if row.part == number)
        identity = hashlib.sha256(f"{self.essence} {number}".encode()).digest()[:16]
        sheets = tuple(self.sheets[row.packet_page] for row in own if not row.document)
        return PartPlan(own, sheets, tuple(marks), document_title(order), order, identity)


class _Tell:
    """Adds up pages for the one who watches."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def __call__(self, pages: int) -> None:
        self._done += pages
        self._progress(self._done, self._total)


def _prints(order: Order, sources: Mapping[str, Path]) -> dict[str, Print]:
    wanted: dict[str, tuple[Source, list[int]]] = {}
    for source in order.sources():
        wanted.setdefault(source.document, (source, []))[1].extend(source.numbers())
    return {document: read(source, sources.get(document), pages) for document, (source, pages) in wanted.items()}


def _sheets(made: Generated, rows: Iterable[LedgerRow]) -> dict[int, int]:
    """The number of the portal's own page that stands on each packet page without a document."""
    pages = [row.packet_page for row in rows if not row.document]
    if len(pages) != len(made.sheets):
        raise CannotBind("The title of a tab, or the index, takes more pages than it may.")
    return dict(zip(pages, made.sheets, strict=True))


def _sections(order: Order, made: Typeset) -> dict[str, int]:
    """Pages of cover, letter and index, from where the typesetter found them to begin: how long the index is, and so
    every number in it, the typesetter settles."""
    kinds = ("cover", "letter", "index") if order.letter else ("cover", "index")
    starts = [made.mark(kind) for kind in kinds] + [made.mark("end") + 1]
    return {kind: starts[at + 1] - starts[at] for at, kind in enumerate(kinds)}


def _part(path: Path, plan: PartPlan, size: int, digest: str, limit: int) -> Part:
    if size > limit:
        facts = {"file": path.name, "size": size / 1_000_000, "limit": limit / 1_000_000}
        raise CannotBind("%(file)s would have %(size).1f MB; a part may have %(limit).1f MB.", **facts)
    first, last = plan.rows[0].packet_page, plan.rows[-1].packet_page
    return Part(path.name, path, len(plan.rows), size, digest, first, last)


def file_names(order: Order, profile: Profile, parts: int) -> list[str]:
    """`Lastname_A123456789_PDRequest_Part1of3.pdf`, in plain ASCII; without the part where there is one; a supplement
    says which it is: `…_PDRequest_Supplement1.pdf`."""
    person = order.cover.respondents[0] if order.cover.respondents else None
    family = (person.family_name or _family(person.name)) if person else ""
    number = "A" + "".join(filter(str.isdigit, person.a_number)) if person and person.a_number else ""
    added = f"Supplement{order.onto.number}" if order.onto else ""
    stem = "_".join(filter(None, (_plain(family) or "Packet", number, profile.file_suffix, added)))
    if parts == 1:
        return [f"{stem}.pdf"]
    return [f"{stem}_Part{part}of{parts}.pdf" for part in range(1, parts + 1)]


def _family(name: str) -> str:
    return name.split(",")[0] if "," in name else name.split()[-1] if name.split() else ""


def _plain(text: str) -> str:
    ascii_ = unicodedata.normalize("NFKD", text.translate(_NO_MARK)).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "", ascii_)[:40]


def _notes(unprintable: Iterable[str]) -> tuple[str, ...]:
    texts = sorted(set(unprintable))
    if not texts:
        return ()
    return (f"The packet's typeface has no letters for {', '.join(texts)}; □ is printed in their place.",)


def manifest(order: Order, parts: list[Part], layout: Layout, rows: tuple[LedgerRow, ...]) -> dict[str, Any]:
    """What is in the packet, as JSON types. `rules` is empty: whoever checked them fills it in."""
    files = [
        {name: getattr(part, name) for name in ("file", "pages", "bytes", "sha256", "first_page", "last_page")}
        for part in parts
    ]
    return {
        "packet": order.packet,
        "request": order.request,
        "profile": order.profile,
        "profile_version": order.profile_version,
        "created": order.ordered_at,
        "parts": files,
        "exhibits": [_exhibit_facts(layout, place, rows) for place in range(len(order.exhibits))],
        "rules": [],
        "total_pages": len(rows),
    }


def _exhibit_facts(layout: Layout, place: int, rows: tuple[LedgerRow, ...]) -> dict[str, Any]:
    exhibit = layout.order.exhibits[place]
    front = next(row.packet_page for row in rows if row.kind == "tab") - 1
    page = first = front + layout.firsts[place]
    documents = []
    for source in exhibit.sources:
        length = sum(1 for _ in source.numbers())
        documents.append(
            {
                "document": source.document,
                "sha256": source.sha256,
                "pages": [list(each) for each in source.use],
                "first_page": page + 1,
                "last_page": page + length,
            }
        )
        page += length
    factors = [factor.code for factor in exhibit.factors]
    facts = {"tab": layout.order.tab(place), "title": exhibit.title, "factors": factors, "documents": documents}
    return {**facts, "first_page": first, "last_page": page}


def manifest_json(facts: Mapping[str, Any]) -> bytes:
    """The manifest as a file: UTF-8, readable."""
    return (json.dumps(facts, ensure_ascii=False, indent=2) + "\n").encode()


def ledger_csv(rows: Iterable[LedgerRow], label: Callable[[int], str] = str) -> bytes:
    """The ledger as RFC 4180 CSV in UTF-8; a cell a spreadsheet would run as a formula gets an apostrophe in front.
    `label`: what a packet page is called."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(each.name for each in fields(LedgerRow))
    for row in rows:
        page, *others = astuple(row)
        writer.writerow([label(page), *map(_cell, others)])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and _FORMULA.match(text) else text
