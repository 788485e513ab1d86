"""How the portal itself is: queues, scanner, store, workers, alarms. Of matters only what the reader may know of."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import SignedInRequest, User
from documents import access, alarms, looks, queue, watching
from documents.access import To
from documents.gate import Trouble
from documents.looks import Look
from documents.models import Document, Packet
from documents.vault import Area

LATELY = timedelta(minutes=5)
SHOWN = 10
WORDS: Final[dict[str, Promise]] = {
    Trouble.NONE: _("It answers, and finds what it must find."),
    Trouble.AWAY: _("It gives no answer. Files wait until it does."),
    Trouble.STALE: _("Its signatures are too old. Files wait for new ones."),
    Trouble.WRONG: _("It failed its test. Files wait until it passes."),
}
AREAS: Final[dict[str, Promise]] = {
    Area.INTAKE: _("Intake: what was received"),
    Area.VAULT: _("Vault: what was checked"),
    Area.WITNESS: _("Witness: what cannot be changed"),
}
TIMES: Final[dict[str, Promise]] = {
    Look.SCANNER: _("Looked at the scanner"),
    Look.PROOF: _("Proved scanner and store"),
    Look.SWEEP: _("Swept the store"),
    Look.ANCHOR: _("Anchored the record"),
}


@require_safe
def status(request: SignedInRequest) -> HttpResponse:
    access.require(request.user, To.SEE_STATUS)
    return render(request, "documents/status.html", _picture(request.user))


@require_safe
def now(request: SignedInRequest) -> HttpResponse:
    """The part of the page that renews itself."""
    access.require(request.user, To.SEE_STATUS)
    return render(request, "documents/_status_now.html", _picture(request.user))


def _picture(user: User) -> dict[str, Any]:
    seen = looks.several()
    scanner, areas, workers = _scanner(seen.get(Look.SCANNER)), _areas(seen.get(Look.STORE)), queue.workers()
    open_ = [(alarm, alarms.ADVICE[alarm.kind]) for alarm in alarms.open_()]
    proof = seen.get(Look.PROOF)
    stores_well = bool(areas) and all(well for _name, well, _word in areas)
    return {
        "alarms": open_,
        "ended": alarms.recent(SHOWN),
        "well": bool(not open_ and scanner["well"] and stores_well and workers and proof),
        "scanner": scanner,
        "test_signatures": settings.SCANNER_SIGNATURES == "test",
        "areas": areas,
        "workers": workers,
        "last": [(name, (seen.get(look) or {}).get("at")) for look, name in TIMES.items()],
        "proof": proof,
        **_work(user),
    }


def _work(user: User) -> dict[str, Any]:
    held, packets, _deadly = watching.failed()
    return {
        "depths": watching.depths(),
        "oldest": watching.oldest_waiting(),
        "held": held,
        "packets_failed": packets,
        "quarantined": watching.quarantined(),
        "my_held": access.documents(user).filter(state=Document.State.HELD).order_by("state_since")[:SHOWN],
        "my_packets": access.packets(user).filter(state=Packet.State.FAILED).order_by("state_since")[:SHOWN],
    }


def _scanner(seen: dict[str, Any] | None) -> dict[str, Any]:
    if seen is None or timezone.now() - seen["at"] > LATELY:
        return {"well": False, "word": _("No worker has looked at the scanner lately."), "at": seen and seen["at"]}
    return {**seen, "well": seen["trouble"] == Trouble.NONE, "word": WORDS[seen["trouble"]]}


def _areas(seen: dict[str, Any] | None) -> list[tuple[Promise, bool, str]]:
    """Name, whether it is well, and what is wrong, of each area as the worker last found it."""
    if seen is None or timezone.now() - seen["at"] > LATELY:
        return []
    return [(AREAS[area], word == "ok", word) for area, word in seen["areas"].items()]
