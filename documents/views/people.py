"""Who is on a matter."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policy
from accounts.models import SignedInRequest, User
from documents import access, matters
from documents.access import To
from documents.forms.matters import AssignmentForm, InviteClientForm, MemberForm, candidates, staff
from documents.models import Matter
from documents.views import inviting
from documents.views.matters import READS_AND_WRITES, posted, status_of

MATTERS_A_PAGE = 50


@require_http_methods(READS_AND_WRITES)
def members(request: SignedInRequest, pk: UUID) -> HttpResponse:
    writes = request.method == "POST"
    found = access.matter(request.user, pk, to=To.CHANGE_MEMBERS if writes else To.WORK)
    form = MemberForm(posted(request))
    if form.is_valid():
        person: User = form.cleaned_data["person"]
        matters.add_member(found, person, actor=request.user)
        messages.success(request, _("{name} is on the matter.").format(name=person))
        return redirect("members", pk)
    words = {
        "matter": found,
        "tab": "members",
        "request_": access.newest_request(request.user, found),
        "members": found.memberships.select_related("user"),
        "candidates": candidates(found),
        "form": form,
        "may_change": access.may(request.user, To.CHANGE_MEMBERS),
        "client": matters.client_of(found),
    }
    return render(request, "documents/members.html", words, status=status_of(form))


@require_POST
def remove(request: SignedInRequest, pk: UUID, member: int) -> HttpResponse:
    found = access.matter(request.user, pk, to=To.CHANGE_MEMBERS)
    membership = get_object_or_404(found.memberships.select_related("user"), pk=member)
    try:
        matters.remove_member(membership, actor=request.user)
        messages.success(request, _("{name} is off the matter.").format(name=membership.user))
    except matters.CannotJoin as problem:
        messages.error(request, str(problem))
        return redirect("members", pk)
    # Whoever took themselves off cannot see the matter any more.
    return redirect("matters") if membership.user == request.user else redirect("members", pk)


@require_http_methods(READS_AND_WRITES)
def invite_client(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Invite the client, or once more. The link is on this one answer too, to be handed over in the office."""
    found = access.matter(request.user, pk, to=To.CHANGE_MEMBERS)
    respondent = matters.client_of(found)
    form = InviteClientForm(posted(request), initial=_known(found, respondent))
    brought = None
    if form.is_valid():
        try:
            brought = inviting.bring(found, **form.cleaned_data, actor=request.user)
        except inviting.CannotBring as problem:
            form.add_error("email", str(problem))
        else:
            respondent = brought.client
    words = {
        "matter": found,
        "request_": access.newest_request(request.user, found),
        "form": form,
        "brought": brought,
        "client": respondent,
        "there": bool(respondent and respondent.joined_at) and not form.is_bound,
    }
    return render(request, "documents/invite_client.html", words, status=200 if brought else status_of(form))


@require_POST
@policy.require_fresh
def client_link(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A new link and square for the client, who lost the card, or the phone: whoever opens it is signed in as the client,
    so it takes a fresh second factor."""
    found = access.matter(request.user, pk, to=To.GIVE_LINK)
    client = matters.client_of(found)
    if client is None:
        raise Http404
    try:
        brought = inviting.relink(client, lost="lost" in request.POST, actor=request.user)
    except inviting.CannotBring as problem:
        messages.error(request, str(problem))
        return redirect("members", pk)
    words = {"matter": found, "request_": access.newest_request(request.user, found), "brought": brought, "again": True}
    return render(request, "documents/invite_client.html", words)


def _known(found: Matter, respondent: User | None) -> dict[str, str | bool]:
    """What the form begins with: the client invited before, or the matter's name read forwards."""
    if respondent:
        about: dict[str, str | bool] = {"name": respondent.name, "language": respondent.language}
        return about | ({"email": respondent.email} if respondent.has_email else {"no_email": True})
    family, _comma, given = found.respondent.partition(",")
    return {"name": f"{given.strip()} {family.strip()}".strip()}


@require_http_methods(READS_AND_WRITES)
def assignments(request: SignedInRequest) -> HttpResponse:
    """The administrator's page: that a matter exists, since when, and who of the firm is on it, no more."""
    assignable = access.assignable(request.user)
    if request.method == "POST":
        form = AssignmentForm(request.POST)
        if not form.is_valid():
            return render(request, "400.html", status=400)
        found = get_object_or_404(assignable, pk=form.cleaned_data["matter"])
        _assign(request, found, form.cleaned_data["person"], form.cleaned_data["do"])
        return redirect("assignments")
    in_order = assignable.order_by("-number").prefetch_related("memberships__user")
    page = Paginator(in_order, MATTERS_A_PAGE).get_page(request.GET.get("page"))
    rows = [(found, [member.user for member in found.memberships.all() if member.user.works_here]) for found in page]
    return render(request, "documents/assignments.html", {"rows": rows, "page": page, "staff": staff()})


def _assign(request: SignedInRequest, found: Matter, person: User, do: str) -> None:
    """Counts from the person's next request on."""
    try:
        if do == "assign":
            matters.add_member(found, person, actor=request.user)
        elif membership := found.memberships.select_related("user").filter(user=person).first():
            matters.remove_member(membership, actor=request.user)
        messages.success(request, _("Saved: {name}, {matter}.").format(name=person, matter=found))
    except matters.CannotJoin as problem:
        messages.error(request, str(problem))
