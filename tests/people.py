"""Signing people in for tests that are about something else, and reading what the portal mailed."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import policy
from accounts.models import AuditEvent, Role, User

PASSWORD = "violet anchor seven bakery"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def person(email, role=Role.ATTORNEY, *, language="en", password=PASSWORD, **columns):
    """Someone who has joined."""
    columns = {"name": email.partition("@")[0].title(), "is_active": True, "joined_at": timezone.now(), **columns}
    secret = None if role == Role.CLIENT else password
    return User.objects.create_user(email, role=role, language=language, password=secret, **columns)


def signed_in(user, *, by=("password", "totp"), ago=0.0, client=None):
    """A browser in which `user` proved who they are, `ago` seconds ago, in these ways."""
    client = client or Client()
    client.force_login(user, backend=BACKEND)
    at = time.time() - ago
    ways = [
        {"method": way, "at": at} if way in {"password", "code"} else {"method": "mfa", "type": way, "at": at}
        for way in by
    ]
    session = client.session
    session["account_authentication_methods"], session["account_authentication_methods_user"] = ways, str(user.pk)
    session["began"] = session["seen"] = at
    session.save()
    UserSession.objects.create(user=user, ip="127.0.0.1", session_key=session.session_key, user_agent="Firefox, Linux")
    return client


def is_signed_in(client):
    return "_auth_user_id" in client.session


def totp(user, step=0):
    """The code the person's app shows now, or `step` × 30 seconds later."""
    secret = decrypt(Authenticator.objects.get(user=user, type="totp").data["secret"])
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def code_mailed():
    return re.findall(r"\b\d{6}\b", str(mail.outbox[-1].body))[-1]


def link_mailed():
    """The path of the invitation in the last mail."""
    return re.findall(r"/invitations/\S+", str(mail.outbox[-1].body))[0]


def options(response):
    """What a page hands to the browser's passkey functions."""
    data = re.findall(r'<script id="js_data" type="application/json">(.*?)</script>', response.text)[0]
    found = json.loads(data)
    return found.get("creation_options") or found["request_options"]


def events(user=None, **narrow):
    rows = AuditEvent.objects.filter(**narrow).order_by("pk")
    return [event.kind for event in (rows if user is None else rows.filter(subject_id=str(user.pk)))]


@pytest.fixture
def tom(db):
    """An attorney with an authenticator app."""
    tom = person("tom@example.test")
    policy.enrol_totp(tom)
    return tom


@pytest.fixture
def boss(db):
    """An administrator with an authenticator app."""
    boss = person("boss@example.test", Role.ADMINISTRATOR)
    policy.enrol_totp(boss)
    return boss


@pytest.fixture
def lena(db):
    return person("lena@example.test", Role.CLIENT, language="es")


@pytest.fixture
def mailed(django_capture_on_commit_callbacks):
    """Mail leaves when the transaction is committed."""

    def mailed(call, *args, **kwargs):
        with django_capture_on_commit_callbacks(execute=True):
            return call(*args, **kwargs)

    return mailed
