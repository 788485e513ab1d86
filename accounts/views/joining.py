from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts import invitations
from accounts.forms import NewPassword
from accounts.models import User
from accounts.views.links import one_use


@one_use
def join(request: HttpRequest, token: str) -> HttpResponse:
    try:
        user = invitations.open_invitation(token).user
        form = NewPassword(request.POST or None, user=user) if user.works_here else None
        if request.method == "POST" and (form is None or form.is_valid()):
            password = form.cleaned_data["password"] if form else None
            return _signed_in(request, invitations.accept(token, password=password))
    except invitations.InvitationGone:
        return render(request, "accounts/invitation_gone.html", status=404)
    return render(request, "accounts/join.html", {"person": user, "form": form})


def _signed_in(request: HttpRequest, user: User) -> HttpResponse:
    """Somebody else who was signed in here is not any more; the token leaves the address bar."""
    shared = user.is_client and "shared" in request.POST
    logout(request)
    request.session["shared"] = shared
    record_authentication(request, user, "invitation")
    first = reverse("add_passkey") if user.is_client and not shared else "/"
    return perform_login(request, Login(user=user, redirect_url=first))
