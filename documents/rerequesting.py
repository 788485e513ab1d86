"""Asking again after a denial: a new request that names the denied one, and what changed since."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import AuditEvent, User
from documents import matters
from documents.models import Circumstance, Document, Request
from portal import hours

Kind = AuditEvent.Kind
OVER = frozenset({Request.State.FILED, Request.State.GRANTED, Request.State.DENIED, Request.State.WITHDRAWN})
SAME = ("stage", "form", "profile", "office", "judge", "detained")


class CannotAskAgain(Exception):
    """There is no denial to follow, or this is no change since it; the message says which."""


def ask_again(denied: Request, *, actor: User, **about: Any) -> Request:
    """A new request that follows a denied one. `about`: as for any request. Raises CannotAskAgain."""
    with transaction.atomic():
        denied.refresh_from_db(fields=["state"], from_queryset=Request.objects.select_for_update(of=("self",)))
        if denied.state != Request.State.DENIED:
            raise CannotAskAgain(_("This request is not recorded as denied."))
        return matters.open_request(denied.matter, parent=denied, actor=actor, **about)


def as_before(denied: Request) -> dict[str, Any]:
    """What a new request has from the denied one, to be changed by whoever opens it."""
    hearing = denied.next_hearing
    ahead = hearing if hearing and hearing > timezone.now() else None
    return {name: getattr(denied, name) for name in SAME} | {"next_hearing": ahead}


def papers(request: Request) -> QuerySet[Document]:
    """What may show a change: accepted, and received since the day of the denial."""
    accepted = request.matter.documents.filter(state=Document.State.READY, review=Document.Review.ACCEPTED)
    denied = request.parent.decided_on if request.parent else None
    since = [paper.pk for paper in accepted if denied is None or hours.day(paper.received_at) >= denied]
    return accepted.filter(pk__in=since).select_related("item").order_by("-number")


def note(
    request: Request, kind: str, words: str, on: date, paper: Document | None = None, *, actor: User
) -> Circumstance:
    """Something changed since the denial. Raises CannotAskAgain."""
    with transaction.atomic():
        _require_open(request)
        if request.parent is None:
            raise CannotAskAgain(_("This request follows no denied one."))
        if on > hours.today():
            raise CannotAskAgain(_("That day is in the future."))
        if paper and not papers(request).filter(pk=paper.pk).exists():
            raise CannotAskAgain(_("This document is not accepted any more, or it came before the denial."))
        noted = Circumstance.objects.create(
            request=request, kind=kind, words=words, happened_on=on, document=paper, added_by=actor
        )
        numbers = [paper.number] if paper else []
        record(Kind.CHANGED_SINCE, request, actor=actor, action="added", type=kind, documents=numbers)
    return noted


def take_off(noted: Circumstance, *, actor: User) -> None:
    """It was noted wrongly, or it is noted anew. Raises CannotAskAgain."""
    with transaction.atomic():
        _require_open(noted.request)
        record(Kind.CHANGED_SINCE, noted.request, actor=actor, action="removed", type=noted.kind)
        noted.delete()


def _require_open(request: Request) -> None:
    request.refresh_from_db(fields=["state"], from_queryset=Request.objects.select_for_update(of=("self",)))
    if request.state in OVER:
        raise CannotAskAgain(_("This request was filed. What it said stays as it is."))
