"""Folders of evidence and the command that binds them, for its tests."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connections
from psycopg.conninfo import make_conninfo

from accounts import audit
from documents import vault
from documents.models import Matter
from tests import documents, fixtures

MARRIAGE = fixtures.pdf(2, rotate=90, words="acta")
FOLDER = {
    "REPRESENTATION/e28.pdf": fixtures.pdf(1, words="e28"),
    "FAMILY_USC_LPR/acta_de_matrimonio.pdf": MARRIAGE,
    "COMMUNITY_TIES/copia.pdf": MARRIAGE,
    "EDUCATION/10 título.pdf": fixtures.pdf(3, size=fixtures.A4, words="titulo"),
    "EDUCATION/2 «ñandú».pdf": fixtures.pdf(1, size=(200, 792), words="narrow"),
    "IDENTITY/foto 3.jpg": fixtures.jpeg(orientation=3),
    "IDENTITY/foto 6.jpg": fixtures.jpeg(orientation=6, comment=b"amparo-comment"),
    "IDENTITY/cédula.heic": fixtures.heic(),
    "CHARACTER/carta.pdf": fixtures.scripted_pdf(),
    "CHARACTER/escaneo.pdf": fixtures.photo_pdf(),
    "TAXES/impuestos.tiff": fixtures.tiff((600, 800), (800, 600), (600, 800), (300, 400)),
    "TAXES/nota.docx": documents.docx(),
    ".DS_Store": b"litter",
    "IDENTITY/Thumbs.db": b"litter",
}


def laid_out(top: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(content)
    return top


@dataclass
class Run:
    """One run of the command in a process of its own, and what it left."""

    out: Path
    lines: list[dict[str, Any]] = field(default_factory=list)

    @property
    def part(self) -> Path:
        [part] = self.out.glob("*.pdf")
        return part

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.out / "manifest.json").read_text())

    @property
    def ledger(self) -> list[dict[str, str]]:
        return list(csv.DictReader((self.out / "ledger.csv").read_text().splitlines()))

    def told(self, **wanted: object) -> list[dict[str, Any]]:
        return [line for line in self.lines if wanted.items() <= line.items()]


@dataclass
class Runs:
    """Two runs over one folder under other clocks and languages; `left`: objects, living matters, faults of chains."""

    one: Run
    two: Run
    left: tuple[set[str], list[str], list[str]]
    events: list[tuple[str, str]]


def environment(**more: str) -> dict[str, str]:
    """For a process that works on the same database as we do now."""
    db = connections["default"].settings_dict
    known = {"dbname": db["NAME"], "user": db["USER"], "password": db["PASSWORD"], "host": db["HOST"], "port": db["PORT"]}
    return {**os.environ, "DATABASE_URL": make_conninfo(**{k: v for k, v in known.items() if v}), **more}


def started(folder: Path, out: Path, *options: str, **env: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "assemble", str(folder), "--out", str(out), *options]
    return subprocess.Popen(command, env=environment(**env), stdout=subprocess.PIPE, text=True)


def objects() -> set[str]:
    return {each.key for area in (vault.Area.INTAKE, vault.Area.VAULT) for each in vault.inventory(area)}


def left_since(before: set[str]) -> tuple[set[str], list[str], list[str]]:
    return objects() - before, [str(m) for m in Matter.objects.exclude(key=b"")], audit.verify(audit.heads())
