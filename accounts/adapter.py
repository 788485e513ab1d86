"""Where allauth asks us: who may sign in how, what is on the record, and how secrets are kept."""

from base64 import b64decode, b64encode
from typing import Any, override

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import audit, mail, people, policy, qr, sessions
from accounts.models import AuditEvent, SignedInRequest, User
from portal import crypto

Kind = AuditEvent.Kind
SECRETS = b"accounts/authenticator"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("The e-mail or the password is not right."),
        "incorrect_code": _("That code is not right. Check the newest message, then try again."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes, then try again."),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
    }

    @override
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    @override
    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """By password: active staff only. Everybody else gets the answer of a wrong password."""
        user = super().authenticate(request, **credentials)
        if isinstance(user, User) and user.is_active and user.works_here:
            return user
        if user is not None:
            self.authentication_failed(request, **credentials)
        return None

    @override
    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        failed(people.known(credentials.get("email", "")), "password")

    @override
    def pre_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse | None:
        if user.is_active:
            return super().pre_login(request, user, **details)
        failed(user, methods(request, user))
        messages.error(request, _("We could not sign you in. Try another way."))
        return HttpResponseRedirect(reverse("account_login"))

    @override
    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        sessions.begin(request)

    @override
    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        with transaction.atomic():
            audit.record(Kind.SIGNED_IN, user, actor=user, method=methods(request, user))
        return super().post_login(request, user, **details)

    @override
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Only one kind of mail leaves through allauth: the code."""
        person = people.known(email)
        mail.send("mail/code", email, person.language if person else settings.LANGUAGE_CODE, code=context["code"])

    @override
    def add_message(
        self, request: HttpRequest, level: int, message_template: Any = None, *args: Any, **words: Any
    ) -> None:
        """Our pages say what happened themselves: allauth's own messages are left out, its errors kept."""
        if words.get("message"):
            super().add_message(request, level, None, message=words["message"])

    @override
    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not policy.recent(self.request)

    @override
    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """By a second factor; never by the password alone."""
        has = policy.factors(user)
        passkey = {"id": "passkey", "description": _("Use my passkey"), "url": reverse("mfa_reauthenticate_webauthn")}
        code = {"id": "code", "description": _("Type a code"), "url": reverse("mfa_reauthenticate")}
        return [passkey] * (policy.PASSKEY in has) + [code] * (policy.TOTP_TYPE in has or user.works_here and bool(has))


class MFAAdapter(DefaultMFAAdapter):
    @override
    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """A client's passkey is another way in, not a second step after the code."""
        return bool(user.works_here) and super().is_mfa_enabled(user, types)

    @override
    def encrypt(self, text: str) -> str:
        return b64encode(crypto.wrap(text.encode(), SECRETS)).decode()

    @override
    def decrypt(self, encrypted_text: str) -> str:
        return crypto.unwrap(b64decode(encrypted_text), SECRETS).decode()

    @override
    def build_totp_svg(self, url: str) -> str:
        return qr.svg(url)

    @override
    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """What the phone lists the passkey under: the e-mail; of somebody without one, the name."""
        entity = super().get_public_key_credential_user_entity(user)
        return entity if user.has_email else {**entity, "name": user.name}

    @override
    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        return f"{_('Passkey')} {user.authenticator_set.count() + 1}"


def failed(user: User | None, method: str) -> None:
    """On the record: somebody could not sign in. Never the address that was typed."""
    with transaction.atomic():
        audit.record(Kind.SIGN_IN_FAILED, user, actor=None, outcome="refused", method=method)


def methods(request: HttpRequest | SignedInRequest, user: User) -> str:
    """How this session proved its person, in order: "password+totp"."""
    records = get_authentication_records(request, user)
    return "+".join(record.get("type") or record["method"] for record in records)
