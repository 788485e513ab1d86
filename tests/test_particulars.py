"""What somebody of the team read on a paper: noted once, kept sealed, on the record, and never shown to a client."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import User
from documents import history, particulars, questions, tagging
from documents.models import Document, DocumentType, Factor, Matter
from portal.hours import today
from tests.conftest import Browser
from tests.papers import paper, shut


@pytest.fixture
def lease(matter: Matter, maria: User) -> Document:
    return paper(matter, maria, item_id="lease")


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def now(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def away(document: Document, state: str = "withdrawn") -> Document:
    shut(document, state=state)
    return now(document)


def tagged(document: Document, code: str, user: User) -> Document:
    tagging.tag(document, Factor.objects.get(code=code), actor=user)
    return document


def asked(document: Document) -> set[str]:
    return {question.code for question in questions.asked_of(document)}


def typed(document: Document, **answers: object) -> dict[str, object]:
    """What a browser sends: every field, and what it held when the page was made."""
    was = {f"initial-says-{code}": kept for code, kept in document.particulars.items()}
    return {**was, **{f"says-{code}": answer for code, answer in answers.items()}}


def save(client: Client, document: Document, **answers: object):
    return client.post(reverse("note", args=[document.pk]), typed(document, **answers))


# Which questions are asked


def test_every_paper_is_asked_its_language_and_its_day(matter, maria):
    assert asked(paper(matter, maria)) == {"language", "dated"}


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("support_letter", "signed"), ("doctor_letter", "signed"), ("passport", "expires"), ("passport", "entered"),
        ("client_declaration", "perjury"), ("witness_decl", "interpreted"), ("court_disposition", "certified"),
        ("vacatur_order", "sealed"), ("country_report", "url"), ("family_photos", "minors"), ("lease", "covers_from"),
        ("tax_transcript", "covers_to"), ("marriage_cert", "married"), ("child_birth_cert", "us_born"),
    ],
)  # fmt: skip
def test_a_kind_of_paper_is_asked_its_own(matter, maria, item, code):
    assert code in asked(paper(matter, maria, item_id=item))


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("REPRESENTATION", "a_number"), ("REPRESENTATION", "signed"), ("DECLARATION", "perjury"),
        ("TRANSLATION", "holds_original"), ("TRANSLATION", "translator_phone"), ("PHOTO_EXHIBIT", "who"),
    ],
)  # fmt: skip
def test_so_is_a_tagged_one(matter, maria, pat, tag, code):
    assert code in asked(tagged(paper(matter, maria), tag, pat))


def test_a_photo_says_when_in_words_and_has_no_date(matter, maria):
    assert "dated" not in asked(paper(matter, maria, item_id="family_photos"))


def test_without_an_a_number_there_is_none_to_compare(matter, maria, pat):
    form = tagged(paper(matter, maria), "REPRESENTATION", pat)
    form.matter.a_number = ""
    assert "a_number" not in asked(form)


def test_every_type_and_tag_that_is_asked_exists(db):
    known = {*Factor.objects.values_list("pk", flat=True)}
    types = {*DocumentType.objects.values_list("pk", flat=True)}
    for each in questions._ASKED:
        assert each.types <= types
        assert each.tags <= known


# Noting


def test_an_answer_is_kept_and_on_the_record_without_what_it_says(lease, pat):
    particulars.note(lease, {"language": "es", "covers_from": "2020-01-31"}, actor=pat)
    assert now(lease).particulars == {"language": "es", "covers_from": "2020-01-31"}
    event = trail(lease.audit_chain)[0]
    assert (event.kind, event.actor, event.facts) == ("noted", pat, {"codes": ["covers_from", "language"]})


def test_the_record_reads_as_a_sentence(lease, matter, pat):
    particulars.note(lease, {"language": "es"}, actor=pat)
    line = history.told(matter, [trail(lease.audit_chain)[0]])[0]
    assert line.text == "Pat Nguyen noted what Document 1 says."


def test_it_is_sealed_in_the_database(matter, maria, pat):
    photos = paper(matter, maria, item_id="family_photos")
    particulars.note(photos, {"who": "Lucia and Maria"}, actor=pat)
    with connection.cursor() as cursor:
        cursor.execute("SELECT particulars FROM documents_document WHERE id = %s", [photos.pk])
        assert "Lucia" not in cursor.fetchone()[0]


def test_the_same_again_is_not_on_the_record(lease, pat):
    particulars.note(lease, {"language": "es"}, actor=pat)
    before = trail(lease.audit_chain).count()
    particulars.note(lease, {"language": "es", "dated": None}, actor=pat)
    assert trail(lease.audit_chain).count() == before


def test_nothing_takes_an_answer_away_and_the_others_stay(lease, pat):
    particulars.note(lease, {"language": "es", "dated": "2020-01-31"}, actor=pat)
    particulars.note(lease, {"language": None}, actor=pat)
    assert now(lease).particulars == {"dated": "2020-01-31"}


def test_no_is_an_answer(matter, maria, pat):
    letter = paper(matter, maria, item_id="support_letter")
    particulars.note(letter, {"signed": False}, actor=pat)
    unread, missing = particulars.lacking(now(letter), "signed", "dated")
    assert ([each.code for each in unread], [each.code for each in missing]) == (["dated"], ["signed"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"signed": True}, {"nonsense": "x"}, {"language": "fr"}, {"language": ["en"]}, {"language": True},
        {"dated": "2020-02-31"}, {"dated": "yesterday"}, {"dated": True}, {"dated": "2999-01-01"},
        {"covers_from": "2020-02-01", "covers_to": "2020-01-01"},
    ],
)  # fmt: skip
def test_what_is_not_asked_or_not_an_answer_is_refused_whole(lease, pat, wrong):
    with pytest.raises(particulars.CannotNote):
        particulars.note(lease, {"language": "en", **wrong}, actor=pat)
    assert now(lease).particulars == {}


def test_a_day_that_has_come_here_is_taken_today(lease, pat):
    particulars.note(lease, {"dated": today()}, actor=pat)
    with pytest.raises(particulars.CannotNote, match="has not come"):
        particulars.note(lease, {"dated": today() + timedelta(days=1)}, actor=pat)


def test_a_text_has_an_end(matter, maria, pat):
    photos = paper(matter, maria, item_id="family_photos")
    with pytest.raises(particulars.CannotNote):
        particulars.note(photos, {"who": "x" * 201}, actor=pat)


def test_what_is_not_ready_says_nothing_yet(matter, maria, pat):
    with pytest.raises(particulars.CannotNote, match="not ready"):
        particulars.note(away(paper(matter, maria)), {"language": "en"}, actor=pat)


# All the others at once


def test_the_others_are_in_english(lease, matter, maria, pat):
    particulars.note(lease, {"language": "es"}, actor=pat)
    rest = [paper(matter, maria), paper(matter, maria)]
    gone = away(paper(matter, maria))
    assert particulars.note_language(matter, "en", actor=pat) == 2
    assert [particulars.language(now(each)) for each in [lease, *rest, gone]] == ["es", "en", "en", ""]


def test_it_is_on_the_record_once_with_their_numbers(lease, matter, pat):
    particulars.note_language(matter, "en", actor=pat)
    before = trail(matter.audit_chain).count()
    assert particulars.note_language(matter, "en", actor=pat) == 0
    assert trail(matter.audit_chain).count() == before
    event = trail(matter.audit_chain)[0]
    assert event.facts == {"codes": ["language"], "language": "en", "documents": [1]}
    assert history.told(matter, [event])[0].text == "Pat Nguyen noted the language of all papers without one."


def test_there_is_no_such_language(matter, pat):
    with pytest.raises(particulars.CannotNote):
        particulars.note_language(matter, "xx", actor=pat)


# The pages


def test_the_page_of_a_paper_asks_and_saving_stays_there(lease, pats):
    where = reverse("document", args=[lease.pk])
    assert "What this paper says" in pats.get(where).content.decode()
    assert save(pats, lease, language="en", dated="2020-01-31", covers_from="", covers_to="")["Location"] == where
    assert now(lease).particulars == {"language": "en", "dated": "2020-01-31"}
    page = pats.get(where).content.decode()
    assert "2 not noted yet" in page
    assert 'value="2020-01-31"' in page


def test_what_a_colleague_noted_meanwhile_stays(lease, pats, ana):
    seen = now(lease)
    particulars.note(lease, {"language": "es"}, actor=ana)
    save(pats, seen, language="", dated="2020-01-31")
    assert now(lease).particulars == {"language": "es", "dated": "2020-01-31"}


def test_what_cannot_be_so_is_shown_again_as_it_was_typed(lease, pats):
    answer = save(pats, lease, language="en", covers_from="2020-02-31")
    assert (answer.status_code, "2020-02-31" in answer.content.decode()) == (422, True)
    answer = save(pats, lease, language="en", covers_from="2020-02-01", covers_to="2020-01-01")
    assert (answer.status_code, now(lease).particulars) == (422, {})
    assert "The last day it covers is before the first one." in answer.content.decode()
    assert 'value="2020-02-01"' in answer.content.decode()


def test_one_button_on_the_list_says_the_rest(lease, matter, maria, pats):
    paper(matter, maria)
    where = reverse("matter", args=[matter.pk])
    assert "The language of 2 papers is not noted yet." in pats.get(where).content.decode()
    pats.post(reverse("note_language", args=[matter.pk]), {"language": "en"})
    assert "The others are in English" not in pats.get(where).content.decode()
    assert particulars.language(now(lease)) == "en"


def test_a_language_of_nobodys_list_changes_nothing(lease, matter, pats):
    pats.post(reverse("note_language", args=[matter.pk]), {"language": "xx"})
    assert now(lease).particulars == {}


def test_the_client_never_sees_it(lease, browser, maria, pat):
    particulars.note(lease, {"language": "es", "dated": "2011-11-11"}, actor=pat)
    page = browser(maria).get(reverse("document", args=[lease.pk])).content.decode()
    assert not [word for word in ("What this paper says", "2011", "says-language") if word in page]
    assert save(browser(maria), lease, language="en").status_code == 403


def test_a_paper_on_its_way_takes_no_notes(matter, maria, pats):
    held = away(paper(matter, maria), "held")
    assert save(pats, held, language="en").status_code == 302
    assert now(held).particulars == {}
