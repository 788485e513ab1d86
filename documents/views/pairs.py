"""Papers put together with their translation, and papers that look alike told apart."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import SignedInRequest
from accounts.policy import safe
from documents import access, likeness, pairing, tagging
from documents.access import To
from documents.forms.pairing import LikenessForm, PairForm
from documents.models import Document
from documents.views import desk, paired

AS = {"original", "translation"}


@require_POST
def pair(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The person stays on the page of the document."""
    found = access.document(request.user, pk, to=To.TAG)
    as_ = request.POST.get("as")
    form = PairForm(request.POST, document=found, as_=as_ if as_ in AS else paired.role(found))
    if form.is_valid():
        try:
            pairing.pair(*form.papers, pages=form.pages, actor=request.user)
        except (pairing.CannotPair, tagging.CannotTag) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Paired. They are kept together in every packet."))
            return redirect("document", pk)
    if found.state != Document.State.READY:
        return redirect("document", pk)
    return render(request, "documents/document.html", desk.about(request, found, pair_form=form), status=422)


@require_POST
def apart(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.translation(request.user, pk, to=To.TAG)
    pairing.unpair(found, actor=request.user)
    messages.success(request, _("Taken apart. Each stands by itself again."))
    return (
        redirect(safe(request, request.POST.get("back", "")))
        if request.POST.get("back")
        else redirect("document", found.original_id)
    )


@require_POST
def compare(request: SignedInRequest, pk: int) -> HttpResponse:
    """What two documents that look alike are; back on the page of the one that is left out, or else of the later one."""
    found = access.likeness(request.user, pk, to=To.TAG)
    form = LikenessForm(request.POST)
    two = {each.pk: each for each in (found.document, found.other)}
    left_out = two.get(form.cleaned_data["leave_out"]) if form.is_valid() else None
    try:
        if form.is_valid() and form.cleaned_data["said"] == "different":
            likeness.different(found, actor=request.user)
            messages.success(request, _("Noted: they are different papers."))
        elif left_out:
            likeness.same(found, left_out, actor=request.user)
            messages.success(request, _("Noted: %s is left out of every packet.") % left_out)
        else:
            messages.error(request, _("Say which of the two is left out. Nothing was changed."))
    except (likeness.CannotDecide, tagging.CannotTag):
        messages.error(request, _("Somebody else was first. Nothing of yours was done. Look again."))
    return redirect("document", (left_out or found.document).pk)
