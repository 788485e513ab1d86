"""A packet read again, long after it was bound: its files against its ledger and its frozen order, in the sandbox."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import pikepdf
import pypdfium2

from documents.packets.caged import HERE, LIMITS
from documents.packets.prove import prove
from documents.packets.shape import CannotBind, LedgerRow, Order, Part
from documents.preparing import Refused, sandbox
from documents.preparing.words import Job

BAND = (0, 0, 612, 36)  # points: the lowest half inch, where the number is printed


def recheck(
    order: Order, parts: list[Part], rows: Iterable[LedgerRow], sources: Mapping[str, Path] | None, into: Path
) -> str:
    """What is wrong with the packet in a sentence, or nothing. PreparingFailed when the process died.

    `sources`: the print-ready PDFs it was bound from, each page of which is compared; None where they are no longer
    kept. `into`: an empty folder.
    """
    task = into / "recheck.json"
    named = None if sources is None else {name: str(path) for name, path in sources.items()}
    order_, parts_ = order.to_json(), [{**asdict(part), "path": str(part.path)} for part in parts]
    asked = {"order": order_, "parts": parts_, "ledger": [asdict(row) for row in rows], "sources": named}
    task.write_text(json.dumps(asked))
    readable = (HERE, *(part.path for part in parts), *(sources or {}).values())
    try:
        return str(sandbox.run("documents.packets.recheck:work", task, into, limits=LIMITS, readable=readable))
    except Refused as problem:
        return f"A file cannot be read: {problem.detail}"


def work(job: Job) -> str:
    """The sandboxed half."""
    task = json.loads(job.source.read_bytes())
    order, rows = Order.from_json(task["order"]), [LedgerRow(**row) for row in task["ledger"]]
    parts = [Part(**{**part, "path": Path(part["path"])}) for part in task["parts"]]
    try:
        _check_ledger(order, parts, rows)
        for number, part in enumerate(parts, 1):
            _check_part(order, part, [row for row in rows if row.part == number])
        if task["sources"] is not None:
            prove(order, parts, {name: Path(path) for name, path in task["sources"].items()})
    except CannotBind as problem:
        return str(problem)
    return ""


def _check_ledger(order: Order, parts: list[Part], rows: list[LedgerRow]) -> None:
    """Each ordered page once and in order, each packet page once and in its file."""
    ordered = [(source.document, page, source.sha256) for source in order.sources() for page in source.numbers()]
    listed = [(row.document, row.source_page or 0, row.source_sha256) for row in rows if row.document]
    if wrong := next(iter((Counter(ordered) - Counter(listed)) + (Counter(listed) - Counter(ordered))), None):
        raise CannotBind("Page %(page)s of %(document)s is not in it exactly once.", page=wrong[1], document=wrong[0])
    if ordered != listed:
        raise CannotBind("Its ledger has the pages in another order than they were ordered in.")
    places = [(number, page) for number, part in enumerate(parts, 1) for page in range(1, part.pages + 1)]
    if [(row.part, row.part_page) for row in rows] != places:
        raise CannotBind("Its ledger does not have a row for every page of its files.")
    if [row.packet_page for row in rows] != list(range(1, len(rows) + 1)):
        raise CannotBind("Its ledger does not count from 1 without a gap.")


def _check_part(order: Order, part: Part, rows: list[LedgerRow]) -> None:
    """Each page has the number its ledger gives it, printed and as its label, and is evidence where that says so."""
    document = pypdfium2.PdfDocument(part.path)
    try:
        if len(document) != len(rows):
            facts = {"file": part.file, "found": len(document), "pages": len(rows)}
            raise CannotBind("%(file)s has %(found)d pages and its ledger %(pages)d.", **facts)
        for at, row in enumerate(rows):
            printed = document[at].get_textpage().get_text_bounded(*BAND).split()
            called = order.label(row.packet_page)
            if not printed or {printed[-1], document.get_page_label(at)} != {called}:
                raise CannotBind("Page %(page)s does not have its number on it.", page=called)
    finally:
        document.close()
    with pikepdf.open(part.path, suppress_warnings=True) as pdf:
        for page, row in zip(pdf.pages, rows, strict=True):
            if ("/Page" in page.obj.Resources.XObject) != bool(row.document):
                raise CannotBind("Page %(page)d is not of the kind its ledger says.", page=row.packet_page)
