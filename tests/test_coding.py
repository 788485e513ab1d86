"""Coding at the speed of keys: a hold of one's own, the same as before, one step back, who else is here; and its cost."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.audit import trail
from accounts.models import User
from documents import deeds, likewise, matters, presence, purging, suggesting, tagging
from documents.models import Document, Factor, Hold, LastDeed, Matter, Page, Presence, Suggestion, Tag, Verdict
from tests.conftest import Browser
from tests.papers import paper

FAMILY, CRIME, WORK = "FAMILY_USC_LPR", "CRIMINAL_HISTORY", "WORK_HISTORY"


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return paper(matter, maria)


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


@pytest.fixture
def anas(browser: Browser, ana: User) -> Client:
    return browser(ana)


def factor(code: str) -> Factor:
    return Factor.objects.get(pk=code)


def post(client: Client, name: str, document: Document, **typed: str) -> str:
    return client.post(reverse(name, args=[document.pk]), typed, follow=True).content.decode()


def shown(client: Client, document: Document, **headers: str) -> str:
    return client.get(reverse("document", args=[document.pk]), headers=headers).content.decode()


# A hold of one's own


def test_any_of_the_team_holds_a_document_and_an_attorney_lifts_it(ready, pats, anas):
    page = post(pats, "hold", ready, reason="The date of birth differs.")
    assert ready.on_hold
    assert "The date of birth differs." in page
    hold = ready.holds.get()
    assert anas.post(reverse("lift_hold", args=[ready.pk, hold.pk]), {"why": "A typing error."}).status_code == 302
    assert not Document.objects.get(pk=ready.pk).on_hold


def test_the_reason_is_sealed_and_not_on_the_record(ready, pat):
    tagging.hold_back(ready, "Born in 1984", actor=pat)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason FROM documents_hold")
        assert "1984" not in cursor.fetchone()[0]
    event = trail(ready.audit_chain)[0]
    assert (event.kind, event.facts) == ("held", {})


def test_a_hold_needs_its_reason(ready, pats):
    assert pats.post(reverse("hold", args=[ready.pk]), {"reason": " "}).status_code == 422
    assert not ready.on_hold
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(document=ready, placed_by=ready.sender)


def test_what_is_not_ready_is_not_held(ready, pat):
    tagging.withdraw(ready, actor=pat)
    with pytest.raises(tagging.CannotTag):
        tagging.hold_back(ready, "Look at it.", actor=pat)


def test_the_matters_record_tells_of_it(ready, pat, pats, matter):
    tagging.hold_back(ready, "Look at it.", actor=pat)
    page = pats.get(reverse("activity", args=[matter.pk])).content.decode()
    assert "Pat Nguyen put Document 1 on attorney hold." in page


# The same as before


def test_the_tags_of_the_document_before_are_copied_with_one_key(ready, matter, maria, pats, pat):
    tagging.tag(ready, factor(WORK), pages=(2, 2), note="2021", strength="supporting", actor=pat)
    tagging.tag(ready, factor(FAMILY), actor=pat)
    same, longer = paper(matter, maria), paper(matter, maria, pages=3)
    assert "Same as document 1" in shown(pats, same)
    post(pats, "same_as_before", same)
    copied = same.tags.get(factor=WORK)
    assert (copied.first_page, copied.note, copied.strength, copied.tagged_by) == (2, "2021", "supporting", pat)
    assert {event.facts["origin"] for event in trail(same.audit_chain)[:2]} == {"previous"}
    post(pats, "same_as_before", longer)
    assert longer.tags.get(factor=WORK).first_page is None


def test_it_is_what_this_person_coded_last(ready, matter, maria, pat, ana):
    tagging.tag(ready, factor(WORK), actor=pat)
    other, new = paper(matter, maria), paper(matter, maria)
    tagging.tag(other, factor(FAMILY), actor=ana)
    assert [tag.factor_id for tag in likewise.previous(new, pat)] == [WORK]


def test_nothing_is_copied_from_another_matter(ready, pat, ana, maria):
    tagging.tag(ready, factor(WORK), actor=pat)
    elsewhere = matters.open_matter("Otra", "", actor=ana)
    matters.add_member(elsewhere, pat, actor=ana)
    assert likewise.previous(paper(elsewhere, pat), pat) == []


def test_where_there_is_nothing_to_copy_it_says_so(ready, pats):
    assert "There is nothing to copy" in post(pats, "same_as_before", ready)


def test_a_copied_tag_that_may_harm_holds_too(ready, matter, maria, pats, pat):
    tagging.tag(ready, factor(CRIME), actor=pat)
    other = paper(matter, maria)
    assert "It is on attorney hold now." in post(pats, "same_as_before", other)
    assert other.on_hold


# One step back, from wherever one is


def test_an_acceptance_is_undone_from_the_next_document(ready, matter, maria, pats, pat):
    following = paper(matter, maria)
    tagging.tag(ready, factor(FAMILY), actor=pat)
    post(pats, "accept", ready, seen="pending")
    assert "Undo: document 1, acceptance" in shown(pats, following)
    post(pats, "undo", ready)
    assert Document.objects.get(pk=ready.pk).review == "pending"
    assert "Undo: document" not in shown(pats, following)


def test_a_new_tag_is_taken_off_again(ready, pats):
    post(pats, "tag", ready, factor=FAMILY, strength="direct")
    post(pats, "undo", ready)
    assert not ready.tags.exists()


def test_a_changed_tag_is_as_it_was(ready, pats, pat):
    tagging.tag(ready, factor(FAMILY), pages=(1, 1), note="Her son", strength="supporting", actor=pat)
    post(pats, "tag", ready, factor=FAMILY, strength="direct", note="His son")
    post(pats, "undo", ready)
    tag = ready.tags.get()
    assert (tag.first_page, tag.note, tag.strength) == (1, "Her son", "supporting")


def test_a_removed_tag_comes_back(ready, pats, pat):
    tagging.tag(ready, factor(FAMILY), note="Her son", actor=pat)
    post(pats, "untag", ready, factor=FAMILY)
    post(pats, "undo", ready)
    assert ready.tags.get().note == "Her son"


def test_the_same_as_before_is_undone_whole(ready, matter, maria, pats, pat):
    for code in (FAMILY, WORK):
        tagging.tag(ready, factor(code), actor=pat)
    other = paper(matter, maria)
    post(pats, "same_as_before", other)
    post(pats, "undo", other)
    assert not other.tags.exists()


@pytest.mark.parametrize("do", ["confirm", "reject"])
def test_a_suggestion_waits_again(ready, pats, do):
    Suggestion.objects.create(document=ready, factor_id=FAMILY, source="text")
    post(pats, "suggestion", ready, factor=FAMILY, do=do)
    post(pats, "undo", ready)
    assert (ready.guesses.get().decision, ready.tags.count()) == ("proposed", 0)


def test_a_hold_stays_when_its_tag_is_undone(ready, pats):
    post(pats, "tag", ready, factor=CRIME, strength="direct")
    assert "its hold stays" in post(pats, "undo", ready)
    assert ready.on_hold


def test_what_somebody_else_changed_since_is_left_alone(ready, pats, pat, ana):
    post(pats, "tag", ready, factor=FAMILY, strength="direct")
    tagging.tag(ready, factor(FAMILY), note="Ana's", actor=ana)
    assert "Somebody changed this since" in post(pats, "undo", ready)
    assert ready.tags.get().note == "Ana's"


def test_nobody_undoes_what_another_did(ready, pats, anas, pat):
    tagging.tag(ready, factor(FAMILY), actor=pat)
    post(pats, "accept", ready, seen="pending")
    assert "There is nothing of yours to undo here." in post(anas, "undo", ready)
    assert Document.objects.get(pk=ready.pk).review == "accepted"


def test_a_deed_is_forgotten_after_a_while_and_off_the_matter(ready, pats, pat, matter):
    post(pats, "tag", ready, factor=FAMILY, strength="direct")
    LastDeed.objects.update(at=timezone.now() - deeds.OFFERED - timedelta(seconds=1))
    assert deeds.last(pat) is None
    LastDeed.objects.update(at=timezone.now())
    matter.memberships.filter(user=pat).delete()
    assert deeds.last(pat) is None


def test_a_rule_that_fails_is_no_deed(ready, pats):
    post(pats, "accept", ready, seen="pending")
    assert not LastDeed.objects.exists()


# Who else is here


def test_two_at_one_document_are_told(ready, pats, anas):
    shown(anas, ready)
    assert "Ana Cortés is looking at this too." in shown(pats, ready)
    assert "Ana" not in shown(anas, ready).partition('id="coding"')[0].partition("lookers")[2][:200]


def test_whoever_goes_on_or_away_is_forgotten(ready, matter, maria, pats, anas, ana):
    other = paper(matter, maria)
    shown(anas, ready)
    shown(anas, other)
    assert "looking at this too" not in shown(pats, ready)
    shown(anas, ready)
    Presence.objects.filter(person=ana).update(at=timezone.now() - presence.FORGOTTEN)
    assert "looking at this too" not in shown(pats, ready)


def test_what_was_fetched_ahead_is_nobodys_presence_and_tells_nothing(ready, matter, maria, pats, anas, pat):
    tagging.tag(ready, factor(FAMILY), actor=pat)
    other = paper(matter, maria)
    pats.post(reverse("accept", args=[ready.pk]), {"seen": "pending"})
    assert "Accepted: Document 1." not in shown(pats, other, X_Requested_With="ahead")
    assert not Presence.objects.exists()
    assert "Accepted: Document 1." in shown(pats, other)


def test_what_another_did_meanwhile_is_told(ready, pats, pat, ana):
    tagging.tag(ready, factor(FAMILY), actor=pat)
    tagging.accept(ready, actor=ana)
    where = reverse("lookers", args=[ready.pk])
    assert "Ana Cortés accepted it a moment ago." in pats.get(f"{where}?seen=pending").content.decode()
    assert "a moment ago" not in pats.get(f"{where}?seen=accepted").content.decode()
    assert "a moment ago" not in pats.get(f"{where}?seen=%00'").content.decode()


# The script's way


def test_a_script_is_told_where_to_go_and_the_words_wait_there(ready, matter, maria, pats, pat):
    tagging.tag(ready, factor(FAMILY), actor=pat)
    other = paper(matter, maria)
    answer = pats.post(reverse("accept", args=[ready.pk]), {"seen": "pending"}, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer["X-Next"]) == (204, reverse("document", args=[other.pk]))
    assert "Accepted: Document 1." in shown(pats, other)


def test_the_reasons_are_shown_as_the_client_reads_them(ready, pats):
    page = shown(pats, ready)
    with override("es"):
        assert "La foto" in page
    assert "1. The photo is blurry." in page


def test_a_tag_is_changed_in_place(ready, pats, pat):
    tagging.tag(ready, factor(FAMILY), pages=(1, 1), note="Her son", strength="supporting", actor=pat)
    page = pats.get(reverse("document", args=[ready.pk]), {"change": FAMILY}).content.decode()
    assert 'value="Her son"' in page
    assert "Save the change" in page
    assert "Save the change" not in pats.get(reverse("document", args=[ready.pk]), {"change": "\0"}).content.decode()


# Its cost


def many(matter: Matter, sender: User, count: int) -> None:
    """So many ready papers, each with a page, a tag and a suggestion, by their rows alone."""
    start = matter.documents.count()
    example = {"matter": matter, "sender": sender, "name": "p.pdf", "size": 9, "intake_key": "none"}
    made = Document.objects.bulk_create(
        Document(**example, number=n, sha256=f"{n:064x}") for n in range(start + 1, start + count + 1)
    )
    judged = {"outcome": "clean", "engine": "test", "signature_version": 1, "signatures_at": timezone.now()}
    Verdict.objects.bulk_create(Verdict(document=each, sha256=each.sha256, **judged) for each in made)
    kept = {"vault_key": "none", "print_key": "none", "print_sha256": "0" * 64, "intake_key": "", "pages": 1}
    Document.objects.filter(pk__in=[each.pk for each in made]).update(state="ready", **kept)
    Page.objects.bulk_create(
        Page(document=each, number=1, preview_key="none", preview_sha256="0" * 64) for each in made
    )
    Tag.objects.bulk_create(Tag(document=each, factor_id=FAMILY, tagged_by=sender) for each in made)
    Suggestion.objects.bulk_create(Suggestion(document=each, factor_id=WORK, source="name") for each in made)


def test_queries_do_not_grow_with_the_matter(ready, matter, pat, pats):
    places = [("document", ready.pk), ("lookers", ready.pk), ("matter", matter.pk), ("board", matter.pk)]

    def counted() -> list[int]:
        found = []
        for name, pk in places:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert pats.get(reverse(name, args=[pk])).status_code == 200
            found.append(len(queries))
        return found

    many(matter, pat, 9)
    counted()  # what is asked once for all
    before = counted()
    many(matter, pat, 990)
    assert counted() == before


# Forgotten


def test_a_purge_leaves_nothing_of_it(ready, pats, pat, ana, matter):
    tagging.hold_back(ready, "Look at it.", actor=pat)
    post(pats, "tag", ready, factor=FAMILY, strength="direct", note="Her son")
    suggesting.suggest(ready)
    shown(pats, ready)
    purging.purge(matter, actor=ana, why="test")
    assert not any(model.objects.exists() for model in (Suggestion, LastDeed, Presence, Hold, Tag))
