"""Before anything is filed: what the client reads and answers, and how it stands, for the legal team."""

from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import SignedInRequest, User
from documents import access, inbox, matters, options, outcome
from documents import agreeing as power
from documents.access import To
from documents.agreeing import Asked, Kind
from documents.forms.agreeing import AnswerForm, RemindForm
from documents.models import Agreement, Matter, Request
from documents.views.matters import READS_AND_WRITES, posted, status_of

# For the legal team: word, tone, icon.
NOT_YET: Final = gettext_lazy("Not answered yet"), "do", "empty"
ANEW: Final = gettext_lazy("Has to be read again"), "do", "again"
QUESTION: Final = gettext_lazy("The client has a question"), "do", "hand"
SAID_YES: Final = gettext_lazy("The client agrees"), "good", "done"


@require_http_methods(READS_AND_WRITES)
def agree(request: SignedInRequest, pk: UUID, kind: str) -> HttpResponse:
    """One of the two things, for the client to read and answer."""
    found, which = access.request(request.user, pk, to=To.AGREE), _kind(kind)
    form = _form(request, found, which, request.user.language)
    if form.is_valid() and _answered(request, found, which, form):
        messages.success(request, _("Thank you. We wrote it down."))
        left = [one for one in power.asked(found) if one.open and one.kind != which]
        return redirect("agree", pk, left[0].kind) if left else redirect("matter", found.matter_id)
    about = _about(found, which, form, request.user)
    return render(request, "documents/agree.html", about, status=status_of(form))


@require_http_methods(READS_AND_WRITES)
def read_aloud(request: SignedInRequest, pk: UUID, kind: str) -> HttpResponse:
    """The same, in the client's language, for somebody of the firm who reads it to the client."""
    found, which = access.request(request.user, pk, to=To.READ_ALOUD), _kind(kind)
    client = matters.client_of(found.matter)
    if client is None:
        messages.error(request, _("No client is on this matter yet."))
        return redirect("asking", pk)
    form = _form(request, found, which, client.language)
    if form.is_valid() and _answered(request, found, which, form):
        messages.success(request, _("Recorded, with your name and the time."))
        return redirect("asking", pk)
    about = _about(found, which, form, client) | {"client": client, "tab": "packet"}
    return render(request, "documents/read_aloud.html", about, status=status_of(form))


@require_http_methods(READS_AND_WRITES)
def asking(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How both stand, and what else is asked before anything is filed."""
    found = access.request(request.user, pk, to=To.WORK)
    form = RemindForm(posted(request))
    if form.is_valid():
        _remind(request, found, form.cleaned_data["token"])
        return redirect("asking", pk)
    client, things = matters.client_of(found.matter), power.asked(found)
    about = {
        "request_": found,
        "matter": found.matter,
        "client": client,
        "lines": [(one, *_state(one), _wanted_out(found, one)) for one in things],
        "waiting": [one for one in things if one.open],
        "missing": list(options.missing(found)),
        "over": power.over(found),
        "token": uuid4(),
        "tab": "packet",
    }
    inbox.visit(found, actor=request.user)
    return render(request, "documents/asking.html", about, status=status_of(form))


def to_read(matter: Matter) -> dict[str, Any]:
    """For the client's home: what there is to read before anything is sent off, and how much of it is still open."""
    things = power.of_matter(matter)
    return {"things": things, "to_read": sum(one.open for one in things)}


def _kind(word: str) -> Agreement.Kind:
    if word not in Kind.values:
        raise Http404
    return Kind(word)


def _form(request: SignedInRequest, found: Request, kind: Agreement.Kind, language: str) -> AnswerForm:
    """Boxes that the client ticked last time are ticked: a second yes takes nothing back by itself."""
    papers = power.papers(found, language) if kind == Kind.EVIDENCE else []
    last = found.agreements.filter(kind=kind).last()
    ticked = {f"no-{pk}": True for pk in last.objections} if last else {}
    return AnswerForm(posted(request), papers=papers, initial=ticked)


def _answered(request: SignedInRequest, found: Request, kind: Agreement.Kind, form: AnswerForm) -> bool:
    try:
        power.answer(found, kind, **form.said, actor=request.user)
    except power.CannotAgree as problem:
        form.add_error(None, str(problem))
        return False
    return True


def _about(found: Request, kind: Agreement.Kind, form: AnswerForm, reader: User) -> dict[str, Any]:
    things = {one.kind: one for one in power.asked(found)}
    return {
        "request_": found,
        "matter": found.matter,
        "kind": kind,
        "it": things.get(kind),
        "form": form,
        "seen": power.seen_now(found, kind),
        "text": outcome.TEXTS[reader.language],
        "reader": reader,
        "steps": [one.kind for one in things.values()],
    }


def _remind(request: SignedInRequest, found: Request, token: UUID) -> None:
    try:
        power.remind(found, token=token, actor=request.user)
    except power.CannotAgree as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("The client is told that there is something to read."))


def _state(one: Asked) -> tuple[str | Promise, str, str]:
    if one.last is None:
        return NOT_YET
    if not one.last.agreed:
        return QUESTION
    return ANEW if one.open else SAID_YES


def _wanted_out(found: Request, one: Asked) -> list[power.Paper]:
    """The papers of the list that the client does not want sent and that are still in it."""
    if one.last is None or not one.last.objections:
        return []
    return [paper for paper in power.papers(found, get_language() or "en") if paper.pk in one.last.objections]
