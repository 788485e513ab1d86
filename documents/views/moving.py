"""An exhibit taken from one factor of the board to another, and one step back."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import SignedInRequest
from documents import access, deeds, moving
from documents.access import To
from documents.deeds import What
from documents.forms.moving import MoveForm
from documents.views.doing import done


@require_POST
def move(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.TAG)
    form = MoveForm(request.POST, document=found)
    if not form.is_valid():
        messages.error(request, _("It cannot be moved there. Nothing was changed."))
        return redirect("board", found.matter_id)
    old, new = form.cleaned_data["from"], form.cleaned_data["to"]
    rule, both = partial(moving.move, found, old, new, actor=request.user), [old.pk, new.pk]
    if not done(request, lambda: deeds.doing(found, What.TAGGED, rule, factors=both, actor=request.user)):
        return redirect("board", found.matter_id)
    said = {"document": found.exhibit_title, "old": old, "new": new}
    messages.success(request, _("Moved: %(document)s, from %(old)s to %(new)s.") % said)
    if new.holds:
        messages.warning(request, _("It is on attorney hold now."))
    elif old.holds:
        messages.warning(request, _("Its hold stays until an attorney lifts it."))
    return redirect(reverse("board", args=[found.matter_id]) + f"?moved#{new.pk}")


@require_POST
def move_back(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The person's last deed, taken back from the board."""
    found = access.document(request.user, pk, to=To.TAG)
    if done(request, lambda: deeds.undo(found, actor=request.user)):
        said = _("Undone. %s is as it was, but its hold stays.") if found.on_hold else _("Undone. %s is as it was.")
        messages.success(request, said % found)
    return redirect("board", found.matter_id)
