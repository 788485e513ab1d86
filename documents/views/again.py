"""Asking again after a denial: the new request, and what changed since."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import SignedInRequest
from documents import access, rerequesting
from documents.access import To
from documents.forms.filing import CircumstanceForm
from documents.forms.matters import RequestForm
from documents.models import Request
from documents.packets import difference, order, rules

READS_AND_WRITES = ["GET", "HEAD", "POST"]
WORDS = {
    difference.NEW: ("good", gettext_lazy("New")),
    difference.CHANGED: ("do", gettext_lazy("Changed")),
    difference.DROPPED: ("wait", gettext_lazy("Left out now")),
    difference.SAME: ("wait", gettext_lazy("The same")),
}


@require_http_methods(READS_AND_WRITES)
def again(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The new request's own page first: what it has from the denied one may be changed."""
    denied = access.request(request.user, pk, to=To.OPEN_REQUEST)
    if denied.state != Request.State.DENIED:
        messages.error(request, _("This request is not recorded as denied."))
        return redirect("life", pk)
    typed = request.POST if request.method == "POST" else None
    form = RequestForm(typed, initial=rerequesting.as_before(denied))
    if form.is_valid():
        try:
            opened = rerequesting.ask_again(denied, **form.cleaned_data, actor=request.user)
        except rerequesting.CannotAskAgain as problem:
            messages.error(request, str(problem))
            return redirect("life", pk)
        messages.success(request, _("Opened: request {number}.").format(number=opened.number))
        return redirect("changed", opened.pk)
    context = {"matter": denied.matter, "request_": denied, "denied": denied, "form": form, "tab": "packet"}
    return render(request, "documents/request_again.html", context, status=422 if form.is_bound else 200)


@require_http_methods(READS_AND_WRITES)
def changed(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What changed since the denial, and what is different in what is filed."""
    found = access.request(request.user, pk, to=To.FILE)
    if found.parent is None:
        raise Http404
    form = CircumstanceForm(request.POST if request.method == "POST" else None, papers=rerequesting.papers(found))
    if form.is_valid():
        said = form.cleaned_data
        about = said["kind"], said["words"], said["happened_on"], said["document"]
        try:
            rerequesting.note(found, *about, actor=request.user)
        except rerequesting.CannotAskAgain as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Noted."))
            return redirect("changed", pk)
    return render(request, "documents/changed.html", _about(found, form), status=422 if form.is_bound else 200)


@require_POST
def take_off(request: SignedInRequest, pk: UUID) -> HttpResponse:
    noted = access.circumstance(request.user, pk, to=To.FILE)
    try:
        rerequesting.take_off(noted, actor=request.user)
    except rerequesting.CannotAskAgain as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Taken off."))
    return redirect("changed", noted.request_id)


def _about(found: Request, form: CircumstanceForm) -> dict[str, object]:
    lines = difference.difference(found)
    words = rules.judge(found, order.freeze(found), only=lambda rule: rule.id == "V23")
    return {
        "request_": found,
        "matter": found.matter,
        "parent": found.parent,
        "noted": found.circumstances.select_related("document"),
        "form": form,
        "open": found.state not in rerequesting.OVER,
        "lines": [(line, *WORDS[line.what]) for line in lines],
        "counted": _counted([line.what for line in lines]),
        "in_the_way": [word for word in words if word.blocks],
        "tab": "packet",
    }


def _counted(whats: list[str]) -> str:
    """In a sentence what there is to see."""
    new, other = whats.count(difference.NEW), whats.count(difference.CHANGED)
    words = ngettext("%(n)d new exhibit", "%(n)d new exhibits", new) % {"n": new}
    changed_words = ngettext("%(n)d changed", "%(n)d changed", other) % {"n": other}
    gone, same = whats.count(difference.DROPPED), whats.count(difference.SAME)
    rest = _("%(gone)d left out, %(same)d the same") % {"gone": gone, "same": same}
    return f"{words}, {changed_words}, {rest}"
