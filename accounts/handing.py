"""From a computer to one's own phone: a link that works once, for some minutes, and there only sends papers."""

from datetime import timedelta
from secrets import token_urlsafe

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.invitations import digest
from accounts.models import AuditEvent, HandOver, User

MINUTES = 15  # of the link until somebody comes, and then of the phone


class HandOverGone(Exception):
    """No such link, or used, replaced, too old, or its person was stopped: to the outside, all the same."""


def hand_over(user: User) -> str:
    """A link's token for a client's own phone; an older unused link stops working. Raises PermissionDenied."""
    if not (user.is_client and user.is_active):
        raise PermissionDenied("Only a client goes on at a phone.")
    token = token_urlsafe(32)
    with transaction.atomic():
        stop(user)
        until = timezone.now() + timedelta(minutes=MINUTES)
        HandOver.objects.create(token_sha256=digest(token), user=user, expires_at=until)
    return token


def open_hand_over(token: str) -> HandOver:
    """What is behind a link, untouched. Raises HandOverGone."""
    alive = HandOver.objects.filter(used_at=None, expires_at__gt=timezone.now(), user__is_active=True)
    found = alive.select_related("user").filter(token_sha256=digest(token)).first()
    if found is None:
        raise HandOverGone
    return found


def accept(token: str) -> User:
    """Use the link up: of two phones with one link, one goes on. Raises HandOverGone."""
    with transaction.atomic():
        found = open_hand_over(token)
        if not HandOver.objects.filter(pk=found.pk, used_at=None).update(used_at=timezone.now()):
            raise HandOverGone
        audit.record(AuditEvent.Kind.HANDED_OVER, found.user, actor=found.user)
    return found.user


def stop(user: User) -> None:
    """Links that nobody used yet work no more: their person went away from the computer that shows them."""
    HandOver.objects.filter(user=user, used_at=None).update(expires_at=timezone.now())


def sweep() -> None:
    """Forget links a day after their time; the record keeps that they were used."""
    HandOver.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
