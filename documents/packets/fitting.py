"""Other forms of print-ready pages that an attorney may want filed: with pictures brought down, only as far as needed and
never below what is legible; with the words read off the pictures under them, so that the packet can be searched.

Made once for each document and kept beside its print-ready form; an order names the very bytes it uses, so that a packet
is bound, proved and verified the same whatever form its pages have. Pages that come later are filed as they are until
somebody asks again.
"""

import logging
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from django.db import transaction

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, preparing, queue, vault
from documents.intake.workspace import fetch, keep_file, workspace
from documents.models import Document, FittedPrint, PageText, Request
from documents.packets import arranging, order, outline

Made = tuple[Path, list[preparing.Change]]
Asked = int | dict[int, list[preparing.Place]]  # dots an inch; or the words of pages

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


def underlay(request: Request, *, actor: User) -> None:
    """Have the words that were read off pictures put under them. The worker does it."""
    with transaction.atomic():
        _set(request, actor, underlaying=True)
        queue.defer("fit", request)


def strip(request: Request, *, actor: User) -> None:
    """The pages without words of ours."""
    with transaction.atomic():
        _set(request, actor, underlaying=False, searchable=False)


def fit(request: Request) -> None:
    """Do what is asked. May be called twice, at once, and after a death at any point; one that fails for want of a machine
    is taken up again."""
    with lifecycle.claimed(request) as mine:
        if not mine:
            return
        request.refresh_from_db()
        if request.fitting:
            _fit(request)
        if request.underlaying:
            _underlay(request)


def _fit(request: Request) -> None:
    """Find the least change with which the packet is one file, or the most that is legible, and keep to it."""
    dpi = next((step for step in STEPS if _parts(request, step) == 1), STEPS[-1])
    if request.searchable:
        _put_under(request, dpi)
    with transaction.atomic():
        _set(request, None, only={"fitting": True}, fitting=False, fit=dpi)


def _underlay(request: Request) -> None:
    _put_under(request, request.fit)
    with transaction.atomic():
        _set(request, None, only={"underlaying": True}, underlaying=False, searchable=True)


def done(request: Request) -> Iterator[Done]:
    """What was done to which page of what is filed now, in the order of the tabs."""
    filed = _filed(request)
    kept = {row.document_id: row for row in _made(request, filed)}
    for document in filed:
        if row := kept.get(document.pk):
            yield from (Done(document, preparing.Change(**change)) for change in row.changes)


def pages_with_words(request: Request) -> int:
    """How many pages of what is filed now have words read off their pictures under them."""
    made = {row.document_id for row in _made(request, _filed(request), words=True)}
    return sum(bool(places) for document in made for places in _places(document).values())


def _filed(request: Request) -> list[Document]:
    appearance, exhibits = arranging.filed(request)
    return [appearance, *exhibits] if appearance else exhibits


def _made(request: Request, documents: list[Document], *, words: bool = False) -> list[FittedPrint]:
    rows = FittedPrint.objects.filter(document__in=documents, dpi=request.fit, words=words).exclude(key="")
    now = {document.pk: document.print_sha256 for document in documents}
    return [row for row in rows if now[row.document_id] == row.of_sha256]


def _set(request: Request, actor: User | None, *, only: dict[str, object] | None = None, **values: object) -> None:
    """Changes the row where it is still what `only` says; told on the record: the dots an inch, and whether words are under
    the pages."""
    if Request.objects.filter(pk=request.pk, **(only or {})).update(**values):
        for name, value in values.items():
            setattr(request, name, value)
        field = "words" if "underlaying" in values else "fit"
        level = int(request.searchable) if field == "words" else request.fit
        record(AuditEvent.Kind.MOVED, request, actor=actor, field=field, level=level)


def _parts(request: Request, dpi: int) -> int:
    """How many files it would be, with what that takes made."""
    if dpi:
        _make(_filed(request), dpi)
    request.fit = dpi
    now = order.freeze(request)
    return len(outline.planned(request, now).parts) if now.exhibits else 1


def _put_under(request: Request, dpi: int) -> None:
    """Of what is read by now; what is not is filed as it is."""
    _make([document for document in _filed(request) if document.read_at], dpi, words=True)


def _make(documents: list[Document], dpi: int, *, words: bool = False) -> None:
    """These documents in another form, but for those made before; as many at a time as there are processors."""
    rows = FittedPrint.objects.filter(document__in=documents, dpi=dpi, words=words).values_list("document", "of_sha256")
    made = {*rows}
    todo = [document for document in documents if (document.pk, document.print_sha256) not in made]
    asked: dict[Document, Asked] = {document: _places(document.pk) if words else dpi for document in todo}
    with workspace() as folder, ThreadPoolExecutor(os.process_cpu_count()) as pool:
        fetched = [
            _fetched(document, dpi if words else 0, folder / str(document.pk)) for document in todo if asked[document]
        ]
        doing = [document for document in todo if asked[document]]
        for document, got in zip(doing, pool.map(_other_form, doing, fetched, map(asked.get, doing)), strict=True):
            _keep(document, dpi, words, got)
    for document in todo:
        if not asked[document]:
            _keep(document, dpi, words, None)


def _places(document: UUID) -> dict[int, list[preparing.Place]]:
    """The words read off each page, by its number."""
    rows = PageText.objects.filter(page__document=document).select_related("page")
    return {row.page.number: [preparing.Place(*place) for place in row.places] for row in rows if row.places}


def _fetched(document: Document, dpi: int, into: Path) -> Path:
    """The print-ready pages, or those of at most so many dots an inch that were made of them."""
    into.mkdir()
    key, sha256 = document.print_key, document.print_sha256
    smaller = document.fitted.filter(of_sha256=sha256, dpi=dpi, words=False).exclude(key="").first()
    if smaller:
        key, sha256 = smaller.key, smaller.sha256
    return fetch(vault.Area.VAULT, key, sha256, into / "print.pdf", matter=document.matter)


def _keep(document: Document, dpi: int, words: bool, got: Made | None) -> None:
    known = {"document": document, "of_sha256": document.print_sha256, "dpi": dpi, "words": words}
    kept: dict[str, object] = {}
    if got:
        sealed = keep_file(got[0], matter=document.matter)
        kept = {"key": sealed.key, "sha256": sealed.sha256, "size": sealed.size}
        kept["changes"] = [asdict(change) for change in got[1]]
    FittedPrint.objects.get_or_create(**known, defaults=kept)


def _other_form(document: Document, source: Path, asked: Asked) -> Made | None:
    """A document of which there is no other form stays as it came; a machine that fails is tried again."""
    try:
        if isinstance(asked, int):
            return preparing.bring_down(source, source.parent, asked)
        made = preparing.underlay(source, source.parent, asked)
        return (made, []) if made else None
    except preparing.Refused as problem:
        log.warning("%s stays as it came: %s", document.pk, problem)
    except preparing.PreparingFailed as problem:
        if problem.ours:
            raise
        log.warning("%s stays as it came: %s", document.pk, problem)
    return None
