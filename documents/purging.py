"""Forgetting a matter for good: nothing of it can be read again, and its tombstone says what there was.

First one transaction: every document is PURGED, every packet out of use, what people typed is gone. From then on the
rows promise nothing, so that a death at any later point leaves bytes too many and never a promise too many. Then the
keys are destroyed, which makes every copy and backup of the sealed bytes unreadable, then the objects; only then do the
rows forget where these lay: until then whoever takes it up again knows what is left to do (`finish`).

What stays: each document's id, number, size, SHA-256, sender and time of receipt; its verdicts; the ledgers of packets
without their pages; the chain of events.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle, matters, vault
from documents.models import (
    Agreement,
    Circumstance,
    Claim,
    Disclosure,
    Document,
    Factor,
    Filing,
    Finding,
    FittedPrint,
    Hold,
    LastDeed,
    LetterVersion,
    LookedAt,
    Matter,
    Message,
    NoteVersion,
    Packet,
    PacketPage,
    PacketPart,
    Page,
    PageText,
    Placement,
    Presence,
    Redaction,
    Request,
    Statement,
    Suggestion,
    Tag,
    Upload,
)

log = logging.getLogger(__name__)
State = Document.State
JUST_OPENED = timedelta(seconds=5)  # between its row and its command's lock, and to spare
PATIENCE = 120  # seconds a command waits at its end for a worker that is at one of its files
ABANDONED: dict[str, str] = {State.CHECKING: State.RECEIVED, State.PREPARING: State.CLEAN}


class CannotPurge(Exception):
    """The matter is under legal hold, or somebody is at work in it; the message says which."""


def purge(matter: Matter, *, actor: User | None, why: str) -> None:
    """Forget everything in the matter. `why`: a code for the record. May be repeated, and after a death at any point.

    Raises CannotPurge, and then nothing happened; StoreUnavailable when the store could not delete everything yet:
    nothing is served any more, and `finish` does the rest.
    """
    with transaction.atomic():
        lifecycle.take_turns(str(matter.pk))  # whoever is receiving a file into it ends first
        audit.take_turns(matter.audit_chain)
        ours = Matter.objects.select_for_update().get(pk=matter.pk)
        if ours.legal_hold:
            raise CannotPurge(f"{ours} is under legal hold.")
        if ours.purged_at is None:
            _let_go(ours, actor, why)
    _destroy(ours, actor, why)


def unfinished() -> QuerySet[Matter]:
    """Purges that were begun: the rows say so, and bytes or keys may be left."""
    return Matter.objects.filter(purged_at__isnull=False).exclude(key=b"")


def finish() -> int:
    """Purge what a dead command left, and end what was begun. Returns how many matters."""
    ended = 0
    for matter in [*unfinished(), *_orphaned()]:
        try:
            purge(matter, actor=None, why="taken_up")
            ended += 1
        except (CannotPurge, lifecycle.LostRace, vault.StoreUnavailable) as problem:
            log.warning("the purge of %s has to wait: %s", matter.pk, problem)
    return ended


@contextmanager
def throwaway(respondent: str = "", a_number: str = "", *, actor: User) -> Iterator[Matter]:
    """A matter to work in, purged at the end whatever happens. If this process dies, `finish` purges it."""
    matter = matters.open_throwaway(respondent, a_number, actor=actor)
    with lifecycle.claimed(matter):
        try:
            yield matter
        finally:
            _purge_soon(matter, actor)


def _purge_soon(matter: Matter, actor: User) -> None:
    """A worker may be at one of its files this very moment: wait for it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return purge(matter, actor=actor, why="throwaway")
        except (CannotPurge, lifecycle.LostRace):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _orphaned() -> Iterator[Matter]:
    """Throwaway matters whose command is gone: nobody holds their lock."""
    settled = timezone.now() - JUST_OPENED
    for matter in Matter.objects.filter(throwaway=True, purged_at=None, opened_at__lt=settled):
        with lifecycle.claimed(matter) as free:
            if free:
                yield matter


def _let_go(matter: Matter, actor: User | None, why: str) -> None:
    """The rows: nothing is promised and nothing that people typed is left. The addresses of the bytes stay for now."""
    for document in matter.documents.exclude(state=State.PURGED):
        _purge_document(document, actor, why)
    for upload in matter.uploads.filter(state__in=[Upload.State.ARRIVING, Upload.State.KEPT]):
        lifecycle.move(upload, Upload.State.ABANDONED, actor=actor, why=why)
    matter.uploads.update(name="", item=None)
    matter.checklist.update(words="", item=None, answer="", answered_at=None, remind_on=None)
    Message.objects.filter(matter=matter).update(text="")
    NoteVersion.objects.filter(note__matter=matter).update(text="")
    for packet in Packet.objects.filter(request__matter=matter).select_related("request"):
        _purge_packet(packet, actor, why)
    PageText.objects.filter(page__document__matter=matter).delete()
    gone = (Tag, Hold, Finding, Placement, Disclosure, LookedAt, Redaction, Suggestion, LastDeed, Presence)
    for each in gone:
        each._default_manager.filter(document__matter=matter).delete()
    Request.objects.filter(matter=matter).update(
        letter="", judge="", office="", next_hearing=None, tab_order=[], transmittal="", options={}, decision=""
    )
    Request.objects.filter(matter=matter).update(factor_order=[])
    _forget_words(matter)
    PacketPart.objects.filter(packet__request__matter=matter).update(filename="")
    Matter.objects.filter(pk=matter.pk).update(respondent="", a_number="", purged_at=timezone.now())


def _forget_words(matter: Matter) -> None:
    """What people wrote about its requests. That they stated, agreed or filed something stays."""
    of_requests = {"request__matter": matter}
    Statement.objects.filter(**of_requests).update(words="")
    Agreement.objects.filter(**of_requests).update(words="")
    Circumstance.objects.filter(**of_requests).update(words="")
    LetterVersion.objects.filter(**of_requests).update(text="")
    Filing.objects.filter(packet__request__matter=matter).update(words="", reply="")
    matter.arrests.update(about={}, note="")
    Claim.objects.filter(matter=matter).update(why="")
    Factor.everything.filter(matter=matter).update(name_en="", name_es="")


def _purge_document(document: Document, actor: User | None, why: str) -> None:
    if back := ABANDONED.get(document.state):
        _require_abandoned(document)
        lifecycle.move(document, back, actor=actor, why="worker_gone")
    lifecycle.move(
        document, State.PURGED, actor=actor, why=why, name="", title="", review_reason="", item=None, particulars={}
    )


def _purge_packet(packet: Packet, actor: User | None, why: str) -> None:
    """Out of use as far as its arrows lead; moving its documents made a bound or released one invalid already."""
    if packet.state == Packet.State.BINDING:
        _require_abandoned(packet)
    if packet.state == Packet.State.ORDERED:
        lifecycle.move(packet, Packet.State.BINDING, actor=actor, why=why)
    if packet.state == Packet.State.BINDING:
        lifecycle.move(packet, Packet.State.FAILED, actor=actor, why=why)
    Packet.objects.filter(pk=packet.pk).update(order={}, manifest={}, failure="")


def _require_abandoned(thing: Document | Packet) -> None:
    with lifecycle.claimed(thing) as free:
        if not free:
            raise CannotPurge(f"{thing} is {thing.get_state_display().lower()}.")


def _destroy(matter: Matter, actor: User | None, why: str) -> None:
    vault.forget_keys(matter.pk)
    shredded = 0
    for area, key in set(_objects(matter)):
        vault.shred(area, key)
        shredded += 1
    with transaction.atomic():
        matter.documents.update(intake_key="", vault_key="", unlocked_key="", print_key="")
        Page.objects.filter(document__matter=matter).delete()
        FittedPrint.objects.filter(document__matter=matter).delete()
        PacketPart.objects.filter(packet__request__matter=matter).update(key="")
        PacketPage.objects.filter(packet__request__matter=matter).update(draft_key="")
        if Matter.objects.filter(pk=matter.pk).exclude(key=b"").update(key=b""):
            count = matter.documents.count()
            record(AuditEvent.Kind.PURGED, matter, actor=actor, why=why, documents=count, objects=shredded)


def _objects(matter: Matter) -> Iterator[tuple[vault.Area, str]]:
    """Where every byte of the matter lies."""
    for intake, *kept in matter.documents.values_list("intake_key", "vault_key", "unlocked_key", "print_key"):
        yield from ((vault.Area.INTAKE, intake),) if intake else ()
        yield from ((vault.Area.VAULT, key) for key in kept if key)
    for prefix, size in matter.uploads.values_list("prefix", "size"):
        yield vault.Area.INTAKE, vault.pieces_key(prefix, size)
    of_packets = {"packet__request__matter": matter}
    for keys in (
        Page.objects.filter(document__matter=matter).values_list("preview_key", flat=True),
        FittedPrint.objects.filter(document__matter=matter).exclude(key="").values_list("key", flat=True),
        PacketPart.objects.filter(**of_packets).exclude(key="").values_list("key", flat=True),
        PacketPage.objects.filter(**of_packets).exclude(draft_key="").values_list("draft_key", flat=True),
    ):
        yield from ((vault.Area.VAULT, key) for key in keys)
