"""Whether the portal is up, and whether it can do its work. Says nothing that a stranger may not know."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from documents import looks, scanning, vault
from documents.gate import Trouble
from documents.looks import Look

READ_BY_WEB = [vault.Area.INTAKE, vault.Area.VAULT]  # the witness is the worker's alone
PROBE_AGE = timedelta(minutes=5)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. No I/O."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """One entry each for database, buckets, what the worker last found of the scanner, and the proof of the gate.

    503 when any fails.
    """
    looks_at: dict[str, Callable[[], str]] = {
        "database": _database,
        "storage": _storage,
        "scanner": _scanner,
        "signatures": _signatures,
        "proof": _proof,
    }
    found = {name: look() for name, look in looks_at.items()}
    return JsonResponse(found, status=200 if all(word == "ok" for word in found.values()) else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return "ok"


def _storage() -> str:
    return next((word for word in vault.probe(READ_BY_WEB).values() if word != "ok"), "ok")


def _scanner() -> str:
    seen = _last(Look.SCANNER)
    if seen is None or timezone.now() - seen["at"] > PROBE_AGE:
        return "No worker has looked at the scanner lately."
    well = seen["trouble"] in {Trouble.NONE, Trouble.STALE}  # how old its signatures are is the next entry
    return "ok" if well else "The scanner is not well. Files wait until it is."


def _signatures() -> str:
    """Their age is the worker's finding, and grows from there."""
    seen = _last(Look.SCANNER)
    if seen is None or seen["dated"] is None:
        return "The age of the scanner's signatures is not known."
    stale = seen["trouble"] == Trouble.STALE or timezone.now() - seen["dated"] > scanning.FRESH
    return "The scanner's signatures are too old. Files wait for new ones." if stale else "ok"


def _proof() -> str:
    return "ok" if _last(Look.PROOF) else "Scanner and store are not proved. Files wait until they are."


def _last(look: Look) -> dict[str, Any] | None:
    try:
        return looks.last(look)
    except DatabaseError:
        return None
