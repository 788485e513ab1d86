"""The watch of each minute: what is wrong is judged from rows and from what was last found, never from guesses."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Case, Count, Min, Q, QuerySet, When
from django.utils import timezone

from documents import alarms, looks, vault
from documents.gate import Trouble
from documents.intake import rescanning
from documents.looks import Look
from documents.models import Alarm, Document, Packet

Kind = Alarm.Kind
State = Document.State
TOO_LONG = timedelta(minutes=15)
OVERDUE = timedelta(days=7)  # nights enough for everything that newer signatures have not seen
BRIEFLY = 5  # tries without a verdict: half a minute
DEATHS = 3
QUEUES = [State.RECEIVED, State.CHECKING, State.CLEAN, State.PREPARING]
BINDS = [Packet.State.ORDERED, Packet.State.BINDING]


def watch() -> None:
    """Raise or end each alarm that can be judged now; what nothing is known about stays as it was.

    A judge that breaks breaks none of the others: its error is passed on when all have spoken.
    """
    with ExitStack() as all_of_them:
        for kind, judge in JUDGES.items():
            all_of_them.callback(_judge, kind, judge)


def _judge(kind: Alarm.Kind, judge: Callable[[], str | None]) -> None:
    wrong = judge()
    if wrong:
        alarms.raise_(kind, wrong)
    elif wrong is not None:
        alarms.end(kind)


def _documents() -> QuerySet[Document]:
    return Document.objects.filter(matter__purged_at=None)


def _packets() -> QuerySet[Packet]:
    return Packet.objects.filter(request__matter__purged_at=None)


def depths() -> dict[str, int]:
    """How many are in each state on their way, over the firm."""
    documents = dict(_documents().filter(state__in=QUEUES).values_list("state").annotate(Count("pk")).order_by())
    packets = dict(_packets().filter(state__in=BINDS).values_list("state").annotate(Count("pk")).order_by())
    return {state.value: {**documents, **packets}.get(state.value, 0) for state in [*QUEUES, *BINDS]}


def oldest_waiting() -> datetime | None:
    """When the oldest document that waits for its verdict began to. Each try moves it: then it is since it came."""
    began = Case(When(waits__gt=BRIEFLY, then="received_at"), default="state_since")
    waiting = _documents().filter(state__in=[State.RECEIVED, State.CHECKING])
    since: datetime | None = waiting.aggregate(since=Min(began))["since"]
    return since


def failed() -> tuple[int, int, int]:
    """Documents held for a person, packets that failed, and documents over which a worker died again and again."""
    deadly = Q(state__in=[State.RECEIVED, State.CHECKING], crashes__gte=DEATHS)
    found = _documents().aggregate(held=Count("pk", filter=Q(state=State.HELD)), deadly=Count("pk", filter=deadly))
    return found["held"], _packets().filter(state=Packet.State.FAILED).count(), found["deadly"]


def quarantined() -> int:
    return _documents().filter(state=State.QUARANTINED, matter__throwaway=False).count()


def _waiting() -> str:
    since, seen = oldest_waiting(), _longest_unseen()
    if since and _long(since):
        return f"A file has waited since {since:%Y-%m-%d %H:%M} UTC."
    if seen and timezone.now() - seen > OVERDUE:
        return f"Newer signatures have not seen a file that was last looked at on {seen:%Y-%m-%d}."
    return ""


def _longest_unseen() -> datetime | None:
    """When the scanner last looked at what it should have looked at again for the longest time."""
    seen = looks.last(Look.SCANNER)
    return rescanning.longest_unseen(seen["version"]) if seen else None


def _long(since: datetime) -> bool:
    return timezone.now() - since > TOO_LONG


def _scanner_away() -> str | None:
    seen = looks.last(Look.SCANNER)
    if seen is None:
        return None
    away = seen["trouble"] == Trouble.AWAY
    if away and not _long(seen["since"]):
        return None  # it may be only starting; and what was away longer has not come back yet
    return f"No answer since {seen['since']:%Y-%m-%d %H:%M} UTC. {seen['detail']}" if away else ""


def _signatures_stale() -> str | None:
    seen = looks.last(Look.SCANNER)
    if seen is None or seen["trouble"] == Trouble.AWAY:
        return None
    return str(seen["detail"]) if seen["trouble"] == Trouble.STALE else ""


def _store_away() -> str:
    areas = vault.probe()
    looks.keep(Look.STORE, areas=areas)
    return " ".join(f"{area}: {word}" for area, word in areas.items() if word != "ok")


def _work_failed() -> str:
    held, packets, _deadly = failed()
    return f"Documents held: {held}. Packets failed: {packets}." if held or packets else ""


def _worker_dies() -> str:
    deadly = failed()[2]
    return f"Documents: {deadly}." if deadly else ""


JUDGES: Final[dict[Alarm.Kind, Callable[[], str | None]]] = {
    Kind.WAITING: _waiting,
    Kind.SCANNER_AWAY: _scanner_away,
    Kind.SIGNATURES_STALE: _signatures_stale,
    Kind.STORE_AWAY: _store_away,
    Kind.WORK_FAILED: _work_failed,
    Kind.WORKER_DIES: _worker_dies,
}
