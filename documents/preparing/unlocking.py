"""A PDF that came locked, written once more without its lock. Nothing else about it changes: what is embedded in it stays
there, to be scanned like that of any other.
"""

import unicodedata
from collections.abc import Iterator

import pikepdf
import pypdfium2

from documents.preparing import opening
from documents.preparing.made import UNLOCKED
from documents.preparing.sniffing import kind_of
from documents.preparing.words import Job, Kind, Reason, Refused

# How programs have turned what was typed into bytes: AES-256 has a rule (ISO 32000-2, 7.6.4.3.3), before it each had its own.
_ENCODINGS = ("utf-8", "pdfdoc", "cp1252", "mac_roman")


def needs_password(job: Job) -> bool:
    """Whether it is a PDF that opens when somebody types its password. False for what another kind of lock closes."""
    try:
        return kind_of(job) is Kind.PDF and not opening.opens_with(job, b"")
    except Refused:
        return False


def unlock(job: Job) -> bool:
    """Writes UNLOCKED into `job.into`; whether the file had to be repaired on the way.

    Refused(LOCKED) where `job.secret` does not open it; otherwise as opening refuses: what the copy would no longer show,
    a file cut short or pages that cannot be found, is found out here.
    """
    fits = next((each for each in _spellings(job.secret) if opening.opens_with(job, each[0])), None)
    if fits is None:
        raise Refused(Reason.LOCKED, "That password does not open it.")
    password, text = fits
    pdf = opening.open_pdf(job, password)
    if _pages_for_another_reader(job, text) > len(pdf.pages):
        raise Refused(Reason.DAMAGED, "Some of its pages cannot be read.")
    pdf.save(
        job.into / UNLOCKED,
        encryption=False,
        deterministic_id=True,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    repaired = bool(pdf.get_warnings())
    if repaired:
        opening.demand_whole(pdf, job.source)
    return repaired


def _spellings(typed: str) -> Iterator[tuple[bytes, str]]:
    """What was typed, as it is and without the blanks that phones add, in every way a program may have written it."""
    texts = (typed, typed.strip(), unicodedata.normalize("NFKC", typed.strip()))
    for text in dict.fromkeys(texts):
        yield from ((spelt, text) for spelt in dict.fromkeys(_encoded(text)) if spelt and b"\0" not in spelt)


def _encoded(text: str) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        try:
            yield text.encode(encoding)
        except ValueError:
            continue


def _pages_for_another_reader(job: Job, password: str) -> int:
    """How many pages pdfium finds, which tries spellings of its own; 0 where it cannot open the file at all."""
    try:
        return len(pypdfium2.PdfDocument(job.source, password=password))
    except pypdfium2.PdfiumError:
        return 0
