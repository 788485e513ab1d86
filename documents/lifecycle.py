"""Lifecycles as tables. The only writer of any `state`, and of `review`."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from documents.models import Document, Packet, Page, Request, Upload

D, R, P, Q, U = Document.State, Document.Review, Packet.State, Request.State, Upload.State
Kind = AuditEvent.Kind
A_WHILE = timedelta(seconds=2)  # before work that failed is tried again
A_LONG_WHILE = timedelta(seconds=15)  # and before the machine is likely to be well again

AT_WORK = {D.RECEIVED, D.CHECKING, D.CLEAN, D.PREPARING}  # where a locked file's password may still be needed
LEAVES = {D.RECEIVED, D.CLEAN, D.READY, D.HELD}  # what may be withdrawn, and come back to where it was
FIXED = {P.ORDERED, P.BINDING, P.RELEASED}  # whose pages nothing changes just now; what was filed is kept besides
STANDING = {P.ORDERED, P.BINDING, P.FAILED, P.BOUND, P.RELEASED, P.FILED}  # packets that are filed, or may yet be
FINISHED = {P.BOUND, P.RELEASED}  # their files are there, and no office has them
MOVES: dict[type[models.Model], dict[str, set[Any]]] = {
    Upload: {
        U.ARRIVING: {U.RECEIVED, U.KEPT, U.ABANDONED},
        U.KEPT: {U.RECEIVED, U.ABANDONED},
        U.RECEIVED: set(),
        U.ABANDONED: set(),
    },
    Document: {
        D.RECEIVED: {D.CHECKING, D.WITHDRAWN, D.PURGED},
        D.CHECKING: {D.RECEIVED, D.CLEAN, D.REFUSED, D.QUARANTINED},
        D.CLEAN: {D.PREPARING, D.QUARANTINED, D.WITHDRAWN, D.PURGED},
        D.PREPARING: {D.READY, D.REFUSED, D.CLEAN, D.HELD},
        D.HELD: {D.CLEAN, D.RECEIVED, D.QUARANTINED, D.WITHDRAWN, D.PURGED},
        D.READY: {D.CLEAN, D.WITHDRAWN, D.QUARANTINED, D.PURGED},
        D.WITHDRAWN: {*LEAVES, D.QUARANTINED, D.PURGED},
        D.QUARANTINED: {D.RECEIVED, D.PURGED},
        D.REFUSED: {D.RECEIVED, D.PURGED},
        D.PURGED: set(),
    },
    Packet: {
        P.DRAFT: {P.ORDERED},
        P.ORDERED: {P.BINDING},
        P.BINDING: {P.BOUND, P.FAILED, P.ORDERED},
        P.FAILED: {P.ORDERED},
        P.BOUND: {P.RETURNED, P.RELEASED, P.INVALIDATED},
        P.RETURNED: set(),
        P.RELEASED: {P.FILED, P.SUPERSEDED, P.INVALIDATED},
        P.FILED: set(),
        P.SUPERSEDED: set(),
        P.INVALIDATED: set(),
    },
    Request: {
        Q.GATHERING: {Q.IN_REVIEW, Q.WITHDRAWN},
        Q.IN_REVIEW: {Q.READY, Q.GATHERING, Q.WITHDRAWN},
        Q.READY: {Q.FILED, Q.IN_REVIEW, Q.WITHDRAWN},
        Q.FILED: {Q.GRANTED, Q.DENIED, Q.WITHDRAWN},
        Q.GRANTED: {Q.FILED, Q.WITHDRAWN},  # back where it was: the decision was recorded wrongly (documents.filing)
        Q.DENIED: {Q.FILED, Q.WITHDRAWN},
        Q.WITHDRAWN: set(),
    },
}
REVIEWS: dict[str, set[Any]] = {
    R.PENDING: {R.ACCEPTED, R.ASK_AGAIN},
    R.ACCEPTED: {R.PENDING},
    R.ASK_AGAIN: {R.PENDING, R.ACCEPTED},
}


class IllegalMove(Exception):
    """There is no arrow from where the thing is to where somebody wants it."""


class LostRace(Exception):
    """Somebody else moved it first."""


def move(
    thing: Document | Packet | Request | Upload, to: Any, *, actor: User | None, why: str = "", **facts: Any
) -> None:
    """Follow one arrow: compare and set, with other columns in the same update, on the record.

    `why` is a code of ours: what a person typed stays in the row and never enters the audit.
    """
    was = thing.state
    if to not in MOVES[type(thing)][was]:
        raise IllegalMove(f"{thing} is {was}: it cannot become {to}")
    if type(thing) is Document and was == D.WITHDRAWN and to not in {thing.was, D.QUARANTINED, D.PURGED}:
        raise IllegalMove(f"{thing} was {thing.was}: it goes back there, not to {to}")
    if to == D.WITHDRAWN and type(thing) is Document:
        facts["was"] = was
    if was == D.WITHDRAWN and type(thing) is Document:
        facts["was"] = ""
    if type(thing) is Document and thing.password and to not in AT_WORK:
        facts["password"] = ""
    with transaction.atomic():
        if type(thing) is Document and (was, to) == (D.READY, D.CLEAN):
            _require_unused(thing)
        _set(thing, Kind.MOVED, {"state": was}, {"state": to, "state_since": timezone.now(), **facts}, actor, why)
        if type(thing) is Document and to in {D.WITHDRAWN, D.QUARANTINED, D.PURGED}:
            _invalidate(thing, actor)


def set_aside(document: Document, *, actor: User) -> None:
    """It must never be filed, as it turned out: no packet that holds it is used."""
    never = f"{document} must never be filed."
    put_out_of_use(document, why="evidence_gone", failure=never, actor=actor)


def in_use(document: Document) -> bool:
    """Whether somebody built on its pages as they are: a tag, an acceptance, a box drawn on one, a packet that is filed or
    may still be."""
    if Document.objects.filter(pk=document.pk, review=R.ACCEPTED).exists() or document.tags.exists():
        return True
    return document.redactions.filter(removed_at=None).exists() or _in_packets(document, STANDING)


def is_fixed(document: Document) -> bool:
    """Whether its pages are in a packet that was released and not filed yet, or in one that is being bound this moment."""
    return _in_packets(document, FIXED)


def _in_packets(document: Document, states: set[Packet.State]) -> bool:
    packets = Packet.objects.filter(request__matter=document.matter_id, state__in=states)
    unbound = packets.filter(ledger=None)  # what is in these, only their sealed order tells
    return packets.filter(ledger__document=document).exists() or any(
        str(document.pk) in json.dumps(packet.order) for packet in unbound
    )


def _require_unused(document: Document) -> None:
    audit.take_turns(document.audit_chain)  # whoever tags, accepts or orders ends first
    if in_use(document):
        raise IllegalMove(f"{document} is tagged, accepted or in a packet: its pages stay as they are")


def make_anew(document: Document, *, actor: User, why: str) -> None:
    """Have the pages of a ready document made once more, whatever it is tagged to.

    What was accepted waits for review again, and a packet that nobody released is not valid any more. The pages it had are
    forgotten at once, with what was read on them. Raises IllegalMove where a released packet holds them.
    """
    with transaction.atomic():
        audit.take_turns(document.audit_chain)
        if is_fixed(document):
            raise IllegalMove(f"{document} is in a packet: its pages stay as they are")
        if document.review == R.ACCEPTED:
            review(document, R.PENDING, actor=actor)
        new = {"state": D.CLEAN, "state_since": timezone.now(), "read_at": None}
        _set(document, Kind.MOVED, {"state": D.READY}, new, actor, why)
        Page.objects.filter(document=document).delete()
        changed = f"The pages of {document} were changed."
        put_out_of_use(document, why=why, failure=changed, actor=actor)


def _invalidate(document: Document, actor: User | None) -> None:
    is_now = f"{document} is {document.get_state_display()}."
    put_out_of_use(document, why="evidence_gone", failure=is_now, actor=actor)


def put_out_of_use(document: Document, *, why: str, failure: str, actor: User | None) -> None:
    """A packet that holds the document, and is not filed yet, is no longer what somebody may file. One that is being bound
    fails by itself: it is judged once more at its end."""
    for packet in Packet.objects.filter(ledger__document=document, state__in=FINISHED).distinct():
        move(packet, P.INVALIDATED, actor=actor, why=why, failure=failure)


def take_turns(what: str) -> None:
    """One at a time until the transaction ends: numbers in a row, and the same bytes sent twice are one document."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [what])


def review(document: Document, to: Any, *, actor: User, why: str = "") -> None:
    """Move a ready document's review. `why` is what the client reads when it is asked for again."""
    was = document.review
    if document.state != D.READY or to not in REVIEWS[was]:
        raise IllegalMove(f"{document} is {document.state}, {was}: it cannot become {to}")
    new = {"review": to, "review_reason": why, "reviewed_by": actor}
    _set(document, Kind.REVIEWED, {"state": D.READY, "review": was}, new, actor, "")


def _set(
    thing: Document | Packet | Request | Upload,
    kind: Kind,
    old: dict[str, Any],
    new: dict[str, Any],
    actor: User | None,
    why: str,
) -> None:
    field = next(name for name in ("state", "review") if name in new)
    with transaction.atomic():
        audit.take_turns(thing.audit_chain)
        if not type(thing)._default_manager.filter(pk=thing.pk, **old).update(**new):
            raise LostRace(f"{thing} is no longer {old[field]}")
        audit.record(kind, thing, actor=actor, was=str(old[field]), to=str(new[field]), why=why)
    for name, value in new.items():
        setattr(thing, name, value)


def _tried(thing: models.Model, to: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_lock(thing, to)])
        return bool(cursor.fetchone()[0])


def _lock(thing: models.Model, to: str = "") -> int:
    """A 64-bit advisory lock of this row."""
    name = f"{thing._meta.label}:{thing.pk}{to and f':{to}'}".encode()
    return int.from_bytes(blake2b(name, digest_size=8).digest(), signed=True)


@contextmanager
def claimed(thing: models.Model, *, patience: float = 0, to: str = "") -> Iterator[bool]:
    """Hold the row's session advisory lock while working on it: whether we got it within `patience` seconds.

    `to`: work that keeps nobody from the row, only others from the same work.

    PostgreSQL lets it go when the worker's connection dies, so a dead worker's row is free at once.
    """
    got, deadline = _tried(thing, to), time.monotonic() + patience
    while not got and time.monotonic() < deadline:
        time.sleep(0.02)
        got = _tried(thing, to)
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_lock(thing, to)])
