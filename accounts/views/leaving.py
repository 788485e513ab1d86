from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from accounts import people, policy, sessions
from accounts.models import AuditEvent, Language

YEAR = 365 * 24 * 3600
EVERYTHING = '"cache", "cookies", "storage"'  # what the browser forgets of us


def _end(request: HttpRequest) -> None:
    if request.user.is_authenticated:
        sessions.close(request, request.user, kind=AuditEvent.Kind.SIGNED_OUT, actor=request.user)
    else:
        request.session.flush()


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    back = policy.safe(request, request.POST.get("next"))
    _end(request)
    response = redirect(reverse("account_login") + (f"?{urlencode({'next': back})}" if back != "/" else ""))
    response["Clear-Site-Data"] = EVERYTHING
    return response


@csrf_exempt  # it must work from any page, at any time; all a forger gains is that somebody is signed out
@login_not_required
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Away, now. A refresh and not a redirect: the browser forbids a form's answer to lead outside (form-action)."""
    _end(request)
    response = render(request, "accounts/left.html")
    response["Referrer-Policy"] = "no-referrer"
    response["Refresh"] = f"0; url={policy.OUTSIDE}"
    response["Clear-Site-Data"] = EVERYTHING
    return response


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = redirect(policy.safe(request, request.POST.get("next")))
    if chosen in Language.values:
        if request.user.is_authenticated:
            people.speak(request.user, chosen)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, secure=True, httponly=True, samesite="Lax"
        )
    return response


@login_not_required
@require_GET
def care(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/care.html")
