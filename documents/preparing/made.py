"""What the parts of preparing hand to one another inside the sandbox."""

from dataclasses import dataclass, field
from typing import Final

from documents.preparing.placing import Placed
from documents.preparing.words import Kind, Warning_

# Which module prepares a kind of picture: each registers the decoders it needs, and no others.
PICTURES: Final = {
    Kind.JPEG: "documents.preparing.image",
    Kind.PNG: "documents.preparing.image",
    Kind.HEIC: "documents.preparing.heic",
    Kind.AVIF: "documents.preparing.rarer",
    Kind.TIFF: "documents.preparing.rarer",
    Kind.WEBP: "documents.preparing.rarer",
    Kind.GIF: "documents.preparing.image",
    Kind.BMP: "documents.preparing.image",
}
PRINT_READY = "print.pdf"  # in the directory the caller gave
CONVERTED = "converted.pdf"  # beside it: what an office program made, still to be prepared
SEARCHABLE = "searchable.pdf"  # the print-ready PDF again, with words under its pictures
SMALLER = "smaller.pdf"  # the print-ready PDF again, its pictures coarser; not there when nothing was gained
BURNT = "burnt.pdf"  # the print-ready PDF again, some of its pages now pictures with black boxes
UNLOCKED = "unlocked.pdf"  # a PDF without the lock it came with


@dataclass(slots=True)
class Made:
    """A print-ready PDF has been written; `spreads` holds proof.spread of the source of each of its pages.

    `leaves` holds, of each of its pages, the 1-based place in the file of what it shows; the file has `of` such places.
    Of pictures, `noticed` holds what each page is warned of, `pixels` how many were decoded. `photos` is 0 for what is no
    photo; `suggestions` are how some of them could be cropped and straightened.
    """

    warnings: set[Warning_]
    spreads: list[int]
    leaves: list[int] = field(default_factory=list)
    of: int = 0
    noticed: list[set[Warning_]] = field(default_factory=list)
    pixels: int = 0
    photos: int = 0
    suggestions: list[Placed] = field(default_factory=list)


def preview_name(number: int) -> str:
    """The file name of the preview of a 1-based page."""
    return f"page-{number:04d}.jpg"


def attachment_name(number: int) -> str:
    """The file name of an embedded file, by its 1-based number: never a name from inside a document."""
    return f"attachment-{number:04d}"
