"""A document and what becomes of it: seen, tagged, accepted, asked for again, held, taken out."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import SignedInRequest
from accounts.policy import require_fresh, safe
from documents import access, delivery, lifecycle, matters, tagging
from documents.access import To
from documents.forms.review import AskAgainForm, FactorOf, LiftForm, TagForm, TitleForm
from documents.models import Document
from documents.views import client, desk

NO = tagging.CannotTag, tagging.CannotAccept, tagging.CannotWithdraw, tagging.CannotRestore
TOO_LATE = lifecycle.LostRace, lifecycle.IllegalMove


@require_safe
def document(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.SEE)
    if not access.may(request.user, To.WORK):
        return client.document(request, found)
    return _show(request, found)


@require_safe
def status(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.SEE)
    if not access.may(request.user, To.WORK):
        return client.document_status(request, found)
    return render(request, "documents/_document_status.html", desk.status(found))


@require_GET
def page(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    found = access.document(request.user, pk, to=To.SEE)
    access.require_readable(request.user, found)
    return delivery.page(found, number, actor=request.user)


@require_GET
@require_fresh
def original(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    found = access.document(request.user, pk, to=To.SEE_ORIGINAL)
    access.require_readable(request.user, found)
    return delivery.original(found, actor=request.user)


@require_POST
def tag(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.TAG)
    form = TagForm(request.POST, document=found)
    if not form.is_valid():
        return _show(request, found, tag_form=form)
    typed = form.cleaned_data
    factor = typed["factor"]
    about = {"pages": form.pages, "note": typed["note"], "strength": typed["strength"]}
    if not _done(request, lambda: tagging.tag(found, factor, **about, actor=request.user)):
        return _show(request, found, tag_form=form)
    said = _("Tagged: %s. It is on attorney hold now.") if factor.holds else _("Tagged: %s.")
    messages.success(request, said % factor)
    return redirect("document", pk)


@require_POST
def untag(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.TAG)
    form = FactorOf(request.POST)
    if form.is_valid():
        factor = form.cleaned_data["factor"]
        if _done(request, lambda: tagging.untag(found, factor, actor=request.user)):
            messages.success(request, _("Tag removed: %s.") % factor)
    else:
        messages.error(request, _("That tag is not here. Nothing was changed."))
    return redirect("document", pk)


@require_POST
def title(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.TAG)
    form = TitleForm(request.POST)
    if not form.is_valid():
        return _show(request, found, title_form=form)
    tagging.name_exhibit(found, form.cleaned_data["title"], actor=request.user)
    messages.success(request, _("Title saved."))
    back = request.POST.get("back")
    return redirect(safe(request, back)) if back else redirect("document", pk)


@require_POST
def accept(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REVIEW)
    if not _done(request, lambda: tagging.accept(found, seen=_seen(request), actor=request.user)):
        return redirect("document", pk)
    said = _("Accepted: %s. It waits for the attorney.") if found.on_hold else _("Accepted: %s.")
    messages.success(request, said % found.exhibit_title, extra_tags=str(pk))
    return _next(request, found)


@require_POST
def ask_again(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REVIEW)
    reader = matters.client_of(found.matter)
    form = AskAgainForm(request.POST, language=reader.language if reader else "en")
    if not form.is_valid():
        return _show(request, found, ask_form=form, seen=_seen(request))
    why = form.why
    if not _done(request, lambda: tagging.ask_again(found, why, seen=_seen(request), actor=request.user)):
        found.refresh_from_db()
        return _show(request, found, ask_form=form)
    messages.success(request, _("Asked again. The client reads: “%s”") % why, extra_tags=str(pk))
    return _next(request, found)


@require_POST
def reopen(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REVIEW)
    if _done(request, lambda: tagging.reopen(found, seen=_seen(request), actor=request.user)):
        messages.success(request, _("Undone. It waits for review again."))
    return redirect("document", pk)


@require_POST
def lift_hold(request: SignedInRequest, pk: UUID, hold: int) -> HttpResponse:
    found = access.document(request.user, pk, to=To.LIFT_HOLD)
    held = get_object_or_404(found.holds.select_related("factor", "document"), pk=hold)
    form = LiftForm(request.POST)
    if not form.is_valid():
        return _show(request, found, lift_form=form, lifting=held.pk)
    if _done(request, lambda: tagging.lift_hold(held, why=form.cleaned_data["why"], actor=request.user)):
        messages.success(request, _("Hold lifted: %s.") % held.factor)
    return redirect("document", pk)


@require_POST
def withdraw(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.WITHDRAW)
    if _done(request, lambda: tagging.withdraw(found, actor=request.user)):
        messages.success(request, _("It is taken out."))
        if not access.may(request.user, To.WORK):
            return redirect("home")
    return redirect("document", pk)


@require_POST
def try_again(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REVIEW)
    if _done(request, lambda: tagging.try_again(found, actor=request.user)):
        messages.success(request, _("It is being prepared again."))
    return redirect("document", pk)


@require_POST
def restore(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.RESTORE)
    if _done(request, lambda: tagging.restore(found, actor=request.user)):
        messages.success(request, _("It is back where it was."))
    return redirect("document", pk)


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


def _show(request: SignedInRequest, found: Document, **forms: Any) -> HttpResponse:
    """The page of the document; with forms that could not be taken, as they were filled in."""
    page = "document.html" if found.state == Document.State.READY else "document_state.html"
    answer = 422 if forms else 200
    return render(request, f"documents/{page}", desk.about(request, found, **forms), status=answer)


def _seen(request: SignedInRequest) -> str:
    """The review that the person was looking at."""
    return request.POST.get("seen", "")


def _next(request: SignedInRequest, done: Document) -> HttpResponse:
    """On to the next document that waits for review: a later one, else an earlier one, else back to the matter."""
    following = tagging.next_to_review(desk.beside(request.user, done), done)
    if following:
        return redirect("document", following.pk)
    messages.info(request, _("Nothing else waits for review in this matter."))
    return redirect("matter", done.matter_id)
