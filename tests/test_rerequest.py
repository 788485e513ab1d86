"""A denied request becomes a new one: with what changed, the papers that show it, and what is different in what is filed."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import trail
from accounts.models import AuditEvent, User
from documents import filing, rerequesting, tagging
from documents.models import Circumstance, Document, Factor, Filing, Matter, Packet, Request
from documents.packets import circumstances, difference, letter, order, releasing, rules
from portal import hours
from tests.conftest import Browser, made_ready, simple_pdf
from tests.filed import bound, filed, made, released

__all__ = ["bound", "filed", "released"]
ABOUT = {"stage": "before_court", "form": "administrative_closure", "profile": "OPLA", "office": "OPLA Chicago"}
AGO = timedelta(days=30)


@pytest.fixture
def denied(filed: Filing, ana: User) -> Request:
    """A month ago, so that what comes now is later."""
    request, ago = filed.packet.request, timezone.now() - AGO
    filing.decide(request, "denied", hours.today(), "Not a priority.", actor=ana)
    Request.objects.filter(pk=request.pk).update(decided_on=hours.day(ago))
    Filing.objects.update(filed_at=ago)
    request.refresh_from_db()
    return request


@pytest.fixture
def again(denied: Request, pat: User) -> Request:
    return rerequesting.ask_again(denied, actor=pat, **ABOUT)


def filed_now(content: bytes, matter: Matter, maria: User, pat: User) -> Document:
    document = made_ready(content, "acta.pdf", matter, maria)
    tagging.tag(document, Factor.objects.get(code="FAMILY_USC_LPR"), actor=pat)
    tagging.accept(document, actor=pat)
    return document


@pytest.fixture
def newer(again: Request, matter: Matter, maria: User, pat: User) -> Document:
    """A paper that came after the denial, and is filed."""
    document = filed_now(simple_pdf(text="Acta"), matter, maria, pat)
    tagging.name_exhibit(document, "Birth certificate of the son", actor=pat)
    return document


def all_before(denied: Request) -> None:
    """The denial is of tomorrow, so that every paper here is older."""
    Request.objects.filter(pk=denied.pk).update(decided_on=hours.today() + timedelta(days=1))


@pytest.fixture
def born(again: Request, newer: Document, pat: User) -> Circumstance:
    words = "María's son Leo was born in Chicago."
    return rerequesting.note(again, "birth", words, hours.today() - timedelta(days=3), newer, actor=pat)


@pytest.fixture
def paralegal(pat: User, browser: Browser) -> Client:
    return browser(pat)


def page(client: Client, request: Request) -> str:
    return client.get(reverse("changed", args=[request.pk])).content.decode()


def found(request: Request) -> list[str]:
    """What V23 says."""
    request = Request.objects.get(pk=request.pk)
    facts = rules.Facts.of(request, order.freeze(request))
    return [word.why for word in rules.results(rules.RULES["V23"], facts) if word.blocks]


# The new request


def test_it_begins_with_what_the_denied_one_asked(denied: Request, paralegal: Client) -> None:
    form = paralegal.get(reverse("request_again", args=[denied.pk])).context["form"]
    assert {name: form[name].value() for name in ABOUT} == ABOUT


def test_it_is_opened_and_names_the_denied_one(denied: Request, paralegal: Client, pat: User) -> None:
    answer = paralegal.post(reverse("request_again", args=[denied.pk]), ABOUT | {"form": "dismissal"})
    opened = denied.re_requests.get()
    assert answer["Location"] == reverse("changed", args=[opened.pk])
    assert (opened.number, opened.form, opened.state, opened.letter) == (2, "dismissal", "gathering", "")
    event = trail(denied.audit_chain).filter(kind=AuditEvent.Kind.REQUEST_OPENED, subject_id=str(opened.pk)).get()
    assert event.actor == pat


def test_what_is_wrong_in_it_is_said(denied: Request, paralegal: Client) -> None:
    answer = paralegal.post(reverse("request_again", args=[denied.pk]), ABOUT | {"office": ""})
    assert answer.status_code == 422
    assert not denied.re_requests.exists()


def test_only_a_denied_request_is_asked_again(filed: Filing, paralegal: Client, request_: Request) -> None:
    answer = paralegal.post(reverse("request_again", args=[request_.pk]), ABOUT)
    assert answer["Location"] == reverse("life", args=[request_.pk])
    assert not request_.re_requests.exists()


def test_the_denied_one_tells_of_it(again: Request, denied: Request, paralegal: Client) -> None:
    html = paralegal.get(reverse("life", args=[denied.pk])).content.decode()
    assert "Asked again: request 2" in html
    assert "After request 1, which was denied" in paralegal.get(reverse("life", args=[again.pk])).content.decode()


# What changed


def test_a_change_is_noted_with_its_paper(again: Request, newer: Document, paralegal: Client) -> None:
    said = {"kind": "birth", "happened_on": f"{hours.today():%Y-%m-%d}", "words": "A son.", "document": newer.pk}
    assert paralegal.post(reverse("changed", args=[again.pk]), said).status_code == 302
    noted = again.circumstances.get()
    assert (noted.kind, noted.words, noted.document) == ("birth", "A son.", newer)
    assert "A son." in page(paralegal, again)


def test_noting_is_on_the_record_without_words(born: Circumstance, pat: User) -> None:
    event = trail(born.audit_chain).filter(kind=AuditEvent.Kind.CHANGED_SINCE).get()
    assert (event.actor, event.facts) == (pat, {"action": "added", "type": "birth", "documents": [2]})


@pytest.mark.parametrize("wrong", [{"kind": "luck"}, {"happened_on": "2999-01-01"}, {"words": " "}, {"document": "x"}])
def test_what_cannot_be_is_said(again: Request, newer: Document, paralegal: Client, wrong: dict[str, str]) -> None:
    said = {"kind": "birth", "happened_on": "2026-01-01", "words": "A son.", "document": str(newer.pk), **wrong}
    assert paralegal.post(reverse("changed", args=[again.pk]), said).status_code == 422
    assert not again.circumstances.exists()


def test_a_paper_from_before_the_denial_is_not_offered(again: Request, denied: Request, newer: Document) -> None:
    assert newer in rerequesting.papers(again)
    all_before(denied)
    assert not rerequesting.papers(Request.objects.get(pk=again.pk))


def test_a_change_is_taken_off_on_the_record(born: Circumstance, again: Request, paralegal: Client) -> None:
    paralegal.post(reverse("changed_take_off", args=[born.pk]))
    assert not again.circumstances.exists()
    assert trail(again.audit_chain)[0].facts == {"action": "removed", "type": "birth"}


def test_what_a_filed_request_said_stays(born: Circumstance, again: Request, paralegal: Client) -> None:
    Request.objects.filter(pk=again.pk).update(state="filed")
    paralegal.post(reverse("changed_take_off", args=[born.pk]))
    assert again.circumstances.exists()


def test_a_request_that_follows_none_has_no_such_page(request_: Request, paralegal: Client) -> None:
    assert paralegal.get(reverse("changed", args=[request_.pk])).status_code == 404


# V23


def test_a_change_with_a_later_filed_paper_passes(born: Circumstance, again: Request) -> None:
    assert found(again) == []


def test_a_first_request_passes(request_: Request) -> None:
    assert found(request_) == []


def test_without_a_change_it_stops(again: Request) -> None:
    assert found(again) == ["Nothing is noted that changed since the denial. Note at least one change, with its paper."]


def test_a_change_without_a_paper_stops_it(again: Request, pat: User) -> None:
    rerequesting.note(again, "health", "She is ill.", hours.today(), actor=pat)
    assert found(again) == ["“Health changed” has no paper that shows it."]


def test_an_old_paper_of_an_old_fact_stops_it(born: Circumstance, again: Request, denied: Request) -> None:
    all_before(denied)
    assert found(again) == ["“A child was born” and its paper, Document 2, are not from after the day of the denial."]


def test_an_old_paper_of_what_happened_since_passes(born: Circumstance, again: Request, denied: Request) -> None:
    all_before(denied)
    Circumstance.objects.update(happened_on=hours.today() + timedelta(days=2))
    assert found(again) == []


def test_a_paper_that_is_not_filed_stops_it(born: Circumstance, again: Request, newer: Document, pat: User) -> None:
    tagging.withdraw(newer, actor=pat)
    assert found(again) == ["“A child was born”: its paper, Document 2, is not in this packet. Accept it and tag it."]


def test_one_good_change_is_enough(born: Circumstance, again: Request, pat: User) -> None:
    rerequesting.note(again, "health", "She is ill.", hours.today(), actor=pat)
    assert found(again) == []


def test_a_parent_that_was_not_denied_stops_it(born: Circumstance, again: Request, denied: Request, ana: User) -> None:
    filing.decide(denied, "granted", hours.today(), "Granted after all.", actor=ana)
    assert found(again) == ["Request 1, which this one follows, is not recorded as denied. Record the decision first."]


def test_no_statement_settles_it(again: Request) -> None:
    [word] = rules.results(rules.RULES["V23"], rules.Facts.of(again, order.freeze(again)))
    assert not word.may_be_stated


def test_it_stands_before_the_release_and_then_lets_it_go(
    again: Request, newer: Document, ana: User, pat: User
) -> None:
    packet = made(again, ana)
    with pytest.raises(releasing.CannotRelease, match="Nothing is noted"):
        releasing.release(packet, confirmed=True, actor=ana)
    rerequesting.note(again, "birth", "A son.", hours.today(), newer, actor=pat)
    releasing.release(packet, confirmed=True, actor=ana)
    assert packet.state == Packet.State.RELEASED


# What is different


def test_a_new_exhibit_and_the_same_one(again: Request, newer: Document, accepted: Document) -> None:
    lines = [(line.what, line.document, line.then, line.now) for line in difference.difference(again)]
    assert lines == [("new", str(newer.pk), "", "B"), ("same", str(accepted.pk), "A", "A")]


def test_an_exhibit_that_is_left_out(again: Request, newer: Document, accepted: Document, pat: User) -> None:
    tagging.withdraw(accepted, actor=pat)
    assert [line.what for line in difference.difference(again)] == ["new", "dropped"]


def test_the_same_bytes_sent_again_are_the_same(
    again: Request, accepted: Document, matter: Matter, maria: User, pat: User
) -> None:
    tagging.withdraw(accepted, actor=pat)
    twin = filed_now(simple_pdf(2), matter, maria, pat)
    assert [(line.what, line.document) for line in difference.difference(again)] == [("same", str(twin.pk))]


def test_one_sent_in_its_place_is_changed(again: Request, newer: Document, accepted: Document, pat: User) -> None:
    tagging.withdraw(accepted, actor=pat)
    Document.objects.filter(pk=newer.pk).update(replaces=accepted)
    assert [(line.what, line.then) for line in difference.difference(again)] == [("changed", "A")]


def test_other_pages_of_the_same_document_are_a_change(again: Request, accepted: Document) -> None:
    Document.objects.filter(pk=accepted.pk).update(print_sha256="0" * 64)
    assert [line.what for line in difference.difference(again)] == ["changed"]


def test_a_request_that_follows_none_has_nothing_to_compare(request_: Request, accepted: Document) -> None:
    assert difference.difference(request_) == []


def test_the_page_shows_the_difference(born: Circumstance, again: Request, paralegal: Client) -> None:
    html = page(paralegal, again)
    assert "1 new exhibit, 0 changed, 0 left out, 1 the same" in html
    assert "Birth certificate of the son" in html


# The letter


def test_the_letter_lists_what_changed_with_its_tab(born: Circumstance, again: Request) -> None:
    born.happened_on = date(2026, 3, 2)
    born.save()
    text = circumstances.paragraphs(again)
    assert "# What changed since the last request" in text
    assert "- **A child was born**, March 2, 2026: María's son Leo was born in Chicago ({tab:D2})." in text.replace(
        "\\", ""
    )
    assert letter.dangling(text, order.freeze(again)) == []


def test_what_somebody_typed_is_never_markdown(again: Request, pat: User) -> None:
    rerequesting.note(again, "other", "**bold** {tab:X}", hours.today(), actor=pat)
    assert letter.citations(circumstances.paragraphs(again)) == []


def test_a_first_letter_says_nothing_of_it(request_: Request) -> None:
    assert circumstances.paragraphs(request_) == ""
