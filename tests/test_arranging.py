"""The pages of a paper made of photos, put right by its client or by the legal team: on the record, and only until
somebody builds on them. What is made anew is shown to nobody until it is there."""

import math
import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import audit
from accounts.models import AuditEvent
from documents import arranging, lifecycle, tagging, vault
from documents.arranging import CannotArrange, rearrange
from documents.forms import photos
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Factor, Packet, Page
from documents.packets import order
from documents.preparing import album
from documents.preparing.placing import Placed
from tests import fixtures
from tests.conftest import made_ready
from tests.papers import paper

pytestmark = pytest.mark.django_db
CROP = (0.1, 0.1, 0.9, 0.95)
OFFER = Placed(2, crop=CROP, tilt=1.5)


@pytest.fixture
def three(matter, maria) -> Document:
    """A paper of three photos as its rows tell it, with a better crop known for the second."""
    return paper(matter, maria, pages=3, photos=3, suggestions=[OFFER.to_json()])


@pytest.fixture
def phone(browser, maria) -> Client:
    maria.language = "en"
    maria.save()
    return browser(maria)


def here(document: Document) -> str:
    return reverse("arrange", args=[document.pk])


def shown(client: Client, document: Document, plan: str = "") -> str:
    return client.get(here(document), {"plan": plan} if plan else {}).content.decode()


def step(client: Client, document: Document, do: str, plan: str = "1.2.3") -> str:
    """The plan after a step, as the address tells it."""
    where = client.post(here(document), {"plan": plan, "do": do})["Location"]
    return (re.findall(r"plan=([^#]*)", where) or ["as it is"])[0]


def order_of(text: str) -> list[int]:
    return [int(photo) for photo in re.findall(r'<li id="photo-(\d+)" data-photo', text.partition("<h3>")[0])]


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


def tag(document: Document, actor) -> None:
    tagging.tag(document, Factor.objects.get(code="EDUCATION"), actor=actor)


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


# Its page


def test_every_photo_has_its_picture_and_its_buttons(three, phone):
    text = shown(phone, three)
    assert order_of(text) == [1, 2, 3]
    assert all(reverse("page", args=[three.pk, number]) in text for number in (1, 2, 3))
    assert re.findall(r'value="((?:up|down)-\d)"', text) == ["down-1", "up-2", "down-2", "up-3"]
    assert text.count('loading="lazy"') == 2


@pytest.mark.parametrize(
    ("do", "after"),
    [
        ("up-2", "2.1.3"),
        ("down-2", "1.3.2"),
        ("up-1", "as it is"),
        ("down-3", "as it is"),
        ("turn-3", "1.2.3t90"),
        ("remove-1", "2.3"),
        ("use-2", "1.2c.3"),
        ("use-1", "as it is"),
        ("turn-9", "as it is"),
        ("", "as it is"),
        ("fly-1", "as it is"),
    ],
)
def test_a_step_changes_the_plan_and_nothing_else(three, phone, do, after):
    assert step(phone, three, do) == after
    three.refresh_from_db()
    assert (three.state, three.arrangement) == ("ready", [])


def test_steps_lead_back(three, phone):
    assert step(phone, three, "back-1", "2.3") == "as it is"
    assert step(phone, three, "undo-2", "1.2c.3") == "as it is"
    assert step(phone, three, "turn-1", "1t270.2.3") == "as it is"
    assert step(phone, three, "up-2", "1.2c.3t90") == "2c.1.3t90"


def test_the_last_page_stays(three, phone):
    assert step(phone, three, "remove-2", "2") == "2"
    assert 'value="remove-2"' not in shown(phone, three, "2")


def test_a_step_comes_back_to_its_page(three, phone):
    assert phone.post(here(three), {"plan": "1.2.3", "do": "up-3"})["Location"].endswith("#photo-3")


def test_what_is_planned_is_shown_and_not_saved(three, phone):
    text = shown(phone, three, "3t90.1")
    assert order_of(text) == [3, 1]
    assert 'data-turn="90"' in text
    assert 'value="back-2"' in text
    assert "Not saved yet" in text
    assert "Not saved yet" not in shown(phone, three)


def test_saving_has_the_pages_made_like_that(three, phone):
    assert phone.post(here(three), {"plan": "3t90.2c", "do": "save"})["Location"] == here(three)
    three.refresh_from_db()
    assert three.state == "clean"
    assert arranging.arranged(three) == [Placed(3, turn=90), Placed(2, crop=CROP, tilt=1.5)]


def test_a_crop_in_use_can_be_undone_and_used_again(three, phone):
    Document.objects.filter(pk=three.pk).update(arrangement=[OFFER.to_json()], suggestions=[], pages=1)
    assert 'value="undo-2"' in shown(phone, three)
    assert step(phone, three, "undo-2", "2c") == "2"
    assert step(phone, three, "use-2", "2") == "as it is"


def test_a_page_turned_before_is_shown_as_it_would_be(three, phone):
    Document.objects.filter(pk=three.pk).update(arrangement=[Placed(1, turn=90).to_json()], pages=1)
    Page.objects.filter(document=three, number__gt=1).delete()
    assert "data-turn" not in shown(phone, three)
    assert 'data-turn="270"' in shown(phone, three, "1")


@pytest.mark.parametrize("plan", ["", "x", "1.1", "9", "1.2t45.3", "-1", "1" * 9, "1..2", "1t90c9", "١", "0"])
def test_a_plan_that_is_none_is_the_pages_as_they_are(three, phone, plan):
    assert order_of(shown(phone, three, plan)) == [1, 2, 3]
    phone.post(here(three), {"plan": plan, "do": "save"})
    three.refresh_from_db()
    assert three.state == "ready"


def test_a_plan_is_read_as_it_was_written(three):
    plan = [Placed(3, turn=270), OFFER, Placed(1)]
    assert photos.read(photos.write(plan), three) == plan


def test_a_photo_of_several_pages_has_no_picture_beside_it(three, phone):
    Page.objects.create(document=three, number=4, preview_key="k", preview_sha256="s")
    text = shown(phone, three)
    assert order_of(text) == [1, 2, 3]
    assert "<img" not in text


def test_a_blurry_page_is_named(three, phone):
    Page.objects.filter(document=three, number=2).update(noticed=["blurred", "dark", "news"])
    text = shown(phone, three)
    assert text.count("This photo is not sharp.") == text.count("This photo is dark.") == 1


def test_when_it_is_too_late_the_page_says_whom_to_call(three, phone, pat):
    tag(three, pat)
    text = shown(phone, three)
    assert "The office works with these pages." in text
    assert "<button form" not in text
    phone.post(here(three), {"plan": "2", "do": "save"})
    assert "Call the office, they can help." in shown(phone, three)


def test_who_was_second_is_told(three, pat, browser):
    tag(three, pat)
    staff = browser(pat)
    staff.post(here(three), {"plan": "2", "do": "save"})
    assert "is tagged, accepted, filed or not ready" in shown(staff, three)


def test_a_paper_without_photos_has_its_own_page(matter, maria, phone):
    letter = paper(matter, maria)
    assert phone.get(here(letter))["Location"] == reverse("document", args=[letter.pk])
    assert phone.post(here(letter), {"do": "save"})["Location"] == reverse("document", args=[letter.pk])


def queries(client: Client, document: Document) -> int:
    with CaptureQueriesContext(connection) as asked:
        shown(client, document)
    return len(asked)


def test_its_queries_do_not_grow_with_its_photos(matter, maria, three, phone):
    shown(phone, three)
    assert queries(phone, paper(matter, maria, pages=40, photos=40)) == queries(phone, three)


# The whole way


def test_a_turned_photo_comes_back_turned(matter, maria, phone):
    photo = made_ready(fixtures.jpeg(), "acta.jpg", matter, maria)
    before = phone.get(reverse("page", args=[photo.pk, 1])).content
    assert photo.photos == 1
    rearrange(photo, [Placed(1, turn=90)], actor=maria)
    prepare(photo)
    assert phone.get(reverse("page", args=[photo.pk, 1])).content != before


# A photo taken again

SHOTS = [fixtures.jpeg(640 + number, 480) for number in range(4)]


@pytest.fixture
def shots(matter, maria) -> Document:
    """A paper of three real photos, from the vault."""
    whole = b"".join(album.pack(("jpg", shot) for shot in SHOTS[:3]))
    document = made_ready(whole, "acta (3).zip", matter, maria)
    assert (document.state, document.photos) == ("ready", 3)
    return document


def taken_again(client: Client, document: Document, photo: int, shot: bytes, name: str = "IMG_9.jpg") -> str:
    """Where it leads."""
    file = SimpleUploadedFile(name, shot)
    return client.post(here(document), {"do": f"retake-{photo}", "files": file})["Location"]


def newest(document: Document) -> Document:
    return document.matter.documents.order_by("-number")[0]


def bytes_of(document: Document) -> bytes:
    return b"".join(vault.chunks(vault.Area.INTAKE, document.intake_key, under=bytes(document.matter.key)))


def test_a_photo_taken_again_is_a_new_paper_with_the_other_photos(shots, maria, phone):
    Document.objects.filter(pk=shots.pk).update(arrangement=[Placed(3).to_json(), Placed(2, turn=90).to_json()])
    assert taken_again(phone, shots, 2, SHOTS[3]) == reverse("document", args=[newest(shots).pk])
    new = newest(shots)
    assert (new.replaces, new.sender, new.state) == (shots, maria, "received")
    whole = bytes_of(new)
    assert [album.photo(whole, number) for number in (1, 2, 3)] == [SHOTS[0], SHOTS[3], SHOTS[2]]
    assert arranging.arranged(new) == [Placed(3), Placed(2)]


def test_the_new_paper_takes_the_place_of_the_old_one_when_it_is_ready(shots, phone):
    taken_again(phone, shots, 1, SHOTS[3])
    new = newest(shots)
    assert Document.objects.get(pk=shots.pk).state == "ready"
    check(new)
    prepare(new)
    assert Document.objects.get(pk=new.pk).state == "ready"
    assert Document.objects.get(pk=shots.pk).state == "withdrawn"


def test_the_legal_team_takes_a_photo_again_for_the_client(shots, pat, browser):
    taken_again(browser(pat), shots, 1, SHOTS[3])
    new = newest(shots)
    assert (new.sender, new.on_behalf, new.replaces) == (pat, True, shots)
    assert Document.objects.get(pk=shots.pk).state == "withdrawn"


def test_the_only_photo_taken_again_is_that_photo(matter, maria, phone):
    single = made_ready(SHOTS[0], "acta.jpg", matter, maria)
    taken_again(phone, single, 1, SHOTS[3])
    assert bytes_of(newest(single)) == SHOTS[3]


def test_the_same_photo_again_changes_nothing(shots, phone):
    assert taken_again(phone, shots, 2, SHOTS[1]).startswith(here(shots))
    assert "This is the same photo as before." in shown(phone, shots)
    assert (newest(shots), newest(shots).state) == (shots, "ready")


@pytest.mark.parametrize(
    ("photo", "shot", "why"),
    [
        (1, b"%PDF-1.7 no photo", "This is not a photo."),
        (1, b"", "It is empty|This is not a photo."),
        (4, SHOTS[3], "These are not the pages of this paper."),
        (0, SHOTS[3], "These are not the pages of this paper."),
    ],
)
def test_what_cannot_be_a_page_of_it_is_not_taken(shots, phone, photo, shot, why):
    taken_again(phone, shots, photo, shot)
    assert re.search(why, shown(phone, shots))
    assert newest(shots) == shots


def test_no_photo_at_all_is_said(three, phone):
    phone.post(here(three), {"do": "retake-1"})
    assert "No file came." in shown(phone, three)


def test_what_goes_past_the_limit_is_said(shots, phone, settings):
    settings.UPLOAD_LIMIT = len(SHOTS[3]) - 1
    taken_again(phone, shots, 1, SHOTS[3])
    assert "too big" in shown(phone, shots)
    assert newest(shots) == shots


def test_a_paper_grows_no_larger_than_a_file_may_be(shots, phone, settings):
    settings.UPLOAD_LIMIT = shots.size
    taken_again(phone, shots, 1, SHOTS[3])
    assert "This photo is too big for this paper." in shown(phone, shots)
    assert newest(shots) == shots


def test_no_photo_is_taken_again_once_the_office_works_with_it(shots, phone, pat):
    tag(shots, pat)
    taken_again(phone, shots, 1, SHOTS[3])
    assert "Call the office, they can help." in shown(phone, shots)
    assert newest(shots) == shots


def test_what_is_not_the_portals_own_form_changes_nothing(shots, maria):
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(maria, backend=settings.AUTHENTICATION_BACKENDS[0])
    for fields in ({"do": "retake-1", "files": SimpleUploadedFile("a.jpg", SHOTS[3])}, {"do": "save", "plan": "2"}):
        assert stranger.post(here(shots), fields).status_code == 403
    assert (newest(shots), newest(shots).state) == (shots, "ready")


def test_a_third_blurry_photo_is_not_told_of(three, matter, maria, phone):
    Page.objects.filter(document=three).update(noticed=["blurred"])
    for old in (paper(matter, maria), None):
        again = paper(matter, maria, replaces=old)
        Document.objects.filter(pk=three.pk).update(replaces=again)
        assert ("This photo is not sharp." in shown(phone, three)) is (old is None)
