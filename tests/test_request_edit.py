"""A request is changed: what does not fit is said at once, and nobody's change is lost unseen."""

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import User
from documents import matters
from documents.models import Document, Request
from documents.packets import order, rules
from documents.packets.binding import bind_packet
from tests.conftest import Browser

TYPED = {"stage": "before_court", "form": "dismissal", "profile": "OPLA", "office": "OPLA Chicago", "judge": "Hon. Alvarado"}


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def save(client: Client, request: Request, **typed: str) -> HttpResponseBase:
    now = Request.objects.get(pk=request.pk)
    return client.post(reverse("request_edit", args=[request.pk]), {"seen": matters.request_mark(now), **TYPED, **typed})


def test_what_was_typed_is_saved_and_on_the_record(pats: Client, request_: Request, pat: User) -> None:
    assert save(pats, request_).status_code == 302
    request_.refresh_from_db()
    assert (request_.form, request_.judge) == ("dismissal", "Hon. Alvarado")
    assert trail(request_.audit_chain)[0].facts["fields"] == ["form", "judge"]


def test_the_same_again_is_not_on_the_record(pats: Client, request_: Request) -> None:
    save(pats, request_)
    before = trail(request_.audit_chain).count()
    save(pats, request_)
    assert trail(request_.audit_chain).count() == before


def test_a_final_order_is_not_dismissed_and_says_why(pats: Client, request_: Request) -> None:
    answer = save(pats, request_, stage="final_order")
    assert answer.status_code == 422
    assert "ask for a stay, deferred action or a joint motion to reopen" in b"".join(answer).decode()
    assert Request.objects.get(pk=request_.pk).stage == "before_court"


def test_another_office_decides_and_it_says_so(pats: Client, request_: Request) -> None:
    answer = save(pats, request_, stage="final_order", form="stay")
    assert "Another office decides on this." in b"".join(answer).decode()


def test_a_colleagues_change_is_not_overwritten_unseen(pats: Client, request_: Request) -> None:
    stale = matters.request_mark(request_)
    Request.objects.filter(pk=request_.pk).update(office="OPLA Detroit")
    save(pats, request_, seen=stale)
    assert Request.objects.get(pk=request_.pk).office == "OPLA Detroit"


def test_a_bound_packet_does_not_fit_any_more(pats: Client, request_: Request, accepted: Document, ana: User) -> None:
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    save(pats, request_)
    now = order.freeze(Request.objects.get(pk=request_.pk))
    [word] = rules.judge(request_, now, packet, only=lambda one: one.id == "V27")
    assert not word.passed
