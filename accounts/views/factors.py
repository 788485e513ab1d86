"""A person's own ways to sign in, and proving again who one is."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.views import ReauthenticateView
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import clear_totp_secret
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import adapter, factors, policy
from accounts.forms import PasskeyConfirmForm, PasskeyForm
from accounts.models import SignedInRequest


@require_GET
def second_factor(request: SignedInRequest) -> HttpResponse:
    """Where staff choose a second factor before any other page."""
    if not request.user.works_here:
        return redirect("account")
    allowed = policy.allowed_factors()
    words = {"allowed": allowed, "usable": policy.factors(request.user) & allowed}
    return render(request, "accounts/choose_factor.html", words)


@require_http_methods(["GET", "HEAD", "POST"])
@policy.require_recent
def add_totp(request: SignedInRequest) -> HttpResponse:
    user = request.user
    if not user.works_here or policy.TOTP_TYPE not in policy.allowed_factors():
        raise PermissionDenied
    if policy.TOTP_TYPE in policy.factors(user):
        return redirect("account")
    form = ActivateTOTPForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        factors.add_totp(request, form.secret)
        clear_totp_secret(request)
        return redirect("recovery_codes")
    mfa = get_mfa_adapter()
    words = {"form": form, "secret": form.secret, "svg": mfa.build_totp_svg(mfa.build_totp_url(user, form.secret))}
    return render(request, "accounts/add_totp.html", words)


@require_http_methods(["GET", "HEAD", "POST"])
@policy.require_recent
def add_passkey(request: SignedInRequest) -> HttpResponse:
    user = request.user
    if user.is_client and request.session.get("shared"):
        messages.error(request, _("Others use this phone. Here you sign in with a code."))
        return redirect("account")
    form = PasskeyForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        factors.add_passkey(request, form.cleaned_data["name"], form.cleaned_data["credential"])
        messages.success(request, _("This device can sign you in now."))
        return redirect("recovery_codes" if user.works_here else "/")
    # begin_registration replaces the challenge, so only after the old one was checked.
    words = {"form": form, "js_data": {"creation_options": begin_registration(user, passwordless=True)}}
    return render(request, "accounts/add_passkey.html", words)


@require_POST
@policy.require_recent
def remove_factor(request: SignedInRequest, pk: int) -> HttpResponse:
    factor = next((factor for factor in factors.of(request.user) if factor.pk == pk), None)
    if factor is None:
        raise Http404
    try:
        factors.remove(request, factor)
        messages.success(request, _("Removed. Your other sessions were ended."))
    except factors.LastFactor:
        messages.error(request, _("This is your last second factor. Add another one first."))
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@policy.require_recent
def recovery_codes(request: SignedInRequest) -> HttpResponse:
    """Shown once, right after they were made."""
    if not policy.factors(request.user) or not request.user.works_here:
        return redirect("account")
    if request.method == "POST":
        factors.renew_recovery_codes(request.user)
        return redirect("recovery_codes")
    return render(request, "accounts/recovery_codes.html", {"codes": factors.show_recovery_codes(request.user)})


@require_GET
def reauthenticate(request: SignedInRequest) -> HttpResponse:
    """Step up: by a second factor where there is one; else by signing in again."""
    back = policy.safe(request, request.GET.get("next"))
    methods = get_adapter().get_reauthentication_methods(request.user)
    if methods:
        return redirect(f"{methods[0]['url']}?{urlencode({'next': back})}")
    return render(request, "accounts/sign_in_again.html", {"next": back})


class ConfirmCode(ReauthenticateView):
    template_name = "accounts/confirm.html"

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        factors.confirmed(self.request, _last_method(self.request))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        adapter.failed(self.request.user, "totp")
        return super().form_invalid(form)


class ConfirmPasskey(ReauthenticateWebAuthnView):
    template_name = "accounts/confirm_passkey.html"
    form_class = PasskeyConfirmForm

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        factors.confirmed(self.request, _last_method(self.request))
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        adapter.failed(self.request.user, "webauthn")
        return self.render_to_response(self.get_context_data(form=form))


def _last_method(request: SignedInRequest) -> str:
    return str(get_authentication_records(request, request.user)[-1].get("type", ""))
