"""What is inside a file and hidden from a scanner that looks at the whole, taken out so that each is scanned by itself.

clamd opens zips, compound files and gzip, and looks at each part. It misses files attached to a PDF, and what a rich text
holds in hexadecimal: those are items of their own here, at any depth, in parts of parts too. So is each photo of an album:
it becomes a page. The rest is walked through.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from documents.preparing import unpacking
from documents.preparing.made import attachment_name
from documents.preparing.sniffing import kind_of
from documents.preparing.words import Job, Kind, Reason, Refused


def extract(job: Job) -> int:
    """Writes every hidden item, each once, into `job.into`; returns how many.

    Refused(TOO_COMPLEX) past the limits, and for an archive inside that we do not open; LOCKED and the like of a PDF. What
    lies inside and is broken is still written as it is.
    """
    waiting, seen, count = [job.source], set(), 0
    for number, (content, hidden) in enumerate(_bounded(job, _all_inside(job, waiting))):
        digest = hashlib.sha256(content).digest() if hidden else b""
        if digest in seen:
            continue
        seen |= {digest} if hidden else set()
        count += hidden
        if count > job.limits.attachments:
            raise Refused(Reason.TOO_COMPLEX, "It has more files inside than we look through.")
        path = job.into / attachment_name(count) if hidden else Path(f"part-{number}")
        opens = unpacking.is_container(content)
        if hidden or opens:
            path.write_bytes(content)
        waiting += [path] if opens else []
    return count


def _all_inside(job: Job, waiting: list[Path]) -> Iterator[tuple[bytes, bool]]:
    """What is inside each of those that wait, which grow meanwhile, and whether a scanner of the whole misses it."""
    kind = _kind(job)
    while waiting:
        path = waiting.pop()
        of_the_whole = kind if path == job.source else None
        here = replace(job, source=path)
        yield from unpacking.inside(here, demanded=of_the_whole is Kind.PDF, apart=of_the_whole is Kind.PHOTOS)
        if path.parent != job.into and path != job.source:
            path.unlink()


def _bounded(job: Job, things: Iterator[tuple[bytes, bool]]) -> Iterator[tuple[bytes, bool]]:
    """The same, until they are too many or too much together: copies count, as they are what a bomb is made of."""
    room = job.limits.attachment_bytes
    for number, (content, hidden) in enumerate(things):
        room -= len(content)
        if room < 0 or number >= job.limits.parts:
            raise Refused(Reason.TOO_COMPLEX, "It has more inside than we look through.")
        if content:
            yield content, hidden


def _kind(job: Job) -> Kind | None:
    try:
        return kind_of(job)
    except Refused:
        return None
