"""Any accepted file → print-ready Letter pages and previews. No models, no settings: bytes in, bytes out.

Every function here runs its parser in a sandboxed process (sandbox.py) and answers with facts, or raises
Refused (the file's fault, final) or PreparingFailed (an attempt that says nothing certain about the file).
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from documents.preparing import sandbox
from documents.preparing.answers import NO_SENSE, Change, Prepared, PreparedPage, change_of, plain_file, prepared
from documents.preparing.boxes import Box
from documents.preparing.made import BURNT, CONVERTED, SEARCHABLE, SMALLER, UNLOCKED, attachment_name, preview_name
from documents.preparing.placing import Misplaced, Placed
from documents.preparing.underlaying import Place
from documents.preparing.words import Kind, Limits, NotBurnt, PreparingFailed, Reason, Refused, Warning_

__all__ = [
    "Box",
    "Change",
    "Kind",
    "Limits",
    "Misplaced",
    "NotBurnt",
    "Place",
    "Placed",
    "Prepared",
    "PreparedPage",
    "PreparingFailed",
    "Reason",
    "Refused",
    "Unlocked",
    "Warning_",
    "attachments",
    "bring_down",
    "burn",
    "needs_password",
    "prepare",
    "sniff",
    "underlay",
    "unlock",
]

DEFAULT = Limits()
OFFICE_SECONDS = 60  # for an office program and one document
OFFICE_MEMORY = 768 << 20  # bytes, besides the 150 MB that its libraries are
OFFICE_READS = tuple(
    map(Path, ("/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice", "/var/cache/fontconfig"))
)


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A PDF without the lock it came with, and what a person should know about that."""

    pdf: Path
    warnings: frozenset[Warning_]


def sniff(path: Path, name: str, *, limits: Limits = DEFAULT) -> Kind:
    """What the file at `path` is by its content; `name` is the one it came with.

    Raises Refused(EMPTY), Refused(WRONG_TYPE) or PreparingFailed.
    """
    with tempfile.TemporaryDirectory(prefix="sniff-") as into:  # only the answer lies there, nothing of the file
        return _kind(_run("sniffing:sniff", path, Path(into), name, limits))


def attachments(source: Path, into: Path, *, name: str = "", limits: Limits = DEFAULT) -> list[Path]:
    """Writes what is hidden inside `source` from a scanner of the whole, at any depth, into the directory `into`.

    Under names of our own: files in PDFs, what RTFs hold in hexadecimal, also within parts of other documents. Raises
    Refused (LOCKED without the password, TOO_COMPLEX past the limits, DAMAGED, …) or PreparingFailed.
    """
    count = _run("preparation:attachments", source, into, name, limits)
    if not isinstance(count, int):
        raise PreparingFailed(NO_SENSE)
    return [plain_file(into / attachment_name(number)) for number in range(1, count + 1)]


def needs_password(source: Path, *, limits: Limits = DEFAULT) -> bool:
    """Whether `source` is a PDF that opens when somebody types its password. Raises PreparingFailed."""
    with tempfile.TemporaryDirectory(prefix="look-") as into:
        return _run("unlocking:needs_password", source, Path(into), "", limits) is True


def unlock(source: Path, password: str, into: Path, *, limits: Limits = DEFAULT) -> Unlocked:
    """Writes the PDF at `source` without its lock into the existing directory `into`.

    The same bytes and password give the same copy. Raises Refused (LOCKED where the password does not open it, or as
    `prepare` does) or PreparingFailed.
    """
    repaired = _run("unlocking:unlock", source, into, "", limits, password)
    warnings = {Warning_.RESTRICTIONS_REMOVED, *([Warning_.REPAIRED] if repaired else [])}
    return Unlocked(plain_file(into / UNLOCKED), frozenset(warnings))


def prepare(
    source: Path, name: str, into: Path, arrangement: Sequence[Placed] = (), *, limits: Limits = DEFAULT
) -> Prepared:
    """Makes a print-ready PDF and a preview of each page of `source` in the existing, empty directory `into`.

    `arrangement`: the pages to make, in order and how: of photos some, of any other file all; empty for all of them as they
    are. The same bytes and
    arrangement give the same PDF. Raises Misplaced where it does not fit what is in the file, Refused or PreparingFailed;
    `into` may then hold unfinished files.
    """
    wish = [placed.to_json() for placed in arrangement]
    match _run("preparation:prepare", source, into, name, limits, wish=wish):
        case {"kind": kind, "convert": True, "warnings": list(warnings)}:
            return _converted(source, _kind(kind), into, warnings, arrangement, limits)
        case {"kind": kind, "blank": [_, *_], "warnings": list(warnings)} as answer:
            return prepared(_kind(kind), into, answer, warnings, arrangement)
        case {"misplaced": str(why)}:
            raise Misplaced(why)
    raise PreparingFailed(NO_SENSE)


def burn(made: Prepared, boxes: Sequence[Box], into: Path, *, limits: Limits = DEFAULT) -> Prepared:
    """The print-ready document `made` with the boxes black, in the existing, empty directory `into`; same boxes, same PDF.

    One process burns them in, another one proves that nothing is left under them. Raises NotBurnt where it is not, or
    PreparingFailed.
    """
    wish = [box.to_json() for box in boxes]
    try:
        pages = _run("burning:work", made.pdf, into, "", limits, wish=wish)
        if _run("burnt:work", made.pdf, into, "", limits, wish={"boxes": wish, "pages": pages}) is not True:
            raise PreparingFailed(NO_SENSE)
    except Refused as problem:
        raise NotBurnt(problem.detail) from problem
    boxed = {box.page for box in boxes}
    shown = [_shown_again(page, into, boxed) if page.number in pages else page for page in made.pages]
    return replace(made, pdf=plain_file(into / BURNT), pages=tuple(shown))


def _shown_again(page: PreparedPage, into: Path, boxed: set[int]) -> PreparedPage:
    preview = plain_file(into / preview_name(page.number))
    return replace(page, preview=preview, blank=page.blank and page.number not in boxed)


def bring_down(source: Path, into: Path, dpi: int, *, limits: Limits = DEFAULT) -> tuple[Path, list[Change]] | None:
    """Writes the print-ready PDF at `source` with its pictures at `dpi` dots an inch at most into the directory `into`.

    Same bytes, same copy. The file and what was done to which page; None where nothing is gained. Raises Refused or
    PreparingFailed.
    """
    answer = _run("smaller:work", source, into, "", limits, wish=dpi)
    if not isinstance(answer, list):
        raise PreparingFailed(NO_SENSE)
    changes = [change_of(each) for each in answer]
    return (plain_file(into / SMALLER), changes) if changes else None


def underlay(
    source: Path, into: Path, words: Mapping[int, Sequence[Place]], *, limits: Limits = DEFAULT
) -> Path | None:
    """Writes the print-ready PDF at `source` into the directory `into` with `words` under its pages, by their 1-based
    number: it looks the same, proved by another reader. Same bytes and words, same copy. None where there are no words.

    Raises Refused or PreparingFailed.
    """
    answer = _run("underlaying:work", source, into, "", limits, wish=dict(words))
    return plain_file(into / SEARCHABLE) if answer else None


def _converted(
    source: Path, kind: Kind, into: Path, warnings: list[object], arrangement: Sequence[Placed], limits: Limits
) -> Prepared:
    """Two more sandboxes: one runs the office program on a document, one takes the PDF it made as a stranger's."""
    tighter = replace(
        limits,
        seconds=min(limits.seconds, OFFICE_SECONDS),
        cpu_seconds=min(limits.cpu_seconds, OFFICE_SECONDS),
        memory=min(limits.memory, OFFICE_MEMORY),
    )
    task = "documents.preparing.office:convert"
    sandbox.run(task, source, into, suffix=f".{kind}", limits=tighter, readable=OFFICE_READS)
    wish = [placed.to_json() for placed in arrangement]
    answer = _run("preparation:prepare_converted", plain_file(into / CONVERTED), into, CONVERTED, limits, wish=wish)
    (into / CONVERTED).unlink(missing_ok=True)
    match answer:
        case {"blank": [_, *_], "warnings": list(more)} as answer:
            return prepared(kind, into, answer, [*warnings, *more], arrangement)
        case {"misplaced": str(why)}:
            raise Misplaced(why)
    raise PreparingFailed(NO_SENSE)


def _run(task: str, source: Path, into: Path, name: str, limits: Limits, secret: str = "", wish: Any = None) -> Any:
    suffix = Path(name).suffix.lower()[:16]  # all of the name that a parser may ever know
    task = f"documents.preparing.{task}"
    return sandbox.run(task, source, into, suffix=suffix, secret=secret, wish=wish, limits=limits)


def _kind(answer: object) -> Kind:
    if answer not in list(Kind):
        raise PreparingFailed(NO_SENSE)
    return Kind(str(answer))
