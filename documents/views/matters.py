"""Where people begin: their matters, one matter, its requests and its record."""

import unicodedata
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, F, Min, Prefetch, Q
from django.forms import BaseForm
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit, sessions
from accounts.models import AuditEvent, SignedInRequest, User
from documents import access, history, matters, tagging
from documents.access import To
from documents.forms.matters import InviteClientForm, MatterForm, RequestForm, SearchForm
from documents.models import Document, Matter
from documents.views import client, inviting, overview
from documents.views import evidence as table

State, Review = Document.State, Document.Review
READS_AND_WRITES = ["GET", "HEAD", "POST"]
MATTERS_A_PAGE = EVENTS_A_PAGE = 50
RECENT = 8

_ready = Q(documents__state=State.READY)
_pending = _ready & Q(documents__review=Review.PENDING) & Q(~tagging.said_aside("documents__pk"))
_held = Q(documents__holds__placed_at__isnull=False, documents__holds__lifted_at=None)
# One query, however many matters: each count takes its documents once, although the joins repeat them.
COUNTS: Final[dict[str, Any]] = {
    "to_review": Count("documents", filter=_pending, distinct=True),
    "being_checked": Count("documents", filter=Q(documents__state__in=table.ON_THE_WAY), distinct=True),
    "on_hold": Count("documents", filter=_held & ~Q(documents__state__in=Document.OVER), distinct=True),
    "asked_again": Count("documents", filter=_ready & Q(documents__review=Review.ASK_AGAIN), distinct=True),
    "stuck": Count("documents", filter=Q(documents__state__in=[State.HELD, State.QUARANTINED]), distinct=True),
    "waiting_since": Min("documents__received_at", filter=_pending),
}


@require_safe
def home(request: SignedInRequest) -> HttpResponseBase:
    """To where this person works."""
    user = request.user
    if user.administers:
        return redirect("people")
    if user.works_here:
        return redirect("inbox")
    mine = list(access.matters(user))
    page = "send" if sessions.only_sends(request) else "matter"
    return redirect(page, mine[0].pk) if len(mine) == 1 else client.choose(request, mine)


@require_http_methods(READS_AND_WRITES)
def index(request: SignedInRequest) -> HttpResponse:
    """The person's own matters, the one that waits longest first.

    A search is a POST although it changes nothing: people search by a client's name, and a name must not be in an
    address, a history or a log (ASVS 14.2.1). Names are sealed in the database, so the person's own matters are
    compared here, one by one.
    """
    access.require(request.user, To.WORK)
    form = SearchForm(request.POST or None)
    sought = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    mine = [matter for matter in _with_counts(request.user) if _matches(matter, sought)]
    page = Paginator(mine, len(mine) or 1 if sought else MATTERS_A_PAGE).get_page(request.GET.get("page"))
    words = {
        "page": page,
        "form": form,
        "sought": sought,
        "may_open": access.may(request.user, To.OPEN_MATTER),
        "waiting": sum(matter.to_review for matter in mine),
    }
    return render(request, "documents/matters.html", words)


def _with_counts(user: User) -> Any:
    """Annotated matters, each with its requests, newest first (their letters stay sealed)."""
    requests = Prefetch("requests", queryset=access.requests(user).defer("letter"))
    counted = access.matters(user).annotate(**COUNTS).prefetch_related(requests)
    return counted.order_by(F("waiting_since").asc(nulls_last=True), "-number")


def _matches(matter: Matter, sought: str) -> bool:
    return all(word in _plain(f"{matter.reference} {matter.respondent}") for word in _plain(sought).split())


def _plain(text: str) -> str:
    """Without accents and capitals: “rodriguez” finds “Rodríguez”."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@require_http_methods(READS_AND_WRITES)
def new(request: SignedInRequest) -> HttpResponse:
    """From nothing to an invited client on one page; the request and the invitation may also wait."""
    access.require(request.user, To.OPEN_MATTER)
    data = posted(request)
    form = MatterForm(data)
    request_form = RequestForm(data, prefix="request", empty_permitted=True, use_required_attribute=False)
    client_form = InviteClientForm(data, prefix="client", empty_permitted=True, use_required_attribute=False)
    if form.is_valid() and request_form.is_valid() and client_form.is_valid():
        return _open(request, form, request_form, client_form)
    words = {"form": form, "request_form": request_form, "client_form": client_form}
    return render(request, "documents/matter_new.html", words, status=status_of(form))


def posted(request: SignedInRequest) -> QueryDict | None:
    """What a form is bound to: an empty POST too, so that it says what it misses."""
    return request.POST if request.method == "POST" else None


def status_of(form: BaseForm) -> int:
    """A bound form that is shown again was not accepted."""
    return 422 if form.is_bound else 200


def _open(
    request: SignedInRequest, form: MatterForm, request_form: RequestForm, client_form: InviteClientForm
) -> HttpResponse:
    with transaction.atomic():
        opened = matters.open_matter(**form.cleaned_data, actor=request.user)
        if request_form.has_changed():
            matters.open_request(opened, **request_form.cleaned_data, actor=request.user)
    messages.success(request, _("Opened: {matter}.").format(matter=opened))
    if not client_form.has_changed():
        return redirect("matter", opened.pk)
    try:
        brought = inviting.bring(opened, **client_form.cleaned_data, actor=request.user)
    except inviting.CannotBring as problem:
        messages.error(request, str(problem))
        return redirect("invite_client", opened.pk)
    if brought.link and not brought.client.has_email:
        messages.success(request, _("This client has no e-mail. Make the card here and hand it over."))
        return redirect("invite_client", opened.pk)
    if brought.link and not brought.mailed:
        messages.error(request, _("The mail could not be sent. Invite the client again from here."))
        return redirect("invite_client", opened.pk)
    told = _("The invitation went to {where}.") if brought.link else _("{where} signs in already and sees this now.")
    messages.success(request, told.format(where=brought.where))
    return redirect("matter", opened.pk)


@require_safe
def matter(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.matter(request.user, pk, to=To.SEE)
    if request.user.is_client:
        return client.overview(request, found)
    return overview.page(request, found)


@require_POST
def reveal(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The A-number, on this one answer, and on the record."""
    found = access.matter(request.user, pk, to=To.REVEAL)
    if not found.a_number:
        messages.error(request, _("This matter has no A-number yet."))
        return redirect("matter", pk)
    with transaction.atomic():
        audit.record(AuditEvent.Kind.REVEALED, found, actor=request.user, field="a_number")
    return overview.page(request, found, revealed=found.a_number)


@require_safe
def evidence(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The evidence table alone: what the page takes again while something is still being checked."""
    found = access.matter(request.user, pk, to=To.WORK)
    return render(request, "documents/_evidence.html", {"matter": found, **overview.table(request, found)})


@require_safe
def activity(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.matter(request.user, pk, to=To.WORK)
    page = Paginator(history.everything(found), EVENTS_A_PAGE).get_page(request.GET.get("page"))
    words = {
        "matter": found,
        "tab": "activity",
        "request_": access.newest_request(request.user, found),
        "page": page,
        "lines": history.told(found, page.object_list),
    }
    return render(request, "documents/activity.html", words)


@require_http_methods(READS_AND_WRITES)
def new_request(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = access.matter(request.user, pk, to=To.OPEN_REQUEST)
    form = RequestForm(posted(request))
    if form.is_valid():
        opened = matters.open_request(found, **form.cleaned_data, actor=request.user)
        messages.success(request, _("Opened: request {number}.").format(number=opened.number))
        return redirect("matter", pk)
    words = {"matter": found, "form": form, "request_": access.newest_request(request.user, found)}
    return render(request, "documents/request_new.html", words, status=status_of(form))
