from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import factors, mail, people, policy, sessions
from accounts.forms import ChangePassword, ReachForm
from accounts.models import SignedInRequest


@require_GET
def account(request: SignedInRequest) -> HttpResponse:
    """One's own language, ways to sign in, and where one is signed in."""
    return _account(request, ReachForm(user=request.user))


def _account(request: SignedInRequest, reach: ReachForm) -> HttpResponse:
    words = {
        "reach": reach,
        "factors": factors.of(request.user),
        "sessions": sessions.of(request.user),
        "may_add_totp": request.user.works_here
        and policy.TOTP_TYPE in policy.allowed_factors() - policy.factors(request.user),
    }
    return render(request, "accounts/account.html", words, status=422 if reach.is_bound else 200)


@require_POST
def reach(request: SignedInRequest) -> HttpResponse:
    """How a client is reminded, and where."""
    if not request.user.is_client:
        raise PermissionDenied
    form = ReachForm(request.POST, user=request.user)
    if not form.is_valid():
        return _account(request, form)
    people.reach(request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("account")


@require_POST
def end_sessions(request: SignedInRequest) -> HttpResponse:
    """All others, or the one with this number."""
    key = request.POST.get("session", "")
    sessions.end(
        request.user,
        actor=request.user,
        keep=request.session.session_key,
        key=int(key) if key.isascii() and key.isdecimal() and len(key) < 18 else None,
    )
    messages.success(request, _("Ended. Only the sessions below are left."))
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="change_password")
@policy.require_fresh
def change_password(request: SignedInRequest) -> HttpResponse:
    user = request.user
    if not user.works_here:
        raise PermissionDenied
    form = ChangePassword(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        people.set_password(user, form.cleaned_data["password"], actor=user)
        sessions.end(user, actor=user, keep=request.session.session_key)
        was = request.session.session_key
        update_session_auth_hash(request, user)
        sessions.follow(was, request)
        mail.send("mail/password_changed", user.email, user.language)
        messages.success(request, _("Your password was changed. Your other sessions were ended."))
        return redirect("account")
    return render(request, "accounts/change_password.html", {"form": form})
