"""The inbox: whatever waits for a person stands in some group, each thing once, the oldest first, and counts are true."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from documents import checklist, inbox, matters, messages, tagging
from documents.inbox import Group
from documents.models import (
    Agreement,
    Disposition,
    Document,
    DocumentType,
    Factor,
    Hold,
    Matter,
    Packet,
    Request,
    Visit,
)
from tests.conftest import Browser
from tests.papers import paper, shut
from tests.waiting import DOCUMENTS, at, made, packet, stands

pytestmark = pytest.mark.django_db
HOLDS = "CRIMINAL_HISTORY"


# What stands where


def test_nothing_waits_in_a_new_matter(matter: Matter, request_: Request, pat: User, ana: User):
    assert stands(pat) == stands(ana) == {}


def test_no_state_of_a_document_is_forgotten():
    assert set(DOCUMENTS) == set(Document.State)


@pytest.mark.parametrize("state", DOCUMENTS)
def test_documents_stand_by_their_state(matter: Matter, maria: User, pat: User, ana: User, state: str):
    made(matter, maria, state)
    assert (stands(pat), stands(ana)) == DOCUMENTS[state]


PACKETS = {
    "draft": ({}, {}),
    "ordered": ({}, {}),  # the portal is at it; it fails or is bound
    "binding": ({}, {}),
    "bound": ({}, {"me": {"release"}}),
    "failed": ({"failed": {"failed"}}, {"failed": {"failed"}}),
    "returned": ({"me": {"returned"}}, {"me": {"returned"}}),
    "released": ({"me": {"file"}}, {"me": {"file"}}),
    "filed": ({}, {}),
    "superseded": ({}, {}),
    "invalidated": ({"failed": {"invalid"}}, {"failed": {"invalid"}}),
}


@pytest.mark.parametrize("state", Packet.State)
def test_packets_stand_by_their_state(request_: Request, pat: User, ana: User, state: str):
    packet(request_, state)
    assert (stands(pat), stands(ana)) == PACKETS[state]


@pytest.mark.parametrize("state", ["returned", "failed", "invalidated", "bound", "released"])
def test_a_newer_packet_takes_the_place_of_an_older(request_: Request, ana: User, state: str):
    packet(request_, state)
    packet(request_, "ordered", number=2)
    assert stands(ana) == {}


def test_what_is_reviewed_waits_no_more(matter: Matter, maria: User, pat: User):
    paper(matter, maria, review="accepted")
    tagging.ask_again(paper(matter, maria), "Too dark", actor=pat)
    assert stands(pat) == {}


def test_a_hold_waits_for_an_attorney_once_whatever_its_number(matter: Matter, maria: User, pat: User, ana: User):
    document = paper(matter, maria)
    for code in (HOLDS, "FRAUD"):
        tagging.tag(document, Factor.objects.get(code=code), actor=pat)
    assert stands(ana) == {"new": {"review"}, "me": {"on_hold"}, "held": {"on_hold"}}
    assert stands(pat) == {"new": {"review"}, "held": {"on_hold"}}
    tagging.accept(document, actor=pat)
    for hold in document.holds.all():
        tagging.lift_hold(hold, why="Known.", actor=ana)
    assert stands(ana) == stands(pat) == {}


@pytest.mark.parametrize(("state", "me"), [("held", "held"), ("quarantined", "disposition")])
def test_what_has_two_reasons_stands_once_in_a_group(matter: Matter, maria: User, ana: User, state: str, me: str):
    document = made(matter, maria, state)
    Hold.objects.create(document=document, factor=Factor.objects.get(code=HOLDS), placed_by=ana)
    assert stands(ana)["me"] == {me}


@pytest.mark.parametrize(("decision", "me"), [("", set()), ("approved", set()), ("declined", {"disposition"})])
def test_a_quarantined_one_waits_for_who_may_decide(matter: Matter, maria: User, ana: User, max_: User, decision, me):
    """What one proposed oneself waits for another; what was approved waits for the portal."""
    document = made(matter, maria, "quarantined")
    about: dict[str, Any] = {"decided_by": max_, "decided_at": at(0)} if decision else {}
    Disposition.objects.create(
        document=document, kind="release", why="w", proposed_by=ana, signature_version=1, decision=decision, **about
    )
    matters.add_member(matter, max_, actor=ana)
    assert stands(ana).get("me", set()) == me
    assert stands(max_).get("me", set()) == (me or ({"disposition"} if decision == "" else set()))


def test_a_letter_waits_for_a_signature(request_: Request, pat: User, ana: User):
    matters.change_letter(request_, "Dear Counsel", actor=pat)
    assert (stands(ana), stands(pat)) == ({"me": {"sign"}}, {})
    matters.sign_letter(request_, seen=matters.letter_sha256("Dear Counsel"), actor=ana)
    assert stands(ana) == {}
    matters.change_letter(request_, "", actor=pat)
    assert stands(ana) == {}


def test_a_message_waits_for_each_who_has_not_read_it(matter: Matter, maria: User, pat: User, ana: User):
    for text in ("Hola", "¿Y ahora?"):
        messages.write(matter, text, token=matter.pk, actor=maria)
    messages.write(matter, "Buenos días", token=matter.pk, actor=ana)
    assert stands(pat) == stands(ana) == {"me": {"messages"}}
    messages.mark_read(pat, messages.thread(pat, matter))
    assert (stands(pat), stands(ana)) == ({}, {"me": {"messages"}})


@pytest.mark.parametrize("how", ["replaces", "asked", "item"])
def test_what_is_sent_again_is_an_answer(matter: Matter, maria: User, pat: User, how: str):
    kind = DocumentType.objects.first()
    asked = checklist.add(matter, kind, actor=pat)
    ways: dict[str, dict[str, Any]] = {"asked": {"asked": asked}, "item": {"item": kind}}
    about = ways.get(how, {})
    first = paper(matter, maria, **about)
    tagging.ask_again(first, "Too dark", actor=pat)
    again: dict[str, Any] = {"replaces": first} if how == "replaces" else about
    paper(matter, maria, **again)
    assert stands(pat) == {"new": {"review"}, "answered": {"again"}}


def test_another_paper_after_an_accepted_one_is_no_answer(matter: Matter, maria: User, pat: User):
    kind = DocumentType.objects.first()
    paper(matter, maria, item=kind, review="accepted")
    paper(matter, maria, item=kind)
    assert stands(pat) == {"new": {"review"}}


def test_an_answer_to_the_list_waits_until_one_looks(
    browser: Browser, matter: Matter, maria: User, pat: User, ana: User
):
    item = checklist.add(matter, words="Your first letter", actor=pat)
    checklist.answer(item, "cant_find", actor=maria)
    assert stands(pat) == stands(ana) == {"answered": {"answer"}}
    browser(pat).get(reverse("checklist", args=[matter.pk]))
    assert (stands(pat), stands(ana)) == ({}, {"answered": {"answer"}})
    Visit.objects.update(at=at(1))
    checklist.answer(item, "cant_get", actor=maria)
    assert stands(pat) == {"answered": {"answer"}}


def test_an_answer_that_was_taken_back_waits_no_more(matter: Matter, maria: User, pat: User):
    item = checklist.add(matter, words="Your first letter", actor=pat)
    for said in ("cant_find", ""):
        checklist.answer(item, said, actor=maria)
    assert stands(pat) == {}


@pytest.mark.parametrize("recorded", [False, True])
def test_a_clients_answer_before_filing_waits_until_one_looks(
    browser: Browser, request_: Request, maria: User, pat: User, ana: User, recorded
):
    """What somebody of the firm recorded, the firm knows."""
    for agreed in (True, False):
        Agreement.objects.create(
            request=request_, person=maria, kind="outcome", version="1", language="es", agreed=agreed,
            recorded_by=pat if recorded else None,
        )  # fmt: skip
    assert stands(ana) == ({} if recorded else {"answered": {"agreement"}})
    browser(ana).get(reverse("asking", args=[request_.pk]))
    assert stands(ana) == {}


def test_a_refused_file_waits_until_something_replaces_it(matter: Matter, maria: User, pat: User):
    asked = checklist.add(matter, words="Your first letter", actor=pat)
    one, other = (made(matter, maria, "refused", asked=about, reason="damaged") for about in (None, asked))
    assert len(inbox.listed(pat, Group.FAILED)) == 2
    paper(matter, maria, replaces=one)
    paper(matter, maria, asked=other.asked)
    assert "failed" not in stands(pat)


def test_a_young_file_is_not_stuck_and_one_without_a_verdict_is(matter: Matter, maria: User, pat: User):
    """Each try moves it: the state is young all the time."""
    made(matter, maria, "received", received_at=at(0), state_since=at(0))
    made(matter, maria, "preparing", state_since=at(0))
    assert stands(pat) == {}
    made(matter, maria, "received", state_since=at(0), waits=9)
    assert stands(pat) == {"failed": {"stuck"}}


# Putting a refused file away


def test_a_refused_file_is_put_away_for_all_and_on_the_record(
    browser: Browser, matter, maria: User, pat: User, ana: User
):
    document = made(matter, maria, "refused", reason="damaged")
    answer = browser(pat).post(reverse("put_away", args=[document.pk]), {"back": "/inbox/?show=failed"})
    assert answer["Location"] == "/inbox/?show=failed"
    assert stands(pat) == stands(ana) == {}
    [event] = audit.trail(matter.audit_chain, kinds=[AuditEvent.Kind.PUT_AWAY])
    assert event.actor == pat
    shut(document, state_since=timezone.now() + timedelta(seconds=1))  # unlocked, and refused again
    assert stands(pat) == {"failed": {"refused"}}
    browser(ana).post(reverse("put_away", args=[document.pk]))


def test_nothing_else_is_put_away(browser: Browser, matter: Matter, maria: User, pat: User):
    document = made(matter, maria, "quarantined")
    page = browser(pat).post(reverse("put_away", args=[document.pk]), {"back": "https://evil.example/"}, follow=True)
    assert "Nothing was changed" in page.content.decode()
    assert "failed" in stands(pat)
    assert page.redirect_chain[0][0] == "/"


# Whose


def test_others_and_former_members_have_nothing(matter: Matter, maria: User, pat: User, max_: User, ada: User):
    paper(matter, maria)
    assert stands(max_) == {}
    matter.memberships.filter(user=pat).delete()
    assert stands(pat) == {}


@pytest.mark.parametrize(("who", "status"), [("maria", 403), ("ada", 403), ("max_", 200), ("pat", 200)])
def test_who_has_an_inbox(request, browser: Browser, matter: Matter, who, status):
    paper(matter, request.getfixturevalue("maria"))
    answer = browser(request.getfixturevalue(who)).get("/inbox/")
    assert answer.status_code == status
    assert ("Rodríguez, Maria" in answer.content.decode()) is (who == "pat")


def test_a_purged_matter_waits_for_nobody(matter: Matter, maria: User, pat: User):
    paper(matter, maria)
    Matter.objects.filter(pk=matter.pk).update(purged_at=timezone.now())
    assert stands(pat) == {}
