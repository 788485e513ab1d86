"""Notes of the legal team: written beside a document or on the matter's page, changed on a page of their own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import SignedInRequest
from documents import access, noting
from documents.access import To
from documents.forms.notes import ChangeForm, NoteForm
from documents.models import Document, Matter, Note
from documents.views import desk, overview
from documents.views.matters import READS_AND_WRITES, posted, status_of


@require_POST
def document_notes(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One about a document, from its page."""
    found = access.document(request.user, pk, to=To.NOTE)
    form = NoteForm(request.POST, user=request.user)
    if not form.is_valid():
        page = "document.html" if found.state == Document.State.READY else "document_state.html"
        about = desk.about(request, found, note_form=form)
        return render(request, f"documents/{page}", about, status=422)
    _write(request, found.matter, form, found)
    return redirect(reverse("document", args=[pk]) + "#notes")


@require_POST
def matter_notes(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One about the matter, from its page."""
    found = access.matter(request.user, pk, to=To.NOTE)
    form = NoteForm(request.POST, user=request.user)
    if not form.is_valid():
        return overview.page(request, found, status=422, note_form=form)
    _write(request, found, form)
    return redirect(reverse("matter", args=[pk]) + "#notes")


@require_http_methods(READS_AND_WRITES)
def change(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A note with what it said before, and the form to change it."""
    note = access.note(request.user, pk, to=To.NOTE)
    line = noting.line(note)
    form = ChangeForm(posted(request), user=request.user, line=line)
    if form.is_valid() and _changed(request, note, form):
        return redirect(_back(note))
    words: dict[str, Any] = {
        "matter": note.matter,
        "request_": access.newest_request(request.user, note.matter),
        "line": line,
        "form": form,
        "back": _back(note),
        "narrow": line.now.layer != Note.Layer.CLIENT,  # there is somebody else who could read it
        "tab": "matter",
    }
    return render(request, "documents/note.html", words, status=status_of(form))


@require_POST
def strike(request: SignedInRequest, pk: UUID) -> HttpResponse:
    note = access.note(request.user, pk, to=To.NOTE)
    try:
        noting.strike(note, actor=request.user)
    except noting.CannotWrite as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Struck out. The legal team can still read it."))
    return redirect(_back(note))


def _write(request: SignedInRequest, matter: Matter, form: NoteForm, document: Document | None = None) -> None:
    noting.write(matter, **form.cleaned_data, document=document, actor=request.user)
    messages.success(request, _("Note saved."))


def _changed(request: SignedInRequest, note: Note, form: ChangeForm) -> bool:
    """Whether it is saved. What stops it stands in the form, with what was typed."""
    try:
        noting.change(note, **form.cleaned_data, actor=request.user)
    except noting.NotConfirmed as problem:
        form.add_error("confirmed", str(problem))
    except noting.CannotWrite as problem:
        form.add_error(None, str(problem))
    else:
        messages.success(request, _("Note saved."))
        return True
    return False


def _back(note: Note) -> str:
    """To the page it stands on."""
    page = (
        reverse("document", args=[note.document_id]) if note.document_id else reverse("matter", args=[note.matter_id])
    )
    return f"{page}#notes"
