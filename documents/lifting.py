"""A hold let go page by page: what an attorney has not lifted keeps the whole document waiting."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import lifecycle
from documents.models import Document, Hold, LiftedPages

Ranges = list[tuple[int, int]]  # 1-based pages, inclusive


class CannotLift(Exception):
    """These pages are not held by this hold, or no reason was given; the message says which."""


def lift_pages(held: Hold, ranges: Ranges, *, why: str, actor: User) -> list[int]:
    """An attorney lets these pages go forward, and says why; the pages that are left. With the last of them the hold is
    over. The caller has checked the right to. Raises CannotLift; LostRace when it is over already."""
    with transaction.atomic():
        document = held.document
        audit.take_turns(document.audit_chain)
        document.refresh_from_db(fields=["pages"], from_queryset=Document.objects.select_for_update())
        held = Hold.objects.select_for_update(of=("self",)).select_related("document").get(pk=held.pk)
        if held.lifted_at is not None:
            raise lifecycle.LostRace(f"{held} was lifted already")
        _require_covered(held, ranges)
        if not why.strip():
            raise CannotLift(_("Say why."))
        for first, last in ranges:
            LiftedPages.objects.create(hold=held, first_page=first, last_page=last, why=why, by=actor)
            _record(document, held, first, last, actor)
        rest = held.left
        if not rest:
            held.lifted_at, held.lifted_by, held.lifted_why = timezone.now(), actor, why
            held.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
            record(AuditEvent.Kind.HOLD_LIFTED, document, actor=actor, **_factor(held))
    return rest


def _record(document: Document, held: Hold, first: int, last: int, actor: User) -> None:
    record(
        AuditEvent.Kind.HOLD_LIFTED, document, actor=actor, outcome="in_part", first_page=first, last_page=last,
        **_factor(held),
    )  # fmt: skip


def _factor(held: Hold) -> dict[str, str]:
    """Of a hold that somebody asked for in words of their own, none."""
    return {"factor": held.factor_id} if held.factor_id else {}


def _require_covered(held: Hold, ranges: Iterable[tuple[int, int]]) -> None:
    covered = held.covered
    for first, last in ranges:
        if first not in covered or last not in covered or first > last:
            words = {"first": covered.start, "last": covered.stop - 1}
            raise CannotLift(_("This hold covers pages %(first)d to %(last)d. Nothing was lifted.") % words)
