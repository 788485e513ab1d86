"""A document and what becomes of it: seen, tagged, accepted, asked for again, held, taken out."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import SignedInRequest
from accounts.policy import require_fresh, safe
from documents import access, compartments, deeds, delivery, matters, presence, tagging
from documents.access import To
from documents.deeds import What
from documents.forms.review import AskAgainForm, FactorOf, TagForm, TitleForm
from documents.models import Document
from documents.views import careful, client, desk
from documents.views.doing import done as _done
from documents.views.doing import show as _show
from documents.views.doing import tagged
from documents.views.stepping import ahead, stepped


@require_safe
def document(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.SEE)
    if not access.may(request.user, To.WORK):
        return client.document(request, found)
    if not ahead(request):
        presence.arrive(found, request.user)
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
    early = "ahead" in request.GET and access.may(request.user, To.WORK)
    return delivery.page(found, number, ahead=early, actor=request.user)


@require_GET
@require_fresh
def original(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    found = access.document(request.user, pk, to=To.SEE_ORIGINAL)
    access.require_readable(request.user, found)
    return delivery.original(found, actor=request.user)


@require_POST
@stepped
def tag(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.TAG)
    form = TagForm(request.POST, document=found)
    if not form.is_valid():
        return _show(request, found, tag_form=form)
    typed = form.cleaned_data
    factor = typed["factor"]
    about = {"pages": form.pages, "note": typed["note"], "strength": typed["strength"]}
    rule = partial(tagging.tag, found, factor, **about, actor=request.user)
    if not _done(request, lambda: deeds.doing(found, What.TAGGED, rule, factors=[factor.pk], actor=request.user)):
        return _show(request, found, tag_form=form)
    messages.success(request, tagged(factor))
    return redirect("document", pk)


@require_POST
@stepped
def untag(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.TAG)
    form = FactorOf(request.POST)
    if form.is_valid() and found.tags.filter(factor=form.cleaned_data["factor"]).exists():
        factor = form.cleaned_data["factor"]
        rule, one = partial(tagging.untag, found, factor, actor=request.user), [factor.pk]
        if _done(request, lambda: deeds.doing(found, What.UNTAGGED, rule, factors=one, actor=request.user)):
            messages.success(request, _("Tag removed: %s.") % factor)
    else:
        messages.error(request, _("That tag is not here. Nothing was changed."))
    return redirect("document", pk)


@require_POST
@stepped
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
@stepped
def accept(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REVIEW)
    rule = partial(tagging.accept, found, seen=_seen(request), actor=request.user)
    if not _done(request, lambda: deeds.doing(found, What.ACCEPTED, rule, actor=request.user)):
        return redirect("document", pk)
    waits = found.on_hold or compartments.undecided(found)
    said = _("Accepted: %s. It waits for the attorney.") if waits else _("Accepted: %s.")
    messages.success(request, said % found.exhibit_title)
    for warning in careful.unfinished(found):
        messages.warning(request, warning)
    return _next(request, found)


@require_POST
@stepped
def ask_again(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REVIEW)
    reader = matters.client_of(found.matter)
    form = AskAgainForm(request.POST, language=reader.language if reader else "en")
    if not form.is_valid():
        return _show(request, found, ask_form=form, seen=_seen(request))
    why = form.why
    rule = partial(tagging.ask_again, found, why, seen=_seen(request), actor=request.user)
    if not _done(request, lambda: deeds.doing(found, What.ASKED_AGAIN, rule, actor=request.user)):
        found.refresh_from_db()
        return _show(request, found, ask_form=form)
    messages.success(request, _("Asked again. The client reads: “%s”") % why)
    return _next(request, found)


@require_POST
@stepped
def reopen(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REVIEW)
    if _done(request, lambda: tagging.reopen(found, seen=_seen(request), actor=request.user)):
        messages.success(request, _("Undone. It waits for review again."))
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
