"""The tasks that run inside the sandbox. Which parser is loaded depends on what the file is: loading costs time."""

import importlib

from documents.preparing.made import Made
from documents.preparing.proof import prove
from documents.preparing.sniffing import kind_of
from documents.preparing.words import Job, Kind, Warning_

_MODULES = {
    Kind.PDF: "documents.preparing.pdf",
    Kind.JPEG: "documents.preparing.image",
    Kind.PNG: "documents.preparing.image",
    Kind.HEIC: "documents.preparing.heic",
    Kind.AVIF: "documents.preparing.rarer",
    Kind.TIFF: "documents.preparing.rarer",
    Kind.WEBP: "documents.preparing.rarer",
    Kind.GIF: "documents.preparing.image",
    Kind.BMP: "documents.preparing.image",
}


# What the PDF of an office program has by its own doing, and says nothing about the document.
_NOT_OF_THE_SENDER = {Warning_.ACTIVE_CONTENT_REMOVED, Warning_.FORMS_FLATTENED, Warning_.REPAIRED}


def prepare(job: Job) -> dict[str, object]:
    """Makes the print-ready PDF and previews of any accepted file: `{"kind", "blank": [bool a page], "warnings"}`.

    Of a text document it makes nothing yet: `{"kind", "convert": True, "warnings"}`.
    """
    kind = kind_of(job)
    if kind not in _MODULES:
        warnings = importlib.import_module("documents.preparing.office").demand_harmless(job, kind)
        return {"kind": kind, "convert": True, "warnings": sorted(warnings)}
    made = importlib.import_module(_MODULES[kind]).prepare(job, kind)
    return _proved(job, made) | {"kind": kind}


def prepare_converted(job: Job) -> dict[str, object]:
    """As `prepare`, of the PDF that an office program made: `{"blank", "warnings"}`."""
    made = importlib.import_module(_MODULES[Kind.PDF]).prepare(job, Kind.PDF)
    return _proved(job, Made(made.warnings - _NOT_OF_THE_SENDER, made.spreads))


def _proved(job: Job, made: Made) -> dict[str, object]:
    blank = prove(job.into, made.spreads)
    warnings = made.warnings | ({Warning_.BLANK_PAGES} if any(blank) else set())
    return {"blank": blank, "warnings": sorted(warnings)}


def attachments(job: Job) -> int:
    """Writes what is hidden inside into `job.into`, and tells how many files that is."""
    return int(importlib.import_module("documents.preparing.embedded").extract(job))
