"""What each stage of the intake does alone with one file of the given megabytes: MB/s, as JSON on the standard output.

Runs with a worker's settings. Every stage is tried in turn, so that a machine that is busy disturbs them all.
"""

import io
import json
import statistics
import sys
from collections.abc import Callable
from time import monotonic

import django

from documents import scanning, vault
from tests.bench.sending import PIECE, photos

MEGABYTE = 1_000_000
Area = vault.Area


def main(size: int, rounds: int) -> None:
    django.setup()
    speeds: dict[str, list[float]] = {}
    for content in photos(rounds, size):
        for name, seconds in _round(content).items():
            speeds.setdefault(name, []).append(size / seconds / MEGABYTE)
    print(json.dumps({name: round(statistics.median(found), 1) for name, found in speeds.items()}))


def _round(content: bytes) -> dict[str, float]:
    under, prefix = vault.new_key(), vault.new_prefix()
    key = vault.pieces_key(prefix, len(content))
    kept: list[vault.Sealed] = []
    seconds = {
        "sealed and put, in pieces": _timed(lambda: _put(prefix, content, under)),
        "read back": _timed(lambda: vault.fingerprint(Area.INTAKE, key, under=under)),
        "scanned": _timed(lambda: scanning.scan(io.BytesIO(content))),
        "sealed into the vault": _timed(lambda: kept.append(vault.seal([content], Area.VAULT, under=under))),
    }
    vault.shred(Area.INTAKE, key)
    vault.shred(Area.VAULT, kept[0].key)
    return seconds


def _put(prefix: str, content: bytes, under: bytes) -> None:
    for at in range(0, len(content), PIECE):
        vault.put_piece(prefix, at, content[at : at + PIECE], under=under)


def _timed(work: Callable[[], object]) -> float:
    began = monotonic()
    work()
    return monotonic() - began


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
