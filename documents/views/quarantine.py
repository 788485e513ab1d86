"""Quarantine: what was found, in whose matter and why it is there, and what becomes of it. Never a byte of it."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import SignedInRequest
from accounts.policy import require_fresh
from documents import access, lifecycle, quarantine
from documents.access import To
from documents.forms.review import DispositionForm
from documents.models import Disposition
from documents.views import desk

SHOWN = 50
NO = quarantine.CannotPropose, quarantine.CannotDecide
TOO_LATE = lifecycle.LostRace, lifecycle.IllegalMove
APPROVED: Final[dict[str, Promise]] = {
    Disposition.Kind.RELEASE: gettext_lazy("Approved. It is scanned again when the scanner has newer signatures."),
    Disposition.Kind.DESTROY: gettext_lazy("Approved. Its bytes are being destroyed."),
}


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """All that is in quarantine, what was proposed first, then the newest."""
    found = access.quarantined(request.user).prefetch_related(
        "verdicts", "dispositions__proposed_by", "dispositions__decided_by"
    )
    page = Paginator(found.order_by("-state_since", "pk"), SHOWN).get_page(request.GET.get("page"))
    words = {
        "page": page,
        "rows": [{"document": document, **desk.disposition(request.user, document)} for document in page],
        "members": access.may(request.user, To.WORK),
        "quarantine": True,
    }
    return render(request, "documents/quarantine.html", words)


@require_POST
def propose(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.PROPOSE_DISPOSITION)
    form = DispositionForm(request.POST)
    if not form.is_valid():
        about = desk.about(request, found, disposition_form=form)
        return render(request, "documents/document_state.html", about, status=422)
    typed = form.cleaned_data
    if _done(request, lambda: quarantine.propose(found, typed["kind"], typed["why"], actor=request.user)):
        messages.success(request, _("Proposed. Another attorney or the administrator decides."))
    return redirect("document", pk)


@require_POST
@require_fresh
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.disposition(request.user, pk, to=To.DECIDE_DISPOSITION)
    approve = request.POST.get("do") == "approve"
    if _done(request, lambda: quarantine.decide(found, approve=approve, actor=request.user)):
        messages.success(request, str(APPROVED[found.kind]) if approve else _("Declined. It stays in quarantine."))
    return redirect("quarantine")


def _done(request: SignedInRequest, rule: Callable[[], object]) -> bool:
    """Whether the rule did it. What stops it is told to the person."""
    try:
        rule()
    except NO as problem:
        messages.error(request, str(problem))
    except TOO_LATE:
        messages.error(request, _("Somebody else was first. Nothing of yours was done. Look again."))
    else:
        return True
    return False
