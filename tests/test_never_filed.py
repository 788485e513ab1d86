"""What must never be filed is in no packet, whatever else is said of it; what is the team's own no client sees."""

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from documents import access, lifecycle, receipts, tagging, vault
from documents.intake import receive
from documents.models import Document, Factor, Matter, Packet, PacketPage, Request, Tag
from documents.packets import arranging, binding, fitting, order, rules
from documents.packets.shape import CannotBind
from tests.conftest import Browser, sent, simple_pdf
from tests.papers import paper, unguarded
from tests.phones import LETTER, Phone

NEVER = sorted(Factor.NEVER_FILED)


def tag(document: Document, code: str, user: User) -> None:
    tagging.tag(document, Factor.objects.get(code=code), actor=user)


@pytest.fixture
def good(matter: Matter, maria: User, pat: User) -> Document:
    """An accepted paper with a factor."""
    document = paper(matter, maria)
    tag(document, "EDUCATION", pat)
    tagging.accept(document, actor=pat)
    return document


def marked(document: Document, code: str, user: User) -> Document:
    """Accepted and marked so: as no code of ours can."""
    with unguarded():
        Tag.objects.create(document=document, factor_id=code, tagged_by=user)
    return document


# No packet


@pytest.mark.parametrize("code", NEVER)
def test_the_mark_takes_the_acceptance_back_and_none_is_given(good: Document, pat: User, code: str) -> None:
    tag(good, code, pat)
    assert good.review == "pending"
    with pytest.raises(tagging.CannotAccept, match="never filed"):
        tagging.accept(good, actor=pat)


@pytest.mark.parametrize("code", NEVER)
def test_the_database_refuses_both_at_once(good: Document, matter: Matter, maria: User, pat: User, code: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag.objects.create(document=good, factor_id=code, tagged_by=pat)
    other = paper(matter, maria)
    tag(other, code, pat)
    with pytest.raises(IntegrityError), transaction.atomic():
        lifecycle.review(other, Document.Review.ACCEPTED, actor=pat)


@pytest.mark.parametrize("code", NEVER)
def test_no_way_of_ordering_takes_it(good: Document, request_: Request, pat: User, matter: Matter, code: str) -> None:
    kept = paper(matter, pat)
    tag(kept, "EDUCATION", pat)
    tagging.accept(kept, actor=pat)
    marked(good, code, pat)
    assert arranging.filed(request_) == (None, [kept])
    assert [source.document for source in order.freeze(request_).sources()] == [str(kept.pk)]
    with pytest.raises(order.CannotOrder) as stopped:
        order.order(request_, actor=pat, despite=rules.RULES)
    assert [result.id for result in stopped.value.results] == ["V11"]
    fitting.ask(request_, actor=pat)
    assert not request_.matter.documents.filter(pk=good.pk, fitted__isnull=False)


def test_not_even_the_form_of_appearance(matter: Matter, request_: Request, pat: User) -> None:
    form = paper(matter, pat)
    tag(form, "REPRESENTATION", pat)
    tagging.accept(form, actor=pat)
    assert arranging.filed(request_)[0] == form
    marked(form, "WRONG_PERSON", pat)
    assert arranging.filed(request_) == (None, [])


@pytest.mark.parametrize("code", NEVER)
def test_marked_while_the_packet_is_bound_it_stops_it(good: Document, request_: Request, pat: User, code: str) -> None:
    packet = order.order(request_, actor=pat, despite=rules.RULES)
    marked(good, code, pat)
    with pytest.raises(CannotBind, match="taken out"), transaction.atomic():
        binding._require_standing(packet)


@pytest.mark.parametrize("state", ["bound", "released"])
def test_marked_later_its_packets_are_out_of_use(
    good: Document, request_: Request, pat: User, ana: User, state: str
) -> None:
    let_go = {"released_by": ana, "released_at": timezone.now()} if state == "released" else {}
    packet = Packet.objects.create(request=request_, number=1)
    PacketPage.objects.create(
        packet=packet, number=1, part=1, part_page=1, kind="evidence", document=good, source_page=1, draft_key="none",
    )  # fmt: skip
    with unguarded():
        Packet.objects.filter(pk=packet.pk).update(state=state, total_pages=1, **let_go)
    tag(good, "ATTORNEY_WORK", pat)
    packet.refresh_from_db()
    assert (packet.state, packet.failure) == ("invalidated", "Document 1 must never be filed.")


@pytest.mark.parametrize("code", [*NEVER, "IN_THE_RECORD"])
def test_what_is_set_aside_keeps_no_packet_waiting(
    matter: Matter, request_: Request, pat: User, good: Document, code: str
):
    other = paper(matter, pat)
    tag(other, code, pat)
    words = rules.judge(request_, order.freeze(request_), only=lambda rule: rule.id == "V09")
    waits = any(result.document == other and not result.passed for result in words)
    assert waits == (code == "UNSORTED")
    assert tagging.is_set_aside(other) == (code != "UNSORTED")
    following = tagging.next_to_review(matter.documents.all(), good)
    assert (following == other) == (code == "UNSORTED")


def test_what_is_in_the_record_is_left_out_or_an_attorney_says_why(
    good: Document, request_: Request, pat: User
) -> None:
    tag(good, "IN_THE_RECORD", pat)
    assert (good.review, arranging.filed(request_)) == ("pending", (None, []))
    tagging.accept(good, actor=pat)
    words = rules.judge(request_, order.freeze(request_), only=lambda rule: rule.id == "V37")
    assert [(result.document, result.passed, result.may_be_stated) for result in words] == [(good, False, True)]


# No client


@pytest.fixture
def work(matter: Matter, maria: User, pat: User) -> list[Document]:
    """Attorney's work that was sent for the client by mistake, and such that the client sent."""
    papers = [paper(matter, pat, on_behalf=True), paper(matter, maria)]
    for each in papers:
        tag(each, "ATTORNEY_WORK", pat)
    return papers


def test_attorneys_work_vanishes_from_all_that_a_client_sees(
    work: list[Document], matter: Matter, maria: User, pat: User, ana: User, browser: Browser
) -> None:
    phone = browser(maria)
    assert not access.documents(maria).exists()
    assert not access.readable(maria).exists()
    assert receipts.sent(maria, matter, None) == []
    for document in work:
        for name, more in (("document", []), ("document_status", []), ("page", [1]), ("arrange", [])):
            answer = phone.get(reverse(name, args=[document.pk, *more]))
            nowhere = phone.get(reverse(name, args=[UUID(int=7), *more]))
            assert (answer.status_code, answer.content) == (404, nowhere.content), name
        assert phone.post(reverse("withdraw", args=[document.pk])).status_code == 404
        for desk in (browser(pat), browser(ana)):
            assert desk.get(reverse("document", args=[document.pk])).status_code == 200
    for name in ("matter", "opened", "send"):
        page = phone.get(reverse(name, args=[matter.pk])).content.decode()
        assert not [each for each in work if each.name in page or str(each.pk) in page], name


def test_another_persons_paper_is_closed_to_all_but_attorneys(
    matter: Matter, maria: User, pat: User, ana: User, browser: Browser
) -> None:
    theirs, ours = paper(matter, maria), paper(matter, pat, on_behalf=True)
    for document in (theirs, ours):
        tag(document, "WRONG_PERSON", pat)
    assert list(access.documents(maria)) == [theirs]  # what they sent is not lost, and what the team sent is not told
    assert list(access.readable(maria)) == list(access.readable(pat)) == []
    assert set(access.readable(ana)) == {theirs, ours}
    for client, codes in ((browser(maria), (403, 404)), (browser(pat), (403, 403))):
        found = [client.get(reverse("page", args=[document.pk, 1])).status_code for document in (theirs, ours)]
        assert tuple(found) == codes
    assert browser(pat).get(reverse("original", args=[theirs.pk])).status_code == 403
    assert (
        f"/documents/{theirs.pk}/pages/"
        not in browser(maria).get(reverse("document", args=[theirs.pk])).content.decode()
    )
    page = browser(pat).get(reverse("document", args=[theirs.pk])).content.decode()
    assert "/pages/" not in page
    assert "Ask the client for theirs" in page
    assert (
        f"/documents/{theirs.pk}/pages/1.jpg"
        in browser(ana).get(reverse("document", args=[theirs.pk])).content.decode()
    )
    answer = browser(pat).post(
        reverse("ask_again", args=[theirs.pk]), {"seen": "pending", "reason": "wrong_person"}, follow=True
    )
    theirs.refresh_from_db()
    assert (answer.status_code, theirs.review) == (200, "ask_again")
    tagging.untag(theirs, Factor.objects.get(code="WRONG_PERSON"), actor=pat)
    assert theirs in access.readable(pat)


# For the team only


def test_what_staff_send_for_the_team_no_client_sees(matter: Matter, maria: User, pat: User, browser: Browser) -> None:
    desk = Phone(browser(pat), matter)
    desk.send(desk.begin(team="team")["Location"], 0, LETTER)
    document = matter.documents.get()
    assert (document.on_behalf, document.sender) == (False, pat)
    assert not access.documents(maria).exists()
    assert access.documents(pat).get() == document


def test_a_client_cannot_send_for_the_team(matter: Matter, maria: User, browser: Browser) -> None:
    phone = Phone(browser(maria), matter)
    phone.send(phone.begin(team="team")["Location"], 0, LETTER)
    assert access.documents(maria).get().uploads.get().for_team is False
    form = {"files": [], "for_team": "team"}
    assert b"for_team" not in phone.client.get(reverse("send", args=[matter.pk])).content
    assert phone.client.post(reverse("send", args=[matter.pk]), form).status_code == 422


def test_the_form_sends_for_the_team_too(matter: Matter, maria: User, pat: User, browser: Browser, tmp_path) -> None:
    file = tmp_path / "notes.pdf"
    file.write_bytes(simple_pdf())
    with file.open("rb") as body:
        browser(pat).post(reverse("send", args=[matter.pk]), {"for_team": "team", "files": [body]})
    assert matter.documents.get().on_behalf is False
    assert not access.documents(maria).exists()


def test_the_very_file_from_the_client_is_theirs_as_well(matter: Matter, maria: User, pat: User) -> None:
    sealed = vault.seal([simple_pdf()], vault.Area.INTAKE, under=bytes(matter.key))
    receive(sealed, matter=matter, name="strategy.pdf", actor=pat)
    assert not access.documents(maria).exists()
    again = sent(simple_pdf(), "mine.pdf", matter, maria)
    assert access.documents(maria).get() == again
    assert access.documents(maria).get().name == "mine.pdf"
