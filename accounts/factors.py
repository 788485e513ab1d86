"""A person's own ways to sign in: added and removed here, on the record, with a mail that says so."""

from functools import partial
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from accounts import audit, mail, policy, sessions
from accounts.models import AuditEvent, SignedInRequest, User

RECOVERY = Authenticator.Type.RECOVERY_CODES


class LastFactor(Exception):
    """Staff keep at least one second factor that the firm allows."""


def of(user: User) -> list[Authenticator]:
    """Passkeys and the authenticator app, oldest first."""
    return list(Authenticator.objects.filter(user=user).exclude(type=RECOVERY).order_by("created_at"))


def add_totp(request: SignedInRequest, secret: str) -> None:
    """Keep the secret (base32) whose code the person has just typed."""
    with transaction.atomic():
        _added(request, TOTP.activate(request.user, secret).instance)


def add_passkey(request: SignedInRequest, name: str, credential: dict[str, Any]) -> None:
    """Keep a registered, verified WebAuthn credential."""
    with transaction.atomic():
        _added(request, WebAuthn.add(request.user, name, credential).instance)


def _added(request: SignedInRequest, factor: Authenticator) -> None:
    user = request.user
    if user.works_here:
        RecoveryCodes.activate(user)
    audit.record(AuditEvent.Kind.FACTOR_ADDED, user, actor=user, method=factor.type)
    # Setting it up proved it: this session has its second factor now, under a new key.
    record_authentication(request, user, "mfa", id=factor.pk, type=factor.type)
    sessions.rotate(request)
    transaction.on_commit(partial(mail.send, "mail/factor_added", user.email, user.language))


def remove(request: SignedInRequest, factor: Authenticator) -> None:
    """Remove one and end every other session, which may have been opened with it. Raises LastFactor."""
    user = request.user
    left = {other.type for other in of(user) if other.pk != factor.pk}
    if user.works_here and not left & policy.allowed_factors():
        raise LastFactor(f"{user.pk} has no other allowed factor.")
    with transaction.atomic():
        factor.delete()
        audit.record(AuditEvent.Kind.FACTOR_REMOVED, user, actor=user, method=factor.type)
        sessions.end(user, actor=user, keep=request.session.session_key)
        transaction.on_commit(partial(mail.send, "mail/factor_removed", user.email, user.language))


def remove_all(person: User, *, actor: User) -> None:
    """An administrator, sure of who is asking, lets a person who lost every factor set up a new one."""
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        audit.record(AuditEvent.Kind.FACTOR_REMOVED, person, actor=actor, method="all")
        sessions.end(person, actor=actor)
        transaction.on_commit(partial(mail.send, "mail/factor_removed", person.email, person.language))


def show_recovery_codes(user: User) -> list[str]:
    """The unused codes, the first time they are asked for; afterwards []."""
    with transaction.atomic():
        kept = Authenticator.objects.select_for_update().filter(user=user, type=RECOVERY).first()
        if kept is None or RecoveryCodes(kept).did_view:
            return []
        codes = RecoveryCodes(kept)
        codes.mark_as_viewed()
        return codes.get_unused_codes()


def renew_recovery_codes(user: User) -> None:
    """New codes, not yet shown; the old ones stop working."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user, type=RECOVERY).delete()
        RecoveryCodes.activate(user)
        audit.record(AuditEvent.Kind.FACTOR_ADDED, user, actor=user, method=RECOVERY.value)
        transaction.on_commit(partial(mail.send, "mail/factor_added", user.email, user.language))


def confirmed(request: SignedInRequest, method: str) -> None:
    """On the record: this person proved again who they are. The session goes on under a new key."""
    with transaction.atomic():
        audit.record(AuditEvent.Kind.CONFIRMED, request.user, actor=request.user, method=method)
    sessions.rotate(request)
