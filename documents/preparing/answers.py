"""What a sandboxed process says it prepared. It has read a hostile file: nothing is believed that cannot be."""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from documents.preparing.album import MOST_PHOTOS
from documents.preparing.made import PRINT_READY, preview_name
from documents.preparing.placing import Misplaced, Placed, arranged
from documents.preparing.seeming import Look, is_look
from documents.preparing.words import Kind, PreparingFailed, Warning_

NO_SENSE = "Its process left an answer that makes no sense."


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """One Letter page: `number` is 1-based, `preview` a JPEG 1000 pixels wide, made by us from that page.

    `noticed`: what is wrong with the photo on it, as far as that can be measured. `look`: None where it shows nothing.
    """

    number: int
    blank: bool
    preview: Path
    noticed: tuple[Warning_, ...] = ()
    look: Look | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A print-ready document. `kind` and `mime` say what the source was; `pdf` and all previews lie in `into`.

    `photos`: how many the source holds, 0 for what is no photo. `suggestions`: how those could be cropped and straightened
    on which the edge of a paper was found; nothing was done about it.
    """

    kind: Kind
    mime: str
    pdf: Path
    pages: tuple[PreparedPage, ...]
    warnings: frozenset[Warning_]
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


def prepared(kind: Kind, into: Path, answer: dict[str, Any], warnings: list[object]) -> Prepared:
    """The answer of `preparation.prepare` with files to it. Raises PreparingFailed."""
    match answer:
        case {"blank": list(blank), "noticed": list(noticed), "photos": int(photos), "suggestions": list(suggestions)}:
            if len(blank) == len(noticed) and photos in range(MOST_PHOTOS + 1):
                looks = _looks(answer, len(blank))
                pages = tuple(
                    _page(into, *page) for page in zip(range(1, len(blank) + 1), blank, noticed, looks, strict=True)
                )
                pdf, known = plain_file(into / PRINT_READY), frozenset(_known(warnings))
                return Prepared(kind, kind.mime, pdf, pages, known, photos, _placed(suggestions, photos))
    raise PreparingFailed(NO_SENSE)


def _page(into: Path, number: int, blank: object, noticed: object, look: Look | None) -> PreparedPage:
    return PreparedPage(number, bool(blank), plain_file(into / preview_name(number)), tuple(_known(noticed)), look)


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
