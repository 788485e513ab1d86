"""Answers for the script that goes from document to document without loading a page anew. The pages need no script."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

type View = Callable[..., HttpResponse]
ASKED_BY = "X-Requested-With"


def stepped(view: View) -> View:
    """Where to go next, in place of a redirect that a script could not see: what is said there waits for that page."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if request.headers.get(ASKED_BY) != "fetch" or answer.status_code != HTTPStatus.FOUND:
            return answer
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"X-Next": answer["Location"]})

    return told


def ahead(request: HttpRequest) -> bool:
    """Whether the page is fetched before anybody asked to see it: then nobody has arrived, and nothing is told yet."""
    return request.headers.get(ASKED_BY) == "ahead"
