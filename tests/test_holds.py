"""Attorney hold: what speaks against the client waits until an attorney lets it go, and says why."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import User
from documents import lifecycle, tagging
from documents.models import Document, Factor, Hold, Matter
from tests.conftest import Browser
from tests.papers import paper

CRIME = "CRIMINAL_HISTORY"
SEED_NEGATIVE = [CRIME, "SECURITY_SAFETY", "IMMIGRATION_VIOLATIONS"]
WHY = {"why": "Dismissed in 2015. The letter explains it."}


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return paper(matter, maria)


@pytest.fixture
def held(ready: Document, pat: User) -> Document:
    tagging.tag(ready, Factor.objects.get(code=CRIME), actor=pat)
    return ready


@pytest.fixture
def lift(held: Document) -> str:
    return reverse("lift_hold", args=[held.pk, held.holds.get().pk])


@pytest.fixture
def anas(browser: Browser, ana: User) -> Client:
    return browser(ana)


# Works


@pytest.mark.parametrize("code", [*SEED_NEGATIVE, "FRAUD", *sorted(Factor.REVEALS_AN_OFFENCE)])
def test_what_may_harm_puts_the_document_on_hold(ready, pat, code):
    tagging.tag(ready, Factor.objects.get(code=code), actor=pat)
    assert ready.on_hold


@pytest.mark.parametrize("code", ["FAMILY_USC_LPR", "IDENTITY", "LEGAL_POSTURE"])
def test_other_factors_do_not(ready, pat, code):
    tagging.tag(ready, Factor.objects.get(code=code), actor=pat)
    assert not ready.on_hold


def test_the_page_says_why_and_who_lifts_it(held, browser, pat):
    page = browser(pat).get(reverse("document", args=[held.pk])).content.decode()
    assert "On attorney hold: Criminal history" in page
    assert "Only an attorney lifts it" in page


def test_a_paralegal_sees_no_form_to_lift_it(held, lift, browser, pat):
    assert lift not in browser(pat).get(reverse("document", args=[held.pk])).content.decode()


def test_an_attorney_lifts_it_with_a_reason(held, lift, anas):
    anas.post(lift, WHY)
    assert held.holds.get().lifted_why == WHY["why"]
    assert not Document.objects.get(pk=held.pk).on_hold


def test_the_reason_stays_readable(held, ana, anas):
    tagging.lift_hold(held.holds.get(), why=WHY["why"], actor=ana)
    assert WHY["why"] in anas.get(reverse("document", args=[held.pk])).content.decode()


def test_each_hold_is_lifted_by_itself(held, pat, lift, anas):
    tagging.tag(held, Factor.objects.get(code="FRAUD"), actor=pat)
    anas.post(lift, WHY)
    assert [hold.factor_id for hold in held.holds.filter(lifted_at=None)] == ["FRAUD"]


def test_the_hold_outlives_its_tag(held, pat):
    tagging.untag(held, Factor.objects.get(code=CRIME), actor=pat)
    assert held.on_hold


def test_tagged_anew_it_is_held_anew(held, ana, pat):
    tagging.lift_hold(held.holds.get(), why=WHY["why"], actor=ana)
    tagging.tag(held, Factor.objects.get(code=CRIME), pages=(1, 1), actor=pat)
    assert Document.objects.get(pk=held.pk).on_hold


# On the record


def test_placing_and_lifting_are_on_the_record_without_the_reason(held, ana):
    tagging.lift_hold(held.holds.get(), why=WHY["why"], actor=ana)
    events = list(trail(held.audit_chain)[:2])
    assert [(event.kind, event.facts["factor"]) for event in events] == [("hold_lifted", CRIME), ("held", CRIME)]
    assert "2015" not in str(events[0].facts)


# Each wrong person


@pytest.mark.parametrize(("who", "answer"), [("maria", 403), ("pat", 403), ("max_", 404), ("ada", 404)])
def test_who_may_not_lift_it(request, held, lift, browser, who, answer):
    assert browser(request.getfixturevalue(who)).post(lift, WHY).status_code == answer
    assert held.on_hold


def test_nobody_signs_in_first(held, lift):
    assert Client().post(lift, WHY)["Location"].startswith("/sign-in/")
    assert held.on_hold


def test_reading_lifts_nothing(lift, anas):
    assert anas.get(lift).status_code == 405


def test_a_hold_is_lifted_only_on_its_own_document(held, lift, matter, ana, anas):
    other = Document.objects.create(
        matter=matter, number=9, sender=ana, name="x.pdf", size=1, sha256="0" * 64, intake_key="x"
    )
    assert anas.post(lift.replace(str(held.pk), str(other.pk)), WHY).status_code == 404
    assert held.on_hold


# Wrong state


def test_a_lifted_hold_is_not_lifted_again(held, lift, anas):
    anas.post(lift, WHY)
    anas.post(lift, {"why": "Again."})
    assert held.holds.get().lifted_why == WHY["why"]


def test_the_second_of_two_attorneys_is_told(held, ana):
    copy = Hold.objects.select_related("document").get(document=held)
    tagging.lift_hold(held.holds.get(), why="First.", actor=ana)
    with pytest.raises(lifecycle.LostRace):
        tagging.lift_hold(copy, why="Second.", actor=ana)


def test_the_database_refuses_a_hold_lifted_without_a_reason(held, ana):
    with pytest.raises(IntegrityError), transaction.atomic():
        tagging.lift_hold(held.holds.get(), why="", actor=ana)


# Hostile input


@pytest.mark.parametrize("why", ["", "   ", "\n\t", "x" * 1001, "a\x00b"])
def test_a_reason_is_needed(held, lift, anas, why):
    assert anas.post(lift, {"why": why}).status_code == 422
    assert held.on_hold


@pytest.mark.parametrize("number", ["0", "999999999", "9" * 25])
def test_a_hold_that_is_none_is_not_found(held, anas, number):
    assert anas.post(f"/documents/{held.pk}/holds/{number}/lift/", WHY).status_code == 404
