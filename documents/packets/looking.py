"""What one person has to look at in a packet: what changed since the one they looked at last; and an attorney's word that
it is good to go, which a colleague may release it on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle
from documents.models import Packet
from documents.packets.rules import canonical
from documents.packets.shape import Exhibit, Order

Kind, State = AuditEvent.Kind, Packet.State
ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
APPROVED = frozenset({State.BOUND, State.RELEASED, State.FILED})  # elsewhere an approval is over


@dataclass(frozen=True, slots=True)
class Change:
    """An exhibit and what became of it; `was` and `now`: its tab, empty where it is not in."""

    what: str
    title: str
    was: str = ""
    now: str = ""


@dataclass(frozen=True, slots=True)
class Since:
    """What is different from the packet this person looked at last. `letter`, `cover`: those pages say something else;
    `lettered`: exhibits that only have another letter."""

    earlier: Packet
    at: datetime
    changes: list[Change]
    letter: bool
    cover: bool
    lettered: int

    @property
    def same(self) -> bool:
        return not (self.changes or self.letter or self.cover)


def since(packet: Packet, user: User) -> Since | None:
    """None where this person looked at no earlier packet of its kind: a whole one, or a supplement to the same."""
    like = packet.request.packets.filter(number__lt=packet.number, adds_to=packet.adds_to_id, total_pages__gt=0)
    earlier = {str(each.pk): each for each in like}
    looks = _events(packet, Kind.VIEWED, *earlier).filter(actor=user)
    last = looks.first() if earlier else None
    if last is None:
        return None
    then, now = (Order.from_json(canonical(each)) for each in (earlier[last.subject_id], packet))
    changes = sorted(_changes(then, now), key=lambda one: (ADDED, REMOVED, CHANGED, MOVED).index(one.what))
    return Since(
        earlier=earlier[last.subject_id],
        at=last.at,
        changes=changes,
        letter=then.letter != now.letter,
        cover=(then.cover, then.appearance) != (now.cover, now.appearance),
        lettered=_lettered(then, now, {change.now for change in changes}),
    )


def approve(packet: Packet, *, actor: User) -> None:
    """An attorney looked at the bound packet and would let it out. It stands for these very files: a packet that goes
    back, or is ordered anew, takes it along. Once is enough. Raises IllegalMove."""
    with transaction.atomic():
        audit.take_turns(packet.audit_chain)
        packet.refresh_from_db(fields=["state"])
        if packet.state != State.BOUND:
            raise lifecycle.IllegalMove(f"{packet} is {packet.state}: it is not approved")
        if not _events(packet, Kind.APPROVED, str(packet.pk)).filter(actor=actor).exists():
            parts = [part.sha256 for part in packet.parts.all()]
            record(Kind.APPROVED, packet, actor=actor, order_sha256=packet.order_sha256, sha256=parts)


def approval(packet: Packet) -> AuditEvent | None:
    """The first word of an attorney on it, while it stands."""
    if packet.state not in APPROVED:
        return None
    return _events(packet, Kind.APPROVED, str(packet.pk)).last()


def _events(packet: Packet, kind: AuditEvent.Kind, *ids: str) -> QuerySet[AuditEvent]:
    """Of these packets of the same matter, newest first."""
    events = audit.trail(packet.audit_chain, kinds=[kind])
    return events.filter(subject_type=Packet._meta.label_lower, subject_id__in=ids)


def _changes(then: Order, now: Order) -> Iterator[Change]:
    was, is_ = _by_document(then), _by_document(now)
    still = {*_in_order(was, is_)}
    for pk, (tab, exhibit) in is_.items():
        if pk not in was:
            yield Change(ADDED, exhibit.title, now=tab)
        elif _shown(exhibit) != _shown(was[pk][1]):
            yield Change(CHANGED, exhibit.title, was[pk][0], tab)
        elif pk not in still:
            yield Change(MOVED, exhibit.title, was[pk][0], tab)
    yield from (Change(REMOVED, exhibit.title, was=tab) for pk, (tab, exhibit) in was.items() if pk not in is_)


def _by_document(order: Order) -> dict[str, tuple[str, Exhibit]]:
    """Each exhibit and its tab, by its first document."""
    return {each.sources[0].document: (order.tab(place), each) for place, each in enumerate(order.exhibits)}


def _in_order(was: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    """The exhibits that stand in the same order among themselves; whatever else is in both was moved."""
    left, right = [*was], [*now]
    for block in SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks():
        yield from left[block.a : block.a + block.size]


def _shown(exhibit: Exhibit) -> object:
    """What is printed of it."""
    pages = [(source.print_sha256, source.use) for source in exhibit.sources]
    return exhibit.title, exhibit.factors, exhibit.date, exhibit.note, pages


def _lettered(then: Order, now: Order, told: set[str]) -> int:
    was = {pk: tab for pk, (tab, _exhibit) in _by_document(then).items()}
    return sum(was.get(pk, tab) != tab and tab not in told for pk, (tab, _exhibit) in _by_document(now).items())
