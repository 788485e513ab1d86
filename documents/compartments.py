"""What is told only by an attorney's decision: abuse and its like (8 USC 1367), asylum, health.

A document is in a compartment because its kind or a tag speaks for it, or because somebody of the team put it there. What
is in one goes into no packet before an attorney decided to disclose these very pages; what is withheld is kept out of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Prefetch, Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle
from documents.models import Compartment, Disclosure, Document, Placement

BY_SENSITIVITY: Final = {"s1367": Compartment.S1367, "asylum": Compartment.ASYLUM, "medical": Compartment.MEDICAL}
BY_TAG: Final = {
    "VICTIM_WITNESS": Compartment.S1367,
    "HEALTH": Compartment.MEDICAL,
    "PREGNANT_NURSING": Compartment.MEDICAL,
}
ROWS: Final = ("tags", "placements", "disclosures")  # to prefetch, with `item`, where many documents are asked
# The same of those whose page names who said so.
SAID: Final = (
    Prefetch("placements", queryset=Placement.objects.select_related("by")),
    Prefetch("disclosures", queryset=Disclosure.objects.select_related("by")),
)
DISCLOSE, WITHHOLD = Disclosure.Decision.DISCLOSE, Disclosure.Decision.WITHHOLD


class CannotDecide(Exception):
    """The document is not in this compartment, is not ready, or no reason was given; the message says which."""


@dataclass(frozen=True, slots=True)
class Inside:
    """A compartment that a document is in. `grounds`: what speaks for it, codes of the kind of paper and of tags; none
    where somebody put it there. `said`: the newest decision; `stands`: whether it is about the pages as they are."""

    compartment: Compartment
    grounds: tuple[str, ...]
    said: Disclosure | None
    stands: bool

    @property
    def disclosed(self) -> bool:
        return self.stands and self.said is not None and self.said.decision == DISCLOSE

    @property
    def withheld(self) -> bool:
        return self.said is not None and self.said.decision == WITHHOLD

    @property
    def waits(self) -> bool:
        return not self.disclosed and not self.withheld


def of(document: Document) -> list[Inside]:
    """The compartments the document is in now."""
    return [_inside(document, each) for each in Compartment if _is_in(document, each)]


def undecided(document: Document) -> list[Inside]:
    """Those that an attorney has yet to decide on."""
    return [inside for inside in of(document) if inside.waits]


def withheld(document: Document) -> bool:
    return any(inside.withheld for inside in of(document))


def may_be_filed(document: Document) -> bool:
    """Whether every compartment it is in was opened for these pages; in a throwaway matter, which nobody is a member of
    and nothing is released from, there is nobody to decide."""
    return document.matter.throwaway or all(inside.disclosed for inside in of(document))


def grounds(document: Document, compartment: Compartment) -> tuple[str, ...]:
    kinds = document.item.sensitivity if document.item else []
    by_type = [document.item_id for kind in kinds if BY_SENSITIVITY.get(kind) == compartment]
    by_tag = [tag.factor_id for tag in document.tags.all() if BY_TAG.get(tag.factor_id) == compartment]
    return tuple(sorted({*filter(None, by_type), *by_tag}))


def place(document: Document, compartment: Compartment, *, actor: User) -> None:
    """To be more careful; once is enough. A packet that holds it and is not filed is out of use."""
    with transaction.atomic():
        _take(document)
        if not _is_in(document, compartment):
            _placed(document, compartment, inside=True, actor=actor)
            _keep_back(document, actor)
            carry(document, actor=actor)


def carry(document: Document, *, actor: User) -> None:
    """What a paper tells, its translation tells too, and the other way round: whatever compartment it is in, the other is
    put there, for a decision of its own. In the transaction that made them a pair, or put it there."""
    a_pair = {"translations__translation": document, "translations__undone_at": None}
    or_so = {"translates__original": document, "translates__undone_at": None}
    others = Document.objects.filter(Q(**a_pair) | Q(**or_so)).exclude(state__in=Document.OVER).distinct()
    for other in others.select_related("item", "matter"):
        new = [inside.compartment for inside in of(document) if not _is_in(other, inside.compartment)]
        for compartment in new:
            _placed(other, compartment, inside=True, actor=actor)
        if new:
            _keep_back(other, actor)


def spoken_for(document: Document, *, actor: User) -> None:
    """A tag speaks for a compartment now. Unless an attorney decided about these pages, it is as if somebody had placed it
    there. In the transaction of the tag, which holds the row."""
    rows = Document.objects.select_related("item", "matter").prefetch_related(*ROWS)
    if undecided(now := rows.get(pk=document.pk)):
        _keep_back(document, actor)
    carry(now, actor=actor)


def take_out(document: Document, compartment: Compartment, why: str, *, actor: User) -> None:
    """An attorney says that it tells nothing of the kind. Whatever comes to speak for it later puts it back. The caller
    has checked the right to. Raises CannotDecide."""
    with transaction.atomic():
        _take(document)
        _require_in(document, compartment)
        _require_reason(why)
        _placed(document, compartment, inside=False, why=why, actor=actor)


def decide(
    document: Document, compartment: Compartment, decision: str, why: str, *, seen: str, actor: User
) -> None:  # fmt: skip
    """An attorney's decision on the pages that were `seen` (their print_sha256). The caller has checked the right to.

    A packet that holds what is withheld is out of use. Raises CannotDecide; LostRace when the pages changed.
    """
    with transaction.atomic():
        _take(document)
        if document.state != Document.State.READY:
            raise CannotDecide(_("This document is not ready yet. Decide when its pages are here."))
        _require_in(document, compartment)
        _require_reason(why)
        if seen != document.print_sha256:
            raise lifecycle.LostRace(f"the pages of {document} are no longer those that were seen")
        Disclosure.objects.create(
            document=document, compartment=compartment, decision=decision, why=why, print_sha256=seen, by=actor
        )
        record(AuditEvent.Kind.DISCLOSED, document, actor=actor, outcome=decision, code=compartment.value)
        if decision == WITHHOLD:
            is_now = f"{document} is withheld."
            lifecycle.put_out_of_use(document, why="withheld", failure=is_now, actor=actor)


def _keep_back(document: Document, actor: User) -> None:
    waits = f"{document} waits for an attorney."
    lifecycle.put_out_of_use(document, why="compartment", failure=waits, actor=actor)


def _is_in(document: Document, compartment: Compartment) -> bool:
    now, newest = grounds(document, compartment), _newest(document.placements.all(), compartment)
    if newest is None or not newest.inside:
        return not {*now} <= {*(newest.grounds if newest else [])}
    return True


def _inside(document: Document, compartment: Compartment) -> Inside:
    said = _newest(document.disclosures.all(), compartment)
    stands = said is not None and said.print_sha256 == document.print_sha256
    return Inside(compartment, grounds(document, compartment), said, stands)


def _newest[Row: (Placement, Disclosure)](rows: Iterable[Row], compartment: Compartment) -> Row | None:
    found = [row for row in rows if row.compartment == compartment]
    return found[-1] if found else None


def _require_in(document: Document, compartment: Compartment) -> None:
    if not _is_in(document, compartment):
        raise CannotDecide(_("This document is not in that compartment (any more). Look at the page again."))


def _require_reason(why: str) -> None:
    if not why.strip():
        raise CannotDecide(_("Say why."))


def _placed(document: Document, compartment: Compartment, *, inside: bool, why: str = "", actor: User) -> None:
    Placement.objects.create(
        document=document, compartment=compartment, inside=inside, why=why, by=actor,
        grounds=list(grounds(document, compartment)),
    )  # fmt: skip
    outcome = "placed" if inside else "taken_out"
    record(AuditEvent.Kind.COMPARTMENT, document, actor=actor, outcome=outcome, code=compartment.value)


def _take(document: Document) -> None:
    """The row as it is now, ours until the transaction ends."""
    audit.take_turns(document.audit_chain)
    fields = ["state", "item", "print_sha256"]
    document.refresh_from_db(fields=fields, from_queryset=Document.objects.select_for_update())
