"""What a later packet of a request moved: exactly which pages stand at which numbers now, and which came or went."""

from collections.abc import Iterator
from dataclasses import dataclass

from documents.models import Packet, PacketPage

# A document's id and its page; of a page of the portal's own its kind and title, and its place among them.
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring pages with the same fate. `was` and `now`: first and last packet page, None where it was not or is not
    there. `title`: of its tab, or what kind of page it is."""

    title: str
    tab: str
    was: tuple[int, int] | None
    now: tuple[int, int] | None

    @property
    def pages(self) -> int:
        first, last = self.now or self.was or (0, -1)
        return last - first + 1

    @property
    def fate(self) -> str:
        """same, moved, added or dropped."""
        if not self.was:
            return "added"
        if not self.now:
            return "dropped"
        return "same" if self.was == self.now else "moved"


@dataclass(frozen=True, slots=True)
class _Page:
    key: Key
    tab: str
    title: str
    number: int


def moved(earlier: Packet, later: Packet) -> list[Run]:
    """Every page of both packets, in runs: in the order of the later one, then what it dropped."""
    before = {page.key: page for page in _pages(earlier)}
    after = {page.key: page for page in _pages(later)}
    runs = [*_runs((before.get(page.key), page) for page in after.values())]
    return [*runs, *_runs((page, None) for page in before.values() if page.key not in after)]


def _pages(packet: Packet) -> Iterator[_Page]:
    titles = {exhibit["tab"]: exhibit["title"] for exhibit in packet.manifest.get("exhibits", [])}
    seen: dict[str, int] = {}
    for row in packet.ledger.order_by("number"):
        kind = str(PacketPage.Kind(row.kind).label)
        title = titles.get(row.tab, kind) if row.tab else kind
        if row.document_id and row.source_page:
            yield _Page((str(row.document_id), row.source_page), row.tab, title, row.number)
        else:  # a tab sheet belongs to what is behind it, the other pages are counted
            name = f"{row.kind} {title}"
            seen[name] = seen.get(name, 0) + 1
            yield _Page((name, seen[name]), row.tab, title, row.number)


def _runs(pairs: Iterator[tuple[_Page | None, _Page | None]]) -> Iterator[Run]:
    run: Run | None = None
    for was, now in pairs:
        one = _run(was, now)
        if run and (joined := _joined(run, one)):
            run = joined
            continue
        if run:
            yield run
        run = one
    if run:
        yield run


def _run(was: _Page | None, now: _Page | None) -> Run:
    shown = now or was
    assert shown is not None
    span = [(page.number, page.number) if page else None for page in (was, now)]
    return Run(shown.title, shown.tab, span[0], span[1])


def _joined(run: Run, one: Run) -> Run | None:
    """Both as one where `one` goes on where `run` ends, in both packets."""
    if (run.tab, run.title) != (one.tab, one.title):
        return None
    spans = []
    for ran, is_ in ((run.was, one.was), (run.now, one.now)):
        if (ran is None) != (is_ is None) or (ran and is_ and ran[1] + 1 != is_[0]):
            return None
        spans.append((ran[0], is_[1]) if ran and is_ else None)
    return Run(run.title, run.tab, spans[0], spans[1])
