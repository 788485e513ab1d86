"""The 48 rules of a request: what each says, where it is mended, and what an attorney states."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import SignedInRequest
from documents import access
from documents.access import To
from documents.forms.rules import WarningsForm, WordsForm
from documents.models import Matter, Request
from documents.packets import order, rules, stating

# Where things are mended, and what the link says. Those of a matter have its id, those of the firm none.
PAGES: Final[dict[str, Promise]] = {
    "letter": gettext_lazy("Go to the letter"),
    "request": gettext_lazy("Go to the packet"),
    "request_edit": gettext_lazy("Change the request"),
    "options": gettext_lazy("Go to the options memo"),
    "asking": gettext_lazy("Go to what the client answered"),
    "life": gettext_lazy("Go to filing and replies"),
    "changed": gettext_lazy("Go to what changed"),
    "transmittal": gettext_lazy("Go to the mail"),
    "matter": gettext_lazy("Go to the evidence"),
    "board": gettext_lazy("Go to the factor board"),
    "arrests": gettext_lazy("Go to the history chart"),
    "checklist": gettext_lazy("Go to the list"),
    "offices": gettext_lazy("Go to the office profiles"),
}
OF_A_MATTER: Final = {"matter", "board", "arrests", "checklist"}
OF_THE_FIRM: Final = {"offices"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found. `form`: for an attorney's statement on it; None where no statement settles it."""

    result: rules.Result
    link: str
    link_words: str
    form: forms.Form | None = None


@dataclass(slots=True)
class Line:
    """A rule and what it found. `tone` and `word`: its state, as a colour and as a word."""

    rule: rules.Rule
    tone: str
    word: str
    open: list[Finding] = field(default_factory=list)
    stated: list[rules.Result] = field(default_factory=list)


@require_safe
def index(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.WORK)
    return render(request, "documents/rules.html", _about(request, found))


@require_POST
def state(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.request(request.user, pk, to=To.STATE)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return render(request, "documents/rules.html", _about(request, found, typed=form), status=422)
    about = form.cleaned_data
    try:
        stating.state(found, about["rule"], about["about"], about["mark"], about["words"], actor=request.user)
    except stating.CannotState as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Stated, with your name and the time."))
    return redirect(f"{reverse('rules', args=[pk])}#{about['rule'].lower()}")


@require_POST
def accept(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """All warnings that were on the page, with one reason."""
    found = access.request(request.user, pk, to=To.STATE)
    form = WarningsForm(request.POST)
    if not form.is_valid():
        return render(request, "documents/rules.html", _about(request, found, warnings=form), status=422)
    many = stating.accept_warnings(
        found, form.cleaned_data["seen"], form.cleaned_data["words"], actor=request.user
    )  # fmt: skip
    words = ngettext("%(n)d warning accepted.", "%(n)d warnings accepted.", many)
    messages.success(request, words % {"n": many})
    return redirect("rules", pk)


@require_POST
def take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    found = access.statement(request.user, pk, to=To.STATE)
    stating.take_back(found, actor=request.user)
    messages.success(request, _("Taken back. The rule speaks again."))
    return redirect(f"{reverse('rules', args=[found.request_id])}#{found.rule.lower()}")


def _about(
    request: SignedInRequest, found: Request, *, typed: forms.Form | None = None, warnings: forms.Form | None = None
) -> dict[str, object]:
    packet = stating.newest(found)
    words = rules.judge(found, order.freeze(found), packet)
    may = access.may(request.user, To.STATE)
    lines = [_line(rule, [word for word in words if word.rule is rule], found, may, typed) for rule in _judged(words)]
    open_warnings = [word for word in words if word.severity == "W" and not word.passed]
    seen = "|".join(word.key for word in open_warnings)
    return {
        "request_": found,
        "matter": found.matter,
        "packet": packet,
        "lines": lines,
        "open": [line for line in lines if line.open],
        "stated": [line for line in lines if line.stated],
        "passed": [line for line in lines if not line.open and not line.stated and line.tone == "good"],
        "later": [line for line in lines if line.tone == "wait"],
        "warnings": len(open_warnings),
        "blocking": sum(word.severity == "B" and not word.passed for word in words),
        "warnings_form": warnings or WarningsForm(initial={"seen": seen}),
        "may_state": may,
        "tab": "packet",
    }


def _judged(words: Iterable[rules.Result]) -> list[rules.Rule]:
    """Every rule there is, but the one that is judged when somebody releases."""
    return [rule for rule in rules.RULES.values() if rule is not rules.RELEASER]


def _line(
    rule: rules.Rule, words: list[rules.Result], found: Request, may: bool, typed: forms.Form | None
) -> Line:  # fmt: skip
    open_ = [word for word in words if not word.passed]
    stated = [word for word in words if word.statement]
    tone, said = _state(rule, words, open_)
    return Line(rule, tone, str(said), [_finding(word, found, may, typed) for word in open_], stated)


def _state(rule: rules.Rule, words: list[rules.Result], open_: list[rules.Result]) -> tuple[str, str]:
    if not words:
        return "wait", _("measured on the bound packet")
    if not open_:
        return "good", _("stated") if any(word.statement for word in words) else _("passes")
    if rule.severity == "B":
        return "stop", _("stands before the release")
    return "do", _("warning")


def _finding(word: rules.Result, found: Request, may: bool, typed: forms.Form | None) -> Finding:
    link, words = _way(word, found, found.matter)
    assert word.problem is not None
    initial = {"rule": word.id, "about": word.problem.about, "mark": word.problem.mark}
    form: forms.Form | None = WordsForm(initial=initial) if may and word.may_be_stated else None
    if form and typed and [typed[name].value() for name in initial] == list(initial.values()):
        form = typed
    return Finding(word, link, str(words), form)


def _way(word: rules.Result, request: Request, matter: Matter) -> tuple[str, str | Promise]:
    if word.document:
        return reverse("document", args=[word.document.pk]), str(word.document)
    page = word.mend
    if page in OF_THE_FIRM:
        return reverse(page), PAGES[page]
    return reverse(page, args=[matter.pk if page in OF_A_MATTER else request.pk]), PAGES[page]
