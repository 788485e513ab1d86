"""The inbox: whatever waits for a person stands in some group, each thing once, the oldest first, and counts are true."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from documents import access, checklist, inbox, matters, messages, tagging
from documents.inbox import Group, What
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
from tests.test_matters import many

pytestmark = pytest.mark.django_db
HOLDS = "CRIMINAL_HISTORY"


def at(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def stands(user: User, matter: Matter | None = None) -> dict[str, set[str]]:
    """What stands in each group, by the group; each thing once."""
    found = {}
    for group in Group:
        rows = list(inbox.listed(user, group, matter))
        assert len({row["thing"] for row in rows}) == len(rows), group
        found[group.value] = {row["what"].partition(":")[2] for row in rows}
    return {group: what for group, what in found.items() if what}


def made(matter: Matter, maria: User, state: str, **columns: Any) -> Document:
    """A document in this state, by its row alone."""
    document = paper(matter, maria)
    shut(document, **{"state": state, "intake_key": "none", "state_since": at(2), "received_at": at(2), **columns})
    document.refresh_from_db()
    return document


def packet(request: Request, state: str, number: int = 1, **columns: Any) -> Packet:
    released = {"released_by": request.matter.memberships.earliest("pk").user, "released_at": at(1), "total_pages": 3}
    return Packet.objects.create(request=request, number=number, state=state, state_since=at(1), **released, **columns)


# What stands where


def test_nothing_waits_in_a_new_matter(matter: Matter, request_: Request, pat: User, ana: User):
    assert stands(pat) == stands(ana) == {}


DOCUMENTS = {
    "ready": ({"new": {"review"}}, {"new": {"review"}}),
    "held": ({"me": {"held"}, "held": {"held"}}, {"me": {"held"}, "held": {"held"}}),
    "refused": ({"failed": {"refused"}}, {"failed": {"refused"}}),
    "quarantined": ({"failed": {"quarantined"}}, {"me": {"disposition"}, "failed": {"quarantined"}}),
    "received": ({"failed": {"stuck"}}, {"failed": {"stuck"}}),
    "checking": ({"failed": {"stuck"}}, {"failed": {"stuck"}}),
    "clean": ({"failed": {"stuck"}}, {"failed": {"stuck"}}),
    "preparing": ({"failed": {"stuck"}}, {"failed": {"stuck"}}),
    "withdrawn": ({}, {}),
    "purged": ({}, {}),
}


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


# The page


def page(browser: Browser, user: User, **query: Any) -> Any:
    return browser(user).get("/inbox/", query)


def test_counts_add_up_to_what_is_listed(browser: Browser, matter: Matter, request_: Request, maria: User, ana: User):
    for state in DOCUMENTS:
        made(matter, maria, state)
    packet(request_, "bound")
    messages.write(matter, "Hola", token=matter.pk, actor=maria)
    for group, _name, number in page(browser, ana).context["groups"]:
        assert len(page(browser, ana, show=group.value).context["lines"]) == number, group


def test_the_oldest_is_first_and_each_leads_to_where_it_is_done(browser, matter, request_, maria: User, ana: User):
    bound, document = packet(request_, "bound"), made(matter, maria, "quarantined")
    messages.write(matter, "Hola", token=matter.pk, actor=maria)
    lines = page(browser, ana, show="me").context["lines"]
    assert [line.what for line in lines] == [What.DISPOSITION, What.RELEASE, What.MESSAGES]
    assert [line.where for line in lines] == [
        reverse("document", args=[document.pk]), reverse("packet", args=[bound.pk]), reverse("messages", args=[matter.pk]),
    ]  # fmt: skip


def test_every_line_leads_to_a_page_that_is_there(
    browser: Browser, matter, request_, maria: User, pat: User, ana: User
):
    for state in DOCUMENTS:
        made(matter, maria, state)
    packet(request_, "released")
    again = matters.open_request(
        matter, parent=request_, stage="before_court", form="dismissal", profile="OPLA", office="OPLA", actor=ana
    )
    packet(again, "failed")
    matters.change_letter(again, "Dear Counsel", actor=pat)
    checklist.answer(checklist.add(matter, words="A letter", actor=pat), "cant_find", actor=maria)
    Agreement.objects.create(request=again, person=maria, kind="outcome", version="1", language="es", agreed=False)
    chrome = browser(ana)
    lines = [line for group in Group for line in chrome.get("/inbox/", {"show": group.value}).context["lines"]]
    assert {line.what for line in lines} >= {What.SIGN, What.FILE, What.ANSWER, What.AGREEMENT, What.FAILED}
    assert {chrome.get(line.where).status_code for line in lines} == {200}


def test_the_first_group_with_something_is_shown_and_one_may_ask_for_another(
    browser: Browser, matter, maria, pat: User
):
    made(matter, maria, "held")
    assert page(browser, pat).context["show"] == "me"
    assert page(browser, pat, show="failed").context["show"] == "failed"
    assert "Nothing failed" in page(browser, pat, show="failed").content.decode()
    assert "Go on with: Needs me, 1" in page(browser, pat, show="failed").content.decode()


@pytest.mark.parametrize(
    "query", [{"show": "\0"}, {"show": "<b>"}, {"page": "x"}, {"page": "99"}, {"show": "new", "page": "-1"}]
)
def test_the_page_takes_anything(browser: Browser, matter: Matter, maria: User, pat: User, query):
    paper(matter, maria)
    answer = page(browser, pat, **query)
    assert (answer.status_code, len(answer.context["lines"])) == (200, 1)


def test_one_matter_alone(browser: Browser, matter: Matter, maria: User, ana: User):
    other = matters.open_matter("Okonkwo, Chidi", actor=ana)
    mine, _theirs = paper(matter, maria), paper(other, ana)
    answer = page(browser, ana, matter=str(matter.pk))
    assert [line.document for line in answer.context["lines"]] == [mine]
    assert f'href="?matter={matter.pk}&amp;show=held"' in answer.content.decode()
    assert len(page(browser, ana).context["lines"]) == 2


@pytest.mark.parametrize("matter_id", ["x", "\0", "0d4d7a1c-7c1d-4f1c-9f57-2f9b8b3f1a11", "theirs"])
def test_a_matter_that_is_not_ones_own_is_not_there(browser: Browser, matter: Matter, max_: User, matter_id):
    wanted = str(matter.pk) if matter_id == "theirs" else matter_id
    assert page(browser, max_, matter=wanted).status_code == 404


def test_the_title_says_nothing_of_the_field(browser: Browser, matter: Matter, pat: User):
    assert "<title>Inbox</title>" in page(browser, pat).content.decode()


def test_an_empty_inbox_says_why_and_what_next(browser: Browser, matter: Matter, pat: User, max_: User):
    assert "Nothing waits in any group." in page(browser, pat).content.decode()
    assert "You are on no matter yet." in page(browser, max_).content.decode()


def test_the_pager_keeps_group_and_matter(browser: Browser, matter: Matter, maria: User, pat: User):
    many(matter, maria, 60, received_at=at(2), state_since=at(2))
    first = page(browser, pat, show="failed", matter=str(matter.pk))
    assert len(first.context["lines"]) == 50
    assert f'href="?show=failed&amp;matter={matter.pk}&amp;page=2"' in first.content.decode()


def test_queries_do_not_grow_with_matters_or_documents(
    browser: Browser, matter: Matter, maria: User, ana: User, django_assert_max_num_queries
):
    chrome = browser(ana)
    old = {"received_at": at(2), "state_since": at(2)}
    many(matter, maria, 10, **old)
    with django_assert_max_num_queries(11) as few:
        chrome.get("/inbox/", {"show": "failed"})
    for n in range(20):
        many(matters.open_matter(f"Client {n}", actor=ana), maria, 50, **old)
    with django_assert_max_num_queries(len(few)):
        answer = chrome.get("/inbox/", {"show": "failed"})
    assert answer.context["page"].paginator.count == 1010
    assert access.matters(ana).count() == 21
