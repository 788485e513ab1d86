"""Signed-in sessions: how long they last, which ones a person has, and how they end."""

from datetime import UTC, datetime
from math import inf
from time import time

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts import audit, handing
from accounts.models import AuditEvent, FirmPolicy, SignedInRequest, User, policy_of

SHARED_IDLE_MINUTES = 5
SENDING_ROUTE = "send"
SENDING_MINUTES = 60  # a form full of photos may be on its way this long over a slow connection
# The first mark that fits: every browser also claims to be the ones below it.
BROWSERS = [
    ("Edg", "Edge"), ("SamsungBrowser", "Samsung"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
    ("Chrome", "Chrome"), ("Safari", "Safari"),
]  # fmt: skip
SYSTEMS = [
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
]  # fmt: skip
RENEW_SECONDS = 30  # how exact the idle clock is; spares a write for each request


def begin(request: HttpRequest) -> None:
    """Start both clocks. The session's key was just changed by signing in."""
    request.session["began"] = request.session["seen"] = time()
    request.session.set_expiry(0)


def only_send(request: HttpRequest) -> None:
    """What signs in next may only send, and not for long. Said before it is signed in, so it is at no moment more."""
    request.session["sending_until"] = time() + handing.MINUTES * 60


def only_sends(request: HttpRequest) -> bool:
    """Whether this session is a phone's that somebody went on at: accounts.middleware lets it send and nothing else."""
    return "sending_until" in request.session


def show_as_phone(request: HttpRequest) -> None:
    """In the list of a person's sessions, say which one only sends."""
    mine = UserSession.objects.filter(session_key=request.session.session_key)
    mine.update(data={"sending_until": request.session["sending_until"]})


def rotate(request: SignedInRequest) -> None:
    """A new key for the same session, after somebody proved again who they are (ASVS 7.2.4)."""
    was = request.session.session_key
    request.session.cycle_key()
    follow(was, request)


def follow(was: str | None, request: SignedInRequest) -> None:
    """The session listed under the key `was` has a new one."""
    UserSession.objects.filter(session_key=was).update(session_key=request.session.session_key)


def overdue(request: SignedInRequest) -> str:
    """Why this session must end now ("idle", "absolute", "sending": a phone's minutes are over), or "".

    Renews the idle clock when a person did something.
    """
    now, rules, session = time(), policy_of(request), request.session
    began, seen = session.setdefault("began", now), session.setdefault("seen", now)
    idle = idle_minutes(request, rules) * 60
    if now > session.get("sending_until", inf):
        return "sending"
    if now - began > rules.absolute_hours * 3600:
        return "absolute"
    if now - seen > idle:
        # What was on its way when the time ran out is still taken; the clock stays, so the next page asks to sign in.
        sending = request.method == "POST" and request.content_type == "multipart/form-data" and _to_send(request)
        return "" if sending and now - seen < idle + SENDING_MINUTES * 60 else "idle"
    if now - seen > RENEW_SECONDS and not _by_itself(request):
        session["seen"] = now
    return ""


def idle_minutes(request: SignedInRequest, rules: FirmPolicy) -> int:
    minutes = rules.staff_idle_minutes if request.user.works_here else rules.client_idle_minutes
    return min(minutes, SHARED_IDLE_MINUTES) if request.session.get("shared") else minutes


def _to_send(request: HttpRequest) -> bool:
    """Only the form that takes files, and nothing else that a person does."""
    try:
        return resolve(request.path_info).url_name == SENDING_ROUTE
    except Resolver404:
        return False


def _by_itself(request: HttpRequest) -> bool:
    """A page that refreshes a part of itself is not a person at work."""
    return request.method in {"GET", "HEAD"} and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"


def close(
    request: HttpRequest, person: User, *, kind: AuditEvent.Kind, actor: User | None, outcome: str = "done"
) -> None:
    """End this session, in the browser's cookie and in the database."""
    key = request.session.session_key
    with transaction.atomic():
        audit.record(kind, person, actor=actor, outcome=outcome)
        UserSession.objects.filter(session_key=key).delete()
        handing.stop(person)
        logout(request)


def of(user: User) -> list[UserSession]:
    """The sessions that still live, newest first."""
    alive = [one for one in UserSession.objects.purge_and_list(user) if one.data.get("sending_until", inf) > time()]
    for session in alive:
        session.device = device(session.user_agent)
        if until := session.data.get("sending_until"):
            session.sending_until = datetime.fromtimestamp(until, UTC)
    return sorted(alive, key=lambda session: session.created_at, reverse=True)


def device(user_agent: str) -> str:
    """What a person would call it: "Chrome, Android"."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return ", ".join(filter(None, [browser, system])) or "?"


def end(user: User, *, actor: User | None, keep: str | None = None, key: int | None = None) -> int:
    """End one (`key`) or all sessions of `user`, but for the session key `keep`. Returns how many."""
    chosen = UserSession.objects.filter(user=user).exclude(session_key=keep or "")
    if key is not None:
        chosen = chosen.filter(pk=key)
    with transaction.atomic():
        keys = list(chosen.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        chosen.delete()
        handing.stop(user)
        if keys:
            audit.record(AuditEvent.Kind.SESSION_ENDED, user, actor=actor, count=len(keys))
    return len(keys)


def sweep() -> int:
    """Forget sessions past their time, with the addresses they came from. Returns how many."""
    handing.sweep()
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    dead = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    return dead.delete()[0]
