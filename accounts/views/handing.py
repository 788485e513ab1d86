"""From the computer to one's own phone: the square to scan, and the button behind it."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts import handing, qr, sessions
from accounts.models import SignedInRequest, User
from accounts.views.links import one_use


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: SignedInRequest) -> HttpResponse:
    """A POST makes the square, on this one answer. The link is nowhere on the page: it is for a camera."""
    if not request.user.is_client:
        raise PermissionDenied
    words: dict[str, object] = {"minutes": handing.MINUTES}
    if request.method == "POST":
        words["svg"] = qr.svg(settings.PUBLIC_URL + reverse("on_phone", args=[handing.hand_over(request.user)]))
    return render(request, "accounts/hand_over.html", words)


@one_use
def on_phone(request: HttpRequest, token: str) -> HttpResponse:
    try:
        handing.open_hand_over(token)
        if request.method == "POST":
            return _signed_in(request, handing.accept(token))
    except handing.HandOverGone:
        return render(request, "accounts/hand_over_gone.html", {"minutes": handing.MINUTES}, status=404)
    return render(request, "accounts/on_phone.html", {"minutes": handing.MINUTES})


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    """Whoever was signed in on this phone is not any more; the token leaves the address bar."""
    logout(request)
    record_authentication(request, user, "hand_over")
    sessions.only_send(request)
    response = perform_login(request, Login(user=user, redirect_url="/"))
    sessions.show_as_phone(request)
    return response
