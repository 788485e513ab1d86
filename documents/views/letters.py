"""The request letter: written, seen as it will be printed, signed, and its versions; and the firm's paragraphs for it."""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import SignedInRequest
from documents import access, differing, matters, snippets
from documents.access import To
from documents.forms.letters import CompareForm, SnippetForm
from documents.forms.packets import LetterForm
from documents.models import LetterVersion, Request
from documents.packets import arguing, drafting, order, outline, previewing, rules
from documents.packets.shape import LetterData

SHOWN = {"V05", "V06", "V13", "V28"}  # what is mended here


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.WRITE_LETTER)
    form = LetterForm(request.POST or None, initial=_initial(request, found))
    if request.method == "POST" and form.is_valid() and _saved(request, found, form):
        return redirect("letter", pk)
    text = form["letter"].value() or ""
    status = 200 if request.method != "POST" else 422
    return render(request, "documents/letter.html", _about(request, found, form, text), status=status)


@require_POST
def preview(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What was typed as it would be printed, and nothing saved: a part of the page for its script, else all of it."""
    found = access.request(request.user, pk, to=To.WRITE_LETTER)
    form = LetterForm(request.POST)
    status = 200 if form.is_valid() else 422
    text = form.cleaned_data.get("letter", "")
    if request.headers.get("X-Requested-With") == "fetch":
        shown = {"preview": previewing.preview(found, text)} if status == 200 else {}
        return render(request, "documents/_letter_preview.html", shown, status=status)
    return render(request, "documents/letter.html", _about(request, found, form, text), status=status)


@require_POST
def sign(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.SIGN_LETTER)
    try:
        matters.sign_letter(found, seen=request.POST.get("seen", ""), actor=request.user)
    except matters.CannotSign as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("You signed the letter. A change to it takes the signature away."))
    return redirect("letter", pk)


@require_safe
def versions(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.WORK)
    kept = list(found.letter_versions.select_related("by"))
    last = {"old": kept[1].number, "new": kept[0].number} if len(kept) > 1 else {}
    form = CompareForm(request.GET if "old" in request.GET else last, versions=kept)
    context = {
        "request_": found,
        "matter": found.matter,
        "versions": kept,
        "form": form,
        "seen": matters.letter_sha256(found.letter),
        "may_write": access.may(request.user, To.WRITE_LETTER),
        "tab": "letter",
        **(_compared(kept, form) if len(kept) > 1 and form.is_valid() else {}),
    }
    return render(request, "documents/letter_versions.html", context)


@require_POST
def restore(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    found = access.request(request.user, pk, to=To.WRITE_LETTER)
    version = found.letter_versions.filter(number=number).first()
    if version is None:
        raise Http404
    try:
        matters.restore_letter(found, version, seen=request.POST.get("seen", ""), actor=request.user)
    except matters.CannotSave:
        messages.error(request, _("Somebody else changed the letter meanwhile. Nothing was restored: look again."))
        return redirect("letter_versions", pk)
    messages.success(request, _("Version %(n)d is the letter again. An attorney signs it anew.") % {"n": number})
    return redirect("letter", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def paragraphs(request: SignedInRequest) -> HttpResponse:
    access.require(request.user, To.WORK)
    form = SnippetForm(request.POST or None, initial=_changing(request))
    if request.method == "POST":
        access.require(request.user, To.KEEP_SNIPPET)
        if form.is_valid() and _kept(request, form):
            return redirect("snippets")
    may = access.may(request.user, To.KEEP_SNIPPET)
    context = {"snippets": access.snippets(request.user), "form": form, "may_keep": may}
    return render(request, "documents/snippets.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def put_away(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.snippet(request.user, pk, to=To.KEEP_SNIPPET)
    snippets.put_away(found, actor=request.user)
    messages.success(request, _("Put away. Letters that used it keep their words."))
    return redirect("snippets")


def _initial(request: SignedInRequest, found: Request) -> dict[str, str]:
    """The letter as it is; of one that is empty the outline, when it is asked for."""
    text = found.letter
    if "outline" in request.GET and not text.strip():
        text = drafting.draft(found, order.freeze(found))
    return {"letter": text, "seen": matters.letter_sha256(found.letter)}


def _saved(request: SignedInRequest, found: Request, form: LetterForm) -> bool:
    typed = form.cleaned_data
    try:
        matters.change_letter(found, typed["letter"], seen=typed["seen"], actor=request.user)
    except matters.CannotSave as problem:
        form.add_error("letter", str(problem))
        return False
    messages.success(request, _("Saved."))
    return True


def _about(request: SignedInRequest, found: Request, form: LetterForm, text: str) -> dict[str, object]:
    """What the letter's page shows of this text. The rules speak of what is saved."""
    now = order.freeze(found)
    words = rules.judge(found, now, only=lambda rule: rule.id in SHOWN)
    sound = not form.errors.get("letter")
    typed = replace(now, letter=LetterData.of(text)) if sound and text.strip() else now
    board = arguing.arguments(rules.Facts.of(found, typed))
    return {
        "request_": found,
        "matter": found.matter,
        "form": form,
        "exhibits": outline.planned(found, now).exhibits,
        "cited": outline.cited(now),
        "results": [result for result in words if result.blocks],
        "seen": matters.letter_sha256(found.letter),
        "preview": previewing.preview(found, text) if sound else None,
        "outlined": text != found.letter and request.method != "POST",
        "board": _offered(request, found, board),
        "versions": found.letter_versions.count(),
        "may_sign": access.may(request.user, To.SIGN_LETTER),
        "tab": "letter",
    }


def _offered(
    request: SignedInRequest, found: Request, board: list[arguing.Argument]
) -> list[tuple[arguing.Argument, list[tuple[str, str]]]]:
    """Each argument with the firm's paragraphs for its factor (title, text), as they would stand in this letter."""
    client, cited = drafting.client_name(found), {each.factor.code: each.cites[0].mark for each in board}
    kept = [(each, snippets.filled(each.text, client, cited)) for each in access.snippets(request.user)]
    return [
        (argument, [(each.title, text) for each, text in kept if each.factor_id == argument.factor.code])
        for argument in board
    ]


def _compared(kept: list[LetterVersion], form: CompareForm) -> dict[str, object]:
    of = {each.number: each for each in kept}
    old, new = of[form.cleaned_data["old"]], of[form.cleaned_data["new"]]
    return {"old": old, "new": new, "runs": differing.differences(old.text, new.text)}


def _changing(request: SignedInRequest) -> dict[str, object]:
    wanted = request.GET.get("change", "")
    found = [each for each in access.snippets(request.user) if str(each.pk) == wanted]
    return (
        {"factor": found[0].factor_id, "title": found[0].title, "text": found[0].text, "instead": wanted}
        if found
        else {}
    )


def _kept(request: SignedInRequest, form: SnippetForm) -> bool:
    try:
        snippets.keep(**form.cleaned_data, actor=request.user)
    except snippets.CannotKeep as problem:
        form.add_error("text", str(problem))
        return False
    messages.success(request, _("Kept. Every letter is offered it now."))
    return True
