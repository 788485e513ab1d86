"""Black boxes on the pages of a document: drawn on the picture of a page, looked at, burnt in, taken off."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import SignedInRequest, User
from documents import access, lifecycle, redacting
from documents.access import To
from documents.forms.redacting import BoxForm
from documents.models import Document, Redaction
from documents.views import desk


@dataclass(frozen=True, slots=True)
class Line:
    """One box of the list, and what this person may do with it."""

    box: Redaction
    may_approve: bool
    may_take_off: bool


@require_http_methods(["GET", "HEAD", "POST"])
def redact(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One page with its boxes and all boxes of the document (GET), or one more box on it (POST)."""
    found = access.document(request.user, pk, to=To.REDACT)
    number = _number(request, found)
    if request.method != "POST":
        return _show(request, found, number)
    form = BoxForm(request.POST, page=number)
    if not form.is_valid():
        return _show(request, found, number, form)
    why, words = form.cleaned_data["why"], form.cleaned_data["words"]
    if not _done(request, lambda: redacting.draw(found, form.box, why=why, words=words, actor=request.user)):
        return _show(request, found, number, form)
    messages.success(request, _("The box is drawn. It covers nothing until it is approved."))
    return redirect(_address(found, number))


@require_POST
def approve(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Exactly the boxes that were on the page."""
    found = access.document(request.user, pk, to=To.REDACT)
    seen = {int(box) for box in request.POST.getlist("box") if box.isascii() and box.isdecimal() and len(box) < 16}
    if _done(request, lambda: redacting.approve(found, seen, actor=request.user)):
        said = ngettext("%d box is being burnt in.", "%d boxes are being burnt in.", len(seen))
        messages.success(request, said % len(seen))
    return redirect(_address(found, _number(request, found)))


@require_POST
def take_off(request: SignedInRequest, pk: UUID, box: int) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REDACT)
    there = get_object_or_404(found.redactions, pk=box)
    there.document = found
    if _done(request, lambda: redacting.take_off(there, actor=request.user)):
        messages.success(request, _("The box is taken off."))
    return redirect(_address(found, there.page))


def _done(request: SignedInRequest, rule: Callable[[], object]) -> bool:
    """Whether the rule did it. What stops it is told to the person."""
    try:
        rule()
    except redacting.CannotRedact as problem:
        messages.error(request, str(problem))
    except (lifecycle.LostRace, lifecycle.IllegalMove):
        messages.error(request, _("Somebody else was first. Nothing of yours was done. Look again."))
    else:
        return True
    return False


def _show(request: SignedInRequest, found: Document, number: int, form: BoxForm | None = None) -> HttpResponse:
    lines = [_line(box, request.user) for box in redacting.standing(found)]
    fixed = _fixed(found)
    about: dict[str, Any] = {
        "document": found,
        "matter": found.matter,
        "number": number,
        "moving": found.state in desk.MOVING,
        "shown": found.state == Document.State.READY,
        "fixed": fixed,
        "drawn": [line.box for line in lines if line.box.page == number and line.box.is_proposed],
        "lines": lines,
        "waiting": [line.box for line in lines if line.may_approve],
        "anothers": any(line.box.is_proposed and not line.may_approve for line in lines),
        "form": form or BoxForm(page=number),
    }
    part = request.headers.get("X-Requested-With") == "fetch"
    page = "documents/_redact_page.html" if part else "documents/redact.html"
    return render(request, page, about, status=422 if form else 200)


def _line(box: Redaction, user: User) -> Line:
    may_take_off = box.is_proposed or access.may(user, To.UNREDACT)
    return Line(box, box.is_proposed and redacting.may_approve(box, user), may_take_off)


def _fixed(document: Document) -> str:
    """Why no box can be drawn now; empty where one can."""
    try:
        redacting.require_changeable(document)
    except redacting.CannotRedact as problem:
        return str(problem)
    return ""


def _number(request: SignedInRequest, document: Document) -> int:
    """The page that is asked for, or the first."""
    asked = request.POST.get("page") or request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1
    return number if 1 <= number <= document.pages else 1


def _address(document: Document, number: int) -> str:
    return f"{reverse('redact', args=[document.pk])}?page={number}"
