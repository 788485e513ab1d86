"""What the parts of preparing hand to one another inside the sandbox."""

from dataclasses import dataclass

from documents.preparing.words import Warning_

PRINT_READY = "print.pdf"  # in the directory the caller gave
CONVERTED = "converted.pdf"  # beside it: what an office program made, still to be prepared
UNLOCKED = "unlocked.pdf"  # a PDF without the lock it came with


@dataclass(slots=True)
class Made:
    """A print-ready PDF has been written; `spreads` holds proof.spread of the source of each of its pages."""

    warnings: set[Warning_]
    spreads: list[int]


def preview_name(number: int) -> str:
    """The file name of the preview of a 1-based page."""
    return f"page-{number:04d}.jpg"


def attachment_name(number: int) -> str:
    """The file name of an embedded file, by its 1-based number: never a name from inside a document."""
    return f"attachment-{number:04d}"
