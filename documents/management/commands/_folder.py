"""A folder of evidence as an operator lays it out: one sub-folder for each factor, named by its code."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from documents.models import Factor

LITTER = {"thumbs.db", "desktop.ini"}  # what systems leave behind; like every name that begins with a dot
TITLE = 200  # characters of an exhibit's title


@dataclass(frozen=True, slots=True)
class Found:
    """A file and the factor whose folder it lies in."""

    path: Path
    factor: Factor


@dataclass(frozen=True, slots=True)
class Folder:
    """What lies in a folder, in an order that no file system decides. `problems`: a path and what is wrong with it."""

    files: list[Found]
    ignored: list[Path]
    problems: list[tuple[Path, str]]


def read_folder(top: Path) -> Folder:
    """Everything in it is a file to receive, litter, or a problem. Raises OSError where it cannot be read."""
    known = {factor.code: factor for factor in Factor.objects.all()}
    found = Folder([], [], [])
    for path in _listed(top):
        if _litter(path):
            found.ignored.append(path)
        elif not path.is_dir():
            found.problems.append((path, "It lies in no factor's folder."))
        elif path.name not in known:
            found.problems.append((path, f"There is no factor or procedural code “{shown(Path(path.name))}”."))
        else:
            _read_factor(path, known[path.name], found)
    if not found.files and not found.problems:
        found.problems.append((top, "There is no file in it."))
    return found


def _read_factor(folder: Path, factor: Factor, found: Folder) -> None:
    for path in _listed(folder):
        if _litter(path):
            found.ignored.append(path)
        elif not path.is_file():
            found.problems.append((path, "It is not a file."))
        elif factor.holds:
            found.problems.append((path, f"{factor.code} puts a document on attorney hold, and here is no attorney."))
        else:
            found.files.append(Found(path, factor))


def _listed(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.iterdir(), key=_place))


def _place(path: Path) -> tuple[list[tuple[int, str]], str]:
    """As people count: 2 before 10, without regard to case or to how an accent is written; then the very name."""
    name = unicodedata.normalize("NFC", path.name).casefold()
    pieces = re.split(r"([0-9]+)", name)
    return [(int(piece), "") if piece.isdecimal() and piece.isascii() else (-1, piece) for piece in pieces], path.name


def _litter(path: Path) -> bool:
    return path.name.startswith(".") or path.name.casefold() in LITTER


def shown(path: Path) -> str:
    """A path as text that can be printed, whatever bytes its name has."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def title_of(path: Path) -> str:
    """An exhibit's title from its file's name: without extension and underscores."""
    name = unicodedata.normalize("NFC", shown(Path(path.stem)))
    words = "".join(letter if letter.isprintable() else " " for letter in name.replace("_", " ")).split()
    return " ".join(words)[:TITLE] or "Document"


def names_of(found: Found) -> set[str]:
    """What a letter may call a file in a citation, folded: its name and its path, with and without the extension."""
    name, folder = found.path.name, found.factor.code
    names = {name, Path(name).stem, f"{folder}/{name}", f"{folder}/{Path(name).stem}", title_of(found.path)}
    return {unicodedata.normalize("NFC", each).casefold() for each in names}
