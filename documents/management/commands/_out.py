"""Folders that commands write: private, new, and whole or not there."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from django.core.management.base import CommandError

from documents import vault
from documents.intake.workspace import BytesChanged
from documents.models import Packet
from documents.packets.export import ledger_of, manifest_of
from documents.packets.rules import Result

_FORMULA = re.compile(r"\A\s*[=+\-@]|\A[\t\r\n]")


def require_fresh(out: Path) -> None:
    """Nothing is ever written over: the folder is not there yet, or it is empty."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise CommandError(f"{out} is there already and is not an empty folder.")


def make_private(out: Path) -> None:
    """The folder, which nobody else may look into."""
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    out.chmod(0o700)


def write_packet(packet: Packet, out: Path, results: Iterable[Result] | None = None) -> None:
    """The parts, manifest.json and ledger.csv, into a folder that is there; on failure none of them stays.

    `results`: the rules' word as the manifest gives it; without it, the word of when the packet was bound.
    """
    papers = {"manifest.json": manifest_of(packet, results), "ledger.csv": ledger_of(packet)}
    written: list[Path] = []
    try:
        for part in packet.parts.all():
            copy(out / part.filename, part.key, part.sha256, under=bytes(packet.request.matter.key))
            written.append(out / part.filename)
        for name, content in papers.items():
            (out / name).touch(exist_ok=False)
            written.append(out / name)
            (out / name).write_bytes(content)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def copy(path: Path, key: str, sha256: str, *, under: bytes) -> None:
    """One object of the vault as a file, proved to be the bytes with this SHA-256. Raises BytesChanged."""
    try:
        found = vault.copy_to_file(vault.Area.VAULT, key, path, under=under)
    except (vault.Missing, vault.Tampered) as problem:
        raise BytesChanged(f"vault object {key}: {problem}") from problem
    if found.sha256 != sha256:
        path.unlink()
        raise BytesChanged(f"vault object {key} has SHA-256 {found.sha256}, not {sha256}")


def plain(title: str) -> str:
    """A title as part of a file's name: letters, digits and hyphens, at most 60 characters."""
    words = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", title)).strip("-")
    return words[:60].rstrip("-") or "document"


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """RFC 4180 in UTF-8. A cell that a spreadsheet would run as a formula gets an apostrophe in front."""
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows([_cell(row[column]) for column in columns] for row in rows)


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
