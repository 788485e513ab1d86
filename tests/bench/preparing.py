"""What it costs to prepare one document of each kind, process and previews included: JSON on the standard output."""

import json
import resource
import sys
import tempfile
from pathlib import Path

from tests.bench import inputs, measure

SAMPLES = {"photo": 1, "scan": 1, "pdf": 10}  # kind: pages


def main(rounds: int) -> None:
    told = {}
    for kind, pages in SAMPLES.items():
        data = inputs.raw(kind, pages, 0)
        name = f"{kind}, {pages} page{'s' if pages > 1 else ''}, {len(data) / 1e6:.1f} MB"
        told[name] = measure.spread([_cost(data, kind) for _ in range(rounds)], 0)
    print(json.dumps(told))


def _cost(data: bytes, kind: str) -> float:
    """CPU milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        inputs.prepared(data, kind, Path(folder) / "print.pdf")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    main(int(sys.argv[1]))
