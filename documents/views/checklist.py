"""The list of what a client is asked for, as the legal team keeps it; and what the client answers to it."""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import SignedInRequest
from accounts.policy import safe
from documents import access, inbox, matters, undoing
from documents import checklist as rules
from documents.access import To
from documents.checklist import CannotAnswer, CannotAsk, Now
from documents.forms.checklist import AnswerForm, AskForm, ChangeForm, DueForm, PresetsForm, kinds, offered
from documents.models import ChecklistItem, Matter
from portal import hours

# For the legal team: word, tone, icon.
SAID: Final[dict[Now, tuple[Promise, str, str]]] = {
    Now.NEEDED: (gettext_lazy("Not here yet"), "do", "empty"),
    Now.AGAIN: (gettext_lazy("Asked again"), "do", "again"),
    Now.CHECKING: (gettext_lazy("Being checked"), "wait", "clock"),
    Now.RECEIVED: (gettext_lazy("To review"), "do", "inbox"),
    Now.ACCEPTED: (gettext_lazy("Accepted"), "good", "done"),
    Now.ANSWERED: (gettext_lazy("Answered"), "wait", "hand"),
    Now.NOT_NEEDED: (gettext_lazy("Not needed"), "wait", "minus"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def checklist(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The page (GET), and every change of the list: what to `do` is the name of the button."""
    writes = request.method == "POST"
    found = access.matter(request.user, pk, to=To.ASK if writes else To.WORK)
    return _change(request, found) if writes else _page(request, found)


def _change(request: SignedInRequest, found: Matter) -> HttpResponse:
    do = request.POST.get("do", "")
    try:
        if do not in ACTS:
            raise CannotAsk(_("That could not be read. Nothing was changed."))
        said, was, mark = undoing.noting(found, lambda: ACTS[do](request, found))
    except CannotAsk as problem:
        messages.error(request, str(problem))
        return _page(request, found, AskForm(request.POST) if do == "add" else None, status=422)
    request.session[f"checklist {found.pk}"] = was, mark
    messages.success(request, said)
    back = request.POST.get("back")
    return redirect(safe(request, back)) if back else redirect("checklist", found.pk)


def _page(request: SignedInRequest, found: Matter, form: AskForm | None = None, status: int = 200) -> HttpResponse:
    theirs = access.documents(request.user).filter(matter=found).select_related("sender")
    standings = rules.standings(found, theirs)
    asked = [each for each in standings if each.now != Now.NOT_NEEDED]
    newest = access.newest_request(request.user, found)
    _was, mark = request.session.get(f"checklist {found.pk}", ([], ""))
    words = {
        "matter": found,
        "request_": newest,
        "tab": "checklist",
        "lines": [(each, *SAID[each.now]) for each in standings],
        "with_us": sum(each.with_us for each in asked),
        "total": len(asked),
        "client": matters.client_of(found),
        "form": form or AskForm(),
        "kinds": kinds(),
        "presets": offered(newest),
        "undo": mark == undoing.mark(found),
        "today": hours.today(),
    }
    inbox.visit(found, actor=request.user)
    return render(request, "documents/checklist.html", words, status=status)


def _typed(form: forms.Form) -> dict[str, Any]:
    """What was filled in. Raises CannotAsk with the first of what is wrong."""
    if form.is_valid():
        return form.cleaned_data
    raise CannotAsk(next(iter(form.errors.values()))[0])


def _add(request: SignedInRequest, found: Matter) -> str:
    added = rules.add(found, **_typed(AskForm(request.POST)), actor=request.user)
    return _("On the list: %s.") % (added.item or added.words)


def _add_presets(request: SignedInRequest, found: Matter) -> str:
    form = PresetsForm(request.POST)
    if not form.is_valid() and form.has_error("presets"):
        raise CannotAsk(_("Choose at least one list."))
    typed = _typed(form)
    many = sum(len(rules.add_preset(found, one, typed["due"], actor=request.user)) for one in typed["presets"])
    return _("Added: {n}. What was on the list already stays once.").format(n=many)


def _due(request: SignedInRequest, found: Matter) -> str:
    many = rules.due_for_all(found, _typed(DueForm(request.POST))["due"], actor=request.user)
    return _("The day was set for {n}.").format(n=many)


def _undo(request: SignedInRequest, found: Matter) -> str:
    was, mark = request.session.get(f"checklist {found.pk}", ([], ""))
    undoing.restore(found, was, seen=mark, actor=request.user)
    return _("Undone.")


def _on_one(act: Callable[[SignedInRequest, ChecklistItem], None]) -> Callable[[SignedInRequest, Matter], str]:
    """For a rule about the one item that the form names."""

    def act_on(request: SignedInRequest, found: Matter) -> str:
        try:
            pk = UUID(request.POST.get("on", ""))
        except ValueError:
            raise CannotAsk(_("That could not be read. Nothing was changed.")) from None
        act(request, get_object_or_404(found.checklist.select_related("item", "matter"), pk=pk))
        return _("Saved.")

    return act_on


def _reword(request: SignedInRequest, item: ChecklistItem) -> None:
    rules.change(item, **_typed(ChangeForm(request.POST)), actor=request.user)


ACTS: Final[dict[str, Callable[[SignedInRequest, Matter], str]]] = {
    "add": _add,
    "presets": _add_presets,
    "due": _due,
    "undo": _undo,
    "change": _on_one(_reword),
    "up": _on_one(lambda request, item: rules.move(item, -1, actor=request.user)),
    "down": _on_one(lambda request, item: rules.move(item, 1, actor=request.user)),
    "waive": _on_one(lambda request, item: rules.waive(item, actor=request.user)),
    "unwaive": _on_one(lambda request, item: rules.unwaive(item, actor=request.user)),
    "remove": _on_one(lambda request, item: rules.remove(item, actor=request.user)),
    "anew": _on_one(lambda request, item: rules.answer(item, "", actor=request.user)),
}


@require_POST
def answer(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The client has no such paper, or has it after all."""
    item = access.asked(request.user, pk, to=To.ANSWER)
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise CannotAnswer(next(iter(form.errors.values()))[0])
        said = form.cleaned_data["answer"]
        rules.answer(item, said, form.cleaned_data["remind_on"], actor=request.user)
    except (CannotAnswer, CannotAsk) as problem:
        messages.error(request, str(problem))
    else:
        told = _("We wrote it down. You can change it below.") if said else _("Good. It is on your list again.")
        messages.success(request, told)
    return redirect("matter", item.matter_id)
