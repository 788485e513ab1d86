"""The proof of a bound packet: finished files, read again by other code than wrote them, compared page by page with the
documents they were ordered from."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pikepdf

from documents.packets.compare import Pair, Reading
from documents.packets.shape import CannotBind, Order, Part, Source

ALLOWED = {
    "the catalog": {
        *("/Type", "/Pages", "/PageLabels", "/Outlines", "/PageMode", "/ViewerPreferences"),
        *("/Lang", "/MarkInfo", "/StructTreeRoot"),
    },
    "a page": {
        *("/Type", "/Parent", "/MediaBox", "/Contents", "/Resources"),
        *("/Annots", "/StructParents", "/Tabs"),
    },
    "a link": {*("/Type", "/Subtype", "/Rect", "/QuadPoints", "/Contents", "/StructParent", "/Border", "/F", "/Dest")},
}

# A page of evidence: it has these entries and no other, and shows what the form `/Page` shows.
_EVIDENCE = re.compile(
    rb"<< /Contents (\d+) 0 R (?:/Group (.*) )?/MediaBox \[ 0 0 612 792 \] /Parent \d+ 0 R "
    rb"/Resources << /Font << /Digits \d+ 0 R >> /XObject << /Matter \d+ 0 R /Page (\d+) 0 R >> >> /Type /Page >>",
    re.DOTALL,
)
_SHOWN = b"/Page Do\n/Artifact"


def prove(order: Order, parts: list[Part], sources: Mapping[str, Path]) -> None:
    """CannotBind, naming the page, unless the files hold every ordered page exactly once, in order and as it is in its
    document, every page is numbered and labelled, and nothing in them can act (rule V17)."""
    expected = _Expected(order, sources)
    page = 1
    for part in parts:
        with Reading(part.path) as reading:
            _prove_shell(reading.pdf, part, page, order)
            for leaf in reading.pdf.pages:
                _prove_page(leaf.obj, page, reading, expected)
                page += 1
            if reading.pdf.get_warnings():
                raise CannotBind("%(file)s is not a sound PDF.", file=part.file)
    expected.close()


class _Expected:
    """The ordered pages one by one, each as its document has it; one document is open at a time."""

    def __init__(self, order: Order, sources: Mapping[str, Path]) -> None:
        self._leaves = _leaves(order)
        self._sources = sources
        self._open: tuple[str, Reading] | None = None

    def next(self, packet_page: int) -> tuple[Source, int, Reading]:
        found = next(self._leaves, None)
        if found is None:
            raise CannotBind("Page %(page)d of the packet was not ordered.", page=packet_page)
        return *found, self._document(found[0].document)

    def _document(self, document: str) -> Reading:
        if self._open and self._open[0] != document:
            self._shut()
        if not self._open:
            self._open = (document, Reading(self._sources[document]))
        return self._open[1]

    def _shut(self) -> None:
        if self._open:
            self._open[1].close()
        self._open = None

    def close(self) -> None:
        """Nothing that was ordered may be left over."""
        self._shut()
        if left := next(self._leaves, None):
            raise CannotBind("Page %(page)d of “%(document)s” is missing.", page=left[1], document=left[0].title)


def _leaves(order: Order) -> Iterator[tuple[Source, int]]:
    for source in order.sources():
        for number in source.numbers():
            yield source, number


def _prove_shell(pdf: pikepdf.Pdf, part: Part, first: int, order: Order) -> None:
    _prove_keys(pdf.Root, "the catalog", first)
    label, before, start = pdf.Root.PageLabels.Nums, *order.count(first)
    labelled = len(label) == 2 and label[0] == 0 and label[1].S == "/D" and int(label[1].St) == start
    if (
        not labelled
        or str(label[1].get("/P", "")) != before
        or part.first_page != first
        or len(pdf.pages) != part.pages
    ):
        raise CannotBind("The pages of %(file)s are not numbered from %(first)d.", file=part.file, first=first)
    if part.path.stat().st_size != part.bytes:
        raise CannotBind("%(file)s was not written whole.", file=part.file)


def _prove_page(page: pikepdf.Object, number: int, reading: Reading, expected: _Expected) -> None:
    evidence = _EVIDENCE.fullmatch(page.unparse(resolved=True))
    if not evidence:
        _prove_own(page, number)
        return
    source, at, document = expected.next(number)
    shown = reading.pdf.get_object(int(evidence[1]), 0).read_bytes().startswith(_SHOWN)
    if not shown or not Pair(reading, document, source.document).same_page(int(evidence[3]), evidence[2] or b"", at):
        facts = {"page": at, "document": source.title, "number": number}
        raise CannotBind("Page %(page)d of “%(document)s” is not what stands on page %(number)d.", **facts)


def _prove_own(page: pikepdf.Object, number: int) -> None:
    """A page of the portal's own has tags, and nothing that acts."""
    _prove_keys(page, "a page", number)
    for link in page.get("/Annots", ()):
        _prove_keys(link, "a link", number)
    if "/StructParents" not in page:
        raise CannotBind("Page %(page)d of the packet came from nowhere.", page=number)


def _prove_keys(thing: pikepdf.Object, what: str, page: int) -> None:
    if extra := set(thing.keys()) - ALLOWED[what]:
        raise CannotBind("Page %(page)d carries %(keys)s.", page=page, keys=", ".join(sorted(extra)))
