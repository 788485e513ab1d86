"""The whole way of an arrangement, and a photo taken again after it was sent."""

import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from documents import arranging, vault
from documents.arranging import rearrange
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import Document, Page
from documents.preparing import album
from documents.preparing.placing import Placed
from tests import fixtures
from tests.arrangements import here, shown, tag
from tests.arrangements import phone as phone
from tests.arrangements import three as three
from tests.conftest import made_ready
from tests.papers import paper

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
