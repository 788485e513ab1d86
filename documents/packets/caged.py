"""Binding in the sandbox: what strangers' files became is parsed and drawn where nothing else can be reached."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from documents.packets import pages
from documents.packets.bind import bind
from documents.packets.finding import Finder, Findings
from documents.packets.plain import Unsound, opened, plainly
from documents.packets.profiles import Profile
from documents.packets.shape import Bound, CannotBind, LedgerRow, Order, Part
from documents.preparing import Limits, PreparingFailed, Refused, sandbox
from documents.preparing.words import Job

HERE = Path(__file__).resolve().parent
LIMITS = Limits(seconds=900, cpu_seconds=880, memory=3 << 30, output=1 << 31)
ANSWER = "bound.json"
ANSWER_BYTES = 1 << 26  # a ledger of a hundred thousand pages


def bind_and_draw(
    order: Order, sources: Mapping[str, Path], profile: Profile, into: Path
) -> tuple[Bound, list[Path]]:  # fmt: skip
    """The bound packet and a watermarked picture of each page, in the empty folder `into`. `sources`: as `bind` wants
    them, but not necessarily in plain form.

    Raises CannotBind, naming what is wrong; PreparingFailed when the process died, which says nothing about the order.
    """
    task = into / "order.json"
    paths = {name: str(path) for name, path in sources.items()}
    task.write_text(json.dumps({"order": order.to_json(), "profile": profile.to_json(), "sources": paths}))
    readable = (HERE, *sources.values())
    try:
        sandbox.run("documents.packets.caged:work", task, into, limits=LIMITS, readable=readable)
    except Refused as problem:
        raise CannotBind("The pages could not be put together: %(detail)s.", detail=problem.detail) from problem
    answer = sandbox.read_json(into / ANSWER, ANSWER_BYTES)
    try:
        if "cannot" in answer:
            raise CannotBind(str(answer["cannot"]))
        bound = _bound(answer, into)
        drafts = [_plain(into / Path(name).name) for name in answer["drafts"]]
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise PreparingFailed("Its process left an answer that makes no sense.") from problem
    _require_exact(order, bound)
    return bound, drafts


def work(job: Job) -> None:
    """The sandboxed half: reads the order, writes the parts, the pictures and what became of them."""
    task = json.loads(job.source.read_bytes())
    order, profile = Order.from_json(task["order"]), Profile.from_json(task["profile"])
    sources = {name: _in_plain_form(Path(path), job.into) for name, path in task["sources"].items()}
    try:
        bound = bind(order, sources, profile, job.into)
        finder = Finder.of(order, bound.ledger)
        drafts = [path for part in bound.parts for path in _drafts(part, job.into, finder.look)]
    except CannotBind as problem:
        answer: dict[str, Any] = {"cannot": str(problem)}
    else:
        answer = {
            "parts": [{**asdict(part), "path": part.path.name} for part in bound.parts],
            "ledger": [asdict(row) for row in bound.ledger],
            "manifest": bound.manifest,
            "notes": bound.notes,
            "drafts": [path.name for path in drafts],
            "findings": asdict(finder.findings()),
        }
    (job.into / ANSWER).write_text(json.dumps(answer))


def _in_plain_form(path: Path, into: Path) -> Path:
    """The file itself, or one like it that qpdf wrote: the pages of an earlier release lie packed in the vault."""
    try:
        with opened(path):
            return path
    except Unsound:
        written = into / f"plain-{path.name}"
        written.write_bytes(plainly(path))
        return written


def _drafts(part: Part, into: Path, look: pages.Look = pages.nobody) -> list[Path]:
    """A picture of each page: the proof by a second reader, that it finds as many pages and can draw them."""
    drawn = pages.draft_images(part.path, into, first_page=part.first_page, look=look)
    if len(drawn) != part.pages:
        facts = {"file": part.file, "found": len(drawn), "pages": part.pages}
        raise CannotBind("%(file)s has %(found)d pages and should have %(pages)d.", **facts)
    return drawn


def _bound(answer: dict[str, Any], into: Path) -> Bound:
    parts = tuple(Part(**{**part, "path": _plain(into / Path(part["file"]).name)}) for part in answer["parts"])
    if any(part.file != part.path.name for part in parts):
        raise ValueError("a file's name is a path")
    ledger = tuple(LedgerRow(**row) for row in answer["ledger"])
    findings = Findings.from_json(json.dumps(answer["findings"]))
    findings.require_sound(len(ledger))
    manifest = {**answer["manifest"], "notes": answer["notes"], "findings": json.loads(findings.to_json())}
    return Bound(parts, ledger, manifest, len(ledger), tuple(answer["notes"]))


def _plain(path: Path) -> Path:
    """A file and no link: the process that left it read strangers' files, and its word is not taken for anything."""
    if path.is_symlink() or not path.is_file():
        raise PreparingFailed("Its process left something other than files.")
    return path


def _require_exact(order: Order, bound: Bound) -> None:
    """Counted here once more, outside: each ordered page is in the ledger exactly once, and no other page is."""
    ordered: Counter[tuple[str, int | None]] = Counter(
        (source.document, page) for source in order.sources() for page in source.numbers()
    )
    listed = Counter((row.document, row.source_page) for row in bound.ledger if row.document)
    if wrong := next(iter((ordered - listed) + (listed - ordered)), None):
        titles = {source.document: source.title for source in order.sources()}
        sentence = "“%(title)s”, page %(page)s, is not in the packet exactly once."
        raise CannotBind(sentence, title=titles.get(wrong[0], ""), page=wrong[1])
