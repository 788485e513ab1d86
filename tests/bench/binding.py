"""Bind one set with everything binding includes, in a process forked from one that is loaded, as the worker's nursery
forks it: `python -m tests.bench.binding SET OUT LIMIT`. A last line tells the processor seconds of that process alone.

With `unproved` after it, all but the proof; with `started`, the start of Python counts too: to see what each costs.
"""

import dataclasses
import gc
import json
import os
import sys
from pathlib import Path

from documents.packets import bind as binding
from documents.packets import profiles
from documents.packets.shape import CoverData, Exhibit, FactorRef, LetterData, Order, Respondent, Source
from documents.preparing import sandbox

FACTORS = (
    FactorRef("FAMILY_USC_LPR", "U.S. citizen or resident family"),
    FactorRef("EDUCATION", "School: finished or studying now"),
    FactorRef("COMMUNITY_TIES", "Ties to your community"),
)


def order(documents: list[dict[str, object]], version: str) -> Order:
    """An order of these documents, one a tab, with a letter that cites the first."""
    sources = [_source(**document) for document in documents]  # type: ignore[arg-type]  # as inputs.make wrote them
    exhibits = tuple(
        Exhibit(source.title, (FACTORS[at * 3 // len(sources)], FACTORS[(at + 1) % 3])[: 1 + at % 2], (source,))
        for at, source in enumerate(sources)
    )
    cover = CoverData(
        filer=("Ana Ortiz, Esq.", "12 Clinic Street", "Chicago, IL 60601"),
        office=("Office of the Principal Legal Advisor", "Chicago"),
        respondents=(Respondent("Reyes, María", "A123-456-789"),),
        title="Request for Prosecutorial Discretion",
    )
    letter = LetterData.of("# Why\n\nThey are married ({tab:A}). " + "It is all true. " * 200)
    return Order("packet", "request", "OPLA", version, cover, letter, None, exhibits, "2026-11-24T10:00:00Z")


def _source(name: str, kind: str, pages: int, sha256: str) -> Source:
    return Source(name, sha256, sha256, pages, ((1, pages),), f"Document {name}, a {kind}")


def main(folder: Path, into: Path, limit: int, *rest: str) -> None:
    if "started" in rest:
        _bind(folder, into, limit)
        return
    if "unproved" in rest:
        vars(binding)["prove"] = lambda *_: None
    os.environ |= sandbox.ENVIRONMENT
    gc.freeze()
    if (pid := os.fork()) == 0:
        _bind(folder, into, limit)
        sys.stdout.flush()
        os._exit(0)
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(os.waitstatus_to_exitcode(status))
    print(f"cpu {used.ru_utime + used.ru_stime:.3f}")


def _bind(folder: Path, into: Path, limit: int) -> None:
    profile = dataclasses.replace(profiles.load("OPLA"), part_limit=limit)
    documents = json.loads((folder / "order.json").read_text())
    files = {document["name"]: folder / f"{document['name']}.pdf" for document in documents}
    bound = binding.bind(order(documents, profile.version), files, profile, into)
    print(len(bound.parts), bound.total_pages)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
