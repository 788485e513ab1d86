"""Telling a person that something waits in the portal: the way they chose, and never what it is."""

from django.conf import settings
from django.utils import timezone

from accounts import mail, texting
from accounts.models import Reminders, User
from portal import hours

MAIL, TEXT, NOT_AT_ALL = "mail", "text", ""


class NotNow(OSError):
    """Nobody's phone rings at this hour. It is tried again later."""


def channel(user: User) -> str:
    """How this person is told. Who chose text messages is mailed as long as there is no number, or nobody sends any."""
    if not user.is_active or user.reminders == Reminders.NONE:
        return NOT_AT_ALL
    if user.reminders == Reminders.TEXT and user.phone and settings.TEXTS_ARRIVE:
        return TEXT
    return NOT_AT_ALL if user.email.endswith(mail.UNREACHABLE) else MAIL


def tell(user: User, what: str) -> str:
    """Send `mail/<what>.txt`, or `mail/<what>_by_text.txt` by text message; answers how, or NOT_AT_ALL.

    Raises OSError when it could not be sent: try again later.
    """
    how = channel(user)
    if how == TEXT:
        if hours.quiet(timezone.now()):
            raise NotNow
        texting.send(f"mail/{what}_by_text", user.phone, user.language)
    elif how == MAIL:
        mail.send(f"mail/{what}", user.email, user.language)
    return how
