"""One page for everybody, and the same answer for every e-mail."""

from typing import Any

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.stagekit import clear_login
from allauth.account.views import ConfirmLoginCodeView, LoginView
from allauth.core import ratelimit
from allauth.decorators import rate_limit
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import adapter, codes, mail, people, policy
from accounts.forms import PasskeyFactorForm, PasskeySignInForm, SignInForm


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="login")
def sign_in(request: HttpRequest) -> HttpResponse:
    back = policy.safe(request, request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated:
        return redirect(back)
    form = SignInForm(request.POST or None, initial={"email": request.session.get("email", "")})
    if request.method == "POST" and form.is_valid():
        request.session["email"], request.session["shared"] = form.cleaned_data["email"], form.cleaned_data["shared"]
        clear_login(request)
        way = _ways.get(request.POST.get("way", ""), _by_code)
        if (answer := way(request, form.cleaned_data["email"], back)) is not None:
            return answer
    return render(request, "accounts/sign_in.html", {"form": form, "next": back})


def _by_password(_request: HttpRequest, _email: str, back: str) -> HttpResponse | None:
    return redirect(f"{reverse('password')}?{urlencode({'next': back})}")


def _by_code(request: HttpRequest, email: str, back: str) -> HttpResponse | None:
    """Exactly one mail leaves, whoever the address belongs to, so neither the page nor the clock tells."""
    if not ratelimit.consume(request, action=codes.ACTION, key=email.lower()):
        messages.error(request, _too_many(codes.minutes_to_wait(request, email)))
        return None
    user = people.with_a_code(email)
    try:
        LoginCodeVerificationProcess.initiate(request=request, user=user, email=email)
        if user is None:
            mail.send(*_instead_of_a_code(email))
    except OSError:
        clear_login(request)
        messages.error(request, _("We cannot send mail right now. Try again in a few minutes, or call the office."))
        return None
    return _code_page(back)


def _code_page(back: str) -> HttpResponse:
    return redirect(f"{reverse('account_confirm_login_code')}?{urlencode({'next': back})}")


def _too_many(minutes: int) -> str:
    words = ngettext(
        "Too many codes. Ask for another one in {minutes} minute.",
        "Too many codes. Ask for another one in {minutes} minutes.",
        minutes,
    )
    return words.format(minutes=minutes)


@login_not_required
@require_POST
@rate_limit(action="login")
def new_code(request: HttpRequest) -> HttpResponse:
    """One tap on the code's page. When that was too often, the code that was sent before still works."""
    back, email = policy.safe(request, request.POST.get("next")), request.session.get("email", "")
    if request.user.is_authenticated or not email:
        return redirect(back)
    if (answer := _by_code(request, email, back)) is None:
        return _code_page(back)
    messages.success(request, _("We sent a new code. The older code no longer works."))
    return answer


def _instead_of_a_code(email: str) -> tuple[str, str, str]:
    """Template, address and language for those who get no code: staff are told to use their password."""
    person = people.known(email)
    if person and person.is_active:
        return "mail/use_password", email, person.language
    return "mail/unknown", email, person.language if person else "en"


_ways = {"password": _by_password, "code": _by_code}


class Password(LoginView):
    template_name = "accounts/password.html"

    def get_initial(self) -> dict[str, Any]:
        return {"login": self.request.session.get("email", "")}


class Code(ConfirmLoginCodeView):
    template_name = "accounts/code.html"

    def form_invalid(self, form: Any) -> HttpResponse:
        adapter.failed(self._process.user, "code")
        return super().form_invalid(form)


class SecondFactor(AuthenticateView):
    template_name = "accounts/second_factor.html"
    webauthn_form_class = PasskeyFactorForm

    def form_invalid(self, form: Any) -> HttpResponse:
        adapter.failed(self.stage.login.user, "totp" if "code" in form.fields else "webauthn")
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "factors": policy.factors(self.stage.login.user)}


class Passkey(LoginWebAuthnView):
    form_class = PasskeySignInForm

    def form_invalid(self, _form: Any) -> HttpResponse:
        adapter.failed(None, "webauthn")
        messages.error(self.request, _("The passkey did not work. Try again, or sign in another way."))
        return redirect("account_login")
