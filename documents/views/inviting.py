"""Bringing the client to a matter: a person of the portal, a link that works once, and a place among the members."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import factors, invitations, people, qr, sessions
from accounts.models import Role, User
from documents import matters
from documents.models import Matter


class CannotBring(Exception):
    """This person cannot become the client of this matter; the message says why."""


@dataclass(frozen=True, slots=True)
class Brought:
    client: User
    link: str  # works once; "" for somebody who signs in already
    mailed: bool

    @property
    def where(self) -> str:
        """The address the mail went to, as much of it as tells it from another one."""
        box, _at, host = self.client.email.partition("@")
        return f"{box[:1]}•••@{host}"

    @property
    def square(self) -> str:
        """The link for a phone's camera: SVG."""
        return qr.svg(self.link)

    @property
    def until(self) -> datetime:
        return timezone.now() + timedelta(days=invitations.CLIENT_DAYS)


def bring(matter: Matter, *, email: str, name: str, language: str, actor: User) -> Brought:
    """Invite the client, once more if need be, and put them on the matter. Somebody who signs in already just joins.

    Without an `email` ("") nothing is mailed: the link is handed over. Raises CannotBring, and nothing was mailed or
    changed.
    """
    client, token, inside = people.known(email) if email else _without_email(matter), "", True
    try:
        with transaction.atomic():
            if client is None or not client.joined_at:
                address = client.email if client else email
                client, token = invitations.invite(address, name, Role.CLIENT, language, actor=actor)
            elif client.works_here or not client.is_active:
                raise CannotBring(_("This e-mail cannot be a client's. Use another one."))
            matters.add_member(matter, client, actor=actor)
            inside = False
    except matters.CannotJoin as problem:
        raise CannotBring(str(problem)) from problem
    except invitations.CannotInvite as problem:
        raise CannotBring(_("This e-mail cannot be a client's. Use another one.")) from problem
    except OSError:
        if inside or client is None:
            raise
        return Brought(client, _link(token), mailed=False)  # all of it is done; only the mail did not go
    return Brought(client, _link(token), mailed=bool(token) and client.has_email)


def _without_email(matter: Matter) -> User | None:
    """Who was brought here without one before is the same person again."""
    client = matters.client_of(matter)
    return client if client and not client.has_email else None


def relink(client: User, *, lost: bool, actor: User) -> Brought:
    """A new link for a client, invited or joined: older links stop, and so do all sessions of who had joined.

    `lost`: with the old phone its passkeys are gone, and let nobody in any more. Raises CannotBring.
    """
    token = ""
    try:
        with transaction.atomic():
            token = invitations.reissue(client, actor=actor)
            sessions.end(client, actor=actor)
            if lost:
                factors.remove_all(client, actor=actor)
    except invitations.CannotInvite as problem:
        raise CannotBring(_("This person was stopped. An administrator lets people back in.")) from problem
    except OSError:
        if not token:
            raise
        return Brought(client, _link(token), mailed=False)
    return Brought(client, _link(token), mailed=client.has_email)


def _link(token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse('invitation', args=[token])}" if token else ""
