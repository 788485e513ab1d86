"""What a person waits for at a packet, everything included: `python -m tests.bench.packets WAY SET OUT`.

`again`: one document of the set changed; it is prepared anew, and all of it is bound. `fit`: every document's pictures are
brought down as far as one file of 24 MB needs, and no further than is legible; then it is bound. Counted as the worker does
it, who is loaded and has a nursery: the last lines tell the processor seconds and those of the clock from then on.
"""

import dataclasses
import hashlib
import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, process_time

from documents import preparing
from documents.packets import profiles
from documents.packets.bind import bind
from tests.bench import inputs
from tests.bench.binding import order

LIMIT, CHANGED = 24_000_000, 999  # bytes; the seed of the document that changed
STEPS = (200, 150)  # dots an inch, as packets/fitting.py takes them

Documents = list[dict[str, object]]


def again(documents: Documents, folder: Path, into: Path) -> Callable[[], list[Path]]:
    """Of the first document that is no photo, a new version came."""
    at = next(at for at, document in enumerate(documents) if document["kind"] != "photo")
    kind = str(documents[at]["kind"])
    came = inputs.raw(kind, int(str(documents[at]["pages"])), CHANGED)

    def do() -> list[Path]:
        changed = into / "changed.pdf"
        inputs.prepared(came, kind, changed)
        documents[at]["sha256"] = hashlib.sha256(changed.read_bytes()).hexdigest()
        return [changed if place == at else folder / f"{each['name']}.pdf" for place, each in enumerate(documents)]

    return do


def fit(documents: Documents, folder: Path, into: Path) -> Callable[[], list[Path]]:
    """The first step at which they are one file; else the last."""
    as_they_came = [folder / f"{document['name']}.pdf" for document in documents]

    def do() -> list[Path]:
        for dpi in STEPS:
            with ThreadPoolExecutor(os.process_cpu_count()) as pool:  # as packets/fitting.py
                files = [
                    *pool.map(lambda path, dpi=dpi: _smaller(path, into / f"{dpi}-{path.stem}", dpi), as_they_came)
                ]
            if sum(path.stat().st_size for path in files) < LIMIT:
                break
        return files

    return do


def _smaller(path: Path, into: Path, dpi: int) -> Path:
    into.mkdir()
    made = preparing.bring_down(path, into, dpi)
    return made[0] if made else path


WAYS: dict[str, Callable[[Documents, Path, Path], Callable[[], list[Path]]]] = {"again": again, "fit": fit}


def main(way: str, folder: Path, into: Path) -> None:
    profile = dataclasses.replace(profiles.load("OPLA"), part_limit=LIMIT)
    documents: Documents = json.loads((folder / inputs.ORDER).read_text())
    do = WAYS[way](documents, folder, into)
    nursery = _awake(next(folder.glob("*.pdf")))
    began, used = monotonic(), process_time() + _children(nursery)
    files = do()
    named = {str(document["name"]): path for document, path in zip(documents, files, strict=True)}
    bound = bind(order(documents, profile.version), named, profile, into)
    print(len(bound.parts), bound.total_pages, sum(part.bytes for part in bound.parts))
    print(f"cpu {process_time() + _children(nursery) - used:.3f}\nwall {monotonic() - began:.3f}")


def _awake(file: Path) -> int:
    """The number of the process that cages are forked from, once it has made one."""
    preparing.sniff(file, file.name)
    [nursery] = Path("/proc/self/task").glob("*/children")
    return int(nursery.read_text().split()[0])


def _children(process: int) -> float:
    """Processor seconds of the children of a process that are over."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
