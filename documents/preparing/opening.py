"""A PDF as it was sent: opened, or refused because it is locked, damaged, or was cut short on its way.

qpdf opens a file cut at 70 % and shows its last pages blank. So a file it had to repair is only taken when its end is
there and everything its pages need was found.
"""

import mmap
import re
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf.settings import set_qpdf_limits

from documents.preparing.objects import listed
from documents.preparing.words import Job, Reason, Refused

_NAMED_IN = {"Do": "/XObject", "Tf": "/Font"}  # where the names that these operators use are explained
_LOSSES = ("treating stream as empty", "Pages tree includes")  # what qpdf says when it leaves out a part, or a page
_OPERATORS = {
    *b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP".split(),
    *b"n q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split(),
    b"INLINE IMAGE",
}
_OBJECT = re.compile(rb"\d \d+ obj\b")
_LOCKS = ("password", "encryption", "security handler")


def open_pdf(job: Job, password: bytes = b"") -> pikepdf.Pdf:
    """The document, with every page attribute on the page itself. Refused(LOCKED), TRUNCATED or DAMAGED."""
    try:
        pdf = _open(job, password)
        pages = len(pdf.pages)
    except pikepdf.PasswordError:
        raise Refused(Reason.LOCKED, "A password is needed to open it.") from None
    except (pikepdf.PdfError, RuntimeError) as error:
        if any(word in str(error) for word in _LOCKS):
            raise Refused(Reason.LOCKED, "It is encrypted in a way that needs more than a password.") from None
        raise Refused(_damage(job.source), "Its structure cannot be read.") from None
    if pages == 0:
        raise Refused(_damage(job.source), "It has no pages.")
    if pages > job.limits.pages:
        raise Refused(Reason.TOO_LARGE, f"It has {pages} pages.")
    return pdf


def opens_with(job: Job, password: bytes) -> bool:
    """False for a wrong password only; what else may be wrong with the file, open_pdf says."""
    try:
        _open(job, password)
    except pikepdf.PasswordError:
        return False
    except (pikepdf.PdfError, RuntimeError):
        return True
    return True


def bound_decoders(job: Job) -> None:
    """What one stream may grow to, whatever opens a PDF from here on."""
    bound = min(job.limits.memory // 2, 0xFFFFFFFF)
    set_qpdf_limits(flate_max_memory=bound, run_length_max_memory=bound, png_max_memory=bound, tiff_max_memory=bound)


def _open(job: Job, password: bytes) -> pikepdf.Pdf:
    bound_decoders(job)
    return pikepdf.open(job.source, password=password, suppress_warnings=True)


def demand_whole(pdf: pikepdf.Pdf, source: Path) -> None:
    """Refuses a repaired document that was cut short, or whose pages need what was not found."""
    if is_cut_short(source):
        raise Refused(Reason.TRUNCATED, "It ends before its end.")
    if any(loss in str(warning) for warning in pdf.get_warnings() for loss in _LOSSES):
        raise Refused(Reason.DAMAGED, "A part of it could not be recovered.")
    for number, page in enumerate(pdf.pages, 1):
        if not _has_content(page) or _lacks_something(page):
            raise Refused(Reason.DAMAGED, f"Page {number} needs a part that is not there.")


def demand_sense(page: pikepdf.Page, number: int) -> None:
    """Refuses a page that shows nothing because its content is no drawing (ISO 32000-2, annex A) but rubbish."""
    if not {step.operator.unparse() for step in pikepdf.parse_content_stream(page)} <= _OPERATORS:
        raise Refused(Reason.DAMAGED, f"What is on page {number} cannot be read.")


def is_cut_short(source: Path) -> bool:
    """Whether the file stops before what a PDF writer writes last. Rubbish after that end is no harm."""
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end = max(data.rfind(b"%%EOF"), data.rfind(b"startxref"))
        return _OBJECT.search(data, max(end, 0)) is not None


def _damage(source: Path) -> Reason:
    return Reason.TRUNCATED if is_cut_short(source) else Reason.DAMAGED


def _has_content(page: pikepdf.Page) -> bool:
    """Whether its content was found, all of it; even a blank page of a file that someone made has some."""
    contents = page.obj.get("/Contents")
    parts = listed(contents) or [contents]
    return all(isinstance(part, pikepdf.Stream) for part in parts)


def _lacks_something(page: pikepdf.Page) -> bool:
    """Whether a page, or a form it draws, names a font or a drawing that is not there."""
    seen = pikepdf.ObjectSet()
    pending: list[tuple[Any, Any]] = [(page, page.obj.get("/Resources"))]
    while pending:
        holder, resources = pending.pop()
        for step in pikepdf.parse_content_stream(holder, " ".join(_NAMED_IN)):
            named = resources.get(_NAMED_IN[str(step.operator)]) if isinstance(resources, pikepdf.Dictionary) else None
            thing = named.get(str(step.operands[0])) if isinstance(named, pikepdf.Dictionary) else None
            if thing is None:
                return True
            if isinstance(thing, pikepdf.Stream) and thing.get("/Subtype") == "/Form" and seen.add(thing):
                pending.append((thing, thing.get("/Resources", resources)))
    return False
