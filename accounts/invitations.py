"""How every person begins: an invitation with a one-use link."""

import hashlib
from datetime import timedelta
from functools import partial
from secrets import token_hex, token_urlsafe

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import audit, mail, policy
from accounts.models import NO_MAIL, OPERATOR, AuditEvent, Invitation, Role, User

STAFF_DAYS, CLIENT_DAYS = 7, 14


class CannotInvite(Exception):
    """The e-mail belongs to someone who has joined already, or with another role, or was stopped."""


class InvitationGone(Exception):
    """No such invitation, or used, replaced, expired, or its person was stopped: to the outside, all the same."""


def invite(email: str, name: str, role: str, language: str, *, actor: User | None) -> tuple[User, str]:
    """Make the person, not yet active, and mail the link. Returns the person and the link's token.

    Someone invited before who has not joined is invited again under the new name and language. A client may have no
    e-mail (""): the link is handed over, and nothing is mailed. Raises PermissionDenied, CannotInvite; OSError after the
    invitation was made, when its mail could not be sent.
    """
    if not policy.may_invite(actor, role):
        raise PermissionDenied
    email = email.strip().lower() or _unreachable(role)
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=email).first()
        if user is None:
            user = User.objects.create_user(email, name=name, role=role, language=language)
        elif user.joined_at or user.role != role:
            raise CannotInvite("Someone with this e-mail is here already.")
        else:
            user.name, user.language = name, language
            user.save(update_fields=["name", "language"])
        return user, _issue(user, actor)


def reissue(user: User, *, actor: User | None) -> str:
    """A new link for someone who lost the first, or the password; older links stop working. Returns the token.

    Second factors stay: a person who lost these too needs `factors.remove_all`.
    """
    if not policy.may_invite(actor, user.role):
        raise PermissionDenied
    if user.joined_at and not user.is_active:
        raise CannotInvite("This person was stopped. Let them back in first.")
    with transaction.atomic():
        return _issue(user, actor)


def open_invitation(token: str) -> Invitation:
    """The invitation behind a link, untouched. Raises InvitationGone."""
    found = Invitation.objects.select_related("user").filter(
        token_sha256=digest(token), used_at=None, expires_at__gt=timezone.now()
    )
    invitation = found.first()
    if invitation is None or (invitation.user.joined_at and not invitation.user.is_active):
        raise InvitationGone
    return invitation


def accept(token: str, *, password: str | None = None) -> User:
    """Use the link up: the person is active from now on, staff with the (already validated) password they chose."""
    with transaction.atomic():
        invitation = open_invitation(token)
        # Conditional: of two people with one link, one gets in.
        if not Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=timezone.now()):
            raise InvitationGone
        user = invitation.user
        user.is_active, user.joined_at = True, user.joined_at or timezone.now()
        if user.works_here:
            if not password:
                raise ValueError("Staff join with a password.")
            user.set_password(password)
        user.save()
        audit.record(AuditEvent.Kind.JOINED, user, actor=user)
    return user


def _issue(user: User, actor: User | None) -> str:
    if user.email == OPERATOR:
        raise CannotInvite("The operator works at the machine and never signs in.")
    token, days = token_urlsafe(32), CLIENT_DAYS if user.is_client else STAFF_DAYS
    Invitation.objects.filter(user=user, used_at=None).update(expires_at=timezone.now())
    Invitation.objects.create(
        token_sha256=digest(token), user=user, invited_by=actor, expires_at=timezone.now() + timedelta(days=days)
    )
    audit.record(AuditEvent.Kind.INVITED, user, actor=actor, role=user.role)
    template = "mail/invited_client" if user.is_client else "mail/invited_staff"
    # After the commit: mail servers are slow, and the audit chain is locked until then.
    transaction.on_commit(partial(mail.send, template, user.email, user.language, token=token, days=days))
    return token


def _unreachable(role: str) -> str:
    if role != Role.CLIENT:
        raise CannotInvite("Who works here has an e-mail.")
    return f"{token_hex(8)}{NO_MAIL}"


def digest(token: str) -> str:
    """All that is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()
