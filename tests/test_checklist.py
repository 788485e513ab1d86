"""The list: what the firm asks a client for, what has come of it, and what the client answers."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from documents import checklist, presets, purging, tagging, undoing
from documents.checklist import CannotAnswer, CannotAsk, Now
from documents.models import ChecklistItem, Document, Factor, Request
from scripts.signatures import EICAR
from tests.checklists import bind, events, kind, refused
from tests.checklists import lease as lease
from tests.checklists import today as today
from tests.conftest import sent, simple_pdf

# What the legal team does


def test_a_kind_of_paper_is_asked_for_and_on_the_record_by_its_code(matter, pat, today):
    item = checklist.add(matter, kind("lease"), "The one of 2019.", today, actor=pat)
    assert (item.item_id, item.words, item.due, item.added_by) == ("lease", "The one of 2019.", today, pat)
    [facts] = events(matter)
    assert facts == {"item": "lease", "action": "added"}


def test_what_the_firm_writes_is_sealed_and_never_on_the_record(matter, pat):
    item = checklist.add(matter, words="Letter of your landlord Rodríguez", actor=pat)
    raw = json.dumps(list(ChecklistItem.objects.extra(select={"raw": "words::text"}).values("raw")))
    assert "Rodríguez" not in raw
    assert "Rodríguez" not in json.dumps(events(matter), ensure_ascii=False)
    item.refresh_from_db()
    assert item.words == "Letter of your landlord Rodríguez"


def test_nothing_is_not_asked_for(matter, pat):
    with pytest.raises(CannotAsk):
        checklist.add(matter, actor=pat)


def test_the_same_is_asked_for_once(matter, lease, pat):
    with pytest.raises(CannotAsk, match="already"):
        checklist.add(matter, kind("lease"), actor=pat)
    checklist.add(matter, kind("lease"), "The one before.", actor=pat)
    assert matter.checklist.count() == 2


@pytest.mark.parametrize("stage", Request.Stage)
def test_every_stage_has_a_short_list_of_papers_that_there_are(matter, pat, stage):
    added = checklist.add_preset(matter, stage, actor=pat)
    assert [item.item_id for item in added] == list(presets.STAGES[stage])
    assert 5 <= len(added) <= 12
    assert {"passport", "utility_bill", "court_disposition", "client_declaration"} <= {item.item_id for item in added}


@pytest.mark.parametrize("preset", ["before_court", "FAMILY_USC_LPR", "IDENTITY"])
def test_a_preset_twice_adds_nothing_twice(matter, pat, preset):
    added = checklist.add_preset(matter, preset, actor=pat)
    assert added
    checklist.waive(added[0], actor=pat)
    assert checklist.add_preset(matter, preset, actor=pat) == []
    assert matter.checklist.count() == len(added)


def test_presets_that_overlap_ask_once(matter, pat):
    for preset in ("before_court", "IDENTITY", "LAWFUL_TIME"):
        checklist.add_preset(matter, preset, actor=pat)
    codes = list(matter.checklist.values_list("item", flat=True))
    assert len(codes) == len(set(codes))


def test_every_factor_with_evidence_has_a_preset_of_what_a_client_can_bring(db):
    offered = {factor.pk: asks for factor, asks in presets.factors()}
    for factor in Factor.objects.prefetch_related("evidence"):
        codes = {one.pk for one in factor.evidence.all()} - presets.NOT_THE_CLIENTS
        assert {one.pk for one in presets.kinds(factor.pk)} == codes
        assert offered.get(factor.pk, 0) == len(codes)


def test_other_words_and_another_day_are_on_the_record_without_them(matter, lease, pat, today):
    checklist.change(lease, "Rodríguez", today, actor=pat)
    checklist.change(lease, "Rodríguez", today, actor=pat)
    assert events(matter)[0] == {"item": "lease", "action": "changed", "fields": ["words", "due"]}
    assert len(events(matter)) == 2


def test_words_of_what_has_no_kind_are_never_emptied(matter, pat):
    item = checklist.add(matter, words="Your map", actor=pat)
    with pytest.raises(CannotAsk):
        checklist.change(item, "", None, actor=pat)


def test_one_day_for_all_that_is_still_needed(matter, lease, ready, pat, today):
    other = checklist.add(matter, kind("passport"), actor=pat)
    bind(ready, asked=other)
    assert checklist.due_for_all(matter, today, actor=pat) == 1
    assert list(matter.checklist.values_list("due", flat=True)) == [today, None]


def test_the_order_is_the_firms(matter, pat):
    one, two, three = (checklist.add(matter, kind(code), actor=pat) for code in ("lease", "passport", "nta"))
    checklist.move(three, -1, actor=pat)
    assert list(matter.checklist.all()) == [one, three, two]
    checklist.move(one, -1, actor=pat)
    checklist.move(one, 7, actor=pat)
    assert list(matter.checklist.all()) == [three, two, one]
    with pytest.raises(CannotAsk):
        checklist.reorder(matter, [one.pk, two.pk], actor=pat)


def test_what_is_not_needed_can_be_needed_again(matter, lease, pat):
    checklist.waive(lease, actor=pat)
    assert checklist.standing(lease).now == Now.NOT_NEEDED
    assert lease.waived_by == pat
    checklist.unwaive(lease, actor=pat)
    assert checklist.standing(lease).now == Now.NEEDED
    assert events(matter, AuditEvent.Kind.WAIVED) == [
        {"item": "lease", "to": "needed"},
        {"item": "lease", "to": "not_needed"},
    ]


def test_an_item_goes_only_while_nothing_was_sent_for_it(matter, lease, received, pat):
    bind(received, asked=lease)
    with pytest.raises(CannotAsk, match="sent"):
        checklist.remove(lease, actor=pat)
    tagging.withdraw(received, actor=pat)
    with pytest.raises(CannotAsk, match="sent"):
        checklist.remove(lease, actor=pat)
    bind(received, asked=None)
    checklist.remove(lease, actor=pat)
    assert not matter.checklist.exists()


def test_what_was_taken_off_meanwhile_is_not_changed(matter, lease, pat):
    ChecklistItem.objects.all().delete()
    with pytest.raises(CannotAsk, match="not on the list"):
        checklist.waive(lease, actor=pat)


# What has come of it


def test_what_nobody_sent_is_needed(lease):
    standing = checklist.standing(lease)
    assert (standing.now, standing.document, standing.open) == (Now.NEEDED, None, True)


READ = {
    "received": Now.CHECKING, "checking": Now.CHECKING, "clean": Now.CHECKING, "preparing": Now.CHECKING,
    "held": Now.RECEIVED, "refused": Now.AGAIN, "quarantined": Now.AGAIN, "withdrawn": Now.NEEDED, "purged": Now.NEEDED,
}  # fmt: skip


@pytest.mark.parametrize("state", sorted(set(Document.State) - {"ready"}))
def test_every_state_of_a_document_is_read(matter, lease, received, state):
    received.asked, received.state = lease, state
    [standing] = checklist.standings(matter, [received])
    assert standing.now == READ[state]


@pytest.mark.parametrize(("review", "now"), [("pending", "received"), ("accepted", "accepted"), ("ask_again", "again")])
def test_a_ready_one_is_read_by_its_review(matter, lease, received, review, now):
    received.asked, received.state, received.review = lease, "ready", review
    [standing] = checklist.standings(matter, [received])
    assert standing.now == now
    assert standing.open == (now == "again")


def test_what_was_sent_as_its_kind_counts_unless_it_was_sent_for_something_else(matter, lease, received, pat):
    bind(received, item=kind("lease"))
    assert checklist.standing(lease).document == received
    other = checklist.add(matter, words="Your first lease", actor=pat)
    bind(received, asked=other)
    assert checklist.standing(lease).document is None
    assert checklist.standing(other).document == received


def test_what_was_sent_for_it_counts_before_what_is_of_its_kind(matter, lease, received, maria):
    bind(sent(simple_pdf(1, "Otra"), "otra.pdf", matter, maria), item=kind("lease"))
    bind(received, asked=lease)
    assert checklist.standing(lease).documents == (received,)


def test_the_best_of_several_wins(matter, lease, ready, maria, pat):
    bind(ready, asked=lease)
    tagging.ask_again(ready, "The date is cut off.", actor=pat)
    assert checklist.standing(lease).now == Now.AGAIN
    better = bind(sent(simple_pdf(1, "Otra"), "otra.pdf", matter, maria), asked=lease)
    standing = checklist.standing(lease)
    assert (standing.now, standing.document, set(standing.documents)) == (Now.CHECKING, better, {ready, better})


def test_a_good_one_wins_over_a_newer_that_cannot_be_used(matter, lease, received, maria):
    bind(received, asked=lease)
    bind(refused(EICAR, "foto.jpg", matter, maria), asked=lease)
    standing = checklist.standing(lease)
    assert (standing.now, standing.document) == (Now.CHECKING, received)


def test_of_two_to_send_again_the_newest_says_why(matter, lease, ready, maria, pat):
    tagging.ask_again(bind(ready, asked=lease), "The date is cut off.", actor=pat)
    failed = bind(refused(EICAR, "foto.jpg", matter, maria), asked=lease)
    assert checklist.standing(lease).document == failed


def test_a_reader_learns_nothing_of_papers_that_are_not_for_them(matter, lease, received):
    bind(received, asked=lease)
    [mine] = checklist.standings(matter, [])
    assert mine.now == Now.NEEDED


# What the client answers


@pytest.mark.parametrize("said", ["cant_find", "cant_get", "not_mine"])
def test_an_answer_is_kept_and_taken_back(matter, lease, maria, said):
    checklist.answer(lease, said, actor=maria)
    assert checklist.standing(lease).now == Now.ANSWERED
    checklist.answer(lease, "", actor=maria)
    assert checklist.standing(lease).now == Now.NEEDED
    assert events(matter, AuditEvent.Kind.ANSWERED) == [{"item": "lease", "to": "none"}, {"item": "lease", "to": said}]


def test_later_waits_until_the_day_that_was_chosen(lease, maria, today):
    checklist.answer(lease, "later", today + timedelta(days=3), actor=maria)
    assert checklist.standing(lease).now == Now.ANSWERED
    ChecklistItem.objects.update(remind_on=today)
    lease.refresh_from_db()
    assert checklist.standing(lease).now == Now.NEEDED


@pytest.mark.parametrize("days", [None, 0, -1])
def test_later_needs_a_day_to_come(lease, maria, today, days):
    with pytest.raises(CannotAnswer, match="after today"):
        checklist.answer(lease, "later", days if days is None else today + timedelta(days=days), actor=maria)


def test_another_answer_forgets_the_day(lease, maria, today):
    checklist.answer(lease, "later", today + timedelta(days=3), actor=maria)
    checklist.answer(lease, "cant_get", today + timedelta(days=3), actor=maria)
    assert (lease.answer, lease.remind_on) == ("cant_get", None)


def test_what_is_with_us_needs_no_answer(lease, received, maria):
    bind(received, asked=lease)
    with pytest.raises(CannotAnswer):
        checklist.answer(lease, "cant_find", actor=maria)


def test_who_sends_after_all_has_answered_by_that(matter, lease, maria):
    ChecklistItem.objects.update(answer="cant_find", answered_at=timezone.now() - timedelta(hours=1))
    lease.refresh_from_db()
    bind(sent(simple_pdf(), "carta.pdf", matter, maria), asked=lease, state="refused", reason="damaged")
    assert checklist.standing(lease).now == Now.AGAIN


def test_an_answer_to_what_is_asked_again_stands(matter, lease, maria, received):
    bind(received, asked=lease, state="refused", reason="damaged")
    checklist.answer(lease, "cant_get", actor=maria)
    assert checklist.standing(lease).now == Now.ANSWERED


# One step back


def undone(matter, actor, act):
    _said, was, mark = undoing.noting(matter, act)
    before = [(row["id"], row["item"], row["due"], row["waived"]) for row in was]
    undoing.restore(matter, was, seen=mark, actor=actor)
    return before, [(row["id"], row["item"], row["due"], row["waived"]) for row in undoing.noted(matter)]


def test_every_change_can_be_undone(matter, lease, pat, maria, today):
    other = checklist.add(matter, words="Rodríguez", due=today, actor=pat)
    checklist.answer(other, "cant_get", actor=maria)
    for act in (
        lambda: checklist.add_preset(matter, "before_court", actor=pat),
        lambda: checklist.change(other, "Otra", None, actor=pat),
        lambda: checklist.due_for_all(matter, today, actor=pat),
        lambda: checklist.waive(lease, actor=pat),
        lambda: checklist.move(other, -1, actor=pat),
        lambda: checklist.remove(ChecklistItem.objects.get(pk=other.pk), actor=pat),
    ):
        before, after = undone(matter, pat, act)
        assert before == after
    back = ChecklistItem.objects.get(pk=other.pk)
    assert (back.words, back.answer) == ("Rodríguez", "cant_get")


def test_nobody_undoes_what_a_colleague_did_since(matter, lease, pat, ana):
    _said, was, mark = undoing.noting(matter, lambda: checklist.waive(lease, actor=pat))
    checklist.add(matter, kind("nta"), actor=ana)
    with pytest.raises(CannotAsk, match="meanwhile"):
        undoing.restore(matter, was, seen=mark, actor=pat)


def test_an_undo_never_loses_what_was_sent_for(matter, maria, pat, received):
    added, was, mark = undoing.noting(matter, lambda: checklist.add(matter, kind("lease"), actor=pat))
    bind(received, asked=added)
    with pytest.raises(CannotAsk, match="sent"):
        undoing.restore(matter, was, seen=mark, actor=pat)
    assert matter.checklist.get() == added


def test_what_a_session_keeps_is_sealed(matter, pat):
    checklist.add(matter, words="Rodríguez", actor=pat)
    assert "Rodr" not in json.dumps(undoing.noted(matter), ensure_ascii=False)


# Purge


def test_a_purge_clears_what_was_asked_and_answered(matter, maria, pat, ana):
    item = checklist.add(matter, kind("arrest_report"), "Rodríguez", actor=pat)
    checklist.answer(item, "cant_get", actor=maria)
    purging.purge(matter, actor=ana, why="closed")
    item.refresh_from_db()
    assert (item.words, item.item, item.answer, item.answered_at) == ("", None, "", None)
