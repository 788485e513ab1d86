"""One part of a packet as a file: generated and print-ready pages in ledger order, stamped, labelled, bookmarked."""

import io
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from documents.packets.partfile import PartFile, Placed, renumbered
from documents.packets.printready import Leaf, Objects, Opened, Print, Raw, refs_of, text_of
from documents.packets.shape import CannotBind, LedgerRow
from documents.packets.stamp import Stamp, place_stamp
from documents.packets.typeset import Typeset

BOX = b"/MediaBox [ 0 0 612 792 ]"
LINK = "page:"


@dataclass(frozen=True, slots=True)
class PartPlan:
    """What one file holds. `rows` are its ledger rows; `generated` the pages the portal wrote for it, in the order of
    the rows that have no document; `bookmarks` are (title, packet page)."""

    rows: tuple[LedgerRow, ...]
    generated: Typeset
    bookmarks: tuple[tuple[str, int], ...]
    title: str
    language: str
    identity: bytes


def write_part(
    path: Path, plan: PartPlan, prints: Mapping[str, Print], stamp: Typeset, step: Callable[[int], None]
) -> tuple[int, str]:
    """Write the file; its size in bytes and its SHA-256. `step` is told how many pages came in since last time."""
    with path.open("xb") as file:
        part = PartFile(file)
        work = _Part(part, plan, part.reserve(), [part.reserve() for _ in plan.rows], place_stamp(part, stamp))
        for document in dict.fromkeys(row.document for row in plan.rows if row.document):
            step(work.bring(document, prints[document]))
        structure = work.bring_generated()
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
                self.part.carry(raw, source.objects, refs_of(leaf.resources + b" " + leaf.group), placed)
                self._put_evidence(row, leaf, self._form(raw, source, leaf, placed), placed)
        return len(rows)

    def _form(self, raw: Raw, source: Print, leaf: Leaf, placed: Placed) -> int:
        """The page's own content as a form: no state it leaves behind and no name it uses can touch the stamp."""
        head = b"/Type /XObject /Subtype /Form /BBox [ 0 0 612 792 ] /Resources %b" % (
            renumbered(leaf.resources, placed) or b"<< >>"
        )
        if len(leaf.contents) == 1 and (body := source.objects.bodies[leaf.contents[0]]) and body.stream:
            return self.part.copy_stream(head + renumbered(body.text[2:-2], placed), raw, body.stream)
        return self.part.put_stream(head + b" /Filter /FlateDecode", _joined(source, leaf))

    def _put_evidence(self, row: LedgerRow, leaf: Leaf, form: int, placed: Placed) -> None:
        content = self.part.put_stream(b"", b"/Page Do\n" + self.stamp.content(row.packet_page))
        resources = b"/Resources << /Font << %b >> /XObject << %b /Page %d 0 R >> >>"
        shown = resources % (self.stamp.fonts(), self.stamp.forms(), form)
        group = b" /Group " + renumbered(leaf.group, placed) if leaf.group else b""
        self._put_page(row, shown + group, b"%d 0 R" % content)

    def _put_page(self, row: LedgerRow, entries: bytes, contents: bytes) -> None:
        text = b"<< /Type /Page /Parent %d 0 R %b /Contents %b %b >>" % (self.tree, BOX, contents, entries)
        self.part.put(text, self.pages[row.part_page - 1])

    def bring_generated(self) -> int | None:
        """The portal's own pages with their links and tags; the number of the structure tree, if there is one."""
        rows = [row for row in self.plan.rows if not row.document]
        if not rows:
            return None
        before = self.part.put_stream(b"", b"q\n")
        with Opened(self.plan.generated.pdf) as opened:
            pdf = opened.pdf
            if len(pdf.pages) != len(rows):
                raise CannotBind("The title of a tab, or the index, takes more pages than it may.")
            placed = {page.obj.objgen: self.pages[row.part_page - 1] for page, row in zip(pdf.pages, rows, strict=True)}
            links = {link.objgen: self.part.reserve() for page in pdf.pages for link in page.obj.get("/Annots", ())}
            placed |= links
            structure = pdf.Root.StructTreeRoot
            objects = _gathered(opened, structure)
            self.part.carry(opened.raw, objects, refs_of(text_of(structure)), placed)
            for page, row in zip(pdf.pages, rows, strict=True):
                self._put_generated(opened.raw, objects, page.obj, row, before, placed)
            return self.part.put(renumbered(text_of(structure), placed))

    def _put_generated(
        self, raw: Raw, objects: Objects, page: pikepdf.Object, row: LedgerRow, before: int, placed: Placed
    ) -> None:
        roots = [page.Contents.objgen, *refs_of(text_of(page.Resources))]
        self.part.carry(raw, objects, roots, placed)
        after = self.part.put_stream(b"", b"\nQ\n" + self.stamp.content(row.packet_page))
        resources = _merged(page.Resources, {"/Font": self.stamp.fonts(), "/XObject": self.stamp.forms()}, placed)
        annotations = list(page.get("/Annots", ()))
        for link in annotations:
            self.part.put(self._link(link), placed[link.objgen])
        shown = (
            b"/Annots [ %b ] " % b" ".join(b"%d 0 R" % placed[each.objgen] for each in annotations)
            if annotations
            else b""
        )
        tags = b"/StructParents %d /Tabs /S /Resources %b" % (int(page.StructParents), resources)
        contents = b"[ %d 0 R %d 0 R %d 0 R ]" % (before, placed[page.Contents.objgen], after)
        self._put_page(row, shown + tags, contents)

    def _link(self, link: pikepdf.Object) -> bytes:
        """A link of the typesetter, whose address names a packet page, as one that leads to that page of this file."""
        address = str(link.A.URI)
        page = int(address.removeprefix(LINK))
        kept = b" ".join(key.encode() + b" " + link[key].unparse() for key in ("/Rect", "/QuadPoints") if key in link)
        words = b"/Contents (Page %d) /StructParent %d /Border [ 0 0 0 ] /F 4" % (page, int(link.StructParent))
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
        labels = b"/PageLabels << /Nums [ 0 << /S /D /St %d >> ] >>" % self.plan.rows[0].packet_page
        tags = b"/MarkInfo << /Marked true >> /StructTreeRoot %d 0 R" % structure if structure else b""
        shown = b"/PageMode /UseOutlines /ViewerPreferences << /DisplayDocTitle true >>"
        language = b"/Lang " + _text(self.plan.language)
        entries = b" ".join((labels, b"/Outlines %d 0 R" % self._bookmarks(), shown, language, tags))
        return self.part.put(b"<< /Type /Catalog /Pages %d 0 R %b >>" % (self.tree, entries))

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
    with Opened(source.path) as opened:
        return zlib.compress(b"\n".join(opened.pdf.get_object(number).read_bytes() for number in leaf.contents))


def _gathered(opened: Opened, structure: pikepdf.Object) -> Objects:
    objects = Objects()
    objects.gather(opened, refs_of(text_of(structure)))
    for page in opened.pdf.pages:
        objects.gather(opened, [page.obj.Contents.objgen, *refs_of(text_of(page.obj.Resources))])
    return objects


def _merged(resources: pikepdf.Object, added: Mapping[str, bytes], placed: Placed) -> bytes:
    """A page's resources with our entries beside its own."""
    own = {
        str(key): renumbered(text_of(value) if key in added else value.unparse(), placed)
        for key, value in resources.items()
    }
    for key, entry in added.items():
        own[key] = b"<< %b %b" % (entry, own.get(key, b"<< >>")[2:])
    return b"<< %b >>" % b" ".join(key.encode() + b" " + text for key, text in own.items())


def _text(text: str) -> bytes:
    """A text string in UTF-16 (ISO 32000-1, 7.9.2.2)."""
    return b"<" + ("\ufeff" + text).encode("utf-16-be", "replace").hex().encode() + b">"
