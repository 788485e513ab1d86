"""Files embedded in a PDF, wherever they hang in it."""

import io
import mmap
from collections.abc import Iterator

import pikepdf

from documents.preparing import opening
from documents.preparing.objects import dictionaries
from documents.preparing.words import Job, Reason, Refused


def files(job: Job, data: mmap.mmap, at: int, *, demanded: bool) -> Iterator[bytes]:
    """Each file embedded in the PDF that begins `at` this byte of `job.source`. `demanded`: it must open.

    By object, not by name: it finds what hangs on annotations and portfolios, and what nothing refers to any more.
    Refused(DAMAGED) for one that cannot be read, TOO_COMPLEX for one that grows past the limits.
    """
    pdf = opening.open_pdf(job) if demanded else _opened(job, data, at)
    seen = pikepdf.ObjectSet()
    for thing in dictionaries(pdf, job.limits) if pdf else ():
        yield from (_content(stream) for stream in _embedded(thing) if seen.add(stream))


def _opened(job: Job, data: mmap.mmap, at: int) -> pikepdf.Pdf | None:
    """None where nobody can open it: then there are no files to be had from it."""
    opening.bound_decoders(job)
    try:
        return pikepdf.open(io.BytesIO(data[at:]), suppress_warnings=True)
    except (pikepdf.PdfError, pikepdf.PasswordError, RuntimeError):
        return None


def _embedded(thing: pikepdf.Object) -> list[pikepdf.Stream]:
    if isinstance(thing, pikepdf.Stream) and thing.get("/Type") == "/EmbeddedFile":
        return [thing]
    files = thing.get("/EF")
    if not isinstance(files, pikepdf.Dictionary):
        return []
    return [file for key in files.keys() if isinstance(file := files.get(key), pikepdf.Stream)]  # noqa: SIM118


def _content(stream: pikepdf.Stream) -> bytes:
    try:
        return stream.read_bytes()
    except pikepdf.DataDecodingError as error:
        reason = Reason.TOO_COMPLEX if "limit" in str(error) else Reason.DAMAGED
        raise Refused(reason, "A file inside cannot be read.") from None
    except pikepdf.PdfError:
        return stream.read_raw_bytes()  # a filter nobody can undo: then these are the bytes anybody would get
