"""What a sandboxed process says it prepared. It has read a hostile file: nothing is believed that cannot be."""

import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from documents.preparing.album import MOST_PHOTOS
from documents.preparing.made import PRINT_READY, preview_name
from documents.preparing.placing import Misplaced, Placed, arranged, every
from documents.preparing.seeming import Look, is_look
from documents.preparing.words import Kind, PreparingFailed, Warning_

NO_SENSE = "Its process left an answer that makes no sense."


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """One Letter page: `number` is 1-based, `preview` a JPEG 1000 pixels wide, made by us from that page.

    `leaf`: the 1-based place in the file of what it shows.
    `noticed`: what is wrong with the photo on it, as far as that can be measured. `look`: None where it shows nothing.
    """

    number: int
    blank: bool
    preview: Path
    leaf: int = 1
    noticed: tuple[Warning_, ...] = ()
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A print-ready document. `kind` and `mime` say what the source was; `pdf` and all previews lie in `into`.

    `leaves`: how many pages the source has.
    `photos`: how many it holds, 0 for what is no photo. `suggestions`: how those could be cropped and straightened
    on which the edge of a paper was found; nothing was done about it.
    """

    kind: Kind
    mime: str
    pdf: Path
    pages: tuple[PreparedPage, ...]
    warnings: frozenset[Warning_]
    leaves: int = 0
    photos: int = 0
    suggestions: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to a picture on a 1-based page: dots an inch and bytes, before and after."""

    page: int
    from_dpi: int
    to_dpi: int
    before: int
    after: int


def change_of(answer: object) -> Change:
    """One of what `smaller.work` answers. Raises PreparingFailed."""
    match answer:
        case {"page": int(page), "from_dpi": int(was), "to_dpi": int(is_), "before": int(before), "after": int(after)}:
            if page > 0 and was > is_ > 0 and before > after > 0:
                return Change(page, was, is_, before, after)
    raise PreparingFailed(NO_SENSE)


def prepared(
    kind: Kind, into: Path, answer: dict[str, Any], warnings: list[object], arrangement: Sequence[Placed] = ()
) -> Prepared:
    """The answer of `preparation.prepare` with files to it. Raises PreparingFailed, also where a page is missing that was
    asked for, or is elsewhere."""
    match answer:
        case {"blank": list(blank), "noticed": list(noticed), "photos": int(photos), "suggestions": list(suggestions)}:
            if len(blank) == len(noticed) and photos in range(MOST_PHOTOS + 1):
                leaves, of = _leaves(answer, len(blank), photos, arrangement)
                told = zip(range(1, len(blank) + 1), blank, leaves, noticed, _looks(answer, len(blank)), strict=True)
                pages = tuple(_page(into, *page) for page in told)
                pdf, known = plain_file(into / PRINT_READY), frozenset(_known(warnings))
                return Prepared(kind, kind.mime, pdf, pages, known, of, photos, _placed(suggestions, photos))
    raise PreparingFailed(NO_SENSE)


def _page(into: Path, number: int, blank: object, leaf: int, noticed: object, look: Look | None) -> PreparedPage:
    preview = plain_file(into / preview_name(number))
    return PreparedPage(number, bool(blank), preview, leaf, tuple(_known(noticed)), look)


def _leaves(
    answer: dict[str, Any], pages: int, photos: int, arrangement: Sequence[Placed]
) -> tuple[list[int], int]:  # fmt: skip
    """What each page shows, and of how many. Every page of a file is there once, where it was asked for; of photos, those
    that were asked for."""
    match answer:
        case {"leaves": [*leaves], "of": int(of)} if len(leaves) == pages and of >= 1:
            with suppress(Misplaced):
                wanted = (arranged if photos else every)(arrangement, of)
                if [leaf for leaf, _same in groupby(leaves)] == [placed.photo for placed in wanted]:
                    return leaves, of
    raise PreparingFailed(NO_SENSE)


def _looks(answer: dict[str, Any], pages: int) -> list[Look | None]:
    """One a page, or none: whatever makes no sense costs nobody a page."""
    told = answer.get("looks")
    told = told if isinstance(told, list) and len(told) == pages else [[]] * pages
    return [Look(*each) if isinstance(each, list) and len(each) == 2 and is_look(*each) else None for each in told]


def _known(words: object) -> list[Warning_]:
    return [word for word in Warning_ if isinstance(words, list) and word in words]


def _placed(suggestions: list[object], photos: int) -> tuple[Placed, ...]:
    try:
        return arranged([Placed.from_json(each) for each in suggestions], photos) if suggestions else ()
    except Misplaced:
        raise PreparingFailed(NO_SENSE) from None


def plain_file(path: Path) -> Path:
    """A plain file and no link: whoever made it may have been taken over, and the caller will open it."""
    try:
        plain = stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        plain = False
    if not plain:
        raise PreparingFailed("Its process left something other than files.")
    return path
