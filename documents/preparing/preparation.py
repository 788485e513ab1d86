"""The tasks that run inside the sandbox. Which parser is loaded depends on what the file is: loading costs time."""

import importlib

from documents.preparing.proof import prove
from documents.preparing.sniffing import kind_of
from documents.preparing.words import Job, Kind, Warning_

_MODULES = {
    Kind.PDF: "documents.preparing.pdf",
    Kind.JPEG: "documents.preparing.image",
    Kind.PNG: "documents.preparing.image",
    Kind.HEIC: "documents.preparing.heic",
}


def prepare(job: Job) -> dict[str, object]:
    """Makes the print-ready PDF and previews of any accepted file: `{"kind", "blank": [bool a page], "warnings"}`."""
    kind = kind_of(job)
    made = importlib.import_module(_MODULES[kind]).prepare(job, kind)
    blank = prove(job.into, made.spreads)
    warnings = made.warnings | ({Warning_.BLANK_PAGES} if any(blank) else set())
    return {"kind": kind, "blank": blank, "warnings": sorted(warnings)}


def attachments(job: Job) -> int:
    """Writes what is embedded in a PDF into `job.into`, and tells how many files that is; 0 for any other kind."""
    if kind_of(job) is not Kind.PDF:
        return 0
    return int(importlib.import_module("documents.preparing.embedded").extract(job))
