"""Any accepted file → print-ready Letter pages and previews. No models, no settings: bytes in, bytes out.

Every function here runs its parser in a sandboxed process (sandbox.py) and answers with facts, or raises
Refused (the file's fault, final) or PreparingFailed (an attempt that says nothing certain about the file).
"""

import stat
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from documents.preparing import sandbox
from documents.preparing.made import CONVERTED, PRINT_READY, UNLOCKED, attachment_name, preview_name
from documents.preparing.words import Kind, Limits, PreparingFailed, Reason, Refused, Warning_

__all__ = [
    "Kind",
    "Limits",
    "Prepared",
    "PreparedPage",
    "PreparingFailed",
    "Reason",
    "Refused",
    "Unlocked",
    "Warning_",
    "attachments",
    "needs_password",
    "prepare",
    "sniff",
    "unlock",
]

DEFAULT = Limits()
OFFICE_SECONDS = 60  # for an office program and one document
OFFICE_MEMORY = 768 << 20  # bytes, besides the 150 MB that its libraries are
OFFICE_READS = tuple(
    map(Path, ("/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice", "/var/cache/fontconfig"))
)


@dataclass(frozen=True, slots=True)
class PreparedPage:
    """One Letter page: `number` is 1-based, `preview` a JPEG 1000 pixels wide, made by us from that page."""

    number: int
    blank: bool
    preview: Path


@dataclass(frozen=True, slots=True)
class Prepared:
    """A print-ready document. `kind` and `mime` say what the source was; `pdf` and all previews lie in `into`."""

    kind: Kind
    mime: str
    pdf: Path
    pages: tuple[PreparedPage, ...]
    warnings: frozenset[Warning_]


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
        raise PreparingFailed("Its process left an answer that makes no sense.")
    return [_file(into / attachment_name(number)) for number in range(1, count + 1)]


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
    return Unlocked(_file(into / UNLOCKED), frozenset(warnings))


def prepare(source: Path, name: str, into: Path, *, limits: Limits = DEFAULT) -> Prepared:
    """Makes a print-ready PDF and a preview of each page of `source` in the existing, empty directory `into`.

    The same bytes give the same PDF. Raises Refused or PreparingFailed; `into` may then hold unfinished files.
    """
    answer = _run("preparation:prepare", source, into, name, limits)
    match answer:
        case {"kind": kind, "convert": True, "warnings": list(warnings)}:
            return _converted(source, _kind(kind), into, warnings, limits)
        case {"kind": kind, "blank": [_, *_] as blank, "warnings": list(warnings)}:
            return _prepared(_kind(kind), into, blank, warnings)
    raise PreparingFailed("Its process left an answer that makes no sense.")


def _converted(source: Path, kind: Kind, into: Path, warnings: list[object], limits: Limits) -> Prepared:
    """Two more sandboxes: one runs the office program on a document, one takes the PDF it made as a stranger's."""
    tighter = replace(
        limits,
        seconds=min(limits.seconds, OFFICE_SECONDS),
        cpu_seconds=min(limits.cpu_seconds, OFFICE_SECONDS),
        memory=min(limits.memory, OFFICE_MEMORY),
    )
    task = "documents.preparing.office:convert"
    sandbox.run(task, source, into, suffix=f".{kind}", limits=tighter, readable=OFFICE_READS)
    answer = _run("preparation:prepare_converted", _file(into / CONVERTED), into, CONVERTED, limits)
    (into / CONVERTED).unlink(missing_ok=True)
    match answer:
        case {"blank": [_, *_] as blank, "warnings": list(more)}:
            return _prepared(kind, into, blank, [*warnings, *more])
    raise PreparingFailed("Its process left an answer that makes no sense.")


def _prepared(kind: Kind, into: Path, blank: list[object], warnings: list[object]) -> Prepared:
    pages = tuple(
        PreparedPage(number, bool(empty), _file(into / preview_name(number))) for number, empty in enumerate(blank, 1)
    )
    known = frozenset(word for word in Warning_ if word in warnings)
    return Prepared(kind, kind.mime, _file(into / PRINT_READY), pages, known)


def _run(task: str, source: Path, into: Path, name: str, limits: Limits, secret: str = "") -> Any:
    suffix = Path(name).suffix.lower()[:16]  # all of the name that a parser may ever know
    return sandbox.run(f"documents.preparing.{task}", source, into, suffix=suffix, secret=secret, limits=limits)


def _kind(answer: object) -> Kind:
    if answer not in list(Kind):
        raise PreparingFailed("Its process left an answer that makes no sense.")
    return Kind(str(answer))


def _file(path: Path) -> Path:
    """A plain file and no link: the process that made it read a hostile file, and the caller will open it."""
    try:
        plain = stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        plain = False
    if not plain:
        raise PreparingFailed("Its process left something other than files.")
    return path
