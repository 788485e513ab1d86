"""The inbox: what waits for this person across matters, the oldest first, each with the way to where it is done."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import SignedInRequest, User
from accounts.policy import safe
from documents import access
from documents import inbox as power
from documents.access import To
from documents.inbox import Group, What
from documents.models import Document, Matter, Packet, Request
from documents.views.evidence import WHY, named

LINES_A_PAGE = 50
NAMES: Final[dict[Group, Promise]] = {
    Group.NEW: gettext_lazy("New"),
    Group.ME: gettext_lazy("Needs me"),
    Group.ANSWERED: gettext_lazy("Answered"),
    Group.HELD: gettext_lazy("Held"),
    Group.FAILED: gettext_lazy("Failed"),
}
# Word, tone, icon, and the address where it is done.
SAID: Final[dict[What, tuple[Promise, str, str, str]]] = {
    What.REVIEW: (gettext_lazy("To review"), "wait", "inbox", "document"),
    What.ON_HOLD: (gettext_lazy("On attorney hold"), "do", "hand", "document"),
    What.DISPOSITION: (gettext_lazy("Quarantined: decide"), "stop", "lock", "document"),
    What.HELD: (gettext_lazy("Could not be prepared: decide"), "do", "hand", "document"),
    What.AGAIN: (gettext_lazy("Sent again"), "do", "again", "document"),
    What.REFUSED: (gettext_lazy("Refused"), "stop", "warn", "document"),
    What.QUARANTINED: (gettext_lazy("Quarantined"), "stop", "lock", "document"),
    What.STUCK: (gettext_lazy("Being checked for too long"), "stop", "clock", "document"),
    What.RELEASE: (gettext_lazy("To release"), "do", "done", "packet"),
    What.RETURNED: (gettext_lazy("Returned: mend and order again"), "do", "again", "packet"),
    What.FILE: (gettext_lazy("Released: to file"), "do", "box", "life"),
    What.FAILED: (gettext_lazy("Could not be bound"), "stop", "warn", "packet"),
    What.INVALID: (gettext_lazy("No longer valid: order again"), "stop", "warn", "packet"),
    What.SIGN: (gettext_lazy("Letter to sign"), "do", "file", "letter"),
    What.AGREEMENT: (gettext_lazy("The client answered"), "do", "mail", "asking"),
    What.MESSAGES: (gettext_lazy("New message"), "do", "mail", "messages"),
    What.ANSWER: (gettext_lazy("Answered"), "do", "hand", "checklist"),
}


@dataclass(frozen=True, slots=True)
class Line:
    what: What
    title: str
    about: str | Promise  # what else a person wants to know before opening it
    matter: Matter
    since: datetime
    where: str
    document: Document | None

    @property
    def waited(self) -> str:
        """How long, in its largest unit; empty within the first minute."""
        young = timezone.now() - self.since < timedelta(minutes=1)
        return "" if young else timesince(self.since, depth=1)

    @property
    def said(self) -> tuple[Promise, str, str, str]:
        return SAID[self.what]


@require_safe
def inbox(request: SignedInRequest) -> HttpResponse:
    """One group of it, with the true count of each. `show`: the group; `matter`: of this one alone."""
    access.require(request.user, To.WORK)
    only = _matter(request)
    counts = power.counts(request.user, only)
    show = _group(request.GET.get("show", ""), counts)
    pages = Paginator(power.listed(request.user, show, only), LINES_A_PAGE)
    pages.count = counts[show]  # as it would count them itself
    page = pages.get_page(request.GET.get("page"))
    mine = {matter.pk: matter for matter in access.matters(request.user).order_by("-number")}
    words = {
        "groups": [(group, NAMES[group], counts[group]) for group in Group],
        "show": show,
        "name": NAMES[show],
        "page": page,
        "lines": lines(request.user, list(page.object_list), mine),
        "elsewhere": next((group for group in Group if counts[group]), None),
        "matters": mine.values(),
        "only": only,
        "total": sum(counts.values()),
    }
    return render(request, "documents/inbox.html", words)


@require_POST
def put_away(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.document(request.user, pk, to=To.REVIEW)
    try:
        power.put_away(found, actor=request.user)
    except power.CannotPutAway as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Put away. It is still on the page of its matter."))
    return redirect(safe(request, request.POST.get("back") or reverse("inbox")))


def lines(user: User, rows: Iterable[dict[str, Any]], mine: dict[UUID, Matter]) -> list[Line]:
    """One query for each kind of thing, however many. What is no longer the person's own is left out."""
    ids: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        ids[What(row["what"]).kind].append(row["thing"])
    found = {kind: power.things(user, kind, some) for kind, some in ids.items()}
    shown = [(What(row["what"]), row) for row in rows]
    return [
        _line(what, found[what.kind][row["thing"]], mine[row["of"]], row["since"])
        for what, row in shown
        if row["thing"] in found[what.kind] and row["of"] in mine
    ]


def _line(what: What, thing: Any, matter: Matter, since: datetime) -> Line:
    title, about = TITLES[what.kind](thing)
    if what == What.REFUSED:
        about = WHY.get(thing.reason, about)
    document = thing if what.kind == "document" else None
    return Line(what, title, about, matter, since, _where(what, thing, matter), document)


def _of_packet(packet: Packet) -> tuple[str, str]:
    named_ = _("Packet {number} of request {request}").format(number=packet.number, request=packet.request.number)
    return named_, packet.request.get_form_display()


def _of_request(request: Request) -> tuple[str, str]:
    return _("Request {number}").format(number=request.number), request.get_form_display()


TITLES: Final[dict[str, Callable[[Any], tuple[str, str | Promise]]]] = {
    "document": lambda document: (named(document), str(document)),
    "packet": _of_packet,
    "request": _of_request,
    "matter": lambda _matter: (_("Messages"), ""),
    "asked": lambda item: (str(item.item or item.words), item.get_answer_display()),
}


def _where(what: What, thing: Any, matter: Matter) -> str:
    """The page where it is done."""
    page = SAID[what][3]
    if what.kind in {"matter", "asked"}:
        return reverse(page, args=[matter.pk]) + (f"#asked-{thing.pk}" if what == What.ANSWER else "")
    return reverse(page, args=[thing.request_id if page == "life" else thing.pk])


def _group(wanted: str, counts: dict[Group, int]) -> Group:
    """The one that was asked for; else the first in which something waits."""
    if wanted in list(Group):
        return Group(wanted)
    return next((group for group in Group if counts[group]), Group.NEW)


def _matter(request: SignedInRequest) -> Matter | None:
    """Another's, and one that is not there, are the same: not found."""
    wanted = request.GET.get("matter", "")
    if not wanted:
        return None
    try:
        return access.matter(request.user, UUID(wanted), to=To.WORK)
    except ValueError:
        raise Http404 from None
