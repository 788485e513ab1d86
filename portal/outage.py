import logging
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from documents.vault import StoreUnavailable

log = logging.getLogger(__name__)


class Outage:
    """The database or the store does not answer: say so, and that nothing is lost, instead of failing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, StoreUnavailable | OperationalError):
            return None
        log.error("out of service: %s", type(problem).__name__)
        answer = render(request, "503.html", status=503)
        answer["Retry-After"] = "30"
        return answer
