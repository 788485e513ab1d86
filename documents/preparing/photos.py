"""A paper of several photos → its pages, in order; each photo is prepared as it would be by itself."""

import importlib
from collections.abc import Iterator

from documents.preparing import album, writer
from documents.preparing.made import PICTURES, PRINT_READY, Made
from documents.preparing.placing import Placed, arranged
from documents.preparing.sniffing import picture_kind
from documents.preparing.words import Job, Kind, Limits, Reason, Refused


def prepare(job: Job, _kind: Kind) -> Made:
    """Writes the print-ready PDF of all photos that are asked for, and tells what to warn of.

    Raises Misplaced; Refused as one photo would be, with its number: never does a paper come out with a page less.
    """
    members = album.members(job.source)
    made = Made(set(), [], photos=len(members), of=len(members))
    pages = arranged(job.arrangement, made.photos)
    writer.write(_pictures(members, pages, job.limits, made), job.into / PRINT_READY)
    return made


def _pictures(
    members: list[album.Member], pages: tuple[Placed, ...], limits: Limits, made: Made
) -> Iterator[writer.Picture]:
    for placed in pages:
        try:
            yield from _of_one(members[placed.photo - 1].read(), placed, limits, made)
        except Refused as problem:
            raise Refused(problem.reason, f"Photo {placed.photo}: {problem.detail}") from None
        if len(made.spreads) > limits.pages:
            raise Refused(Reason.TOO_LARGE, f"It has more than {limits.pages} pages.")


def _of_one(data: bytes, placed: Placed, limits: Limits, made: Made) -> Iterator[writer.Picture]:
    """What is printed of one photo, once the decoders for it are loaded."""
    kind = picture_kind(data)
    if kind is None:
        raise Refused(Reason.WRONG_TYPE, "It is no picture.")
    module = importlib.import_module(PICTURES[kind])
    pictures: Iterator[writer.Picture] = module.pictures(data, kind, limits, placed, made)
    yield from pictures
