"""The gate: what scanner and store must have proved before any file is let in. Not proved, and files wait."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from enum import StrEnum

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from documents import alarms, looks, scanning, vault
from documents.looks import Look
from documents.models import Alarm, Document
from documents.preparing import Reason
from documents.scanning import Probe

log = logging.getLogger(__name__)
Kind = Alarm.Kind
SHUT_BY = [Kind.SCANNER_LETS_THROUGH, Kind.STORE_LETS_THROUGH]
PROVED_ANEW = timedelta(hours=4)
PROVED_FOR = timedelta(hours=24)  # a proof that could not be repeated for so long is none
TURN = 0x616D7061726F  # the advisory lock of whoever proves


class GateShut(scanning.ScannerUnavailable):
    """Scanner or store were not proved, or failed. The file waits."""


class Trouble(StrEnum):
    NONE = ""
    AWAY = "away"  # no answer
    STALE = "stale"  # its signatures are too old, or have no date
    WRONG = "wrong"  # it said the wrong thing of something known


def look() -> None:
    """The quick probe of each minute. What it lets through shuts the gate at once."""
    probes = scanning.probe(quick=True)
    trouble, before = _trouble(probes), looks.last(Look.SCANNER)
    same = before and before["trouble"] == trouble.value
    since = before["since"] if before and same else timezone.now()
    version, dated = 0, None
    with suppress(scanning.ScannerUnavailable):
        found = scanning.signatures()
        version, dated = found.version, found.at
    looks.keep(Look.SCANNER, trouble=trouble.value, detail=_told(probes), since=since, version=version, dated=dated)
    _distrust(Kind.SCANNER_LETS_THROUGH, _verdicts(probes))


def _trouble(probes: list[Probe]) -> Trouble:
    if any(probe.broken for probe in _verdicts(probes)):
        return Trouble.WRONG
    if any(probe.broken for probe in probes if probe.name == "signatures"):
        return Trouble.STALE
    return Trouble.NONE if all(probe.ok for probe in probes) else Trouble.AWAY


def _verdicts(probes: Iterable[Probe]) -> list[Probe]:
    """What the scanner said of known bytes. That it answers, and how old its signatures are, are other questions."""
    return [probe for probe in probes if probe.name not in {"ping", "signatures"}]


def _told(probes: Iterable[Probe]) -> str:
    return "; ".join(f"{probe.name}: {probe.detail}" for probe in probes if not probe.ok)


def _distrust(kind: Alarm.Kind, probes: Iterable[Probe]) -> None:
    if broken := [probe for probe in probes if probe.broken]:
        looks.forget(Look.PROOF)
        alarms.raise_(kind, _told(broken))


def require_open() -> None:
    """Raises GateShut. Tries scanner and store first where nobody has (seconds, some hundred megabytes)."""
    if _shutting().exists():
        raise GateShut("the scanner or the store failed its test")
    if looks.last(Look.PROOF) is None:
        prove()
        if looks.last(Look.PROOF) is None:
            raise GateShut("the scanner and the store are not proved yet")


def shut() -> bool:
    """Whether files have to wait until scanner and store are proved (anew)."""
    return looks.last(Look.PROOF) is None


def prove(*, anew: bool = False, wait: bool = True) -> None:
    """The thorough probe of scanner and store, if it is due or wanted `anew`. One process at a time: others `wait` or go.

    Only a promise seen broken takes an older proof away; where there was no answer, nothing new is known.
    """
    with _in_turn(wait=wait) as ours:
        if ours and (anew or _is_due()):
            _prove()


@contextmanager
def _in_turn(*, wait: bool) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_{'' if wait else 'try_'}advisory_lock(%s)", [TURN])
        ours = cursor.fetchone()[0] is not False  # waiting answers nothing, which is yes
        try:
            yield ours
        finally:
            if ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [TURN])


def _is_due() -> bool:
    """Never proved, long ago, or known to be broken."""
    at = looks.when(Look.PROOF)
    return at is None or timezone.now() - at > PROVED_ANEW or _shutting().exists()


def _shutting() -> QuerySet[Alarm]:
    return alarms.open_().filter(kind__in=SHUT_BY)


def _prove() -> None:
    """What was found wrong while this ran is newer than what it says."""
    before = list(_shutting())
    scanner, store = scanning.probe(), vault.selftest_store()
    _distrust(Kind.SCANNER_LETS_THROUGH, _verdicts(scanner))
    _distrust(Kind.STORE_LETS_THROUGH, store)
    if not all(probe.ok for probe in [*scanner, *store]):
        log.warning("scanner and store are not proved: %s", _told([*scanner, *store]))
        return
    was_shut = shut() or bool(before)
    for alarm in before:
        alarms.end_as_seen(alarm)
    if _shutting().exists():
        return
    looks.keep(Look.PROOF, lasting=PROVED_FOR)
    if was_shut:
        _take_up()


def _take_up() -> None:
    """What waited for the gate need not wait for its next turn."""
    waiting = Document.objects.filter(state=Document.State.RECEIVED, reason=Reason.SCANNER_UNAVAILABLE)
    waiting.update(retry_at=timezone.now())


def standing() -> tuple[int, bool]:
    """How many alarms are open, and whether the gate is proved. One question: every page of the staff asks it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM documents_alarm WHERE ended_at IS NULL),"
            " EXISTS (SELECT 1 FROM django_cache WHERE cache_key = %s AND expires > now())",
            [cache.make_key(Look.PROOF)],
        )
        alarms_open, proved = cursor.fetchone()
    return alarms_open, proved
