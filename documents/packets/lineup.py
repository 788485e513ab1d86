"""The order in which the board shows factors and the letter argues them: as the taxonomy has it, or as the team made it."""

import hashlib
from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents.models import Factor, Request

Polarity = Factor.Polarity
SIDES: Final = [Polarity.PROCEDURAL, Polarity.POSITIVE, Polarity.CONTEXT, Polarity.NEGATIVE]


class CannotLineUp(Exception):
    """The order is not one of factors of this matter, or a colleague changed it; the message says which."""


def ordered(factors: Iterable[Factor], chosen: list[str]) -> list[Factor]:
    """Positive before context before negative, each as `chosen` (codes); what that does not name stands after whatever
    usually comes before it, the main factors first."""
    usual = sorted(factors, key=_usual)
    there = {factor.code: factor for factor in usual}
    merged = [there[code] for code in chosen if code in there]
    for place, factor in enumerate(usual):
        if factor not in merged:
            merged.insert(merged.index(usual[place - 1]) + 1 if place else 0, factor)
    return sorted(merged, key=_side)


def line_up(request: Request, codes: list[str], *, seen: str, actor: User) -> None:
    """Argue these factors in this order. `seen`: the mark of the order that was on the page. Raises CannotLineUp.

    The usual order is kept as none at all, so that a factor that comes later takes its usual place.
    """
    with transaction.atomic():
        request.refresh_from_db(fields=["factor_order"], from_queryset=Request.objects.select_for_update())
        if seen != mark(request.factor_order):
            raise CannotLineUp(_("Somebody else changed the order meanwhile. Here it is as it is now."))
        factors = list(Factor.everything.of(request.matter_id).filter(pk__in=codes))
        if len(factors) != len(codes):
            raise CannotLineUp(_("That order could not be read. Nothing was changed."))
        usual = [factor.code for factor in ordered(factors, [])]
        wanted = [factor.code for factor in ordered(factors, codes)]
        request.factor_order = [] if wanted == usual else wanted
        request.save(update_fields=["factor_order"])
        record(AuditEvent.Kind.MOVED, request, actor=actor, field="factors", factors=wanted)


def moved(codes: list[str], code: str, step: int) -> list[str]:
    """These codes with one of them `step` places further on (negative: further up), at most to the end."""
    rest = [each for each in codes if each != code]
    place = max(0, codes.index(code) + step)
    return [*rest[:place], code, *rest[place:]]


def mark(codes: Iterable[str]) -> str:
    """Tells one order from another."""
    return hashlib.sha256(" ".join(codes).encode()).hexdigest()[:16]


def _side(factor: Factor) -> int:
    return SIDES.index(Polarity(factor.polarity))


def _usual(factor: Factor) -> tuple[int, bool, int]:
    return _side(factor), factor.origin != Factor.Origin.SEED, factor.position
