"""Several photos of one paper: each is kept as it came, in its order, and they are one document exactly once."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from accounts.models import User
from documents import lifecycle, tagging, vault, words
from documents.intake import NotKept, arriving, composing
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.models import ChecklistItem, Document, Matter, Upload
from documents.preparing import album
from tests import fixtures
from tests.conftest import Browser, made_ready, simple_pdf
from tests.phones import Phone

PHOTOS = [fixtures.jpeg(640 + n, 480) for n in range(3)]
WAIT = arriving.A_WHILE + timedelta(minutes=1)


@pytest.fixture
def client(maria: User, browser: Browser) -> Client:
    return browser(maria)


@pytest.fixture
def photographed(client: Client, matter: Matter) -> Callable[..., list[Upload]]:
    """Sends photos as the pages of one paper."""

    def send(*photos: bytes, **told: Any) -> list[Upload]:
        told = {"paper": uuid4(), "filename": "IMG_1.jpg", **told}
        for page, photo in enumerate(photos, 1):
            answer = Phone(client, matter).begin(len(photo), body=photo, page=page, **told)
            assert answer.status_code == 201, answer.content
        return list(Upload.objects.filter(paper=told["paper"]).order_by("page"))

    return send


def bind(client: Client, matter: Matter, uploads: list[Upload], turns: list[int] | None = None) -> int:
    told = {"upload": [str(one.pk) for one in uploads], "turn": [str(turn) for turn in turns or [0] * len(uploads)]}
    return client.post(reverse("papers", args=[matter.pk]), told).status_code


def ready(document: Document) -> Document:
    check(document)
    prepare(document)
    document.refresh_from_db()
    return document


def original(document: Document) -> bytes:
    return b"".join(vault.chunks(vault.Area.VAULT, document.judged_key, under=bytes(document.matter.key)))


def test_pages_wait_for_each_other(photographed) -> None:
    assert {one.state for one in photographed(*PHOTOS)} == {"kept"}
    assert not Document.objects.exists()


def test_they_become_one_document_of_as_many_pages(client, matter, photographed) -> None:
    assert bind(client, matter, photographed(*PHOTOS)) == 204
    document = ready(Document.objects.get())
    assert (document.state, document.pages, document.photos, document.name) == ("ready", 3, 3, "IMG_1 (3).zip")


def test_every_photo_is_kept_as_it_came_and_in_the_order_asked_for(client, matter, photographed) -> None:
    bind(client, matter, photographed(*PHOTOS)[::-1])
    with zipfile.ZipFile(io.BytesIO(original(ready(Document.objects.get())))) as file:
        assert [file.read(name) for name in ("1.jpg", "2.jpg", "3.jpg")] == PHOTOS[::-1]


def test_a_turn_is_an_arrangement_and_leaves_the_photo_alone(client, matter, photographed) -> None:
    bind(client, matter, photographed(*PHOTOS[:2]), [0, 90])
    document = Document.objects.get()
    assert [each["turn"] for each in document.arrangement] == [0, 90]
    assert album.photo(original(ready(document)), 2) == PHOTOS[1]


def test_one_photo_alone_is_that_photo(client, matter, photographed) -> None:
    bind(client, matter, photographed(PHOTOS[0]))
    assert original(ready(Document.objects.get())) == PHOTOS[0]


def test_the_uploads_know_what_they_became(client, matter, photographed) -> None:
    uploads = photographed(*PHOTOS)
    bind(client, matter, uploads)
    document = Document.objects.get()
    assert {(one.state, one.document_id) for one in Upload.objects.all()} == {("received", document.pk)}


def test_asked_twice_it_is_done_once(client, matter, photographed) -> None:
    uploads = photographed(*PHOTOS)
    assert [bind(client, matter, uploads), bind(client, matter, uploads)] == [204, 204]
    assert Document.objects.count() == 1


def test_the_same_paper_again_is_the_same_bytes(client, matter, photographed) -> None:
    for _ in range(2):
        bind(client, matter, photographed(*PHOTOS))
    assert Document.objects.count() == 1
    assert set(Upload.objects.values_list("duplicate", flat=True)) == {False, True}


def test_a_paper_nobody_finished_is_put_together_by_itself(photographed) -> None:
    photographed(*PHOTOS)
    arriving.expire()
    assert not Document.objects.exists()
    Upload.objects.update(touched_at=timezone.now() - WAIT)
    arriving.expire()
    assert ready(Document.objects.get()).pages == 3


def test_a_page_that_came_late_keeps_the_paper_waiting(photographed) -> None:
    first, *_more = photographed(*PHOTOS)
    Upload.objects.filter(pk=first.pk).update(touched_at=timezone.now() - WAIT)
    arriving.expire()
    assert not Document.objects.exists()


def test_a_page_that_is_still_on_its_way_keeps_the_paper_waiting(client, matter, photographed) -> None:
    paper = uuid4()
    photographed(*PHOTOS[:2], paper=paper)
    where = begun(client, matter, PHOTOS[2], paper=paper, page=3)
    Upload.objects.update(touched_at=timezone.now() - WAIT)
    arriving.expire()
    assert not Document.objects.exists()
    send_the_rest(client, where, PHOTOS[2])
    Upload.objects.update(touched_at=timezone.now() - WAIT)
    arriving.expire()
    assert ready(Document.objects.get()).pages == 3


def test_a_page_of_which_nothing_ever_came_keeps_nobody_waiting(client, matter, photographed) -> None:
    paper = uuid4()
    photographed(*PHOTOS[:2], paper=paper)
    Phone(client, matter).begin(1000, paper=paper, page=3)
    long_ago = timezone.now() - arriving.BEGUN - timedelta(minutes=1)
    Upload.objects.update(touched_at=long_ago, begun_at=long_ago)
    arriving.expire()
    assert ready(Document.objects.get()).pages == 2


def begun(client: Client, matter: Matter, photo: bytes, **told: Any) -> str:
    """The address of an upload of which a first piece came."""
    where: str = Phone(client, matter).begin(len(photo), body=photo[:100], **told)["Location"]
    return where


def send_the_rest(client: Client, where: str, photo: bytes) -> None:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "100"}
    kind = "application/offset+octet-stream"
    assert client.patch(where, photo[100:], content_type=kind, headers=headers).status_code == 204


def test_a_page_chosen_once_more_goes_where_it_is_said_last(client, matter, photographed) -> None:
    phone, other = Phone(client, matter), uuid4()
    for paper in (uuid4(), other):
        phone.begin(len(PHOTOS[0]), body=PHOTOS[0], paper=paper, page=1)
    assert [(one.state, one.paper) for one in Upload.objects.all()] == [("kept", other)]


def test_a_page_chosen_once_more_and_alone_waits_for_no_other(client, matter) -> None:
    phone = Phone(client, matter)
    phone.begin(len(PHOTOS[0]), body=PHOTOS[0], paper=uuid4(), page=1)
    assert phone.begin(len(PHOTOS[0])).status_code == 201
    assert original(ready(Document.objects.get())) == PHOTOS[0]


def test_what_is_no_photo_is_told_apart_from_a_page(client, matter, photographed) -> None:
    photo, letter = photographed(PHOTOS[0], simple_pdf(2))
    bind(client, matter, [photo])
    for document in Document.objects.all():
        ready(document)
    rows = [client.get(reverse("upload", args=[one.pk])).content.decode() for one in (photo, letter)]
    with override("es"):
        assert [str(gettext("This is no photo. It stays a paper of its own.")) in row for row in rows] == [False, True]


def test_a_page_that_is_named_twice_is_there_once(client, matter, photographed) -> None:
    first, second = photographed(*PHOTOS[:2])
    assert bind(client, matter, [first, second, first]) == 204
    assert ready(Document.objects.get()).pages == 2


def test_what_is_no_picture_is_a_document_of_its_own(client, matter, photographed) -> None:
    uploads = photographed(PHOTOS[0], simple_pdf(2), PHOTOS[1])
    assert [one.state for one in uploads] == ["kept", "received", "kept"]
    bind(client, matter, uploads)
    assert Document.objects.count() == 2


def test_a_page_can_be_taken_back(client, matter, photographed) -> None:
    first, second = photographed(*PHOTOS[:2])
    answer = client.delete(reverse("upload", args=[first.pk]), headers={"Tus-Resumable": "1.0.0"})
    assert answer.status_code == 204
    bind(client, matter, [first, second])
    assert original(ready(Document.objects.get())) == PHOTOS[1]


def test_a_paper_too_large_for_one_file_is_several(client, matter, photographed, settings) -> None:
    uploads = photographed(*PHOTOS)
    settings.UPLOAD_LIMIT = len(PHOTOS[0]) + len(PHOTOS[1]) + 200 * album.MOST_PHOTOS
    bind(client, matter, uploads)
    assert [document.name for document in Document.objects.all()] == ["IMG_1 (2).zip", "IMG_1.jpg"]


def test_nobody_else_binds_them(browser, pat, max_, matter, photographed) -> None:
    uploads = photographed(*PHOTOS)
    assert bind(browser(max_), matter, uploads) == 404
    assert bind(browser(pat), matter, uploads) == 404  # on the matter, and yet they are Maria's
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    "told", [{"upload": ["x"], "turn": ["0"]}, {"upload": ["4a0f7d8e-9d0c-4c43-8c6e-3c7f5a0c7b11"], "turn": ["north"]}]
)
def test_nonsense_is_refused(client, matter, told) -> None:
    assert client.post(reverse("papers", args=[matter.pk]), told).status_code in {404, 422}


def test_a_lost_piece_makes_no_paper_and_says_so(client, matter, photographed) -> None:
    first, second = photographed(*PHOTOS[:2])
    vault.shred(vault.Area.INTAKE, f"{first.prefix}/0")
    assert bind(client, matter, [first, second]) == 409
    assert not Document.objects.exists()


def test_a_death_after_the_bytes_leaves_the_pages_waiting(photographed, monkeypatch, matter, maria) -> None:
    uploads = photographed(*PHOTOS)
    parts = [composing.of_upload(one) for one in uploads]
    monkeypatch.setattr(lifecycle, "move", dies)
    with pytest.raises(KeyboardInterrupt):
        composing.compose(parts, composing.Paper(matter, maria))
    assert (Document.objects.count(), {one.state for one in Upload.objects.all()}) == (0, {"kept"})


def test_photos_that_are_not_stored_as_they_came_make_no_paper(photographed, monkeypatch, matter, maria) -> None:
    parts = [composing.of_upload(one) for one in photographed(*PHOTOS)]
    monkeypatch.setattr(album, "pack", swapped)
    with pytest.raises(NotKept):
        composing.compose(parts, composing.Paper(matter, maria))
    assert not Document.objects.exists()


def swapped(photos: Iterable[tuple[str, bytes]], pack: Any = album.pack) -> Iterator[bytes]:
    """As if two photos changed places while they were written."""
    return pack(reversed(list(photos)))


def dies(*_args: object, **_facts: object) -> None:
    raise KeyboardInterrupt


# The form


def together(client: Client, matter: Matter, *files: tuple[str, bytes], **told: str) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(reverse("send", args=[matter.pk]), {"files": sent, **told})


def test_without_a_script_the_form_puts_them_together(client, matter) -> None:
    together(client, matter, ("a.jpg", PHOTOS[0]), ("carta.pdf", simple_pdf()), ("b.jpg", PHOTOS[1]), together="on")
    assert sorted(document.name for document in Document.objects.all()) == ["a (2).zip", "carta.pdf"]


def test_without_the_tick_each_is_a_paper_of_its_own(client, matter) -> None:
    together(client, matter, ("a.jpg", PHOTOS[0]), ("b.jpg", PHOTOS[1]))
    assert Document.objects.count() == 2


def test_the_form_has_a_limit_too(client, matter, settings) -> None:
    settings.MATTER_LIMIT = 10
    answer = together(client, matter, ("a.jpg", PHOTOS[0]))
    with override("es"):
        assert str(words.NO_ROOM) in client.get(answer["Location"]).content.decode()
    assert not Document.objects.exists()


def test_photos_put_together_have_a_limit_too(client, matter, settings) -> None:
    settings.MATTER_LIMIT = len(PHOTOS[0])
    answer = together(client, matter, ("a.jpg", PHOTOS[0]), ("b.jpg", PHOTOS[1]), together="on")
    with override("es"):
        assert str(words.NO_ROOM) in client.get(answer["Location"]).content.decode()
    assert not Document.objects.exists()


# What it was sent for, and instead of


@pytest.fixture
def asked(matter: Matter, pat: User) -> ChecklistItem:
    return ChecklistItem.objects.create(matter=matter, words="Your lease", position=1, added_by=pat)


def test_a_file_says_what_of_the_list_it_is(client, matter, photographed, asked) -> None:
    bind(client, matter, photographed(*PHOTOS, asked=asked.pk))
    together(client, matter, ("carta.pdf", simple_pdf()), asked=str(asked.pk))
    assert [document.asked for document in Document.objects.all()] == [asked, asked]


@pytest.mark.parametrize("told", ["nonsense", "4a0f7d8e-9d0c-4c43-8c6e-3c7f5a0c7b11"])
def test_what_the_list_does_not_have_costs_no_file(client, matter, told) -> None:
    together(client, matter, ("carta.pdf", simple_pdf()), asked=told)
    assert Document.objects.get().asked is None


def test_the_page_says_what_it_is_for(client, matter, asked) -> None:
    page = client.get(reverse("send", args=[matter.pk]), {"asked": str(asked.pk)}).content.decode()
    assert "Your lease" in page
    assert f'value="{asked.pk}"' in page


def again(client: Client, matter: Matter, old: Document, content: bytes) -> Document:
    assert Phone(client, matter).begin(len(content), body=content, replaces=old.pk).status_code == 201
    return Document.objects.exclude(pk=old.pk).get(replaces=old)


def test_a_better_photo_takes_the_place_of_the_first_when_it_is_ready(client, matter, maria) -> None:
    old = made_ready(PHOTOS[0], "a.jpg", matter, maria)
    new = again(client, matter, old, PHOTOS[1])
    old.refresh_from_db()
    assert old.state == "ready"
    ready(new)
    old.refresh_from_db()
    assert (old.state, new.state) == ("withdrawn", "ready")


def test_what_somebody_worked_on_stays(client, matter, maria, pat) -> None:
    old = made_ready(PHOTOS[0], "a.jpg", matter, maria)
    tagging.tag(old, tagging.factors()[0], actor=pat)
    ready(again(client, matter, old, PHOTOS[1]))
    old.refresh_from_db()
    assert old.state == "ready"
