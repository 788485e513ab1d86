"""Coding a document at the speed of keys: suggestions, the same as before, a hold of one's own, one step back."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import SignedInRequest
from documents import access, deeds, delivery, likewise, presence, suggesting, tagging
from documents.access import To
from documents.deeds import What
from documents.forms.coding import GuessForm, HoldForm
from documents.models import Suggestion
from documents.models.coding import Decision
from documents.views import desk
from documents.views.doing import done, show, tagged
from documents.views.stepping import stepped


@require_http_methods(["GET", "POST"])
def lookers(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Who else looks at it, and what they did since: taken again and again by the page. To ask is to be here.

    Posted by the script when a person comes to a page that was fetched ahead: that is somebody at work, who sees it now.
    """
    found = access.document(request.user, pk, to=To.REVIEW)
    presence.arrive(found, request.user)
    if request.method == "POST" and access.may_read(request.user, found):
        delivery.seen(found, actor=request.user)
    return render(request, "documents/_lookers.html", desk.lookers(found, request.user, request.GET.get("seen", "")))


@require_POST
@stepped
def suggestion(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Confirm or reject one, named by its factor."""
    found = access.document(request.user, pk, to=To.TAG)
    form = GuessForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That suggestion is not here. Nothing was changed."))
        return redirect("document", pk)
    open_ = found.guesses.filter(decision=Decision.PROPOSED).select_related("factor", "document")
    guess = open_.filter(factor=form.cleaned_data["factor"]).first()
    if guess is None:
        messages.error(request, _("That suggestion is not here. Nothing was changed."))
    elif form.cleaned_data["do"] == "reject":
        _reject(request, guess)
    else:
        _confirm(request, guess)
    return redirect("document", pk)


def _confirm(request: SignedInRequest, guess: Suggestion) -> None:
    rule = partial(suggesting.confirm, guess, actor=request.user)
    about: dict[str, Any] = {"factors": [guess.factor_id], "actor": request.user}
    if done(request, lambda: deeds.doing(guess.document, What.TAGGED, rule, **about)):
        messages.success(request, tagged(guess.factor))


def _reject(request: SignedInRequest, guess: Suggestion) -> None:
    rule = partial(suggesting.reject, guess, actor=request.user)
    deeds.doing(guess.document, What.REJECTED, rule, factors=[guess.factor_id], actor=request.user)
    messages.success(request, _("Not suggested here any more: %s.") % guess.factor)


@require_POST
@stepped
def same_as_before(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.TAG)
    tags = likewise.missing(found, request.user)
    rule = partial(likewise.copy, found, actor=request.user)
    about: dict[str, Any] = {"factors": [tag.factor_id for tag in tags], "actor": request.user}
    if done(request, lambda: deeds.doing(found, What.LIKEWISE, rule, **about)):
        held = _("It is on attorney hold now.") if any(tag.factor.holds for tag in tags) else ""
        said = _("Tagged: %s.") % ", ".join(str(tag.factor) for tag in tags)
        messages.success(request, f"{said} {held}".strip())
    return redirect("document", pk)


@require_POST
@stepped
def hold(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.HOLD)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return show(request, found, hold_form=form)
    if done(request, lambda: tagging.hold_back(found, form.cleaned_data["reason"], actor=request.user)):
        messages.success(request, _("It is on attorney hold now. Only an attorney lifts it."))
    return redirect("document", pk)


@require_POST
@stepped
def undo(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The person's last deed, which was done to this document; on to it."""
    found = access.document(request.user, pk, to=To.REVIEW)
    if done(request, lambda: deeds.undo(found, actor=request.user)):
        said = _("Undone. %s is as it was, but its hold stays.") if found.on_hold else _("Undone. %s is as it was.")
        messages.success(request, said % found)
    return redirect("document", pk)
