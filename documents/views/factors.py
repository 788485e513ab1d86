"""The factors themselves: the taxonomy's, and the firm's own."""

from typing import Final
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import SignedInRequest
from documents import access, matters, tagging
from documents.access import To
from documents.forms.board import OwnFactorForm
from documents.forms.review import FactorForm, grouped
from documents.models import Factor

MEMOS: Final[dict[str, str]] = {
    "MEISSNER2000": "Meissner 2000",
    "MORTON2011": "Morton 2011",
    "MORTON2011-VICTIMS": "Morton 2011 (victims)",
    "JOHNSON2014": "Johnson 2014",
    "KELLY2017": "Kelly 2017",
    "TRASVINA2021": "Trasviña 2021",
    "MAYORKAS2021": "Mayorkas 2021",
    "DOYLE2022": "Doyle 2022",
}


@require_http_methods(["GET", "HEAD", "POST"])
def factors(request: SignedInRequest) -> HttpResponse:
    if not any(access.may(request.user, to) for to in (To.WORK, To.ADD_FACTOR)):
        raise PermissionDenied
    form = FactorForm(request.POST or None)
    if request.method == "POST":
        access.require(request.user, To.ADD_FACTOR)
        if form.is_valid() and _added(request, form):
            return redirect("factors")
    context = {
        "groups": [(name, [(each, _memos(each)) for each in group]) for name, group in grouped(tagging.factors())],
        "form": form,
        "may_add": access.may(request.user, To.ADD_FACTOR),
    }
    return render(request, "documents/factors.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def put_away(request: SignedInRequest, code: str) -> HttpResponse:
    """One of the firm's own is offered no more, or again."""
    access.require(request.user, To.ADD_FACTOR)
    found = tagging.factors().filter(pk=code, origin=Factor.Origin.FIRM).first()
    if found is None:
        raise Http404
    away = request.POST.get("do") != "back"
    matters.put_away_factor(found, away=away, actor=request.user)
    said = _("Put away: %s. It stays where it is used.") if away else _("Offered again: %s.")
    messages.success(request, said % found)
    return redirect("factors")


@require_http_methods(["GET", "HEAD", "POST"])
def own(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A factor of one matter alone."""
    found = access.matter(request.user, pk, to=To.OWN_FACTOR)
    form = OwnFactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = matters.add_own_factor(found, **form.cleaned_data, actor=request.user)
        messages.success(request, _("Added: %s.") % made)
        return redirect("board", pk)
    context = {
        "matter": found,
        "form": form,
        "request_": access.newest_request(request.user, found),
        "tab": "board",
    }
    return render(request, "documents/own_factor.html", context, status=422 if form.is_bound else 200)


def _memos(factor: Factor) -> str:
    """Where it comes from, in the order of time."""
    return ", ".join(MEMOS.get(source, _("Practice")) for source in factor.memo_sources)


def _added(request: SignedInRequest, form: FactorForm) -> bool:
    try:
        made = matters.add_factor(**form.cleaned_data, actor=request.user)
    except IntegrityError:  # somebody else took the code a moment ago
        form.add_error("code", _("There is a factor with this code already."))
        return False
    messages.success(request, _("Added: %s.") % made)
    return True
