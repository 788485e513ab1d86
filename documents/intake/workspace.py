import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from documents import alarms, vault
from documents.models import Alarm, Matter

CHUNK = 256 * 1024  # bytes read at a time


class BytesChanged(Exception):
    """What is stored is not what was promised when it was received. Nothing is served, and somebody is told."""


@contextmanager
def workspace() -> Iterator[Path]:
    """A private folder for plaintext that is being worked on, gone afterwards (see also `clear_workspaces`)."""
    settings.WORK_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(settings.WORK_DIR, fcntl.LOCK_SH):
        made = tempfile.TemporaryDirectory(prefix="work-", dir=settings.WORK_DIR, ignore_cleanup_errors=True)
        alive = os.open(made.name, os.O_RDONLY)
        fcntl.flock(alive, fcntl.LOCK_EX)  # the kernel lets it go when we die
    with made as folder:
        try:
            yield Path(folder)
        finally:
            os.close(alive)


def clear_workspaces() -> None:
    """Remove what killed workers left behind: folders that nobody alive holds. None is being made meanwhile."""
    settings.WORK_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(settings.WORK_DIR, fcntl.LOCK_EX):
        for folder in settings.WORK_DIR.glob("work-*"):
            with suppress(BlockingIOError, FileNotFoundError), _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


def fetch(area: vault.Area, key: str, sha256: str, path: Path, *, matter: Matter) -> Path:
    """The stored bytes as a file, proved to be the ones with this SHA-256; of what was written over, the first ones.

    Raises BytesChanged. That anything else lies there is an alarm in either case.
    """
    try:
        return _fetched(area, key, sha256, path, matter)
    except BytesChanged as problem:
        alarms.raise_(Alarm.Kind.BYTES_CHANGED, str(problem))
        if area not in vault.VERSIONED:
            raise
    return _fetched(area, key, sha256, path, matter, first=True)


def _fetched(area: vault.Area, key: str, sha256: str, path: Path, matter: Matter, *, first: bool = False) -> Path:
    try:
        found = vault.copy_to_file(area, key, path, under=bytes(matter.key), first=first)
    except (vault.Missing, vault.Tampered) as problem:
        raise BytesChanged(f"{area} object {key}: {problem}") from problem
    if found.sha256 != sha256:
        path.unlink()
        raise BytesChanged(f"{area} object {key} has SHA-256 {found.sha256}, not {sha256}")
    return path


def keep_file(path: Path, *, matter: Matter, sha256: str = "") -> vault.Sealed:
    """The file in the vault, read back: what is promised is what is there. `sha256`: what it must have, if that is known.

    Raises StoreUnavailable when the vault did not keep it.
    """
    with vault.Seal(vault.Area.VAULT, under=bytes(matter.key)) as seal:
        write_file(path, seal)
        return keep_sealed(seal, matter=matter, sha256=sha256)


def keep_sealed(seal: vault.Seal, *, matter: Matter, sha256: str = "") -> vault.Sealed:
    """The same for what is written into the seal by now."""
    sealed = seal.close()
    try:
        kept = vault.fingerprint(vault.Area.VAULT, sealed.key, under=bytes(matter.key)).sha256
    except (vault.Missing, vault.Tampered):
        kept = ""
    if kept != (sha256 or sealed.sha256):
        vault.shred(vault.Area.VAULT, sealed.key)
        raise vault.StoreUnavailable("the vault did not keep what was put there")
    return sealed


def seal_file(path: Path, area: vault.Area, *, matter: Matter) -> vault.Sealed:
    """The file's bytes, sealed under the matter's key."""
    with vault.Seal(area, under=bytes(matter.key)) as seal:
        write_file(path, seal)
        return seal.close()


def write_file(path: Path, seal: vault.Seal) -> None:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            seal.write(chunk)
