"""The administrator's pages: who works here, who is invited, the firm's rules."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import factors, firm, invitations, people, policy
from accounts.forms import FirmForm, InviteForm
from accounts.models import Role, SignedInRequest, User


@require_GET
@policy.require_administrator
def everybody(request: SignedInRequest) -> HttpResponse:
    words = {"everybody": people.everybody(), "form": InviteForm(), "fresh": policy.fresh(request)}
    return render(request, "accounts/people.html", words)


@require_POST
@policy.require_administrator
@policy.require_fresh
def invite(request: SignedInRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitations.invite(**form.cleaned_data, actor=request.user)
            messages.success(request, _("Invited. The link works once, for 7 days."))
            return redirect("people")
        except invitations.CannotInvite:
            form.add_error("email", _("Someone with this e-mail is here already."))
        except OSError:
            messages.error(request, _("The mail could not be sent. Invite this person again from the list."))
            return redirect("people")
    words = {"everybody": people.everybody(), "form": form, "fresh": True}
    return render(request, "accounts/people.html", words)


@require_POST
@policy.require_administrator
@policy.require_fresh
def change(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One of the buttons beside a person."""
    person = people.person(pk)
    rule = _RULES.get(request.POST.get("do", ""))
    if rule is None:
        return render(request, "400.html", status=400)
    try:
        rule(request, person)
        messages.success(request, _("Saved: {name}.").format(name=person.name))
    except (people.NotAllowed, invitations.CannotInvite, PermissionDenied):
        messages.error(request, _("This cannot be done with {name}.").format(name=person.name))
    except OSError:
        messages.error(request, _("It is done, but the mail about it could not be sent."))
    return redirect("people")


def _reissue(request: SignedInRequest, person: User) -> None:
    invitations.reissue(person, actor=request.user)


def _stop(request: SignedInRequest, person: User) -> None:
    people.deactivate(person, actor=request.user)


def _let_back(request: SignedInRequest, person: User) -> None:
    people.reactivate(person, actor=request.user)


def _forget_factors(request: SignedInRequest, person: User) -> None:
    if person == request.user:
        raise people.NotAllowed("One's own factors are removed on one's own page.")
    factors.remove_all(person, actor=request.user)


def _role(request: SignedInRequest, person: User) -> None:
    role = request.POST.get("role", "")
    if role not in Role.values:
        raise people.NotAllowed("There is no such role.")
    people.set_role(person, role, actor=request.user)


_RULES = {"invite": _reissue, "stop": _stop, "let_back": _let_back, "forget_factors": _forget_factors, "role": _role}


@require_http_methods(["GET", "HEAD", "POST"])
@policy.require_administrator
@policy.require_fresh
def rules(request: SignedInRequest) -> HttpResponse:
    form = FirmForm(request.POST or None, instance=firm.rules())
    if request.method == "POST" and form.is_valid():
        firm.change(form, actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("firm")
    return render(request, "accounts/firm.html", {"form": form})
