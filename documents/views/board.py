"""The factor board of a matter: what speaks for and against, what is said of each factor, and in which order."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import SignedInRequest, User
from documents import access, claims, deeds
from documents.access import To
from documents.forms.board import ClaimForm, LineUpForm
from documents.models import Matter, Request
from documents.packets import boarding, lineup
from documents.packets.squares import Board


@require_safe
def board(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.matter(request.user, pk, to=To.WORK)
    return _show(request, found)


@require_POST
def claim(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The factor counts, or does not apply and why."""
    found = access.matter(request.user, pk, to=To.CLAIM)
    form = ClaimForm(request.POST, matter=found)
    if not form.is_valid():
        return _show(request, found, form)
    typed = form.cleaned_data
    try:
        if typed["do"] == "claim":
            claims.claim(found, typed["factor"], actor=request.user)
            said = _("Claimed: %s.")
        else:
            decided = claims.set_aside(found, typed["factor"], typed["why"], actor=request.user).set_aside
            said = _("Does not apply: %s.") if decided else _("Proposed: %s does not apply. An attorney decides.")
    except claims.CannotClaim as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, said % typed["factor"])
    return _back(pk, typed["factor"].code)


@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """An attorney agrees that the factor does not apply."""
    found = access.claim(request.user, pk, to=To.SET_ASIDE)
    try:
        claims.agree(found, actor=request.user)
    except claims.CannotClaim as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Does not apply: %s.") % found.factor)
    return _back(found.matter_id, found.factor_id)


@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """What an attorney decided, an attorney takes back."""
    found = access.claim(request.user, pk, to=To.CLAIM)
    if found.set_aside:
        access.require(request.user, To.SET_ASIDE)
    try:
        claims.take_back(found, actor=request.user)
    except claims.CannotClaim as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Taken back: %s.") % found.factor)
    return _back(found.matter_id, found.factor_id)


@require_POST
def line_up(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The factors in another order, for the letter of this request."""
    found = access.request(request.user, pk, to=To.WRITE_LETTER)
    form = LineUpForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That order could not be read. Nothing was changed."))
        return _back(found.matter_id)
    try:
        lineup.line_up(found, form.wanted, seen=form.cleaned_data["seen"], actor=request.user)
    except lineup.CannotLineUp as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Saved. The outline of the letter follows this order."))
    return _back(found.matter_id, form.moved)


def look(user: User, matter: Matter) -> tuple[Board, Request | None]:
    """The board as this person sees it, and the request it speaks of; for the matter's page too."""
    newest = access.requests(user).filter(matter=matter).first()
    return boarding.look(matter, newest, access.documents(user).filter(matter=matter)), newest


def _show(request: SignedInRequest, found: Matter, form: ClaimForm | None = None) -> HttpResponse:
    """The board; with a form that could not be taken, as it was filled in."""
    seen, newest = look(request.user, found)
    context: dict[str, Any] = {
        "matter": found,
        "request_": newest,
        "tab": "board",
        "board": seen,
        "form": form,
        "codes": " ".join(square.factor.code for square in seen.squares),
        "order_seen": lineup.mark(newest.factor_order) if newest else "",
        "may_set_aside": access.may(request.user, To.SET_ASIDE),
        "moving": request.GET.get("move", ""),
        "deed": deeds.last(request.user) if "moved" in request.GET else None,
        "may_add": access.may(request.user, To.OWN_FACTOR),
    }
    return render(request, "documents/board.html", context, status=422 if form else 200)


def _back(matter: UUID, code: str = "") -> HttpResponse:
    """To the board, to the factor that was changed."""
    return redirect(reverse("board", args=[matter]) + (f"#{code}" if code else ""))
