"""The only way into the audit trail, and the proof that nobody changed it.

Every matter has a chain of its own and people share the chain "accounts". Each event carries the SHA-256 of its own
content and of the event before it, so an edit, a removal, an insertion or another order shows. Events cut off the end
show only against heads kept elsewhere (`heads()`, anchored outside this database): tamper-evident, not tamper-proof.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from django.db import models, transaction
from django.db.models import QuerySet

from accounts.models import AuditEvent, User

Fact = str | int | bool | list[str] | list[int]
Heads = dict[str, tuple[int, str]]

GENESIS = "0" * 64

# What an event may say about itself. Identifiers, codes, counts and hashes; never what a person typed about a person.
FACTS = frozenset({
    "action", "amount", "as", "attempt", "bytes", "by", "chunk", "client", "code", "codes", "count", "document",
    "documents", "duplicate_of", "engine", "expires", "factor", "factors", "field", "fields", "first_page", "item",
    "kek", "key", "language", "last_page", "ledger_sha256", "letter_sha256", "level", "matter", "member", "method",
    "objects", "on_behalf", "order_sha256", "origin", "outcome", "packet", "pages", "part", "parts", "polarity",
    "profile", "profile_version", "reason", "request", "role", "route", "rules", "seconds", "sha256", "sha256_in",
    "sha256_out", "signatures", "size", "stage", "step_up", "tag", "to", "tool", "type", "verdict", "version", "via",
    "warnings", "was", "weight", "why",
})  # fmt: skip

_LOOKS_PRIVATE = re.compile(r"@|\.(?:pdf|jpe?g|png|hei[cf]|avif|tiff?|webp|gif|bmp|docx?|odt|rtf|txt)\b", re.IGNORECASE)


def record(
    kind: AuditEvent.Kind,
    subject: models.Model | None,
    *,
    actor: User | None,
    outcome: str = "done",
    chain: str | None = None,
    **facts: Fact,
) -> AuditEvent:
    """Append one event to the subject's chain, in the transaction that makes it true.

    `subject.audit_chain` names the chain ("matter:<uuid>"; "accounts" without one). `actor=None` is the portal itself.
    Raises RuntimeError outside a transaction, ValueError for a fact that may not be on the record.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise RuntimeError(f"{kind} must be recorded in the transaction that makes it true.")
    for name, value in facts.items():
        _require_fact(name, value)
    chain = chain or str(getattr(subject, "audit_chain", "accounts"))
    # Two statements: the second one's snapshot must begin after the lock is ours, or two writers fork the chain.
    take_turns(chain)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp(), last.seq, last.hash FROM (VALUES (1)) AS one LEFT JOIN LATERAL"
            " (SELECT seq, hash FROM accounts_auditevent WHERE chain = %s ORDER BY seq DESC LIMIT 1) AS last ON true",
            [chain],
        )
        at, seq, prev_hash = cursor.fetchone()
    event = AuditEvent(
        chain=chain,
        seq=(seq or 0) + 1,
        at=at,
        actor=actor,
        actor_role=actor.role if actor else "",
        kind=AuditEvent.Kind(kind).value,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=str(subject.pk) if subject else "",
        outcome=outcome,
        facts=facts,
        prev_hash=prev_hash or GENESIS,
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    return event


def take_turns(chain: str) -> None:
    """Be the only writer of this chain until the transaction ends. Whoever also locks rows takes this lock first:
    one order for everybody, and nobody waits for each other in a ring."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [chain])


def trail(chain: str, *, kinds: Iterable[AuditEvent.Kind] | None = None) -> QuerySet[AuditEvent]:
    """The events of one chain, newest first, with their actors."""
    events = AuditEvent.objects.filter(chain=chain).select_related("actor").order_by("-seq")
    return events if kinds is None else events.filter(kind__in=[kind.value for kind in kinds])


def heads() -> Heads:
    """The last place and hash of every chain: what is anchored outside this database."""
    last = AuditEvent.objects.order_by("chain", "-seq").distinct("chain").values_list("chain", "seq", "hash")
    return {chain: (seq, hash_) for chain, seq, hash_ in last.iterator()}


def lost(anchored: Mapping[str, tuple[int, str]]) -> list[str]:
    """The chains whose anchored head is not here: this database is older than the anchor, or somebody cut it."""
    hashes = [hash_ for _seq, hash_ in anchored.values()]
    here = set(AuditEvent.objects.filter(hash__in=hashes).values_list("chain", "seq", "hash"))
    return sorted(chain for chain, (seq, hash_) in anchored.items() if (chain, seq, hash_) not in here)


def verify(anchored: Mapping[str, tuple[int, str]] | None = None) -> list[str]:
    """Recompute every chain against itself and against heads kept elsewhere. One sentence per fault; [] when whole.

    Reads in order, a few thousand rows at a time; after a chain's first fault the rest of that chain is not judged.
    """
    anchored, reached, faults = dict(anchored or {}), Heads(), {}
    for event, expected, prev_hash in _walk():
        if event.chain not in faults and (fault := _fault(event, expected, prev_hash, anchored)):
            faults[event.chain] = fault
        reached[event.chain] = (event.seq, event.hash)
    for chain, (seq, _) in anchored.items():
        last = reached.get(chain, (0, ""))[0]
        if chain not in faults and last < seq:
            faults[chain] = f"{chain}: events {last + 1} to {seq} were cut off the end."
    return list(faults.values())


def digest(event: AuditEvent) -> str:
    """SHA-256 (hex) over the previous hash and every column but the row's own id, each with its length before it."""
    sha = hashlib.sha256()
    for part in _parts(event):
        content = part.encode()
        sha.update(len(content).to_bytes(8, "big") + content)
    return sha.hexdigest()


def _parts(event: AuditEvent) -> tuple[str, ...]:
    at: datetime = event.at
    return (
        event.prev_hash,
        event.chain,
        str(event.seq),
        at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(event.actor_id or ""),
        event.actor_role,
        event.kind,
        event.subject_type,
        event.subject_id,
        event.outcome,
        json.dumps(event.facts, sort_keys=True, separators=(",", ":")),
    )


def _walk() -> Iterator[tuple[AuditEvent, int, str]]:
    """Every event with the place and the previous hash it ought to have."""
    chain, seq, prev_hash = "", 0, GENESIS
    for event in AuditEvent.objects.order_by("chain", "seq").iterator(chunk_size=2000):
        if event.chain != chain:
            chain, seq, prev_hash = event.chain, 0, GENESIS
        yield event, seq + 1, prev_hash
        seq, prev_hash = event.seq, event.hash


def _fault(event: AuditEvent, expected: int, prev_hash: str, anchored: Mapping[str, tuple[int, str]]) -> str | None:
    place = f"{event.chain}: event {event.seq}"
    if event.seq != expected:
        return f"{event.chain}: event {expected} is missing."
    if event.prev_hash != prev_hash:
        return f"{place} does not follow the event before it."
    if event.hash != digest(event):
        return f"{place} was changed."
    if anchored.get(event.chain, (0, ""))[0] == event.seq and anchored[event.chain][1] != event.hash:
        return f"{place} is not the one that was anchored."
    return None


def _require_fact(name: str, value: Fact) -> None:
    if name not in FACTS:
        raise ValueError(f"“{name}” is not a fact the audit trail may hold (accounts.audit.FACTS).")
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, str | int):
            raise ValueError(f"The fact “{name}” must be text, a whole number, yes or no, or a list of these.")
        if isinstance(item, str) and (len(item) > 200 or _LOOKS_PRIVATE.search(item)):
            raise ValueError(f"The fact “{name}” looks like a file name, an e-mail or prose.")
