"""The tasks that run inside the sandbox. Which parser is loaded depends on what the file is: loading costs time."""

import importlib

from documents.preparing.made import PICTURES, Made
from documents.preparing.placing import Misplaced
from documents.preparing.proof import prove
from documents.preparing.sniffing import kind_of
from documents.preparing.words import Job, Kind, Warning_

_MODULES = {**PICTURES, Kind.PDF: "documents.preparing.pdf", Kind.PHOTOS: "documents.preparing.photos"}


# What the PDF of an office program has by its own doing, and says nothing about the document.
_NOT_OF_THE_SENDER = {Warning_.ACTIVE_CONTENT_REMOVED, Warning_.FORMS_FLATTENED, Warning_.REPAIRED}


def prepare(job: Job) -> dict[str, object]:
    """Makes the print-ready PDF and previews of any accepted file: `{"kind", "blank": [bool a page], "warnings"}`.

    Besides, `"noticed"` has the warnings of each page, `"photos"` tells how many there are, `"suggestions"` how to place
    some; `"leaves"` says what place of the file each page shows, out of `"of"`.
    Of a text document it makes nothing yet: `{"kind", "convert": True, "warnings"}`; and nothing for an arrangement
    that does not fit the file: `{"misplaced": why}`.
    """
    kind = kind_of(job)
    try:
        return _prepared(job, kind)
    except Misplaced as problem:
        return {"misplaced": str(problem)}


def _prepared(job: Job, kind: Kind) -> dict[str, object]:
    if kind not in _MODULES:
        warnings = importlib.import_module("documents.preparing.office").demand_harmless(job, kind)
        return {"kind": kind, "convert": True, "warnings": sorted(warnings)}
    made = importlib.import_module(_MODULES[kind]).prepare(job, kind)
    return _proved(job, made) | {"kind": kind}


def prepare_converted(job: Job) -> dict[str, object]:
    """As `prepare`, of the PDF that an office program made: `{"blank", "warnings", …}` or `{"misplaced"}`."""
    try:
        made = importlib.import_module(_MODULES[Kind.PDF]).prepare(job, Kind.PDF)
    except Misplaced as problem:
        return {"misplaced": str(problem)}
    made.warnings -= _NOT_OF_THE_SENDER
    return _proved(job, made)


def _proved(job: Job, made: Made) -> dict[str, object]:
    shown = prove(job.into, made.spreads)
    blank = [page.blank for page in shown]
    warnings = made.warnings | ({Warning_.BLANK_PAGES} if any(blank) else set())
    return {
        "blank": blank,
        "looks": [[page.look.coarse, page.look.fine] if page.look else [] for page in shown],
        "warnings": sorted(warnings),
        "noticed": [sorted(words) for words in made.noticed or [set()] * len(blank)],
        "photos": made.photos,
        "leaves": made.leaves,
        "of": made.of,
        "suggestions": [placed.to_json() for placed in made.suggestions],
    }


def attachments(job: Job) -> int:
    """Writes what is hidden inside into `job.into`, and tells how many files that is."""
    return int(importlib.import_module("documents.preparing.embedded").extract(job))
