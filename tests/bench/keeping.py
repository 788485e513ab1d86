"""A bound part on its way to the store, beside the plain put of the same bytes: JSON on the standard output.

With a worker's settings: `python -m tests.bench.keeping BYTES ROUNDS`. Each way in turn, so that a machine that is busy
disturbs them all.
"""

import json
import statistics
import sys
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

import django

from documents import vault
from documents.vault import store

Area = vault.Area
PIECE = 256 * 1024


def main(size: int, rounds: int) -> None:
    django.setup()
    found = [_round(size, seed) for seed in range(rounds + 1)][1:]
    ratios = {name: round(statistics.median(each[name] / each["put"] for each in found), 2) for name in found[0]}
    print(json.dumps(ratios))


def _round(size: int, seed: int) -> dict[str, float]:
    """Seconds: one put, sealed as the parts of an upload, and read back before it is promised."""
    under, raw = vault.new_key(), Random(seed).randbytes(size)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "part.pdf"
        path.write_bytes(raw)
        began = monotonic()
        store.put(Area.VAULT, f"bench-{seed}", path.read_bytes())
        put = monotonic()
        with path.open("rb") as file:
            sealed = vault.seal(iter(lambda: file.read(PIECE), b""), Area.VAULT, under=under)
        kept = monotonic()
        vault.fingerprint(Area.VAULT, sealed.key, under=under)
        read = monotonic()
    for key in (f"bench-{seed}", sealed.key):
        vault.shred(Area.VAULT, key)
    return {"put": put - began, "sealed, in parts": kept - put, "sealed and read back": read - put}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
