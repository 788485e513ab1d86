"""What may harm: holds let go, findings settled, compartments and decisions on disclosure, points looked at."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import SignedInRequest
from documents import access, compartments, harm, lifecycle, lifting, prompts, tagging
from documents.access import To
from documents.forms.harm import CompartmentForm, DisclosureForm, LiftForm, PointForm, SettleForm, TakeOutForm
from documents.models import Compartment, Disclosure, Document, Hold
from documents.packets.rules.measured import spans
from documents.views import desk

CANNOT = compartments.CannotDecide, prompts.NoSuchPrompt


@require_POST
def lift_hold(request: SignedInRequest, pk: UUID, hold: int) -> HttpResponse:
    """All of it, or some of its pages."""
    found = access.document(request.user, pk, to=To.LIFT_HOLD)
    held = get_object_or_404(found.holds.select_related("factor", "document"), pk=hold)
    form = LiftForm(request.POST)
    if form.is_valid():
        try:
            _done(request, lambda: _lift(request, held, form))
            return redirect("document", pk)
        except lifting.CannotLift as problem:
            form.add_error("pages", str(problem))
    return _again(request, found, lift_form=form, lifting=held.pk)


def _lift(request: SignedInRequest, held: Hold, form: LiftForm) -> str:
    why, pages = form.cleaned_data["why"], form.cleaned_data["pages"]
    if not pages:
        tagging.lift_hold(held, why=why, actor=request.user)
    elif left := lifting.lift_pages(held, pages, why=why, actor=request.user):
        return _("These pages may go forward. The document still waits: %s.") % spans(left)
    return _("Hold lifted: %s.") % held.about


@require_POST
def settle(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.SETTLE)
    form = SettleForm(request.POST, document=found)
    if not form.is_valid():
        return _again(request, found, settle_form=form)

    def do() -> str:
        said = form.cleaned_data
        harm.settle(found, form.seen, said["settled_as"], said["why"], actor=request.user)
        return _("Settled, with your name and the time.")

    _done(request, do)
    return redirect("document", pk)


@require_POST
def reopen(request: SignedInRequest, pk: UUID, finding: int) -> HttpResponse:
    found = access.document(request.user, pk, to=To.SETTLE)
    harm.reopen(get_object_or_404(found.findings, pk=finding), actor=request.user)
    messages.success(request, _("It is open again."))
    return redirect("document", pk)


@require_POST
def place(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.PLACE)
    form = CompartmentForm(request.POST)
    if not form.is_valid():
        return _again(request, found, in_form=form)
    compartments.place(found, Compartment(form.cleaned_data["compartment"]), actor=request.user)
    messages.success(request, _("An attorney decides now whether it is disclosed."))
    return redirect("document", pk)


@require_POST
def take_out(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.DISCLOSE)
    form = TakeOutForm(request.POST)
    if not form.is_valid():
        return _again(request, found, out_form=form)

    def do() -> str:
        said = form.cleaned_data
        compartments.take_out(found, Compartment(said["compartment"]), said["why"], actor=request.user)
        return _("Taken out of this compartment, with your name and the time.")

    _done(request, do)
    return redirect("document", pk)


@require_POST
def decide(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.DISCLOSE)
    form = DisclosureForm(request.POST)
    if not form.is_valid():
        return _again(request, found, disclose_form=form)

    def do() -> str:
        said = form.cleaned_data
        where, what = Compartment(said["compartment"]), said["decision"]
        compartments.decide(found, where, what, said["why"], seen=said["seen"], actor=request.user)
        withheld = what == Disclosure.Decision.WITHHOLD
        return _("Withheld: it goes into no packet.") if withheld else _("Decided: it may be disclosed.")

    _done(request, do)
    return redirect("document", pk)


@require_POST
def look_at(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.SETTLE)
    form = PointForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That point is not here. Nothing was changed."))
        return redirect("document", pk)
    rule = prompts.tick if form.cleaned_data["looked"] == "yes" else prompts.untick
    _done(request, lambda: rule(found, form.cleaned_data["prompt"], actor=request.user))
    return redirect("document", pk)


def _done(request: SignedInRequest, rule: Callable[[], str | None]) -> None:
    """Do it and say so, or say what stopped it."""
    try:
        if said := rule():
            messages.success(request, said)
    except CANNOT as problem:
        messages.error(request, str(problem))
    except lifecycle.LostRace:
        messages.error(request, _("Somebody else was first. Nothing of yours was done. Look again."))


def _again(request: SignedInRequest, found: Document, **forms: Any) -> HttpResponse:
    """The page of the document with the form as it was filled in."""
    page = "document.html" if found.state == Document.State.READY else "document_state.html"
    return render(request, f"documents/{page}", desk.about(request, found, **forms), status=422)
