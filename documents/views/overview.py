"""The home of a matter, for the legal team: where it stands, what was asked for and what has come, and who is on it.

The number of queries does not grow with its documents: what is counted is read once and small, whole rows are read of
the open page of the table alone.
"""

from datetime import datetime
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.models import SignedInRequest, User
from documents import access, checklist, compartments, history, particulars, tagging
from documents.access import To
from documents.checklist import Now
from documents.models import Document, Matter, Request
from documents.views import evidence, noted

ROWS_A_PAGE = 50
RECENT = 8
MISSING_SHOWN = 6
SHOW: Final = "show"  # which group of the evidence, by its code


def page(request: SignedInRequest, found: Matter, *, status: int = 200, **more: Any) -> HttpResponse:
    """`more`: a form to show again as it was filled in, or the A-number that was revealed."""
    members = list(found.memberships.select_related("user"))
    respondent = next((member.user for member in members if member.user.is_client), None)
    requests = _requests(request.user, found)
    listed = table(request, found)
    waiting = listed["sorted"].get("review", [])
    words = {
        **listed,
        "matter": found,
        "tab": "matter",
        "requests": requests,
        "request_": requests[0] if requests else None,
        "members": members,
        "client": respondent,
        "asked": asked(found, listed["documents"]),
        "unread": particulars.without_language(listed["documents"]),
        "sides": evidence.sides(access.documents(request.user).filter(matter=found)),
        "recent": history.told(found, history.notable(found)[:RECENT]),
        "next_hearing": _next_hearing(requests),
        "first_to_review": waiting[0] if waiting else None,
        "to_review": len(waiting),
        "may_invite": access.may(request.user, To.CHANGE_MEMBERS) and not (respondent and respondent.joined_at),
        **noted.beside(request.user, found),
        **more,
    }
    return render(request, "documents/matter.html", words, status=status)


def table(request: SignedInRequest, found: Matter) -> dict[str, Any]:
    """The evidence: counts of all of it, rows of the open page, of all groups or of the one that was asked for."""
    mine = access.documents(request.user).filter(matter=found)
    documents = list(tagging.telling_aside(mine.select_related(None).only(*evidence.FOR_COUNTS)))
    sorted_ = evidence.sorted_out(documents)
    show = request.GET.get(SHOW, "")
    shown = {show: sorted_[show]} if show in sorted_ else sorted_
    order = [document.pk for each in shown.values() for document in each]
    opened = Paginator(order, ROWS_A_PAGE).get_page(request.GET.get("page"))
    whole = mine.select_related("item", "sender").annotate(**evidence.COUNTED).prefetch_related(tagging.TAGS)
    whole = whole.prefetch_related(*compartments.ROWS[1:])
    rows = {row.pk: row for row in whole.filter(pk__in=opened.object_list)}
    return {
        "documents": documents,
        "sorted": sorted_,
        "show": show if show in sorted_ else "",
        "filters": [(code, evidence.HEADINGS[code], len(each)) for code, each in sorted_.items()],
        "groups": evidence.groups(shown, rows),
        "page": opened,
        "moving": len(sorted_.get("checked", [])),
    }


def asked(found: Matter, documents: list[Document]) -> dict[str, Any]:
    """How far the list is: what is with us, and the first of what is missing."""
    needed = [each for each in checklist.standings(found, documents) if each.now != Now.NOT_NEEDED]
    missing = [each for each in needed if not each.with_us]
    with_us = len(needed) - len(missing)
    shown = missing[:MISSING_SHOWN]
    return {"total": len(needed), "with_us": with_us, "missing": len(missing), "shown": shown, "now": Now}


def _requests(user: User, found: Matter) -> list[Request]:
    """Newest first, each with its packets (the frozen orders and manifests are not read)."""
    packets = Prefetch("packets", queryset=access.packets(user).defer("order", "manifest"))
    return list(access.requests(user).filter(matter=found).defer("letter").prefetch_related(packets))


def _next_hearing(requests: list[Request]) -> datetime | None:
    now = timezone.now()
    return min((one.next_hearing for one in requests if one.next_hearing and one.next_hearing > now), default=None)
