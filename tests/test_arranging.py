"""The pages of a paper made of photos, put right by its client or by the legal team: on the record, and only until
somebody builds on them. What is made anew is shown to nobody until it is there."""

import math
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit
from accounts.models import AuditEvent
from documents import arranging, lifecycle, tagging
from documents.arranging import CannotArrange, rearrange
from documents.models import Document, Factor, Packet
from documents.packets import order
from documents.preparing.placing import Placed
from tests.arrangements import here, shown, tag
from tests.arrangements import phone as phone
from tests.arrangements import three as three
from tests.papers import paper

# The rule


def test_pages_arranged_anew_are_prepared_again(three, maria):
    assert rearrange(three, [Placed(3, turn=90), Placed(1)], actor=maria)
    three.refresh_from_db()
    assert (three.state, arranging.arranged(three)) == ("clean", [Placed(3, turn=90), Placed(1)])
    job = ProcrastinateJob.objects.filter(task_name="documents.tasks.prepare", args__pk=str(three.pk)).last()
    assert job is not None
    assert job.status == "todo"


def test_it_is_on_the_record_with_counts_only(three, maria):
    rearrange(three, [Placed(3, turn=90), Placed(1)], actor=maria)
    event = audit.trail(three.audit_chain, kinds=[AuditEvent.Kind.ARRANGED]).get()
    assert (event.actor, event.facts) == (maria, {"count": 3, "pages": 2})


def test_the_photos_themselves_stay_as_they_came(three, maria):
    was = three.sha256, three.size, three.vault_key
    rearrange(three, [Placed(2)], actor=maria)
    three.refresh_from_db()
    assert (three.sha256, three.size, three.vault_key, three.photos) == (*was, 3)


def test_what_changes_nothing_is_not_done(three, maria):
    assert not rearrange(three, arranging.as_sent(three), actor=maria)
    three.refresh_from_db()
    assert three.state == "ready"
    assert not audit.trail(three.audit_chain, kinds=[AuditEvent.Kind.ARRANGED])


def test_all_photos_as_they_came_are_no_arrangement(three, maria):
    Document.objects.filter(pk=three.pk).update(arrangement=[Placed(2).to_json()])
    rearrange(three, arranging.as_sent(three), actor=maria)
    three.refresh_from_db()
    assert (three.state, three.arrangement) == ("clean", [])


@pytest.mark.parametrize(
    "arrangement",
    [
        [],
        [Placed(1), Placed(1)],
        [Placed(0)],
        [Placed(4)],
        [Placed(1, turn=45)],
        [Placed(1, turn=360)],
        [Placed(1, crop=(0.5, 0, 0.52, 1))],
        [Placed(1, crop=(0, 0.9, 1, 0.2))],
        [Placed(1, crop=(-0.1, 0, 1, 1))],
        [Placed(1, crop=(0, 0, 1, 1.01))],
        [Placed(1, crop=(0, 0, math.nan, 1))],
        [Placed(1, crop=(0, math.nan, 1, 1))],
        [Placed(1, tilt=80)],
        [Placed(1, tilt=math.nan)],
    ],
)
def test_what_is_no_arrangement_of_these_photos_is_not_taken(three, maria, arrangement):
    with pytest.raises(CannotArrange):
        rearrange(three, arrangement, actor=maria)
    three.refresh_from_db()
    assert (three.state, three.arrangement) == ("ready", [])


# Who, and until when


def later(monkeypatch) -> None:
    at = timezone.now() + timedelta(minutes=31)
    monkeypatch.setattr(timezone, "now", lambda: at)


def test_a_client_has_half_an_hour(three, maria, monkeypatch):
    later(monkeypatch)
    with pytest.raises(CannotArrange, match="Call the office"):
        rearrange(three, [Placed(1)], actor=maria)


def test_the_legal_team_has_longer(three, pat, monkeypatch):
    later(monkeypatch)
    assert rearrange(three, [Placed(1)], actor=pat)


def test_what_the_office_sent_is_not_a_clients_to_arrange(matter, maria, pat):
    with pytest.raises(CannotArrange):
        rearrange(paper(matter, pat, pages=3, photos=3), [Placed(1)], actor=maria)


@pytest.mark.parametrize("actor", ["maria", "pat"])
def test_tagged_pages_stay_as_they_are(three, pat, actor, request):
    tag(three, pat)
    with pytest.raises(CannotArrange):
        rearrange(three, [Placed(1)], actor=request.getfixturevalue(actor))


def test_accepted_pages_stay_as_they_are(three, pat):
    tag(three, pat)
    tagging.accept(three, actor=pat)
    three.tags.all().delete()
    assert lifecycle.in_use(three)
    with pytest.raises(CannotArrange):
        rearrange(three, [Placed(1)], actor=pat)


@pytest.mark.parametrize("state", ["received", "clean", "held", "withdrawn", "quarantined", "refused"])
def test_only_pages_that_are_there_are_arranged(three, pat, state):
    Document.objects.filter(pk=three.pk).update(state=state, was="ready" if state == "withdrawn" else "")
    with pytest.raises(CannotArrange):
        rearrange(three, [Placed(1)], actor=pat)


def test_what_is_no_photo_has_nothing_to_arrange(matter, maria, pat):
    with pytest.raises(CannotArrange):
        rearrange(paper(matter, maria), [Placed(1)], actor=pat)


@pytest.fixture
def ordered(three, request_, pat, ana) -> Packet:
    """A packet with the paper in it, whose tag was taken off afterwards."""
    tag(three, pat)
    tagging.accept(three, actor=pat)
    packet = order.order(request_, actor=ana, despite=RULES)
    tagging.untag(three, Factor.objects.get(code="EDUCATION"), actor=pat)
    three.refresh_from_db()
    assert (three.review, three.tags.count()) == ("pending", 0)
    return packet


RULES = [f"V{number:02}" for number in range(100)]


@pytest.mark.parametrize("state", ["ordered", "binding", "failed"])
def test_pages_that_are_ordered_stay_as_they_are(three, ordered, pat, state):
    Packet.objects.filter(pk=ordered.pk).update(state=state)
    with pytest.raises(CannotArrange):
        rearrange(three, [Placed(1)], actor=pat)


@pytest.mark.parametrize(
    ("state", "stays"), [("bound", True), ("released", True), ("filed", True), ("returned", False)]
)
def test_pages_of_a_packet_that_may_be_filed_stay_as_they_are(three, ordered, pat, ana, state, stays):
    facts = {"total_pages": 1, "released_by": ana, "released_at": timezone.now()}
    Packet.objects.filter(pk=ordered.pk).update(state=state, order={}, **facts)
    ordered.ledger.create(number=1, part=1, part_page=1, kind="exhibit", document=three, source_page=1, draft_key="k")
    assert lifecycle.in_use(three) is stays
    assert arranging.may_arrange(three, pat) is not stays


@pytest.mark.parametrize("how", ["tagged", "ordered"])
def test_no_other_way_leads_there_either(three, pat, how, request):
    tag(three, pat) if how == "tagged" else request.getfixturevalue("ordered")
    with pytest.raises(lifecycle.IllegalMove):
        lifecycle.move(three, Document.State.CLEAN, actor=None)


# Until they are there


@pytest.mark.parametrize("state", ["clean", "preparing"])
def test_no_picture_leaves_while_the_pages_are_made(ready, maria, phone, state):
    Document.objects.filter(pk=ready.pk).update(photos=2)
    picture = reverse("page", args=[ready.pk, 1])
    assert phone.get(picture).status_code == 200
    rearrange(ready, [Placed(2)], actor=maria)
    Document.objects.filter(pk=ready.pk).update(state=state)
    assert phone.get(picture).status_code == 404
    assert "<img" not in shown(phone, ready)


def test_the_page_says_so_and_renews_itself(three, maria, phone):
    rearrange(three, [Placed(2)], actor=maria)
    text = shown(phone, three)
    assert "We are preparing it" in text
    assert f'data-refresh="{here(three)}"' in text
    part = phone.get(here(three), headers={"X-Requested-With": "fetch"}).content.decode()
    assert part.startswith("<section")
    assert "data-refresh" in part


def test_a_paper_that_is_made_again_can_be_taken_back(three, maria):
    rearrange(three, [Placed(2)], actor=maria)
    tagging.withdraw(three, actor=maria)
    assert three.state == "withdrawn"
