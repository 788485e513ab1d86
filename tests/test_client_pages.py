"""What a client reads: what to do next, what the office has, where each paper stands; in words that do not frighten."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Role
from documents import matters, tagging
from documents.intake.checking import check
from documents.models import Document, DocumentType, Factor
from documents.views.standing import REVIEWED, SAID, ago, standing, wanted
from scripts.signatures import EICAR
from tests import fixtures
from tests.conftest import person, sent

pytestmark = pytest.mark.django_db
FRIGHTENING = re.compile(
    r"virus|infect|malware|reject|refused|quarantin|positive|negative|factor|harm|immigration|deport", re.IGNORECASE
)


@pytest.fixture
def phone(browser, maria, matter):
    maria.language = "en"
    maria.save()
    return browser(maria)


def home(phone, matter, **headers) -> str:
    return phone.get(reverse("matter", args=[matter.pk]), headers=headers).content.decode()


def page(phone, document) -> str:
    return phone.get(reverse("document", args=[document.pk])).content.decode()


def seen(text: str) -> str:
    """What a person reads of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text.partition("<main")[2].partition("</main>")[0]))


# The first page


def test_an_empty_matter_says_how_to_begin(phone, matter):
    text = home(phone, matter)
    assert "Hello, Maria Rodríguez" in text
    assert "Start with one photo." in text
    assert reverse("send", args=[matter.pk]) in text
    assert "Already received" not in text


def test_what_came_is_counted_and_listed(phone, matter, ready, maria):
    sent(fixtures.jpeg(), "acta.jpg", matter, maria)
    text = seen(home(phone, matter))
    assert "2 papers are with us." in text
    assert "carta.pdf" in text
    assert "2 pages" in text


def test_a_paper_sent_again_asked_for_is_the_next_step(phone, matter, ready, pat):
    tagging.ask_again(ready, "The date is cut off.", actor=pat)
    text = home(phone, matter)
    assert "Send this again: carta.pdf" in text
    assert "The date is cut off." in text
    assert "0 papers" not in text
    assert text.count('class="door next"') == 1


def test_an_ask_is_answered_by_a_newer_paper_of_its_kind(matter, ready, pat, maria):
    kind = DocumentType.objects.get(pk="lease")
    Document.objects.filter(pk=ready.pk).update(item=kind)
    tagging.ask_again(ready, "Blurred.", actor=pat)
    newer = sent(fixtures.pdf(pages=3), "otra.pdf", matter, maria)
    Document.objects.filter(pk=newer.pk).update(item=kind)
    assert wanted(matter, map(standing, Document.objects.all())) == []


def test_a_paper_that_came_before_the_ask_is_no_answer(matter, ready, pat, maria):
    sent(fixtures.pdf(pages=3), "otra.pdf", matter, maria)
    tagging.ask_again(ready, "Blurred.", actor=pat)
    (asked,) = wanted(matter, map(standing, matter.documents.all()))
    assert (asked.standing.document, asked.sent_since) == (ready, False)


def test_an_ask_without_a_kind_stays_and_owns_that_something_came(phone, matter, ready, pat, maria):
    tagging.ask_again(ready, "Blurred.", actor=pat)
    sent(fixtures.pdf(pages=3), "otra.pdf", matter, maria)
    assert "Did you send it already? Then you are done." in home(phone, matter)


def test_what_a_person_asked_for_comes_before_what_failed(matter, ready, pat, maria):
    failed = sent(EICAR, "photo.jpg", matter, maria)
    check(failed)
    tagging.ask_again(ready, "Blurred.", actor=pat)
    assert [one.standing.document for one in wanted(matter, map(standing, matter.documents.all()))] == [ready, failed]


def test_the_list_renews_itself_while_something_is_checked(phone, matter, received):
    part = home(phone, matter, **{"X-Requested-With": "fetch"})
    assert part.startswith("<section")
    assert "data-refresh=" in part
    assert "We are checking it" in part


def test_the_list_stands_still_when_all_is_checked(phone, matter, ready):
    assert "data-refresh" not in home(phone, matter)


def test_long_lists_come_in_pages(phone, matter, received):
    Document.objects.bulk_create(
        Document(matter=matter, number=n, sender=received.sender, name="a", size=1, sha256=f"{n:064}", intake_key="k")
        for n in range(2, 26)
    )
    assert "25 papers are with us." in home(phone, matter)
    assert "1 of 2" in seen(home(phone, matter))
    assert "carta.pdf" in phone.get(reverse("matter", args=[matter.pk]) + "?page=2").content.decode()


def test_the_office_can_be_called(phone, matter):
    assert 'href="tel:3125550142"' in home(phone, matter)


def test_a_client_of_two_matters_chooses(phone, matter, maria, ana):
    other = matters.open_matter("Rodríguez, Luis", actor=ana)
    matters.add_member(other, maria, actor=ana)
    text = phone.get("/").content.decode()
    assert "Whose papers do you want to see?" in text
    assert "Rodríguez, Luis" in text


def test_a_client_of_none_is_told_to_call(browser, maria):
    assert 'href="tel:3125550142"' in browser(maria).get("/").content.decode()


# One paper


def test_a_ready_paper_shows_its_pages_and_its_receipt(phone, ready):
    text = page(phone, ready)
    assert [reverse("page", args=[ready.pk, n]) in text for n in (1, 2, 3)] == [True, True, False]
    assert f"{ready.sha256[:4]} {ready.sha256[4:8]}".upper() in text
    assert "Sent by" in text


def test_a_paper_that_is_checked_renews_itself(phone, received):
    assert f'data-refresh="{reverse("document_status", args=[received.pk])}"' in page(phone, received)
    part = phone.get(reverse("document_status", args=[received.pk])).content.decode()
    assert part.startswith("<section")
    assert "We are checking it" in part


def test_a_paper_asked_for_again_has_the_reason_and_the_form(phone, ready, matter, pat):
    tagging.ask_again(ready, "The date is cut off.", actor=pat)
    text = page(phone, ready)
    assert "Please send it again" in text
    assert "The date is cut off." in text
    assert f'action="{reverse("send", args=[matter.pk])}"' in text
    assert 'type="file"' in text


def test_a_file_we_cannot_take_says_so_neutrally(phone, matter, maria):
    document = sent(EICAR, "photo.jpg", matter, maria)
    check(document)
    text = page(phone, document)
    assert "We could not open this file." in text
    assert 'type="file"' in text
    assert "<img" not in text


def test_a_fresh_paper_can_be_taken_back(phone, received, matter):
    assert "You can take it back for" in page(phone, received)
    phone.post(reverse("withdraw", args=[received.pk]))
    received.refresh_from_db()
    assert received.state == "withdrawn"
    assert "Taken out" in home(phone, matter)


@pytest.mark.parametrize("worked_on", [False, True])
def test_later_or_once_tagged_the_way_is_to_call(phone, ready, pat, monkeypatch, worked_on):
    if worked_on:
        tagging.tag(ready, Factor.objects.get(code="EDUCATION"), actor=pat)
    else:
        later = timezone.now() + timedelta(minutes=31)
        monkeypatch.setattr(timezone, "now", lambda: later)
    text = page(phone, ready)
    assert "Take it back" not in text
    assert "Call the office. They can take it out." in text


def test_a_paper_the_office_sent_says_so(phone, matter, pat):
    assert "the office, for you" in page(phone, sent(fixtures.pdf(pages=1), "carta.pdf", matter, pat))


def test_another_client_sees_none_of_it(browser, matter, received, ana):
    other = matters.open_matter("Other", actor=ana)
    luis = person("Luis Gómez", Role.CLIENT)
    matters.add_member(other, luis, actor=ana)
    for name, thing in (("matter", matter), ("send", matter), ("document", received), ("document_status", received)):
        assert browser(luis).get(reverse(name, args=[thing.pk])).status_code == 404, name


def test_looking_writes_nothing_but_the_view_of_a_page(phone, ready, matter):
    home(phone, matter)
    before = AuditEvent.objects.count()
    home(phone, matter), page(phone, ready), phone.get(reverse("document_status", args=[ready.pk]))
    assert AuditEvent.objects.count() == before


# Words


def test_every_state_and_review_has_its_words():
    assert set(SAID) == set(Document.State)
    assert set(REVIEWED) == set(Document.Review)


@pytest.mark.parametrize("state", ["held", "quarantined", "refused", "withdrawn", "checking"])
def test_no_state_is_told_in_a_frightening_word(phone, matter, received, state):
    Document.objects.filter(pk=received.pk).update(state=state, was="received", reason="infected")
    assert not FRIGHTENING.search(seen(home(phone, matter)) + seen(page(phone, received)))


def test_a_held_paper_is_simply_received(phone, matter, ready, pat):
    tagging.tag(ready, Factor.objects.get(code="CRIMINAL_HISTORY"), actor=pat)
    text = seen(home(phone, matter)) + seen(page(phone, ready))
    assert "Received" in text
    assert not re.search(r"hold|held|attorney", text, re.IGNORECASE)


def test_the_exhibits_title_is_not_for_the_client(phone, ready, pat):
    tagging.name_exhibit(ready, "Proof of the arrest", actor=pat)
    assert "arrest" not in page(phone, ready)


def test_titles_tell_nothing(phone, ready, matter):
    titles = re.findall("<title>(.*)</title>", home(phone, matter) + page(phone, ready))
    assert titles == ["Your papers", "Your papers"]


def test_a_hostile_name_is_shown_as_text(phone, matter, maria):
    document = sent(fixtures.pdf(pages=1), "<img src=x onerror=alert(1)>.pdf", matter, maria)
    assert "<img src=x" not in home(phone, matter) + page(phone, document)


def test_how_long_ago_is_told_in_one_unit():
    now = timezone.now()
    assert (ago(now), ago(now - timedelta(hours=3, minutes=5))) == ("just now", "3\xa0hours ago")


@pytest.mark.parametrize("name", ["matter", "send"])
def test_a_page_of_a_client_is_small(phone, matter, ready, name):
    assert len(phone.get(reverse(name, args=[matter.pk])).content) < 24_000
