"""Who is here: found, changed, stopped and let back in. Nobody is ever deleted."""

from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.shortcuts import get_object_or_404

from accounts import audit, sessions
from accounts.models import OPERATOR, AuditEvent, Role, User


class NotAllowed(Exception):
    """A change an administrator may not make: to oneself, or between clients and staff."""


def known(email: str) -> User | None:
    """The person with this e-mail, whatever their state."""
    return User.objects.filter(email=email.strip().lower()).first()


def with_a_code(email: str) -> User | None:
    """The person who may sign in with a code sent to this e-mail: an active client whom mail reaches."""
    user = User.objects.filter(email=email.strip().lower(), role=Role.CLIENT, is_active=True).first()
    return user if user and user.has_email else None


def everybody() -> QuerySet[User]:
    """For the administrator, by name, each with `has_factor`. The operator is not one of them: see `operator`."""
    factor = Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)
    found = User.objects.exclude(email=OPERATOR)
    return found.annotate(has_factor=Exists(factor)).order_by("name", "email")


def operator() -> User:
    """Whoever works at the machine's command line: what a command does in nobody's name is theirs, also on the record.

    Made the first time it is asked for, and no way in: never active, never invited, no password (the database refuses).
    """
    if found := User.objects.filter(email=OPERATOR).first():
        return found
    with transaction.atomic():
        made = User.objects.create_user(OPERATOR, name="Operator", role=Role.ADMINISTRATOR)
        audit.record(AuditEvent.Kind.PERSON_CHANGED, made, actor=None, field="operator")
    return made


def person(pk: UUID) -> User:
    return get_object_or_404(User, pk=pk)


def speak(user: User, language: str) -> None:
    """Remember the language this person chose."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language


def reach(user: User, phone: str, reminders: str) -> None:
    """Keep how this person wants to be reminded. `phone`: "" or +15551234567. The record has neither."""
    with transaction.atomic():
        user.phone, user.reminders = phone, reminders
        user.save(update_fields=["phone", "reminders"])
        audit.record(AuditEvent.Kind.PERSON_CHANGED, user, actor=user, field="reach")


def set_password(user: User, password: str, *, actor: User) -> None:
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record(AuditEvent.Kind.PERSON_CHANGED, user, actor=actor, field="password")


def set_role(user: User, role: str, *, actor: User) -> None:
    """Another staff role. Its rights count from the next request on."""
    if user == actor or user.is_client or role == Role.CLIENT:
        raise NotAllowed("Only another member of staff can be given another staff role.")
    with transaction.atomic():
        was, user.role = user.role, role
        user.save(update_fields=["role"])
        audit.record(AuditEvent.Kind.PERSON_CHANGED, user, actor=actor, field="role", was=was, to=role)


def deactivate(user: User, *, actor: User) -> None:
    """Stop someone now: no way in any more, and every session ends."""
    if user == actor:
        raise NotAllowed("Nobody stops themselves: the firm would be without its administrator.")
    _set_active(user, active=False, actor=actor)


def reactivate(user: User, *, actor: User) -> None:
    """Let someone who had joined come back."""
    if user.joined_at is None:
        raise NotAllowed("Who never joined is invited, not let back in.")
    _set_active(user, active=True, actor=actor)


def _set_active(user: User, *, active: bool, actor: User) -> None:
    with transaction.atomic():
        user.is_active = active
        user.save(update_fields=["is_active"])
        audit.record(AuditEvent.Kind.PERSON_CHANGED, user, actor=actor, field="is_active", to=active)
        sessions.end(user, actor=actor)
