import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from documents import vault
from documents.models import Matter

CHUNK = 256 * 1024  # bytes read at a time


class BytesChanged(Exception):
    """What is stored is not what was promised when it was received. Nothing is served, and somebody is told."""


@contextmanager
def workspace() -> Iterator[Path]:
    """A private folder for plaintext that is being worked on, gone afterwards (see also `clear_workspaces`)."""
    settings.WORK_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="work-", dir=settings.WORK_DIR, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def clear_workspaces() -> None:
    """What a killed worker left behind. Only when a worker starts, and no other one shares the folder."""
    for folder in settings.WORK_DIR.glob("work-*"):
        shutil.rmtree(folder, ignore_errors=True)


def fetch(area: vault.Area, key: str, sha256: str, path: Path, *, matter: Matter) -> Path:
    """The stored bytes as a file, proved to be the ones with this SHA-256."""
    try:
        found = vault.copy_to_file(area, key, path, under=bytes(matter.key))
    except (vault.Missing, vault.Tampered) as problem:
        raise BytesChanged(f"{area} object {key}: {problem}") from problem
    if found.sha256 != sha256:
        raise BytesChanged(f"{area} object {key} has SHA-256 {found.sha256}, not {sha256}")
    return path


def seal_file(path: Path, area: vault.Area, *, matter: Matter) -> vault.Sealed:
    """The file's bytes, sealed under the matter's key."""
    with path.open("rb") as stream:
        return vault.seal(iter(lambda: stream.read(CHUNK), b""), area, under=bytes(matter.key))
