"""One part of a packet as a file: generated and print-ready pages in ledger order, stamped, labelled, bookmarked."""

import io
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from documents.packets.generated import Generated, Sheet
from documents.packets.partfile import PartFile, Placed, Raw, renumbered
from documents.packets.plain import dictionary, entries, refs_of
from documents.packets.printready import Leaf, Print
from documents.packets.shape import LedgerRow, Order
from documents.packets.stamp import Die, Stamp, place_stamp

BOX = b"/MediaBox [ 0 0 612 792 ]"
LINK = re.compile(rb"/URI \(page:(\d+)\)")


@dataclass(frozen=True, slots=True)
class PartPlan:
    """What one file holds. `rows` are its ledger rows; `sheets` the numbers of the portal's own pages, in the order of
    the rows that have no document; `bookmarks` are (title, packet page)."""

    rows: tuple[LedgerRow, ...]
    sheets: tuple[int, ...]
    bookmarks: tuple[tuple[str, int], ...]
    title: str
    order: Order
    identity: bytes


def write_part(
    path: Path, plan: PartPlan, prints: Mapping[str, Print], made: Generated, die: Die, step: Callable[[int], None]
) -> tuple[int, str]:
    """Write the file; its size in bytes and its SHA-256. `step` is told how many pages came in since last time."""
    with path.open("xb") as file:
        part = PartFile(file)
        work = _Part(part, plan, part.reserve(), [part.reserve() for _ in plan.rows], place_stamp(part, die))
        for document in dict.fromkeys(row.document for row in plan.rows if row.document):
            step(work.bring(document, prints[document]))
        structure = work.bring_generated(made)
        digest = part.finish(work.close(structure), work.info(), plan.identity)
        return part.size, digest


@dataclass(slots=True)
class _Part:
    """A part being written. `pages` are the numbers of its page objects, in order; `tree` that of the page tree."""

    part: PartFile
    plan: PartPlan
    tree: int
    pages: list[int]
    stamp: Stamp

    def bring(self, document: str, source: Print) -> int:
        """Every page of this document that belongs in this part; how many."""
        rows = [row for row in self.plan.rows if row.document == document]
        placed: Placed = {}
        with io.FileIO(source.path) as raw:
            for row in rows:
                leaf = source.leaves[row.source_page or 0]
                self.part.carry(raw, source.objects, leaf.refs(), placed)
                self._put_evidence(row, leaf, self._form(raw, source, leaf, placed), placed)
        return len(rows)

    def _stamped(self, row: LedgerRow) -> bytes:
        return self.stamp.content(self.plan.order.label(row.packet_page))

    def _form(self, raw: Raw, source: Print, leaf: Leaf, placed: Placed) -> int:
        """The page's own content as a form: no state it leaves behind and no name it uses can touch the stamp."""
        head = b"/Type /XObject /Subtype /Form /BBox [ 0 0 612 792 ] /Resources %b" % (
            renumbered(leaf.resources, placed) or b"<< >>"
        )
        if len(leaf.contents) == 1 and (body := source.objects.bodies[leaf.contents[0]]) and body.stream:
            return self.part.copy_stream(head + renumbered(body.text[2:-2], placed), raw, body.stream)
        return self.part.put_stream(head + b" /Filter /FlateDecode", _joined(source, leaf))

    def _put_evidence(self, row: LedgerRow, leaf: Leaf, form: int, placed: Placed) -> None:
        content = self.part.put_stream(b"", b"/Page Do\n" + self._stamped(row))
        resources = b"/Resources << /Font << %b >> /XObject << %b /Page %d 0 R >> >>"
        shown = resources % (self.stamp.fonts(), self.stamp.forms(), form)
        group = b" /Group " + renumbered(leaf.group, placed) if leaf.group else b""
        self._put_page(row, shown + group, b"%d 0 R" % content)

    def _put_page(self, row: LedgerRow, more: bytes, contents: bytes) -> None:
        text = b"<< /Type /Page /Parent %d 0 R %b /Contents %b %b >>" % (self.tree, BOX, contents, more)
        self.part.put(text, self.pages[row.part_page - 1])

    def bring_generated(self, made: Generated) -> int | None:
        """The portal's own pages with their links and tags; the number of the tree of tags, if there is one."""
        rows = [row for row in self.plan.rows if not row.document]
        if not rows:
            return None
        placed = {at: self.pages[row.part_page - 1] for at, row in zip(self.plan.sheets, rows, strict=True)}
        branch = made.branch(placed)
        links = [link for at in placed for link in made.sheets[at].links]
        placed |= {number: self.part.reserve() for number in (*links, made.tree, made.document)}
        self.part.carry(made.raw, made.objects, (*branch.elements, *refs_of(branch.tree)), placed)
        before = self.part.put_stream(b"", b"q\n")
        for at, row in zip(self.plan.sheets, rows, strict=True):
            self._put_generated(made, made.sheets[at], row, before, placed)
        self.part.put(renumbered(branch.document, placed), placed[made.document])
        return self.part.put(renumbered(branch.tree, placed), placed[made.tree])

    def _put_generated(self, made: Generated, sheet: Sheet, row: LedgerRow, before: int, placed: Placed) -> None:
        self.part.carry(made.raw, made.objects, (*sheet.leaf.contents, *sheet.leaf.refs()), placed)
        after = self.part.put_stream(b"", b"\nQ\n" + self._stamped(row))
        for number, link in sheet.links.items():
            self.part.put(self._link(link), placed[number])
        links = b" ".join(b"%d 0 R" % placed[number] for number in sheet.links)
        shown = b"/Annots [ %b ] " % links if links else b""
        tags = b"/StructParents %b /Tabs /S /Resources " % sheet.tagged
        contents = b"[ %d 0 R %d 0 R %d 0 R ]" % (before, placed[sheet.leaf.contents[0]], after)
        self._put_page(row, shown + tags + self._resources(made, sheet, placed), contents)

    def _resources(self, made: Generated, sheet: Sheet, placed: Placed) -> bytes:
        """A sheet's resources with the stamp's beside its own."""
        own = entries(sheet.leaf.resources)
        for key, stamp in ((b"/Font", self.stamp.fonts()), (b"/XObject", self.stamp.forms())):
            named = made.resource(own.pop(key, b"<< >>"))
            own[key] = b"<< %b %b" % (stamp, renumbered(named, placed)[2:])
        return dictionary(own)

    def _link(self, link: dict[bytes, bytes]) -> bytes:
        """A link of the typesetter, whose address names a packet page, as one that leads to that page of this file."""
        (page,) = map(int, LINK.findall(link[b"/A"]))
        kept = b" ".join(key + b" " + link[key] for key in (b"/Rect", b"/QuadPoints") if key in link)
        called = self.plan.order.label(page).encode()
        words = b"/Contents (Page %b) /StructParent %b /Border [ 0 0 0 ] /F 4" % (called, link[b"/StructParent"])
        return b"<< /Type /Annot /Subtype /Link %b %b /Dest %b >>" % (kept, words, self._place(page))

    def _place(self, packet_page: int) -> bytes:
        first = self.plan.rows[0].packet_page
        return b"[ %d 0 R /XYZ 0 792 null ]" % self.pages[packet_page - first]

    def info(self) -> int:
        """The document information: a title, and neither a clock nor a maker."""
        return self.part.put(b"<< /Title %b >>" % _text(self.plan.title))

    def close(self, structure: int | None) -> int:
        """Page tree, labels, bookmarks and catalog; the catalog's number."""
        kids = b" ".join(b"%d 0 R" % page for page in self.pages)
        self.part.put(b"<< /Type /Pages /Count %d /Kids [ %b ] >>" % (len(self.pages), kids), self.tree)
        before, first = self.plan.order.count(self.plan.rows[0].packet_page)
        prefix = b"/P (%b) " % before.encode() if before else b""
        labels = b"/PageLabels << /Nums [ 0 << %b/S /D /St %d >> ] >>" % (prefix, first)
        tags = b"/MarkInfo << /Marked true >> /StructTreeRoot %d 0 R" % structure if structure else b""
        shown = b"/PageMode /UseOutlines /ViewerPreferences << /DisplayDocTitle true >>"
        language = b"/Lang " + _text(self.plan.order.language)
        more = b" ".join((labels, b"/Outlines %d 0 R" % self._bookmarks(), shown, language, tags))
        return self.part.put(b"<< /Type /Catalog /Pages %d 0 R %b >>" % (self.tree, more))

    def _bookmarks(self) -> int:
        root = self.part.reserve()
        items = [self.part.reserve() for _ in self.plan.bookmarks]
        for at, (title, page) in enumerate(self.plan.bookmarks):
            before = b" /Prev %d 0 R" % items[at - 1] if at else b""
            after = b" /Next %d 0 R" % items[at + 1] if at + 1 < len(items) else b""
            text = b"<< /Title %b /Parent %d 0 R /Dest %b%b%b >>"
            self.part.put(text % (_text(title), root, self._place(page), before, after), items[at])
        ends = b"/First %d 0 R /Last %d 0 R /Count %d" % (items[0], items[-1], len(items))
        return self.part.put(b"<< /Type /Outlines %b >>" % ends, root)


def _joined(source: Print, leaf: Leaf) -> bytes:
    """A page's content of several streams, or none, as a reader would join them (ISO 32000-1, 7.8.2)."""
    with pikepdf.open(source.path) as pdf:
        return zlib.compress(b"\n".join(pdf.get_object(number, 0).read_bytes() for number in leaf.contents))


def _text(text: str) -> bytes:
    """A text string in UTF-16 (ISO 32000-1, 7.9.2.2)."""
    return b"<" + ("\ufeff" + text).encode("utf-16-be", "replace").hex().encode() + b">"
