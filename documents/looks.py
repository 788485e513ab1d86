"""What the portal last found when it looked at itself, kept for whoever asks. Each is found anew sooner or later."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.core.cache import cache
from django.utils import timezone


class Look(StrEnum):
    SCANNER = "scanner-look"  # each minute: trouble, detail, since, version, dated
    PROOF = "gate-proof"  # there while scanner and store are proved
    STORE = "store-look"  # each minute: areas
    SWEEP = "last-sweep"
    ANCHOR = "last-anchor"


def keep(look: Look, *, lasting: timedelta | None = None, **found: Any) -> None:
    """Remember what was found just now, `at` included; for good, or for as long as it may be relied on."""
    seconds = lasting.total_seconds() if lasting else None
    cache.set(look, {"at": timezone.now(), **found}, timeout=int(seconds) if seconds else None)


def last(look: Look) -> dict[str, Any] | None:
    found: dict[str, Any] | None = cache.get(look)
    return found


def several(looks: Iterable[Look] = Look) -> dict[str, dict[str, Any]]:
    """Those of them that there are, in one question."""
    return dict(cache.get_many(list(looks)))


def forget(look: Look) -> None:
    cache.delete(look)


def when(look: Look) -> datetime | None:
    found = last(look)
    return found["at"] if found else None
