"""The page of the rules: what stands in the way, where it is mended, and what an attorney states."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import AuditEvent, User
from documents import matters, purging
from documents.models import Document, Request
from documents.packets import order, rules
from documents.packets.rules import Problem, Rule
from tests.conftest import Browser

PROBLEM = Problem("Look at the dates.", about="dates", mark="1")
ASKED = Rule("V32", "W", "attested", "Dates agree", "design", lambda facts: [PROBLEM], "board")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rules: one that blocks and is measured, one that an attorney answers."""
    mine = {"V09": rules.RULES["V09"], "V32": ASKED, "V01": rules.RELEASER}
    monkeypatch.setattr(rules, "RULES", mine)


@pytest.fixture
def page(asked: None, request_: Request, ana: User, browser: Browser) -> Client:
    return browser(ana)


def shown(client: Client, request: Request) -> str:
    return client.get(reverse("rules", args=[request.pk])).content.decode()


def say(client: Client, request: Request, **typed: str) -> int:
    about = {"rule": "V32", "about": "dates", "mark": "1", "words": "I compared them.", **typed}
    return client.post(reverse("rule_state", args=[request.pk]), about).status_code


def words_of(request: Request) -> dict[str, bool]:
    return {word.id: word.passed for word in rules.judge(request, order.freeze(request))}


def test_what_is_found_says_where_it_is_mended(page: Client, request_: Request) -> None:
    html = shown(page, request_)
    assert "No document is accepted yet." in html
    assert reverse("matter", args=[request_.matter_id]) in html


def test_a_statement_settles_what_an_attorney_answers(page: Client, request_: Request) -> None:
    assert say(page, request_) == 302
    assert words_of(request_) == {"V09": False, "V32": True}
    assert "I compared them." in shown(page, request_)


def test_a_statement_is_on_the_record(page: Client, request_: Request, ana: User) -> None:
    say(page, request_)
    event = trail(request_.audit_chain).filter(kind=AuditEvent.Kind.STATED).get()
    assert (event.actor, event.facts["rules"]) == (ana, ["V32"])


def test_what_is_measured_is_not_talked_away(page: Client, request_: Request) -> None:
    say(page, request_, rule="V09", about="", mark="")
    assert words_of(request_)["V09"] is False


def test_another_finding_is_not_settled_by_it(page: Client, request_: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    say(page, request_)
    monkeypatch.setitem(rules.RULES, "V32", Rule("V32", "W", "attested", "", "", lambda facts: [OTHER], "board"))
    assert words_of(request_)["V32"] is False


OTHER = Problem("Look at the dates again.", about="dates", mark="2")


def test_what_changed_meanwhile_is_not_stated(page: Client, request_: Request) -> None:
    say(page, request_, mark="an older one")
    assert not request_.statements.exists()


def test_a_statement_needs_words(page: Client, request_: Request) -> None:
    assert say(page, request_, words=" ") == 422
    assert not request_.statements.exists()


def test_taken_back_the_rule_speaks_again(page: Client, request_: Request) -> None:
    say(page, request_)
    page.post(reverse("statement_take_back", args=[request_.statements.get().pk]))
    assert words_of(request_)["V32"] is False


def test_stated_again_one_statement_stands(page: Client, request_: Request) -> None:
    say(page, request_)
    say(page, request_, words="I compared them twice.")
    assert request_.statements.filter(taken_back_at=None).get().words == "I compared them twice."


def test_warnings_are_accepted_at_once_with_one_reason(page: Client, request_: Request) -> None:
    seen = "V32 dates 1"
    page.post(reverse("warnings_accept", args=[request_.pk]), {"seen": seen, "words": "Looked at."})
    assert words_of(request_)["V32"] is True


def test_a_warning_that_was_not_on_the_page_is_not_accepted(page: Client, request_: Request) -> None:
    page.post(reverse("warnings_accept", args=[request_.pk]), {"seen": "V32 dates 0", "words": "Looked at."})
    assert words_of(request_)["V32"] is False


def test_a_paralegal_reads_and_does_not_state(asked: None, request_: Request, pat: User, browser: Browser) -> None:
    html = shown(browser(pat), request_)
    assert "An attorney of the matter may state it." in html
    assert reverse("rule_state", args=[request_.pk]) not in html


def test_words_go_with_the_matter(page: Client, request_: Request, ana: User) -> None:
    say(page, request_)
    purging.purge(request_.matter, actor=ana, why="closed")
    assert request_.statements.get().words == ""


def test_every_rule_says_where_it_is_from_and_where_it_is_mended() -> None:
    for rule in rules.RULES.values():
        assert rule.source, rule.id
        assert rule.severity in "BW", rule.id
        assert rule.kind in {"measured", "attested"}, rule.id


def test_the_letter_is_judged_before_the_order(request_: Request, accepted: Document, ana: User) -> None:
    matters.change_letter(request_, "Please.", actor=ana)
    stops = {word.id for word in rules.judge(request_, order.freeze(request_)) if word.stops_order}
    assert stops == {"V05"}
