"""What each office expects: the firm's profiles, their history, and who checked them when."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import SignedInRequest
from documents import access, offices
from documents.access import To
from documents.forms.matters import ACCEPTS
from documents.forms.offices import CheckForm, CopyForm, OfficeForm, told, uses
from documents.packets import outline
from documents.packets.profiles import Profile, UnknownProfile
from documents.views.matters import READS_AND_WRITES
from portal import hours

REVIEWED: Final = timedelta(days=30)  # as rule V42
TONES: Final = {"yes": "good", "no": "stop", "unknown": "do"}


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    _require_reader(request)
    context = {"lines": [_about(profile) for profile in offices.available()]}
    return render(request, "documents/offices.html", context)


@require_http_methods(READS_AND_WRITES)
def office(request: SignedInRequest, code: str) -> HttpResponse:
    """The profile (GET), and a new version of it (POST)."""
    profile = _profile(request, code)
    if request.method != "POST":
        return _page(request, profile)
    access.require(request.user, To.CHANGE_OFFICE)
    form = OfficeForm(request.POST, profile=profile)

    def change(typed: dict[str, Any]) -> str:
        source, checked, seen = typed["source"], typed["last_checked"], typed["seen"]
        offices.change(code, form.data_, source, checked, seen=seen, actor=request.user)
        return code

    return _done(request, profile, "form", form, change)


@require_POST
def check(request: SignedInRequest, code: str) -> HttpResponse:
    """Somebody looked today, and nothing changed."""
    profile = _profile(request, code)
    access.require(request.user, To.CHANGE_OFFICE)

    def same(typed: dict[str, Any]) -> str:
        offices.check(code, typed["source"], seen=typed["seen"], actor=request.user)
        return code

    return _done(request, profile, "check_form", CheckForm(request.POST), same)


@require_POST
def copy(request: SignedInRequest, code: str) -> HttpResponse:
    profile = _profile(request, code)
    access.require(request.user, To.CHANGE_OFFICE)

    def begin(typed: dict[str, Any]) -> str:
        made = offices.copy(code, typed["new_code"], typed["name"], typed["source"], actor=request.user)
        return made.code

    return _done(request, profile, "copy_form", CopyForm(request.POST, profile=profile), begin)


def _require_reader(request: SignedInRequest) -> None:
    if not any(access.may(request.user, to) for to in (To.WORK, To.CHANGE_OFFICE)):
        raise PermissionDenied


def _profile(request: SignedInRequest, code: str) -> Profile:
    _require_reader(request)
    try:
        return offices.load(code)
    except UnknownProfile:
        raise Http404 from None


def _done(
    request: SignedInRequest, profile: Profile, name: str, form: forms.Form, act: Callable[[dict[str, Any]], str]
) -> HttpResponse:
    """What was typed is kept on the page, until it can be done. `name`: of the form, for the page."""
    if form.is_valid():
        try:
            code = act(form.cleaned_data)
        except offices.CannotChange as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("office", code)
    return _page(request, profile, status=422, **{name: form})


def _page(request: SignedInRequest, profile: Profile, status: int = 200, **typed: forms.Form) -> HttpResponse:
    context = {
        **_about(profile),
        "uses": list(uses(profile)),
        "megabytes": profile.part_limit / 1_000_000,
        "unwanted": outline.unwanted(profile),
        "history": [(row, told(found)) for row, found in offices.history(profile.code)],
        "may_change": access.may(request.user, To.CHANGE_OFFICE),
        "form": OfficeForm(profile=profile),
        "check_form": CheckForm(),
        "seen": offices.mark(profile.code),
        "copy_form": CopyForm(profile=profile),
    }
    return render(request, "documents/office.html", context | typed, status=status)


def _about(profile: Profile) -> dict[str, Any]:
    checked = date.fromisoformat(profile.last_checked)
    newest = offices.versions(profile.code).first()
    return {
        "profile": profile,
        "accepts": ACCEPTS[profile.accepts_requests],
        "tone": TONES[profile.accepts_requests],
        "last_checked": checked,
        "old": hours.today() - checked > REVIEWED,
        "source": newest.source if newest else _("As it came with the portal"),
    }
