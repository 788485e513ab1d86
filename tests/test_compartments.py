"""Abuse, asylum, health: what is in a compartment goes nowhere before an attorney decides, and says why."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import User
from documents import compartments, lifecycle, purging, tagging
from documents.models import Compartment, Disclosure, Document, DocumentType, Factor, Matter, Placement, Request
from documents.packets import arranging, order, rules
from tests.conftest import Browser
from tests.papers import paper

MEDICAL, ASYLUM, S1367 = Compartment.MEDICAL, Compartment.ASYLUM, Compartment.S1367
WHY = "She agreed to it in writing."


@pytest.fixture
def letter(matter: Matter, maria: User, pat: User) -> Document:
    """A doctor's letter that Maria sent, accepted."""
    made = paper(matter, maria, item_id="doctor_letter")
    tagging.tag(made, Factor.objects.get(code="EDUCATION"), actor=pat)
    tagging.accept(made, actor=pat)
    return now(made)


@pytest.fixture
def anas(browser: Browser, ana: User) -> Client:
    return browser(ana)


def now(document: Document) -> Document:
    return Document.objects.select_related("item").get(pk=document.pk)


def inside(document: Document) -> list[str]:
    return [one.compartment for one in compartments.of(now(document))]


def decide(client: Client, document: Document, **typed: str):
    said = {"compartment": "medical", "decision": "disclose", "why": WHY, "seen": document.print_sha256}
    return client.post(reverse("disclose", args=[document.pk]), said | typed)


def decided(document: Document, decision: str, actor: User) -> None:
    compartments.decide(document, MEDICAL, decision, WHY, seen=document.print_sha256, actor=actor)


def failing(request: Request) -> set[str]:
    words = rules.judge(request, order.freeze(request), only=lambda rule: rule.id == "V12")
    return {word.id for word in words if not word.passed}


# Works


def test_each_protected_type_is_in_its_compartment(matter: Matter, pat: User) -> None:
    marks = {"s1367": "1367", "asylum": "asylum", "medical": "medical"}
    made = paper(matter, pat)
    for item in DocumentType.objects.all():
        made.item = item
        assert {one.compartment for one in compartments.of(made)} == {marks[m] for m in item.sensitivity if m in marks}


@pytest.mark.parametrize(
    ("code", "where"), [("VICTIM_WITNESS", S1367), ("HEALTH", MEDICAL), ("PREGNANT_NURSING", MEDICAL)]
)
def test_each_protected_tag_puts_it_there(matter: Matter, pat: User, code: str, where: str) -> None:
    made = paper(matter, pat)
    assert inside(made) == []
    tagging.tag(made, Factor.objects.get(code=code), actor=pat)
    assert inside(made) == [where]


def test_the_attorney_decides_and_the_newest_decision_counts(letter: Document, request_: Request, anas: Client) -> None:
    assert failing(request_) == {"V12"}
    decide(anas, letter)
    assert failing(request_) == set()
    assert arranging.tabs(request_) == [letter.pk]
    decide(anas, letter, decision="withhold", why="Not needed.")
    assert [one.decision for one in letter.disclosures.all()] == ["disclose", "withhold"]
    assert arranging.tabs(request_) == []
    assert "It goes into no packet" in anas.get(reverse("document", args=[letter.pk])).content.decode()
    decide(anas, letter)
    assert arranging.tabs(request_) == [letter.pk]


def test_a_decision_is_about_the_pages_as_they_were(letter: Document, request_: Request, ana: User) -> None:
    decided(letter, "disclose", ana)
    Document.objects.filter(pk=letter.pk).update(print_sha256="b" * 64)
    assert failing(request_) == {"V12"}


def test_withheld_it_stays_so_whatever_becomes_of_its_pages(letter: Document, request_: Request, ana: User) -> None:
    decided(letter, "withhold", ana)
    Document.objects.filter(pk=letter.pk).update(print_sha256="b" * 64)
    assert arranging.tabs(request_) == []


def test_every_compartment_needs_a_decision_of_its_own(
    letter: Document, request_: Request, pat: User, ana: User
) -> None:
    decided(letter, "disclose", ana)
    compartments.place(letter, ASYLUM, actor=pat)
    assert inside(letter) == ["asylum", "medical"]
    assert failing(request_) == {"V12"}


def test_an_attorney_takes_it_out_and_new_grounds_put_it_back(letter: Document, anas: Client, pat: User) -> None:
    anas.post(reverse("compartment_out", args=[letter.pk]), {"compartment": "medical", "why": "A dentist's bill."})
    assert inside(letter) == []
    tagging.tag(letter, Factor.objects.get(code="HEALTH"), actor=pat)
    assert inside(letter) == ["medical"]


def test_put_there_by_somebody_it_stays_until_an_attorney_takes_it_out(
    letter: Document, browser: Browser, pat: User, ana: User
) -> None:
    browser(pat).post(reverse("compartment_in", args=[letter.pk]), {"compartment": "1367"})
    assert inside(letter) == ["1367", "medical"]
    compartments.take_out(now(letter), S1367, "Nothing of it.", actor=ana)
    assert inside(letter) == ["medical"]


def test_whoever_accepts_it_is_told_that_it_waits(letter: Document, browser: Browser, pat: User) -> None:
    tagging.reopen(letter, actor=pat)
    said = browser(pat).post(reverse("accept", args=[letter.pk]), follow=True).content.decode()
    assert "It waits for the attorney" in said
    assert "Disclosure to decide" in said


# On the record


def test_it_is_on_the_record_without_a_word_of_the_reason(letter: Document, pat: User, ana: User) -> None:
    compartments.place(letter, S1367, actor=pat)
    compartments.place(letter, S1367, actor=pat)  # once is enough
    decided(letter, "withhold", ana)
    compartments.take_out(letter, MEDICAL, WHY, actor=ana)
    events = [(e.kind, e.outcome, e.facts) for e in audit.trail(letter.audit_chain)[:3]]
    assert events == [
        ("compartment", "taken_out", {"code": "medical"}),
        ("disclosed", "withhold", {"code": "medical"}),
        ("compartment", "placed", {"code": "1367"}),
    ]


def test_reasons_are_sealed_and_forgotten_with_the_matter(letter: Document, ana: User) -> None:
    decided(letter, "disclose", ana)
    compartments.take_out(letter, MEDICAL, WHY, actor=ana)
    with connection.cursor() as cursor:
        cursor.execute("SELECT why FROM documents_disclosure UNION SELECT why FROM documents_placement")
        assert not [why for (why,) in cursor.fetchall() if "writing" in why]
    purging.purge(letter.matter, actor=ana, why="closed")
    assert not Disclosure.objects.exists()
    assert not Placement.objects.exists()


# Each wrong person


@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("pat", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not_decide(
    request: pytest.FixtureRequest, letter: Document, browser: Browser, who: str, answer: int
) -> None:
    person = browser(request.getfixturevalue(who))
    assert decide(person, letter).status_code == answer
    out = person.post(reverse("compartment_out", args=[letter.pk]), {"compartment": "medical", "why": WHY})
    assert out.status_code == answer
    assert [one.waits for one in compartments.of(now(letter))] == [True]


def test_a_paralegal_has_no_form_for_it_and_the_client_no_word_of_it(
    letter: Document, browser: Browser, pat: User, maria: User
) -> None:
    page = reverse("document", args=[letter.pk])
    assert reverse("disclose", args=[letter.pk]) not in browser(pat).get(page).content.decode()
    for where in (page, reverse("matter", args=[letter.matter_id])):
        seen = browser(maria).get(where).content.decode()
        assert not [word for word in ("ompartment", "1367", "asilo", "Salud", "isclos") if word in seen]


# Wrong state


def test_nothing_is_decided_of_what_is_not_in_it(letter: Document, browser: Browser, ana: User) -> None:
    with pytest.raises(compartments.CannotDecide):
        compartments.take_out(letter, ASYLUM, WHY, actor=ana)
    decide(browser(ana), letter, compartment="asylum")
    assert not letter.disclosures.exists()


def test_what_is_not_ready_waits(matter: Matter, pat: User, ana: User) -> None:
    made = paper(matter, pat, item_id="doctor_letter")
    lifecycle.move(made, Document.State.WITHDRAWN, actor=pat)
    with pytest.raises(compartments.CannotDecide):
        decided(made, "disclose", ana)


def test_pages_that_changed_meanwhile_are_not_disclosed_unseen(letter: Document, anas: Client) -> None:
    decide(anas, letter, seen="a" * 64)
    assert not letter.disclosures.exists()


# Hostile input


@pytest.mark.parametrize(
    "typed",
    [
        {"why": ""}, {"why": " \n"}, {"why": "x" * 1001}, {"why": "a\x00b"}, {"decision": ""}, {"decision": "both"},
        {"compartment": "privileged"}, {"seen": ""}, {"seen": "x" * 64},
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(letter: Document, anas: Client, typed: dict[str, str]) -> None:
    assert decide(anas, letter, **typed).status_code == 422
    assert not letter.disclosures.exists()


def test_what_was_typed_is_kept(letter: Document, anas: Client) -> None:
    assert "She agreed" in decide(anas, letter, decision="").content.decode()


@pytest.mark.parametrize("name", ["compartment_in", "compartment_out"])
def test_a_compartment_that_is_none_is_refused(letter: Document, anas: Client, name: str) -> None:
    answer = anas.post(reverse(name, args=[letter.pk]), {"compartment": "criminal", "why": WHY})
    assert answer.status_code == 422
    assert not letter.placements.exists()


def test_no_reason_no_decision(letter: Document, ana: User) -> None:
    with pytest.raises(compartments.CannotDecide):
        compartments.decide(letter, MEDICAL, "disclose", " ", seen=letter.print_sha256, actor=ana)
    with pytest.raises(compartments.CannotDecide):
        compartments.take_out(letter, MEDICAL, "", actor=ana)
