"""Links that work once, as mails and squares carry them."""

from collections.abc import Callable
from functools import wraps

from allauth.decorators import rate_limit
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

type Page = Callable[[HttpRequest, str], HttpResponse]


def one_use(page: Page) -> Page:
    """A page behind a token, for whoever holds it. Mail programs, cameras and messengers open links to show what is behind
    them: `page` uses one up at a POST only."""

    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @rate_limit(action="login")
    @wraps(page)
    def view(request: HttpRequest, token: str) -> HttpResponse:
        response = page(request, token)
        response["Referrer-Policy"] = "strict-origin"  # the address holds the token, and is told to nobody
        return response

    return view
