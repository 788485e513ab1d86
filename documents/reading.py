"""What stands on the pages: read once they are ready, and sealed.

A document is read in turns of some seconds, each a job of its own: a book keeps nobody's letter waiting, and a death costs
one turn. The first page of a turn is on trial: after three that it did not survive it is given up, with a mark, and the
rest is read. Nothing here touches the document: whatever becomes of its words, it stays as ready as it is.
"""

import logging
import unicodedata
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent
from documents import blind, harm, languages, lifecycle, queue, suggesting, vault
from documents.intake.workspace import BytesChanged, fetch, workspace
from documents.models import Document, Page, PageText
from documents.preparing import PreparingFailed, transcript
from documents.preparing.transcript import Words

log = logging.getLogger(__name__)
Source = PageText.Source
State = Document.State
TRIES = 3
MOST_AT_ONCE = 50  # that are queued by one sweep: a portal that never read before has all its documents to read
READING = "read"  # what a document is claimed for: it may meanwhile be seen, tagged, taken out, prepared again


def texts(document: Document) -> dict[int, str]:
    """The words of each page that was read, by its number (1-based). One query."""
    read = PageText.objects.filter(page__document=document).select_related("page").order_by("page__number")
    return {each.page.number: each.text for each in read}


def waiting() -> list[Document]:
    """Ready documents whose words are not all read and at which nobody is; any of them, so that many that cannot be
    fetched stand in nobody's way."""
    unread = Document.objects.filter(state=State.READY, read_at=None, matter__purged_at=None, matter__throwaway=False)
    settled = unread.filter(state_since__lt=timezone.now() - lifecycle.A_WHILE).order_by("?")
    return [document for document in settled[:MOST_AT_ONCE] if _is_free(document)]


def _is_free(document: Document) -> bool:
    with lifecycle.claimed(document, to=READING) as free:
        return free


def read(document: Document) -> None:
    """Read the next pages of a ready document. May be called twice, at once, and after a death at any point."""
    with lifecycle.claimed(document, patience=2):
        pass  # who prepared it may be just letting go of it
    with lifecycle.claimed(document, to=READING) as mine:
        if not mine:
            return
        document.refresh_from_db()
        if document.state == State.READY and document.read_at is None:
            _read(document)


def _read(document: Document) -> None:
    first = _unread(document).first()
    if first is None:
        _keep(document, [])
    elif first.tries >= TRIES:
        _keep(document, [Words(first.number, None, None)])
    else:
        _try(document, first)


def _unread(document: Document) -> QuerySet[Page]:
    return Page.objects.filter(document=document, text=None).order_by("number")


def _try(document: Document, first: Page) -> None:
    """Counted before it begins: whatever ends us meanwhile, it was tried."""
    trial = Page.objects.filter(pk=first.pk)
    trial.update(tries=F("tries") + 1)
    try:
        _keep(document, _read_off(document, first.number))
    except (vault.StoreUnavailable, BytesChanged, OSError) as problem:
        log.error("reading %s waits: %s", document.pk, problem)
        trial.update(tries=first.tries)  # the machine's fault, not the page's; the sweep comes back to it
    except PreparingFailed as problem:
        log.warning("reading page %d of %s failed: %s", first.number, document.pk, problem)
        if problem.ours:
            trial.update(tries=first.tries)
        else:
            _keep(document, [])


def _read_off(document: Document, first: int) -> list[Words]:
    with workspace() as folder:
        key, sha256 = document.print_key, document.print_sha256
        source = fetch(vault.Area.VAULT, key, sha256, folder / "print.pdf", matter=document.matter)
        into = folder / "words"
        into.mkdir()
        return transcript.read(source, into, first)


def _keep(document: Document, found: Iterable[Words]) -> None:
    """The words of these pages, if they are still the document's; then its next turn, or the end.

    Prepared again, taken out or purged meanwhile: then they are words of nothing, and are let go.
    """
    key = vault.index_key(bytes(document.matter.key))
    by_number = {words.page: words for words in found}
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        same = Document.objects.select_for_update().filter(pk=document.pk, print_sha256=document.print_sha256)
        if same.filter(state=State.READY, read_at=None).values("pk").first() is None:
            return
        pages = _unread(document).filter(number__in=by_number)
        PageText.objects.bulk_create(_row(page, by_number[page.number], key) for page in pages)
        if _unread(document).exists():
            queue.defer("read", document, priority=queue.LATER)
        else:
            _end(document)


def _row(page: Page, words: Words, key: bytes) -> PageText:
    text, source = _merged(words)
    places = words.places if source == Source.OCR else ()
    return PageText(
        page=page, text=text, source=source, language=languages.of(text), words=blind.vector(text, key), places=[*places]
    )  # fmt: skip


def _merged(words: Words) -> tuple[str, str]:
    """Of what was read off a picture beside a text layer only the lines that say something new: a scan that came with its
    words would say everything twice."""
    if words.layer is None:
        return _clean(words.picture or ""), Source.NONE if words.picture is None else Source.OCR
    written = _clean(words.layer)
    known = {token.word for token in blind.tokens(written)}
    lines = _clean(words.picture or "").splitlines()
    new = [line for line in lines if any(token.word not in known for token in blind.tokens(line))]
    return ("\n".join([written, *new]), Source.BOTH) if new else (written, Source.LAYER)


def _clean(text: str) -> str:
    """Accents as one letter with what they stand on, and no signs that do something instead of showing something."""
    whole = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(sign for sign in whole if sign in "\n\t" or unicodedata.category(sign)[0] != "C").strip()


def _end(document: Document) -> None:
    Document.objects.filter(pk=document.pk).update(read_at=timezone.now(), compared_at=None)
    harm.look(document, texts(document))
    suggesting.suggest(document)
    queue.defer("find_alike", document)  # words decide where pictures do not
    given_up = PageText.objects.filter(page__document=document, source=Source.NONE).count()
    audit.record(AuditEvent.Kind.READ, document, actor=None, pages=document.pages - given_up, count=given_up)
