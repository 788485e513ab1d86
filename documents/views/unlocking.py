"""Giving the password of a file that came locked: for its client and for the legal team, on the document's own page."""

from uuid import UUID

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.models import SignedInRequest
from documents import access, lifecycle
from documents.access import To
from documents.forms.unlocking import UnlockForm
from documents.intake import unlocking
from documents.models import Document
from documents.views import client, desk

NOT_TAKEN, TOO_MANY = 422, 429
NOT_NEEDED = gettext_lazy("This file needs no password now. Nothing was changed.")


@require_POST
@sensitive_post_parameters("password")
def unlock(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The password is tried while the file is checked: the page then tells what came of it."""
    found = access.document(request.user, pk, to=To.UNLOCK)
    if not unlocking.waits_for_password(found):
        messages.error(request, NOT_NEEDED)
        return redirect("document", pk)
    form = UnlockForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, NOT_TAKEN)
    if not ratelimit.consume(request, action="unlock", key=str(pk)):
        form.add_error("password", _("Too many tries. Wait a few minutes, then try again."))
        return _show(request, found, form, TOO_MANY)
    try:
        unlocking.unlock(found, form.cleaned_data["password"], actor=request.user)
    except unlocking.CannotUnlock as problem:
        messages.error(request, str(problem))
    except (lifecycle.LostRace, lifecycle.IllegalMove):
        messages.error(request, NOT_NEEDED)
    return redirect("document", pk)


def _show(request: SignedInRequest, found: Document, form: UnlockForm, status: int) -> HttpResponse:
    """The page of the document, with what was wrong at the field."""
    if access.may(request.user, To.WORK):
        about = desk.about(request, found, unlock_form=form)
        return render(request, "documents/document_state.html", about, status=status)
    return client.document(request, found, unlock_form=form, status=status)
