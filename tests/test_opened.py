"""Who opened your papers: the people of the firm, by name, and nothing that is not the client's to know."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts import audit
from accounts.models import AuditEvent, User
from documents import history, quarantine, tagging
from documents.models import Document, Factor, Matter
from documents.packets import order
from documents.packets.binding import bind_packet
from documents.views import receipts
from tests.conftest import Browser, made_ready, simple_pdf
from tests.papers import paper, shut

Kind = AuditEvent.Kind


@pytest.fixture
def phone(browser: Browser, maria: User) -> Client:
    maria.language = "en"
    maria.save()
    return browser(maria)


@pytest.fixture
def letter(matter: Matter, maria: User) -> Document:
    return paper(matter, maria, name="letter.pdf")


def note(about: Model, actor: User | None, kind: Kind = Kind.VIEWED, outcome: str = "done") -> AuditEvent:
    with transaction.atomic():
        return audit.record(kind, about, actor=actor, outcome=outcome)


def at(event: AuditEvent, when: datetime) -> None:
    """As if it had happened then: past the guard that lets nobody change the record."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        AuditEvent.objects.filter(pk=event.pk).update(at=when)
        cursor.execute("SET session_replication_role = origin")


def shown(client: Client, matter: Matter, query: str = "") -> str:
    answer = client.get(reverse("opened", args=[matter.pk]) + query)
    assert answer.status_code == 200
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def count(text: str) -> int:
    return text.count("UTC")


# Works


def test_before_anybody_looked_it_says_so(phone, matter, letter):
    assert "Nobody of the office has opened your papers yet." in shown(phone, matter)


def test_who_looked_at_a_page_is_named(phone, browser, pat, matter, maria):
    document = made_ready(simple_pdf(2), "carta.pdf", matter, maria)
    staff = browser(pat)
    for number in (1, 2):
        assert staff.get(reverse("page", args=[document.pk, number])).status_code == 200
    text = shown(phone, matter)
    assert "carta.pdf" in text
    assert "Pat Nguyen , Paralegal" in text
    assert "Nobody" not in text
    assert count(text) == 1


def test_who_saved_the_file_is_named(phone, browser, ana, matter, maria):
    document = made_ready(simple_pdf(2), "carta.pdf", matter, maria)
    b"".join(browser(ana).get(reverse("original", args=[document.pk])))
    assert "Ana Cortés , Attorney · saved a copy" in shown(phone, matter)


def test_who_looked_at_a_paper_in_a_packet_is_named(phone, browser, ana, matter, accepted, request_):
    packet = order.order(request_, actor=ana)
    bind_packet(packet)
    own, generated = (
        packet.ledger.filter(document__isnull=none).values_list("number", flat=True)[0] for none in (False, True)
    )
    staff = browser(ana)
    assert staff.get(reverse("packet_page", args=[packet.pk, generated])).status_code == 200
    assert "Nobody of the office" in shown(phone, matter)
    assert staff.get(reverse("packet_page", args=[packet.pk, own])).status_code == 200
    assert "Ana Cortés , Attorney" in shown(phone, matter)


def test_one_persons_looks_within_the_hour_are_one_line(phone, matter, letter, pat, ana):
    hour = datetime(2026, 11, 24, 15, tzinfo=ZoneInfo("UTC"))
    for minutes in (5, 20, 59):
        at(note(letter, pat), hour + timedelta(minutes=minutes))
    at(note(letter, ana), hour + timedelta(minutes=30))
    found = list(history.openings(matter, [str(letter.pk)]))
    assert [(one["actor__name"], one["last"].minute) for one in found] == [("Pat Nguyen", 59), ("Ana Cortés", 30)]
    at(note(letter, pat), hour + timedelta(minutes=61))
    assert history.openings(matter, [str(letter.pk)]).count() == 3


def test_the_newest_is_first_under_the_offices_day(phone, matter, letter, pat, ana):
    at(note(letter, pat), datetime(2026, 11, 23, 20, tzinfo=ZoneInfo("UTC")))
    at(note(letter, ana), datetime(2026, 11, 25, 3, tzinfo=ZoneInfo("UTC")))  # the evening before, in Chicago
    text = shown(phone, matter)
    places = [text.index(words) for words in ("Nov. 24, 2026 ", "Ana Cortés", "Nov. 23, 2026 ", "Pat Nguyen")]
    assert places == sorted(places)


def test_it_comes_in_pages(phone, matter, letter, pat, monkeypatch):
    monkeypatch.setattr(receipts, "OPENINGS_A_PAGE", 2)
    for day in range(1, 6):
        at(note(letter, pat), datetime(2026, 11, day, 12, tzinfo=ZoneInfo("UTC")))
    assert "1 of 3" in shown(phone, matter)
    assert [count(shown(phone, matter, f"?page={n}")) for n in (1, 2, 3)] == [2, 2, 1]
    assert count(shown(phone, matter, "?page=-9&page=x")) == 2


def test_it_asks_no_more_of_the_database_for_more_lines(phone, matter, letter, pat, django_assert_max_num_queries):
    for day in range(1, 20):
        at(note(letter, pat), datetime(2026, 11, day, 12, tzinfo=ZoneInfo("UTC")))
    with django_assert_max_num_queries(10):
        shown(phone, matter)


# Never


def test_the_portals_own_work_and_ones_own_looks_are_left_out(phone, matter, letter, maria):
    note(letter, None)
    note(letter, maria)
    assert "Nobody of the office" in shown(phone, matter)


def test_what_never_left_is_left_out(phone, matter, letter, pat):
    note(letter, pat, Kind.DOWNLOADED, outcome="tampered")
    assert "Nobody of the office" in shown(phone, matter)


def test_work_on_a_paper_is_not_told(phone, matter, letter, pat, ana):
    tagging.tag(letter, Factor.objects.get(code="CRIMINAL_HISTORY"), actor=pat)
    tagging.lift_hold(letter.holds.get(), why="Known.", actor=ana)
    tagging.accept(letter, actor=ana)
    shut(letter, state=Document.State.QUARANTINED)
    letter.refresh_from_db()
    quarantine.propose(letter, "release", "Known to the office.", actor=ana)
    note(matter, pat)
    assert "Nobody of the office" in shown(phone, matter)


def test_papers_of_others_and_of_other_matters_are_not_told(phone, matter, letter, pat, browser, ana, max_):
    elsewhere = Matter.objects.create(respondent="Other", number=900, key=bytes(matter.key))
    for document in (paper(matter, pat, name="internal.pdf"), paper(elsewhere, max_, name="theirs.pdf")):
        note(document, ana)
    assert "Nobody of the office" in shown(phone, matter)


def test_a_paper_the_office_sent_for_the_client_is_told(phone, matter, pat, ana):
    note(paper(matter, pat, name="for you.pdf", on_behalf=True), ana)
    assert "for you.pdf" in shown(phone, matter)


def test_a_purged_paper_is_not_told(phone, matter, letter, pat):
    note(letter, pat)
    shut(letter, state=Document.State.PURGED)
    assert "Nobody of the office" in shown(phone, matter)


def test_a_name_is_words_and_never_markup(phone, matter, letter, pat):
    User.objects.filter(pk=pat.pk).update(name="<b>Pat</b>")
    note(letter, pat)
    assert "<b>Pat" not in phone.get(reverse("opened", args=[matter.pk])).content.decode()


def test_it_is_only_read(phone, matter):
    assert phone.post(reverse("opened", args=[matter.pk])).status_code == 405
