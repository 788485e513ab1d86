"""Fewer and smaller files: pages whose pictures are brought down, only as far as needed and never below what is legible.

Made once for each document and kept beside its print-ready form; an order names the very bytes it uses, so that a packet
is bound, proved and verified the same whether its pages are as they came or smaller.
"""

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import transaction

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, preparing, queue, vault
from documents.intake.workspace import fetch, keep_file, workspace
from documents.models import Document, FittedPrint, Request
from documents.packets import arranging, order, outline

Smaller = tuple[Path, list[preparing.Change]]

log = logging.getLogger(__name__)
STEPS = (0, 200, 150)  # dots an inch; 0: as it came. 150 is the legibility floor (rule V33)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to one page, or several pictures of it."""

    document: Document
    change: preparing.Change


def ask(request: Request, *, actor: User) -> None:
    """Have the packet made to fit into one file, if smaller pages can do that. The worker does it."""
    with transaction.atomic():
        _set(request, actor, fitting=True)
        queue.defer("fit", request)


def undo(request: Request, *, actor: User) -> None:
    """The pages as they came."""
    with transaction.atomic():
        _set(request, actor, fitting=False, fit=0)


def fit(request: Request) -> None:
    """Find the least change with which the packet is one file, or the most that is legible, and keep to it. May be called
    twice, at once, and after a death at any point; one that fails for want of a machine is taken up again."""
    with lifecycle.claimed(request) as mine:
        if not mine:
            return
        request.refresh_from_db()
        if request.fitting:
            dpi = next((step for step in STEPS if _parts(request, step) == 1), STEPS[-1])
            with transaction.atomic():
                _set(request, None, only={"fitting": True}, fitting=False, fit=dpi)


def done(request: Request) -> Iterator[Done]:
    """What was done to which page of what is filed now, in the order of the tabs."""
    appearance, exhibits = arranging.filed(request)
    filed = [appearance, *exhibits] if appearance else exhibits
    kept = {row.document_id: row for row in _made(request, filed)}
    for document in filed:
        if row := kept.get(document.pk):
            yield from (Done(document, preparing.Change(**change)) for change in row.changes)


def _made(request: Request, documents: list[Document]) -> list[FittedPrint]:
    rows = FittedPrint.objects.filter(document__in=documents, dpi=request.fit).exclude(key="")
    now = {document.pk: document.print_sha256 for document in documents}
    return [row for row in rows if now[row.document_id] == row.of_sha256]


def _set(request: Request, actor: User | None, *, only: dict[str, object] | None = None, **values: object) -> None:
    """Changes the row where it is still what `only` says; told on the record by the dots an inch."""
    if Request.objects.filter(pk=request.pk, **(only or {})).update(**values):
        record(AuditEvent.Kind.MOVED, request, actor=actor, field="fit", level=int(str(values.get("fit", request.fit))))
    for name, value in values.items():
        setattr(request, name, value)


def _parts(request: Request, dpi: int) -> int:
    """How many files it would be, with what that takes made."""
    appearance, exhibits = arranging.filed(request)
    if dpi:
        _make([appearance, *exhibits] if appearance else exhibits, dpi)
    request.fit = dpi
    now = order.freeze(request)
    return len(outline.planned(request, now).parts) if now.exhibits else 1


def _make(documents: list[Document], dpi: int) -> None:
    """These documents with coarser pictures, but for those made before; as many at a time as there are processors."""
    rows = FittedPrint.objects.filter(document__in=documents, dpi=dpi).values_list("document", "of_sha256")
    made = {*rows}
    todo = [document for document in documents if (document.pk, document.print_sha256) not in made]
    with workspace() as folder, ThreadPoolExecutor(os.process_cpu_count()) as pool:
        fetched = [_fetched(document, folder / str(document.pk)) for document in todo]
        for document, got in zip(todo, pool.map(_brought_down, todo, fetched, [dpi] * len(todo)), strict=True):
            _keep(document, dpi, got)


def _fetched(document: Document, into: Path) -> Path:
    into.mkdir()
    matter = document.matter
    return fetch(vault.Area.VAULT, document.print_key, document.print_sha256, into / "print.pdf", matter=matter)


def _keep(document: Document, dpi: int, got: Smaller | None) -> None:
    kept: dict[str, object] = {}
    if got:
        sealed = keep_file(got[0], matter=document.matter)
        kept = {"key": sealed.key, "sha256": sealed.sha256, "size": sealed.size}
        kept["changes"] = [asdict(change) for change in got[1]]
    FittedPrint.objects.get_or_create(document=document, of_sha256=document.print_sha256, dpi=dpi, defaults=kept)


def _brought_down(document: Document, source: Path, dpi: int) -> Smaller | None:
    """A document that cannot be made smaller stays as it came; a machine that fails is tried again."""
    try:
        return preparing.bring_down(source, source.parent, dpi)
    except preparing.Refused as problem:
        log.warning("%s stays as it came: %s", document.pk, problem)
    except preparing.PreparingFailed as problem:
        if problem.ours:
            raise
        log.warning("%s stays as it came: %s", document.pk, problem)
    return None
