"""The words of print-ready pages: from their text layer where there is a real one, and off their picture where there is
none, or where a picture besides may say more.

Both halves: `read` starts a sandbox on as many pages as there is time for; `work` runs in it and leaves each page's words
in a file of its own as soon as it has them, so that a page nobody can read costs only itself.
"""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pypdfium2
from pypdfium2 import raw

from documents.preparing import sandbox
from documents.preparing.answers import NO_SENSE
from documents.preparing.ocr import Reader, Spot
from documents.preparing.underlaying import Place, place_of
from documents.preparing.words import Job, Limits, PreparingFailed, Refused

DPI = 150  # of the picture that is read: 8-point print is read whole, and more dots find no more words
BUDGET = 15  # seconds after which no further page is begun
# A dense page takes 1.4 processor seconds, one of noise 4. By the clock all of it may take long: other work goes first.
LIMITS = Limits(seconds=240, cpu_seconds=BUDGET + 45, memory=512 << 20, output=1 << 20)
MOST = 60_000  # characters of one page and source: ten times a page of small print
_FILE_BYTES = 1 << 20
_LETTERS = 12  # fewer letters and figures are a stamp or a page number, not the words of a page
_WIDE, _HIGH = 300, 180  # dots of a picture on which something may be written: an identity card, a screen


@dataclass(frozen=True, slots=True)
class Words:
    """What stands on a 1-based page: `layer` as it is written in the file, `picture` as it was read off; None: not looked
    for there. `places`: where the words of the picture are."""

    page: int
    layer: str | None
    picture: str | None
    places: tuple[Place, ...] = ()


def read(source: Path, into: Path, first: int, *, limits: Limits = LIMITS) -> list[Words]:
    """The words of the pages of the print-ready PDF at `source`, from `first` on, as many as there was time for.

    `into`: an existing, empty directory. Raises PreparingFailed when not even the first could be read; `ours` when that
    says nothing about the page.
    """
    try:
        sandbox.run("documents.preparing.transcript:work", source, into, wish=first, limits=limits)
    except (Refused, PreparingFailed) as problem:
        found = list(_found(into, first))
        if found:
            return found
        if isinstance(problem, Refused):
            raise PreparingFailed(str(problem)) from problem
        raise
    return list(_found(into, first))


def _found(into: Path, first: int) -> Iterator[Words]:
    """Its process may have been taken over by a page: nothing is believed that cannot be."""
    number = first
    while (path := into / _name(number)).exists():
        match sandbox.read_json(path, _FILE_BYTES):
            case {"layer": str() | None as layer, "picture": str() | None as picture, "places": list(places)}:
                yield Words(number, layer and layer[:MOST], picture and picture[:MOST], tuple(map(place_of, places)))
            case _:
                raise PreparingFailed(NO_SENSE)
        number += 1


def work(job: Job) -> None:
    """The sandboxed half. `job.wish` is the first page, 1-based."""
    document, until, reader = pypdfium2.PdfDocument(job.source), monotonic() + BUDGET, None
    for number in range(int(job.wish), len(document) + 1):
        page = document[number - 1]
        layer, picture, spots = _layer(page), None, list[Spot]()
        if not is_real(layer) or _has_picture(page):
            reader = reader or Reader()
            picture, spots = reader.read(page.render(scale=DPI / 72, grayscale=True).to_pil(), DPI)
        page.close()
        places = [[spot.word, *_points(spot)] for spot in spots]
        told: dict[str, object] = {"layer": layer if is_real(layer) else None, "picture": picture, "places": places}
        _leave(job.into / _name(number), told)
        if monotonic() > until:
            break


def is_real(layer: str) -> bool:
    """Whether these are words: enough letters, and not the signs that a font without a table of its letters leaves."""
    signs = [sign for sign in layer if not sign.isspace()]
    letters = sum(sign.isalnum() and unicodedata.category(sign) != "Co" for sign in signs)
    return letters >= _LETTERS and letters >= len(signs) / 2


def _layer(page: Any) -> str:
    return str(page.get_textpage().get_text_bounded(errors="replace"))[:MOST]


def _has_picture(page: Any) -> bool:
    """One that is large enough for writing, at any depth."""
    return any(map(_is_large, page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])))


def _is_large(picture: Any) -> bool:
    try:
        wide, high = picture.get_px_size()
    except pypdfium2.PdfiumError:
        return True  # of no size that is told: it is looked at
    return bool(wide >= _WIDE and high >= _HIGH)


def _points(spot: Spot) -> list[float]:
    return [round(dots * 72 / DPI, 1) for dots in spot[1:]]


def _leave(path: Path, answer: dict[str, object]) -> None:
    """All of it or nothing, whenever the process ends."""
    half = path.with_suffix(".half")
    half.write_text(json.dumps(answer))
    half.replace(path)


def _name(number: int) -> str:
    return f"words-{number:04d}.json"
