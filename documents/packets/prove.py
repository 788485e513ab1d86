"""The proof of a bound packet: finished files, read again by other code than wrote them, compared page by page with the
documents they were ordered from."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pikepdf
import pypdfium2

from documents.packets.shape import CannotBind, Order, Part, Source

ALLOWED = {
    "the catalog": {
        *("/Type", "/Pages", "/PageLabels", "/Outlines", "/PageMode", "/ViewerPreferences"),
        *("/Lang", "/MarkInfo", "/StructTreeRoot"),
    },
    "a page": {
        *("/Type", "/Parent", "/MediaBox", "/Contents", "/Resources", "/Group"),
        *("/Annots", "/StructParents", "/Tabs"),
    },
    "a link": {*("/Type", "/Subtype", "/Rect", "/QuadPoints", "/Contents", "/StructParent", "/Border", "/F", "/Dest")},
}


def prove(order: Order, parts: list[Part], sources: Mapping[str, Path]) -> None:
    """CannotBind, naming the page, unless the files hold every ordered page exactly once, in order and as it is in its
    document, every page is numbered and labelled, and nothing in them can act (rule V17)."""
    expected = _Expected(order, sources)
    page = 1
    for part in parts:
        _prove_readable(part)
        with pikepdf.open(part.path, suppress_warnings=True) as pdf:
            _prove_shell(pdf, part, page)
            for leaf in pdf.pages:
                _prove_page(leaf.obj, page, expected)
                page += 1
            if pdf.get_warnings():
                raise CannotBind("%(file)s is not a sound PDF.", file=part.file)
    expected.close()


class _Expected:
    """The ordered pages one by one, each as its document has it; one document is open at a time."""

    def __init__(self, order: Order, sources: Mapping[str, Path]) -> None:
        self._leaves = _leaves(order)
        self._sources = sources
        self._open: tuple[str, pikepdf.Pdf] | None = None

    def next(self, packet_page: int) -> tuple[Source, int, pikepdf.Object]:
        found = next(self._leaves, None)
        if found is None:
            raise CannotBind("Page %(page)d of the packet was not ordered.", page=packet_page)
        source, number = found
        return source, number, self._document(source.document).pages[number - 1].obj

    def _document(self, document: str) -> pikepdf.Pdf:
        if self._open and self._open[0] != document:
            self._open[1].close()
            self._open = None
        if not self._open:
            self._open = (document, pikepdf.open(self._sources[document], suppress_warnings=True))
        return self._open[1]

    def close(self) -> None:
        """Nothing that was ordered may be left over."""
        if self._open:
            self._open[1].close()
        if left := next(self._leaves, None):
            raise CannotBind("Page %(page)d of “%(document)s” is missing.", page=left[1], document=left[0].title)


def _leaves(order: Order) -> Iterator[tuple[Source, int]]:
    for source in order.sources():
        for number in source.numbers():
            yield source, number


def _prove_readable(part: Part) -> None:
    """A second reader counts the pages too."""
    document = pypdfium2.PdfDocument(part.path)
    try:
        if len(document) != part.pages:
            facts = {"file": part.file, "found": len(document), "pages": part.pages}
            raise CannotBind("%(file)s has %(found)d pages and should have %(pages)d.", **facts)
    finally:
        document.close()


def _prove_shell(pdf: pikepdf.Pdf, part: Part, first: int) -> None:
    _prove_keys(pdf.Root, "the catalog", first)
    label = pdf.Root.PageLabels.Nums
    labelled = len(label) == 2 and label[0] == 0 and label[1].S == "/D" and int(label[1].St) == first
    if not labelled or part.first_page != first or len(pdf.pages) != part.pages:
        raise CannotBind("The pages of %(file)s are not numbered from %(first)d.", file=part.file, first=first)
    if part.path.stat().st_size != part.bytes:
        raise CannotBind("%(file)s was not written whole.", file=part.file)


def _prove_page(page: pikepdf.Object, number: int, expected: _Expected) -> None:
    _prove_keys(page, "a page", number)
    for link in page.get("/Annots", ()):
        _prove_keys(link, "a link", number)
    forms = page.Resources.XObject
    if "/Page" in forms:
        source, at, original = expected.next(number)
        if not _same_picture(forms["/Page"], original):
            facts = {"page": at, "document": source.title, "number": number}
            raise CannotBind("Page %(page)d of “%(document)s” is not what stands on page %(number)d.", **facts)
    elif "/StructParents" not in page:
        raise CannotBind("Page %(page)d of the packet came from nowhere.", page=number)


def _prove_keys(thing: pikepdf.Object, what: str, page: int) -> None:
    if extra := set(map(str, thing.keys())) - ALLOWED[what]:
        raise CannotBind("Page %(page)d carries %(keys)s.", page=page, keys=", ".join(sorted(extra)))


def _same_picture(form: pikepdf.Object, page: pikepdf.Object) -> bool:
    """Whether content and pictures are the page's own, byte for byte."""
    contents = page.get("/Contents", pikepdf.Array())
    if isinstance(contents, pikepdf.Array) and len(contents) == 1:
        contents = contents[0]
    if isinstance(contents, pikepdf.Array):
        same = form.read_bytes() == b"\n".join(stream.read_bytes() for stream in contents)
    else:
        same = form.read_raw_bytes() == contents.read_raw_bytes()
    return same and _same_forms(form.Resources, _resources(page), 0)


def _resources(page: pikepdf.Object) -> pikepdf.Object:
    while "/Resources" not in page and "/Parent" in page:
        page = page.Parent
    return page.get("/Resources", pikepdf.Dictionary())


def _same_forms(ours: pikepdf.Object, theirs: pikepdf.Object, depth: int) -> bool:
    """The pictures and forms of two resource dictionaries, and of the forms in them."""
    left, right = ours.get("/XObject", pikepdf.Dictionary()), theirs.get("/XObject", pikepdf.Dictionary())
    if set(ours.keys()) != set(theirs.keys()) or set(left.keys()) != set(right.keys()):
        return False
    return all(_same_stream(left[name], right[name], depth) for name in left.keys())  # noqa: SIM118  # not a dict


def _same_bytes(left: pikepdf.Object, right: pikepdf.Object) -> bool:
    """Raw against raw, without a copy: `startswith` compares memory where `==` on buffers goes byte by byte."""
    ours, theirs = left.get_raw_stream_buffer(), right.read_raw_bytes()
    return memoryview(ours).nbytes == len(theirs) and theirs.startswith(ours)


def _same_stream(left: pikepdf.Object, right: pikepdf.Object, depth: int) -> bool:
    if not _same_bytes(left, right):
        return False
    for key in ("/SMask", "/Mask"):
        mask = right.get(key)
        if isinstance(mask, pikepdf.Stream) and not _same_stream(left[key], mask, depth):
            return False
    return depth > 8 or "/Resources" not in right or _same_forms(left.Resources, right.Resources, depth + 1)
