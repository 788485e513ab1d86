from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from accounts import policy, sessions
from accounts.models import AuditEvent

type GetResponse = Callable[[HttpRequest], HttpResponse]

# Where staff without an allowed second factor in this session may go: to set one up, to prove one, or away.
HALF_WAY = frozenset({
    "second_factor", "add_totp", "add_passkey", "recovery_codes", "reauthenticate", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "sign_out", "leave", "language",
})  # fmt: skip

# Where a phone may go that somebody went on at: to send, and away. Closed is everything else, and what is added later.
ONLY_SENDING = frozenset({"home", "send", "uploads", "upload", "papers", "language", "sign_out", "leave"})


class EnforcePolicy:
    """The firm's rules for every request: sessions end when time is over, staff work with a second factor only, and a
    phone that somebody went on at only sends."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        if request.user.is_authenticated and (reason := sessions.overdue(request)):
            sessions.close(request, request.user, kind=AuditEvent.Kind.SESSION_ENDED, actor=None, outcome=reason)
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, *_arguments: Any) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return None
        if sessions.only_sends(request):
            return _closed(request)
        open_to_all = not getattr(view, "login_required", True)
        if open_to_all or policy.second_factor(request) or request.resolver_match.url_name in HALF_WAY:
            return None
        return HttpResponseRedirect(reverse("second_factor"))


def _closed(request: HttpRequest) -> HttpResponse | None:
    if request.resolver_match and request.resolver_match.url_name in ONLY_SENDING:
        return None
    return render(request, "accounts/only_sending.html", status=403)


def language(get_response: GetResponse) -> GetResponse:
    """The person's own language; before signing in, the one chosen here or asked for by the browser."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        chosen = user.language if user.is_authenticated else translation.get_language_from_request(request)
        with translation.override(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        return response

    return middleware
