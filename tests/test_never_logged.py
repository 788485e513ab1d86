"""Words that are never written: of a log line of our own process. The running portal's are in tests/faults."""

import logging

from django.test import RequestFactory
from django.urls import resolve

from portal.logs import WithoutAddress

TOKEN = "5kq0-secret-token"


def test_djangos_own_line_names_the_view_and_no_address(rf: RequestFactory) -> None:
    request = rf.get(f"/invitation/{TOKEN}/?email=maria@example.test")
    request.resolver_match = resolve("/healthz")
    about = {"request": request, "status_code": 500}
    line = logging.makeLogRecord({"msg": "Not Found: %s", "args": (request.get_full_path(),), **about})
    assert WithoutAddress().filter(line)
    assert line.getMessage() == "500 in healthz"
