"""Files inside PDFs, taken out so that each can be scanned: a scanner misses what is compressed within."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf

from documents.preparing.made import attachment_name
from documents.preparing.objects import dictionaries
from documents.preparing.opening import open_pdf
from documents.preparing.sniffing import kind_of
from documents.preparing.words import Job, Kind, Reason, Refused


def extract(job: Job) -> int:
    """Writes every embedded file, and those inside embedded PDFs, into `job.into`; returns how many.

    By object, not by name: it finds what hangs on annotations and portfolios, and what nothing refers to any more.
    Refused(TOO_COMPLEX) past the limits. An embedded PDF that cannot be opened is still written as it is.
    """
    waiting, count, room = [job.source], 0, job.limits.attachment_bytes
    while waiting:
        for content in _contents(replace(job, source=waiting.pop()), outermost=count == 0 and not waiting):
            count, room = count + 1, room - len(content)
            if count > job.limits.attachments or room < 0:
                raise Refused(Reason.TOO_COMPLEX, "It has more files inside than we look through.")
            path = job.into / attachment_name(count)
            path.write_bytes(content)
            waiting += [path] if _is_pdf(job, path) else []
    return count


def _contents(job: Job, *, outermost: bool) -> Iterator[bytes]:
    try:
        pdf = open_pdf(job)
    except Refused:
        if outermost:
            raise
        return
    seen = pikepdf.ObjectSet()
    for thing in dictionaries(pdf):
        for stream in _streams(thing):
            if seen.add(stream):
                yield _bytes(stream)


def _streams(thing: pikepdf.Object) -> list[pikepdf.Stream]:
    if isinstance(thing, pikepdf.Stream) and thing.get("/Type") == "/EmbeddedFile":
        return [thing]
    files = thing.get("/EF")
    if not isinstance(files, pikepdf.Dictionary):
        return []
    return [file for key in files.keys() if isinstance(file := files.get(key), pikepdf.Stream)]  # noqa: SIM118


def _bytes(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.PdfError:
        return stream.read_raw_bytes()  # a filter nobody can undo: then these are the bytes anybody would get


def _is_pdf(job: Job, path: Path) -> bool:
    try:
        return kind_of(replace(job, source=path)) is Kind.PDF
    except Refused:
        return False
