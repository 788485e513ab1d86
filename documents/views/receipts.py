"""What a person may keep and look up: the receipt of what they sent, and who of the office opened it."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from accounts.models import Role, SignedInRequest
from documents import access, delivery, history, receipts
from documents.access import To
from documents.models import Document
from documents.views.standing import standing

OPENINGS_A_PAGE = 50


@require_GET
def receipt_pdf(request: SignedInRequest, pk: UUID, batch: UUID | None = None) -> HttpResponse:
    """The receipt of what one sent: together, or (no batch) ever."""
    matter = access.matter(request.user, pk, to=To.SEND)
    listed = receipts.sent(request.user, matter, batch)
    if not listed:
        raise Http404
    return delivery.receipt(matter, receipts.filename(listed), receipts.pdf(listed), actor=request.user)


@require_safe
def opened(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """For the client: who of the firm opened which of their papers."""
    matter = access.matter(request.user, pk, to=To.SEE_OPENED)
    theirs = access.documents(request.user).filter(matter=matter).exclude(state=Document.State.PURGED)
    titles = {str(one.pk): standing(one).title for one in theirs}
    page = Paginator(history.openings(matter, titles), OPENINGS_A_PAGE).get_page(request.GET.get("page"))
    about = {"matter": matter, "page": page, "days": _days(page.object_list, titles)}
    return render(request, "documents/opened.html", about)


def _days(openings: Iterable[dict[str, Any]], titles: dict[str, str]) -> list[tuple[date, list[dict[str, Any]]]]:
    """The same, by the office's day."""
    roles = dict(Role.choices)
    lines = [{**one, "role": roles[one["actor_role"]], "title": titles[one["subject_id"]]} for one in openings]
    days = groupby(lines, key=lambda one: timezone.localtime(one["last"], settings.FIRM_TIME_ZONE).date())
    return [(day, list(some)) for day, some in days]
