"""The rules before a packet leaves (V01–V48 of the practice). Each is measured, or it is not here."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents.models import Document, Factor, Packet, Request
from documents.packets import letter, profiles
from documents.packets.shape import Order

State, Review = Document.State, Document.Review
SETTLED = {State.REFUSED, State.WITHDRAWN, State.PURGED, State.QUARANTINED}


@dataclass(frozen=True, slots=True)
class Result:
    """One rule's word. `severity`: B blocks, W warns. `why`: a sentence for whom it stops, empty when it passes."""

    id: str
    why: str = ""
    document: Document | None = None  # the one to mend, when it is one
    severity: str = "B"
    kind: str = "measured"

    @property
    def title(self) -> Promise:
        return TITLES[self.id]

    @property
    def passed(self) -> bool:
        return not self.why

    @property
    def blocks(self) -> bool:
        return not self.passed and self.severity == "B"

    def as_json(self) -> dict[str, object]:
        """The contract's form (a packet on disk)."""
        return {"id": self.id, "severity": self.severity, "kind": self.kind, "passed": self.passed, "why": self.why}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at. `packet` is None before there is one; `now` is what an order of today would say."""

    request: Request
    documents: list[Document]
    now: Order
    packet: Packet | None = None

    @property
    def accepted(self) -> list[Document]:
        return [document for document in self.documents if document.review == Review.ACCEPTED]


Problem = tuple[str, Document | None]


def settled(facts: Facts) -> Iterator[Problem]:
    """V09"""
    if not facts.accepted:
        yield _("No document is accepted yet. Accept at least one."), None
    for document in facts.documents:
        if document.on_hold:
            yield _("%s is on attorney hold.") % document, document
        elif document.state != State.READY:
            yield (
                _("%(document)s is %(state)s.")
                % {
                    "document": document,
                    "state": str(document.get_state_display()).lower(),
                },
                document,
            )
        elif document.review == Review.PENDING:
            yield _("%s is not reviewed yet.") % document, document
        elif document.review == Review.ACCEPTED and not document.tags.all():
            yield _("%s is accepted but supports no factor.") % document, document


def released(facts: Facts) -> Iterator[Problem]:
    """V10: a negative tag needs a hold that an attorney lifted; a tag made since needs a new one."""
    for document in facts.accepted:
        lifted = {hold.factor_id for hold in document.holds.all() if hold.lifted_at}
        for tag in document.tags.all():
            if tag.factor.holds and tag.factor_id not in lifted:
                yield _("%s: an attorney has not released it.") % document, document


def filable(facts: Facts) -> Iterator[Problem]:
    """V11"""
    for document in facts.accepted:
        for tag in document.tags.all():
            if tag.factor_id in Factor.NEVER_FILED:
                yield _("%(document)s is marked “%(tag)s”.") % {"document": document, "tag": tag.factor}, document


def signed(facts: Facts) -> Iterator[Problem]:
    """V05, as far as it can be measured: a letter that nobody signed does not go in."""
    if facts.request.letter.strip() and not facts.request.letter_signed_at:
        yield _("The letter is not signed yet. An attorney signs it."), None


def cited(facts: Facts) -> Iterator[Problem]:
    """V28"""
    if facts.now.letter:
        for citation in letter.dangling(facts.now.letter.markdown, facts.now):
            yield _("The letter cites “%s”, and no exhibit answers to that.") % citation, None


def bare(facts: Facts) -> Iterator[Problem]:
    """V17 was measured on every finished part while binding; a part it failed on is never kept."""
    if not _proved_when_bound(facts.packet, "V17"):
        yield _("This packet was not checked for hidden data. Bind it again."), None


def counted(facts: Facts) -> Iterator[Problem]:
    """V18: the ledger's count, its parts' ranges and the total agree; page size was measured while binding."""
    packet = facts.packet
    assert packet is not None
    numbers = list(packet.ledger.values_list("number", flat=True))
    ranges = [page for part in packet.parts.all() for page in range(part.first_page, part.last_page + 1)]
    if not numbers == ranges == list(range(1, packet.total_pages + 1)) or not _proved_when_bound(packet, "V18"):
        yield _("The page numbers of this packet do not agree. Bind it again."), None


def fitting(facts: Facts) -> Iterator[Problem]:
    """V19"""
    assert facts.packet is not None
    limit = profiles.load(facts.packet.order["profile"]).part_limit
    for part in facts.packet.parts.all():
        if part.bytes > limit:
            yield _("Part %(number)d is larger than this office takes.") % {"number": part.number}, None


def unchanged(facts: Facts) -> Iterator[Problem]:
    """V27: an order made now would freeze the same evidence, letter and cover."""
    assert facts.packet is not None
    then, now = Order.from_json(canonical(facts.packet)), facts.now
    if (then.cover, then.letter, then.appearance) != (now.cover, now.letter, now.appearance):
        yield _("The cover, the letter or the appearance form changed after the packet was ordered."), None
    if then.exhibits != now.exhibits:
        yield _("The evidence changed after the packet was ordered. Order it again."), None


Rule = Callable[[Facts], Iterator[Problem]]
OF_THE_EVIDENCE: dict[str, Rule] = {"V05": signed, "V09": settled, "V10": released, "V11": filable, "V28": cited}
OF_THE_PACKET: dict[str, Rule] = {"V17": bare, "V18": counted, "V19": fitting, "V27": unchanged}
TITLES = {
    "V01": gettext_lazy("Released by an attorney of the matter, confirmed just now"),
    "V05": gettext_lazy("The letter is signed"),
    "V09": gettext_lazy("Every document is checked, reviewed and free of holds"),
    "V10": gettext_lazy("Nothing negative goes in unless an attorney released it"),
    "V11": gettext_lazy("Nothing goes in that must never be filed"),
    "V17": gettext_lazy("No hidden data, scripts, attachments or passwords"),
    "V18": gettext_lazy("Letter pages, one count without a gap, an index that agrees"),
    "V19": gettext_lazy("Every file is within the office's limit"),
    "V27": gettext_lazy("Nothing changed since the packet was ordered"),
    "V28": gettext_lazy("Every citation in the letter finds its page"),
}


def judge(request: Request, now: Order, packet: Packet | None = None) -> list[Result]:
    """Every rule that can be measured now, in order; one result a problem, or one that passes."""
    documents = request.matter.documents.exclude(state__in=SETTLED).order_by("number")
    facts = Facts(request, list(documents.prefetch_related("tags__factor", "holds")), now, packet)
    rules = {**OF_THE_EVIDENCE, **(OF_THE_PACKET if packet else {})}
    return [result for name in sorted(rules) for result in _results(name, rules[name], facts)]


def _results(name: str, rule: Rule, facts: Facts) -> list[Result]:
    return [Result(name, why, document) for why, document in rule(facts)] or [Result(name)]


def _proved_when_bound(packet: Packet | None, rule: str) -> bool:
    rows = packet.manifest.get("rules", []) if packet else []
    return any(row["id"] == rule and row["passed"] for row in rows)


def canonical(packet: Packet) -> str:
    """The frozen order as text."""
    return json.dumps(packet.order)
