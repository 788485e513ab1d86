"""The packet while it is planned: the order of its tabs, what it will come to, and what the office expects."""

from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import SignedInRequest
from documents import access, matters, offices
from documents.access import To
from documents.forms.matters import ACCEPTS, RequestForm
from documents.forms.packets import TabsForm
from documents.models import Packet, Request
from documents.packets import arranging, fitting, freezing, order, outline, rules


@require_safe
def plan(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.WORK)
    now = order.freeze(found)
    words = rules.judge(found, now)
    context = {
        "request_": found,
        "matter": found.matter,
        "plan": outline.planned(found, now),
        "adding": _adding(found),
        "standing": rules.standing(words),
        "rule_count": len(rules.RULES),
        "in_the_way": [result for result in words if result.stops_order],
        "packets": (packets := list(found.packets.all())),
        "returned": next((each for each in packets[:1] if each.state == Packet.State.RETURNED and each.failure), None),
        "smaller": list(fitting.done(found)) if found.fit else [],
        "with_words": fitting.pages_with_words(found) if found.searchable else 0,
        "tab": "packet",
        **_tabs(request, found, [UUID(exhibit.sources[0].document) for exhibit in now.exhibits]),
        **_office(now.profile),
    }
    return render(request, "documents/request.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What is asked, of whom, and where the case stands."""
    found = access.request(request.user, pk, to=To.OPEN_REQUEST)
    seen, status = matters.request_mark(found), 200
    form = RequestForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST":
        status, seen = 422, request.POST.get("seen", "")
        if form.is_valid():
            try:
                matters.change_request(found, seen=seen, actor=request.user, **form.cleaned_data)
            except matters.CannotSave as problem:
                messages.error(request, str(problem))
                return redirect("request_edit", pk)
            messages.success(request, _("Saved."))
            return redirect("request", pk)
    context = {"request_": found, "matter": found.matter, "form": form, "seen": seen, "tab": "packet"}
    return render(request, "documents/request_edit.html", context, status=status)


@require_POST
def tabs(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.ORDER)
    form = TabsForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That order could not be read. Nothing was changed."))
        return redirect("request", pk)
    was = arranging.tabs(found)
    try:
        arranging.arrange(found, form.wanted(found), seen=form.cleaned_data["seen"], actor=request.user)
    except arranging.CannotArrange as problem:
        messages.error(request, str(problem))
    else:
        _remember(request, found, was)
        messages.success(request, _("Saved."))
    return redirect("request", pk)


@require_POST
def fit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Smaller pages, pages with words under them, or those that came."""
    found = access.request(request.user, pk, to=To.ORDER)
    match request.POST.get("do"):
        case "undo":
            fitting.undo(found, actor=request.user)
            messages.success(request, _("The pages are as they came."))
        case "words":
            fitting.underlay(found, actor=request.user)
        case "no_words":
            fitting.strip(found, actor=request.user)
            messages.success(request, _("The pages are as they came."))
        case _:
            fitting.ask(found, actor=request.user)
    return redirect("request", pk)


@require_safe
def fit_status(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.WORK)
    part = "_words_under" if request.GET.get("of") == "words" else "_fit"
    return render(request, f"documents/{part}.html", {"request_": found, "smaller": [], "plan": None, "with_words": 0})


def _adding(found: Request) -> dict[str, object] | None:
    """What a supplement to what was filed would hold, and where it would begin; None where there is none to make."""
    filed, now = freezing.filed(found), freezing.supplement(found)
    if not filed or not now or not now.exhibits:
        return None
    return {"to": filed, "exhibits": len(now.exhibits), "tab": now.tab(0), "page": now.label(1)}


def _tabs(request: SignedInRequest, found: Request, now: list[UUID]) -> dict[str, object]:
    """The order of the tabs as the page sends it back, and the one before it, while nobody changed it since."""
    was, seen = request.session.get(f"tabs {found.pk}", ([], ""))
    undo = was if seen == arranging.mark(now) and {*was} == {*map(str, now)} else []
    return {"seen": arranging.mark(now), "undo": " ".join(undo), "rearranged": bool(found.tab_order)}


def _remember(request: SignedInRequest, found: Request, was: list[UUID]) -> None:
    """What the tabs were before this person's last change, for one undo."""
    now = arranging.tabs(found)
    if now != was:
        request.session[f"tabs {found.pk}"] = [str(pk) for pk in was], arranging.mark(now)


def _office(code: str) -> dict[str, object]:
    """What the office expects, how old that is, and where it is from."""
    profile = offices.load(code)
    return {
        "profile": profile,
        "last_checked": date.fromisoformat(profile.last_checked),
        "accepts": ACCEPTS[profile.accepts_requests],
        "unwanted": outline.unwanted(profile),
    }
