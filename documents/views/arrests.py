"""The criminal history chart of a matter."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import SignedInRequest
from documents import access
from documents import arrests as power
from documents.access import To
from documents.arrests import CannotChart
from documents.forms.arrests import ArrestForm, NoteForm, PaperForm
from documents.models import Arrest, Document, Matter
from documents.views.matters import READS_AND_WRITES


@require_http_methods(READS_AND_WRITES)
def arrests(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The chart (GET), and every change of it: what to `do` is the name of the button."""
    writes = request.method == "POST"
    found = access.matter(request.user, pk, to=To.CHART if writes else To.WORK)
    if not writes:
        return _page(request, found, _empty(request, found))
    do = request.POST.get("do", "")
    if do not in ACTS:
        return _add(request, found)
    try:
        ACTS[do](request, found)
    except CannotChart as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Saved."))
    return redirect("arrests", pk)


def _add(request: SignedInRequest, found: Matter) -> HttpResponse:
    form = ArrestForm(request.POST, papers=_papers(request, found))
    if not form.is_valid():
        return _page(request, found, form, status=422)
    power.add(found, form.about, form.cleaned_data["disposition"], actor=request.user)
    messages.success(request, _("On the chart."))
    return redirect("arrests", found.pk)


def _paper(request: SignedInRequest, found: Matter) -> None:
    form = PaperForm(request.POST, papers=_papers(request, found))
    if not form.is_valid():
        raise CannotChart(_("This paper is not in the matter any more. Choose another."))
    power.give_paper(_line(request, found), form.cleaned_data["disposition"], actor=request.user)


def _note(request: SignedInRequest, found: Matter) -> None:
    access.require(request.user, To.STATE)
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise CannotChart(_("This note is too long. Nothing was changed."))
    power.note(_line(request, found), form.cleaned_data["note"], actor=request.user)


def _remove(request: SignedInRequest, found: Matter) -> None:
    power.remove(_line(request, found), actor=request.user)


ACTS: Final[dict[str, Callable[[SignedInRequest, Matter], None]]] = {"paper": _paper, "note": _note, "remove": _remove}


def _line(request: SignedInRequest, found: Matter) -> Arrest:
    try:
        pk = UUID(request.POST.get("on", ""))
    except ValueError:
        raise CannotChart(_("That could not be read. Nothing was changed.")) from None
    if line := found.arrests.filter(pk=pk).first():
        return line
    raise CannotChart(_("This line is not on the chart any more."))


def _papers(request: SignedInRequest, found: Matter) -> QuerySet[Document]:
    ready = access.documents(request.user).filter(matter=found, state=Document.State.READY)
    return ready.order_by("number")


def _empty(request: SignedInRequest, found: Matter) -> ArrestForm:
    return ArrestForm(papers=_papers(request, found))


def _page(request: SignedInRequest, found: Matter, form: ArrestForm, status: int = 200) -> HttpResponse:
    about: dict[str, Any] = {
        "matter": found,
        "request_": access.newest_request(request.user, found),
        "lines": found.arrests.select_related("disposition__item", "note_by", "added_by"),
        "papers": _papers(request, found),
        "form": form,
        "may_note": access.may(request.user, To.STATE),
        "tab": "arrests",
    }
    return render(request, "documents/arrests.html", about, status=status)
