"""Whether the portal is up, and whether it can do its work."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from documents import custody, vault

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
    """One entry each for database, buckets and the worker's last look at the scanner; 503 when any fails."""
    looks: dict[str, Callable[[], str]] = {"database": _database, "storage": _storage, "scanner": _scanner}
    found = {name: look() for name, look in looks.items()}
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
    try:
        seen = custody.scanner_seen()
    except DatabaseError:
        return "The database does not answer."
    at = parse_datetime(str(seen["at"])) if seen["at"] else None
    if at is None or timezone.now() - at > PROBE_AGE:
        return "No worker has looked at the scanner lately."
    return "ok" if seen["ok"] else "The scanner is not well. Files wait until it is."
