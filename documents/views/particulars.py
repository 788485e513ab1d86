"""What somebody of the team read on a paper: noted on the page of the document, or of all the others at once."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import SignedInRequest
from documents import access, particulars
from documents.access import To
from documents.forms.particulars import LanguageForm, ParticularsForm
from documents.models import Document
from documents.views import desk


@require_POST
def note(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The person stays on the page of the document."""
    found = access.document(request.user, pk, to=To.TAG)
    form = ParticularsForm(request.POST, document=found)
    if form.is_valid() and _noted(request, found, form):
        return redirect("document", pk)
    if found.state != Document.State.READY:
        return redirect("document", pk)
    return render(request, "documents/document.html", desk.about(request, found, particulars_form=form), status=422)


@require_POST
def note_language(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.matter(request.user, pk, to=To.TAG)
    form = LanguageForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("That language is not one of the list. Nothing was changed."))
        return redirect("matter", pk)
    many = particulars.note_language(found, form.cleaned_data["language"], actor=request.user)
    said = ngettext(
        "Noted of %d paper. Change it on its page.", "Noted of %d papers. Change one on its own page.", many
    )
    messages.success(request, said % many if many else _("The language of every paper was noted already."))
    return redirect("matter", pk)


def _noted(request: SignedInRequest, found: Document, form: ParticularsForm) -> bool:
    try:
        particulars.note(found, form.answers, actor=request.user)
    except particulars.CannotNote as problem:
        messages.error(request, str(problem))
        return False
    messages.success(request, _("Saved: what this paper says."))
    return True
