"""The options memo of a request: attorneys fill it in, paralegals read it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import SignedInRequest
from documents import access
from documents import options as power
from documents.access import To
from documents.forms.options import OptionsForm
from documents.matters import CannotSave
from documents.models import Request
from documents.views.matters import READS_AND_WRITES


@require_http_methods(READS_AND_WRITES)
def options(request: SignedInRequest, pk: UUID) -> HttpResponse:
    writes = request.method == "POST"
    found = access.request(request.user, pk, to=To.WEIGH if writes else To.WORK)
    seen = power.mark(found)
    form = OptionsForm(request.POST if writes else None, request=found, initial={**found.options, "seen": seen})
    if writes and form.is_valid() and _saved(request, found, form):
        return redirect("options", pk)
    return render(request, "documents/options.html", _about(request, found, form), status=422 if writes else 200)


def _saved(request: SignedInRequest, found: Request, form: OptionsForm) -> bool:
    try:
        power.weigh(found, form.said, seen=form.cleaned_data["seen"], actor=request.user)
    except CannotSave as problem:
        form.add_error(None, str(problem))
        return False
    messages.success(
        request, _("Saved. The memo is complete.") if power.complete(found) else _("Saved, not complete yet.")
    )
    return True


def _about(request: SignedInRequest, found: Request, form: OptionsForm) -> dict[str, object]:
    memo = power.Memo.of(found)
    return {
        "request_": found,
        "matter": found.matter,
        "form": form,
        "seen": power.mark(found),
        "memo": memo,
        "rows": [
            (power.Way(way), power.Answer(answer) if answer else "", note) for way, (answer, note) in memo.ways.items()
        ],
        "missing": list(power.missing(found)),
        "risky": form.screens and memo.risky,
        "unweighed": form.screens and memo.unweighed,
        "may_weigh": access.may(request.user, To.WEIGH),
        "tab": "packet",
    }
