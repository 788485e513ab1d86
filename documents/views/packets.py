"""From a request to a released packet."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import SignedInRequest
from accounts.policy import fresh, require_fresh
from documents import access, delivery, lifecycle
from documents.access import To
from documents.forms.packets import ReturnForm
from documents.models import Packet, Request
from documents.packets import export, looking, moving, outline, proof_sheet, releasing, rules
from documents.packets import order as ordering

PAGES_SHOWN = 60
TOO_LATE = lifecycle.IllegalMove, lifecycle.LostRace


@require_POST
def order(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.ORDER)
    try:
        made = ordering.order(found, actor=request.user)
    except ordering.CannotOrder as problem:
        for result in problem.results:
            messages.error(request, result.why)
        return redirect("request", pk)
    return redirect("packet", made.pk)


@require_POST
def supplement(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What is new since this packet was filed, in one of its own."""
    found = access.packet(request.user, pk, to=To.ORDER)
    try:
        made = ordering.order(found.request, actor=request.user, adds_to=found)
    except ordering.CannotOrder as problem:
        for result in problem.results:
            messages.error(request, result.why)
    except ordering.NothingNew:
        messages.error(request, _("There is no exhibit that was not filed with it, or another packet was filed since."))
    else:
        return redirect("packet", made.pk)
    return redirect("request", found.request_id)


@require_safe
def packet(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.WORK)
    return render(request, "documents/packet.html", _about(request, found))


@require_safe
def changes(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Which pages moved since the packet before it."""
    found = access.packet(request.user, pk, to=To.WORK)
    wanted = request.GET.get("since", "")
    earlier = releasing.before(found, int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0)
    if earlier is None:
        raise Http404
    runs = moving.moved(earlier, found)
    context = {
        "packet": found,
        "earlier": earlier,
        "request_": found.request,
        "matter": found.request.matter,
        "runs": runs,
        "changed": sum(run.pages for run in runs if run.fate != "same"),
        "tab": "packet",
    }
    return render(request, "documents/packet_changes.html", context)


@require_safe
def status(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.WORK)
    return render(request, "documents/_packet_status.html", {"packet": found})


@require_safe
def page(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.WORK)
    return delivery.draft_page(found, number, actor=request.user)


@require_POST
def retry(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.ORDER)
    try:
        releasing.retry(found, actor=request.user)
    except TOO_LATE:
        messages.error(request, _("This packet has moved on. Here is where it is now."))
    return redirect("packet", pk)


@require_POST
def return_(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.RETURN)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return render(request, "documents/packet.html", {**_about(request, found), "return_form": form}, status=422)
    try:
        releasing.return_(found, form.cleaned_data["why"], actor=request.user)
    except TOO_LATE:
        messages.error(request, _("This packet has moved on. Here is where it is now."))
    return redirect("packet", pk)


@require_POST
def approve(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.APPROVE)
    try:
        looking.approve(found, actor=request.user)
    except TOO_LATE:
        messages.error(request, _("This packet has moved on. Here is where it is now."))
    else:
        messages.success(request, _("Approved. Any attorney of the matter can release it now."))
    return redirect("packet", pk)


@require_POST
@require_fresh
def release(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.RELEASE)
    try:
        releasing.release(found, confirmed=fresh(request), actor=request.user)
    except releasing.CannotRelease as problem:
        for result in problem.results:
            messages.error(request, f"{result.id}: {result.why}")
    except TOO_LATE:
        messages.error(request, _("This packet has moved on. Here is where it is now."))
    else:
        messages.success(request, _("Released. You can download it now."))
    return redirect("packet", pk)


@require_safe
@require_fresh
def part(request: SignedInRequest, pk: UUID, number: int) -> HttpResponseBase:
    found = access.packet(request.user, pk, to=To.DOWNLOAD)
    wanted = found.parts.filter(number=number).select_related("packet__request__matter").first()
    if wanted is None:
        raise Http404
    return delivery.part(wanted, actor=request.user)


@require_safe
@require_fresh
def manifest(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.DOWNLOAD)
    return delivery.paper(found, "manifest.json", export.manifest_of(found), "application/json", actor=request.user)


@require_safe
@require_fresh
def proof(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.DOWNLOAD)
    body = proof_sheet.pdf(found) if found.released_at else b""
    return delivery.paper(found, proof_sheet.NAME, body, "application/pdf", actor=request.user)


@require_safe
@require_fresh
def ledger(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.packet(request.user, pk, to=To.DOWNLOAD)
    return delivery.paper(found, "ledger.csv", export.ledger_of(found), "text/csv", actor=request.user)


def _about(request: SignedInRequest, found: Packet) -> dict[str, object]:
    """What the packet page shows."""
    request_: Request = found.request
    bound = found.state in {Packet.State.BOUND, Packet.State.RELEASED, Packet.State.FILED}
    results = releasing.judged(found) if found.state == Packet.State.BOUND else []
    return {
        "packet": found,
        "request_": request_,
        "matter": request_.matter,
        "parts": outline.bound(found) if bound else [],
        "results": results,
        "standing": rules.standing(results),
        "rule_count": len(rules.RULES),
        "in_the_way": [result for result in results if result.blocks],
        "since": looking.since(found, request.user) if bound else None,
        "approval": looking.approval(found),
        "earlier": releasing.before(found) if bound else None,
        "may_approve": access.may(request.user, To.APPROVE),
        "may_release": access.may(request.user, To.RELEASE),
        "may_download": access.may(request.user, To.DOWNLOAD),
        "released": found.state in {Packet.State.RELEASED, Packet.State.FILED},
        "return_form": ReturnForm(),
        "steps": _steps(found),
        "pages": Paginator(found.ledger.all(), PAGES_SHOWN).get_page(request.GET.get("page")),
        "tab": "packet",
    }


def _steps(packet: Packet) -> list[dict[str, object]]:
    """Where the packet is on its way: a shape and a word each."""
    state = Packet.State
    words = [(state.ORDERED, _("Ordered")), (state.BOUND, _("Bound")), (state.RELEASED, _("Released"))]
    reached = {state.ORDERED: 1, state.BINDING: 1, state.FAILED: 1, state.BOUND: 2, state.RETURNED: 2}
    done = reached.get(state(packet.state), 3)
    return [
        {
            "word": word,
            "now": place == done,
            "tone": "good" if place < done else "do" if place == done else "wait",
            "icon": "done" if place < done else "next" if place == done else "empty",
        }
        for place, (_state, word) in enumerate(words)
    ]
