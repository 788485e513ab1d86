"""The one door out. Every byte that leaves was scanned clean, is authenticated as it goes, and is on the record."""

import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import access, alarms, vault
from documents.models import Alarm, Document, Matter, Packet, PacketPage, PacketPart, Page, PageText, Verdict
from documents.scanning import Outcome

log = logging.getLogger(__name__)
Kind = AuditEvent.Kind
LOST = vault.Tampered, vault.Missing
ONE_VIEW = timedelta(minutes=5)  # looking through a document's pages is one view on the record, not one a page


class NotCleared(Http404):
    """These bytes were not found clean, or are no longer. For whoever asks they do not exist."""


def page(document: Document, number: int, *, ahead: bool = False, actor: User) -> HttpResponse:
    """A raster of one print-ready page, made by the portal itself. `ahead`: nobody asked to see it yet. That is on the
    record as what it is; when it is shown, `seen` follows."""
    _require_cleared(document)
    found = Page.objects.filter(document=document, number=number).first()
    if found is None:
        raise Http404
    picture = _picture(found.preview_key, found.preview_sha256, bytes(document.matter.key), document, actor)
    _note_view(document, actor, Kind.FETCHED if ahead else Kind.VIEWED)
    return picture


def seen(document: Document, *, actor: User) -> None:
    """A page that was fetched ahead is before somebody's eyes now."""
    if cleared(Document.objects.filter(pk=document.pk)).exists():
        _note_view(document, actor)


def words(document: Document, number: int, *, actor: User) -> PageText | None:
    """What was read on a page; None until it is. It is a look at the page, and stands behind the same gate."""
    _require_cleared(document)
    read = Page.objects.filter(document=document, number=number).select_related("text").first()
    if read is None:
        raise Http404
    _note_view(document, actor)
    return getattr(read, "text", None)


def draft_page(packet: Packet, number: int, *, actor: User) -> HttpResponse:
    """A watermarked raster of one packet page; refused once a document in the packet is no longer clear.

    A page of a document is a look at that document too, whatever it is bound into.
    """
    _require_whole(packet)
    found = PacketPage.objects.filter(packet=packet, number=number).select_related("document").first()
    if found is None:
        raise Http404
    if found.document and _redacted_since(found.document, packet):
        raise NotCleared
    if found.document:
        access.require_readable(actor, found.document)
    picture = _picture(found.draft_key, found.draft_sha256, bytes(packet.request.matter.key), packet, actor)
    _note_view(packet, actor)
    if found.document:
        _note_view(found.document, actor)
    return picture


def original(document: Document, *, actor: User) -> StreamingHttpResponse:
    """The file as it came, as an attachment; of a file that came locked, its unlocked copy.

    Only bytes that were scanned leave, and the scanner cannot see into a locked file. It is kept and never handed out.
    """
    _require_cleared(document)
    key, sha256 = document.judged_key, document.judged_sha256
    body = _begun(_proven(key, sha256, bytes(document.matter.key), document, actor))
    with transaction.atomic():
        record(Kind.DOWNLOADED, document, actor=actor, sha256=sha256, field="original")
    return _attachment(body, document.name, document.judged_size, "application/octet-stream")


def part(found: PacketPart, *, actor: User) -> StreamingHttpResponse:
    """One PDF of a released packet, as an attachment."""
    packet = found.packet
    if packet.state not in {Packet.State.RELEASED, Packet.State.FILED}:
        raise NotCleared
    _require_whole(packet)
    body = _begun(_proven(found.key, found.sha256, bytes(packet.request.matter.key), packet, actor))
    with transaction.atomic():
        record(Kind.DOWNLOADED, packet, actor=actor, part=found.number, sha256=found.sha256)
    return _attachment(body, found.filename, found.bytes, "application/pdf")


def paper(packet: Packet, name: str, body: bytes, content_type: str, *, actor: User) -> HttpResponse:
    """What goes with a released packet and is written from its rows: its manifest and its ledger."""
    if packet.state not in {Packet.State.RELEASED, Packet.State.FILED}:
        raise NotCleared
    _require_whole(packet)
    with transaction.atomic():
        record(Kind.DOWNLOADED, packet, actor=actor, field=name.partition(".")[0])
    return _of_our_own(body, name, content_type)


def receipt(matter: Matter, name: str, body: bytes, *, actor: User) -> HttpResponse:
    """A PDF that the portal wrote about what it received, as an attachment: not one byte of a sender's is in it."""
    with transaction.atomic():
        record(Kind.DOWNLOADED, matter, actor=actor, field="receipt")
    return _of_our_own(body, name, "application/pdf")


def cleared(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Those that are ready, and the last verdict on their very bytes is clean. Asked anew for every answer.

    Of a file that came locked, its bytes are those of the unlocked copy: no verdict says what is inside a lock.
    """
    judged_bytes = Coalesce(NullIf(OuterRef("unlocked_sha256"), Value("")), OuterRef("sha256"))
    verdicts = Verdict.objects.filter(document=OuterRef("pk"), sha256=judged_bytes).order_by("-pk")
    judged = documents.alias(last_verdict=Subquery(verdicts.values("outcome")[:1]))
    return judged.filter(state=Document.State.READY, last_verdict=Outcome.CLEAN)


def _require_cleared(document: Document) -> None:
    if not cleared(Document.objects.filter(pk=document.pk)).exists():
        raise NotCleared


def whole(packet: Packet) -> bool:
    """Every document in the packet is still clear; one that is not shuts the whole packet."""
    inside = Document.objects.filter(pk__in=packet.ledger.exclude(document=None).values("document"))
    return packet.state != Packet.State.INVALIDATED and cleared(inside).count() == inside.count()


def _require_whole(packet: Packet) -> None:
    if not whole(packet):
        raise NotCleared


def _redacted_since(document: Document, packet: Packet) -> bool:
    """What was blacked out after a packet was ordered still shows on its drafts."""
    burnt = document.redactions.exclude(approved_at=None)
    return (burnt.filter(approved_at__gt=packet.ordered_at) if packet.ordered_at else burnt).exists()


def _note_view(thing: Document | Packet, actor: User, kind: Kind = Kind.VIEWED) -> None:
    lately = AuditEvent.objects.filter(
        chain=thing.audit_chain,
        kind=kind,
        actor=actor,
        subject_type=thing._meta.label_lower,  # with the next one it is an index: a chain is long
        subject_id=str(thing.pk),
        at__gt=timezone.now() - ONE_VIEW,
    )
    if not lately.exists():
        with transaction.atomic():
            record(kind, thing, actor=actor)


def _picture(key: str, sha256: str, under: bytes, thing: Document | Packet, actor: User) -> HttpResponse:
    """Small enough to be proved whole before its first byte leaves."""
    try:
        body = b"".join(_proven(key, sha256, under, thing, actor))
    except LOST as problem:
        raise NotCleared from problem
    return _sealed_off(HttpResponse(body, content_type="image/jpeg"))


def _proven(key: str, sha256: str, under: bytes, thing: Document | Packet, actor: User) -> Iterator[bytes]:
    """The bytes, one segment back: the last one leaves only when the whole is what was promised.

    On a mismatch the connection is cut short of the announced length, and that is on the record.
    """
    digest, waiting = hashlib.sha256(), b""
    try:
        for chunk in vault.chunks(vault.Area.VAULT, key, under=under):
            digest.update(chunk)
            if waiting:
                yield waiting
            waiting = chunk
        if digest.hexdigest() != sha256:
            raise vault.Tampered(key)
    except LOST as problem:
        log.error("the vault does not hold what was promised of %s %s: %s", thing._meta.model_name, thing.pk, problem)
        alarms.raise_(Alarm.Kind.BYTES_CHANGED, f"The vault does not hold what was promised of {thing.pk}.")
        with transaction.atomic():
            record(Kind.DOWNLOADED, thing, actor=actor, outcome=type(problem).__name__.lower(), sha256=sha256)
        raise
    yield waiting


def _begun(body: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes with the first ones read, so that what is gone or changed there ends in no answer at all."""
    try:
        return chain([next(body)], body)
    except LOST as problem:
        raise NotCleared from problem


def _attachment(body: Iterator[bytes], name: str, size: int, content_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Length"] = str(size)
    response["Accept-Ranges"] = "none"
    _sealed_off(response)
    return response


def _of_our_own(body: bytes, name: str, content_type: str) -> HttpResponse:
    """What the portal wrote itself, from its rows."""
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return _sealed_off(response)


def _sealed_off[R: HttpResponseBase](response: R) -> R:
    """Shown or saved, never run, never kept."""
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
