"""Walking the objects of a PDF, whatever they nest in."""

from collections.abc import Iterator
from typing import Any

import pikepdf

from documents.preparing.words import Limits, Reason, Refused


def dictionaries(pdf: pikepdf.Pdf, limits: Limits) -> Iterator[pikepdf.Object]:
    """Every dictionary and stream of a document, those written inside others and those nothing refers to included.

    Refused(TOO_COMPLEX) before the first, where there are more objects than any document has.
    """
    said: Any = pdf.trailer.get("/Size")
    if (isinstance(said, int) and said > limits.objects) or len(pdf.objects) > limits.objects:
        raise Refused(Reason.TOO_COMPLEX, "It is made of more things than any document.")
    for thing in pdf.objects:
        pending = [thing]
        while pending:
            found = pending.pop()
            if isinstance(found, pikepdf.Array):
                pending += direct(list(found))
            elif isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
                yield found
                pending += direct(list(found.values()))


def direct(values: list[object]) -> list[pikepdf.Object]:
    """Those of `values` that are containers written in place; a referenced one is met by itself."""
    containers = (pikepdf.Array, pikepdf.Dictionary)
    return [value for value in values if isinstance(value, containers) and not value.is_indirect]


def listed(value: object) -> list[Any]:
    """The items of an array; nothing when it is none, as in a broken file it may be."""
    return list(value) if isinstance(value, pikepdf.Array) else []
