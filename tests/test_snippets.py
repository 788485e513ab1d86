"""The firm's own paragraphs: kept and put away on the record, of no client, and filled in where they are used."""

import pytest
from django.urls import reverse

from accounts.audit import trail
from accounts.models import AuditEvent
from documents import matters, snippets
from documents.models import Factor, Snippet
from documents.packets import order
from documents.packets.letter import dangling
from tests.test_drafting import filed

pytestmark = pytest.mark.django_db
WHERE = "/snippets/"
TEXT = "School binds {client} to this country, see {tab:EDUCATION}."


@pytest.fixture
def school(firm):
    return Factor.objects.get(code="EDUCATION")


@pytest.fixture
def kept(school, ana):
    return snippets.keep(school, "Ties by school", TEXT, actor=ana)


def events():
    found = trail("accounts").filter(kind=AuditEvent.Kind.SNIPPET_KEPT)
    return [(event.facts["factor"], event.facts["action"], event.actor and event.actor.name) for event in found]


def typed(**changed):
    return {"factor": "EDUCATION", "title": "Ties by school", "text": TEXT, **changed}


def test_keeping_and_putting_away_are_on_the_record_without_the_words(kept, ana):
    snippets.put_away(kept, actor=ana)
    snippets.put_away(kept, actor=ana)
    assert events() == [("EDUCATION", "put_away", ana.name), ("EDUCATION", "kept", ana.name)]


def test_one_that_replaces_another_puts_it_away(kept, school, ana):
    snippets.keep(school, "Ties by school", "Another.", instead=kept, actor=ana)
    assert list(Snippet.objects.filter(put_away_at=None).values_list("text", flat=True)) == ["Another."]


@pytest.mark.parametrize(
    "text", ["Maria Rodríguez went to school.", "Her number is A123-456-789.", "SSN 123-45-6789."],
    ids=["name", "a number", "ssn"],
)  # fmt: skip
def test_a_clients_name_or_number_is_not_kept(matter, school, ana, text):
    with pytest.raises(snippets.CannotKeep):
        snippets.keep(school, "Title", text, actor=ana)
    assert not Snippet.objects.exists()


@pytest.mark.parametrize("mark", ["{tab:D7}", "{name}", "{tab:EDUCATION p.2}", "{tab:NOTHING}", "{client"])
def test_a_mark_that_nothing_fills_is_not_kept(school, ana, mark):
    with pytest.raises(snippets.CannotKeep):
        snippets.keep(school, "Title", f"See {mark}.", actor=ana)


def test_it_is_filled_in_for_one_letter():
    assert snippets.filled(TEXT, "Maria R.", {"EDUCATION": "{tab:D3 p.2}"}) == (
        "School binds Maria R\\. to this country, see {tab:D3 p.2}."
    )


def test_the_letter_page_offers_it_with_a_citation_that_leads_somewhere(kept, request_, pat, browser):
    filed(request_, pat, "Diploma", "EDUCATION")
    html = browser(pat).get(reverse("letter", args=[request_.pk])).content.decode()
    assert "School binds Maria Rodríguez to this country, see {tab:D1}." in html
    assert dangling("{tab:D1}", order.freeze(request_)) == []


def test_one_that_was_put_away_is_offered_no_more(kept, request_, pat, ana, browser):
    filed(request_, pat, "Diploma", "EDUCATION")
    snippets.put_away(kept, actor=ana)
    assert "School binds" not in browser(pat).get(reverse("letter", args=[request_.pk])).content.decode()


def test_an_attorney_keeps_one_on_the_page(school, ana, browser):
    answer = browser(ana).post(WHERE, typed())
    assert (answer.status_code, answer["Location"]) == (302, WHERE)
    assert Snippet.objects.get().by == ana
    assert "Ties by school" in browser(ana).get(WHERE).content.decode()


def test_what_was_typed_is_kept_when_it_is_not_taken(matter, ana, browser):
    answer = browser(ana).post(WHERE, typed(text="Maria Rodríguez went to school."))
    assert answer.status_code == 422
    assert "Maria Rodríguez went to school." in answer.content.decode()
    assert "A client&#x27;s name stands in it." in answer.content.decode()


def test_one_is_changed_on_the_page(kept, ana, browser):
    client = browser(ana)
    assert TEXT in client.get(f"{WHERE}?change={kept.pk}").content.decode()
    client.post(WHERE, typed(text="Another.", instead=kept.pk))
    kept.refresh_from_db()
    assert kept.put_away_at
    assert Snippet.objects.get(put_away_at=None).text == "Another."


def test_a_paralegal_reads_and_does_not_write(kept, pat, browser):
    client = browser(pat)
    html = client.get(WHERE).content.decode()
    assert "Ties by school" in html
    assert "Keep it" not in html
    assert client.post(WHERE, typed()).status_code == 403
    assert client.post(reverse("snippet_put_away", args=[kept.pk])).status_code == 403


def test_neither_clients_nor_the_administrator_see_them(kept, maria, ada, browser):
    for person in (maria, ada):
        assert browser(person).get(WHERE).status_code == 403


def test_one_that_is_gone_is_not_there(kept, ana, browser):
    where = reverse("snippet_put_away", args=[kept.pk])
    assert browser(ana).post(where).status_code == 302
    assert browser(ana).post(where).status_code == 404


def test_html_in_one_is_text(school, ana, browser):
    snippets.keep(school, "<b>x</b>", "<script>alert(1)</script>", actor=ana)
    html = browser(ana).get(WHERE).content.decode()
    assert "<script>alert" not in html
    assert "&lt;b&gt;x" in html


def test_a_name_of_one_word_stands_in_nobodys_way(school, ana):
    matters.open_matter("School", actor=ana)
    assert snippets.keep(school, "Title", "School binds people.", actor=ana)
