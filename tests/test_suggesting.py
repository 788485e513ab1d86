"""Suggestions: what they are guessed from, that they are no tags, and what a person makes of them with one key."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.audit import trail
from accounts.models import User
from documents import checklist, suggesting, tagging
from documents.models import Document, DocumentType, Factor, Matter, Page, PageText, Suggestion
from documents.models.coding import Decision, Source
from tests.conftest import Browser, made_ready, simple_pdf
from tests.papers import paper

FAMILY, CRIME = "FAMILY_USC_LPR", "CRIMINAL_HISTORY"
MARRIED = "STATE OF ILLINOIS\nCertificate of  Marriage\nThis certifies that"


@pytest.fixture
def ready(matter: Matter, maria: User) -> Document:
    return paper(matter, maria, pages=3)


@pytest.fixture
def pats(browser: Browser, pat: User) -> Client:
    return browser(pat)


def says(document: Document, page: int, text: str) -> None:
    found = Page.objects.get(document=document, number=page)
    PageText.objects.create(page=found, text=text, source=PageText.Source.LAYER)


def guessed(document: Document) -> dict[str, Suggestion]:
    suggesting.suggest(document)
    return {guess.factor_id: guess for guess in document.guesses.all()}


def decide(client: Client, document: Document, factor: str, do: str):
    return client.post(reverse("suggestion", args=[document.pk]), {"factor": factor, "do": do}, follow=True)


# What they are guessed from


def test_its_kind_of_paper_says_what_it_serves(ready):
    Document.objects.filter(pk=ready.pk).update(item=DocumentType.objects.get(code="marriage_cert"))
    found = guessed(ready)
    assert set(found) == {FAMILY, "MILITARY_FAMILY"}
    assert found[FAMILY].source == Source.TYPE


def test_what_it_was_asked_for_as_counts_first(ready, matter, pat):
    asked = checklist.add(matter, item=DocumentType.objects.get(code="diploma"), actor=pat)
    Document.objects.filter(pk=ready.pk).update(asked=asked, item=DocumentType.objects.get(code="passport"))
    assert {code: each.source for code, each in guessed(ready).items()} == {"EDUCATION": Source.CHECKLIST}


def test_the_kind_that_says_nothing_suggests_nothing(ready):
    Document.objects.filter(pk=ready.pk).update(item=DocumentType.objects.get(code="other"))
    assert guessed(ready) == {}


@pytest.mark.parametrize("name", ["Acta_de_Matrimonio (1).pdf", "ACTA MATRIMONIO.jpg", "marriage-certificate.pdf"])
def test_its_file_name_is_read_in_both_languages(matter, maria, name):
    assert guessed(paper(matter, maria, name=name))[FAMILY].source == Source.NAME


def test_its_words_are_read_with_the_pages_they_stand_on(ready):
    says(ready, 1, "Estimado juez:")
    says(ready, 2, MARRIED)
    found = guessed(ready)[FAMILY]
    assert (found.source, found.first_page, found.last_page) == (Source.TEXT, 2, 2)


def test_accents_and_small_words_do_not_matter(ready):
    says(ready, 1, "CERTIFICACIÓN\nDECLARACIÓN DE LOS IMPUESTOS")
    assert "TAXES" in guessed(ready)


def test_part_of_a_word_tells_nothing(ready):
    says(ready, 1, "passports24 expungedness")
    assert guessed(ready) == {}


def test_two_grounds_come_before_one(ready):
    Document.objects.filter(pk=ready.pk).update(item=DocumentType.objects.get(code="marriage_cert"))
    says(ready, 1, MARRIED)
    suggesting.suggest(ready)
    assert [(each.factor_id, each.grounds) for each in ready.guesses.all()][0] == (FAMILY, 2)


def test_every_telling_factor_exists_and_its_words_are_told_apart(db):
    assert set(suggesting.telling()) <= set(Factor.objects.values_list("code", flat=True))
    assert all(len(phrase.strip()) > 5 for phrases in suggesting.telling().values() for phrase in phrases)


def test_a_document_that_is_not_ready_has_none(received):
    assert suggesting.suggest(received) == 0


def test_they_come_when_it_becomes_ready(matter, maria):
    from_name = made_of("acta de matrimonio.pdf", matter, maria)
    assert [guess.factor_id for guess in from_name.guesses.all()] == [FAMILY]


def made_of(name: str, matter: Matter, sender: User) -> Document:
    return made_ready(simple_pdf(1), name, matter, sender)


# No tags, and none of anybody's until they are


def test_a_suggestion_is_no_tag_places_no_hold_and_stands_on_no_board(ready, browser, ana, matter):
    says(ready, 1, "Arrest report")
    assert CRIME in guessed(ready)
    assert not ready.tags.exists()
    assert not ready.on_hold
    board = browser(ana).get(reverse("board", args=[matter.pk]))
    assert board.context["board"].negative.supported == 0
    with pytest.raises(tagging.CannotAccept):
        tagging.accept(ready, actor=ana)


def test_its_client_reads_nothing_of_it(ready, browser, maria):
    says(ready, 1, MARRIED)
    suggesting.suggest(ready)
    page = browser(maria).get(reverse("document", args=[ready.pk])).content.decode()
    assert "Familia ciudadana" not in page
    assert "Sugerido" not in page


# What a person makes of them


def test_one_key_makes_it_that_persons_tag(ready, pats, pat):
    says(ready, 2, MARRIED)
    suggesting.suggest(ready)
    decide(pats, ready, FAMILY, "confirm")
    tag = ready.tags.get()
    assert (tag.factor_id, tag.tagged_by, tag.first_page, tag.last_page) == (FAMILY, pat, 2, 2)
    assert ready.guesses.get().decision == Decision.CONFIRMED
    assert trail(ready.audit_chain)[0].facts["origin"] == "suggested"


def test_confirming_what_may_harm_holds_the_document(ready, pats):
    says(ready, 1, "Booking report")
    suggesting.suggest(ready)
    page = decide(pats, ready, CRIME, "confirm").content.decode()
    assert ready.on_hold
    assert "It is on attorney hold now." in page


def test_what_is_rejected_does_not_come_back(ready, pats, pat):
    says(ready, 1, MARRIED)
    suggesting.suggest(ready)
    decide(pats, ready, FAMILY, "reject")
    assert suggesting.suggest(ready) == 0
    guess = ready.guesses.get()
    assert (guess.decision, guess.decided_by) == (Decision.REJECTED, pat)
    event = trail(ready.audit_chain)[0]
    assert (event.kind, event.outcome, event.facts) == ("suggestion_decided", "rejected", {"factor": FAMILY})


def test_a_tag_of_ones_own_confirms_it_too(ready, pat):
    says(ready, 1, MARRIED)
    suggesting.suggest(ready)
    tagging.tag(ready, Factor.objects.get(pk=FAMILY), actor=pat)
    assert ready.guesses.get().decided_by == pat


def test_what_nobody_suggested_is_not_confirmed(ready, pats):
    decide(pats, ready, FAMILY, "confirm")
    assert not ready.tags.exists()


@pytest.mark.parametrize("typed", [{}, {"factor": "NO"}, {"factor": FAMILY, "do": "\0"}, {"do": "confirm"}])
def test_hostile_answers_change_nothing(ready, pats, typed):
    says(ready, 1, MARRIED)
    suggesting.suggest(ready)
    pats.post(reverse("suggestion", args=[ready.pk]), typed)
    assert ready.guesses.get().decision == Decision.PROPOSED


def test_suggesting_twice_says_it_once_on_the_record(ready):
    says(ready, 1, MARRIED)
    assert suggesting.suggest(ready) == suggesting.suggest(ready) == 1
    assert [event.kind for event in trail(ready.audit_chain)].count("suggested") == 1


def test_a_range_that_is_no_longer_there_becomes_the_whole_document(ready, pat):
    says(ready, 3, MARRIED)
    suggesting.suggest(ready)
    Page.objects.filter(document=ready, number=3).delete()
    Document.objects.filter(pk=ready.pk).update(pages=2)
    guess = Suggestion.objects.select_related("document", "factor").get()
    assert suggesting.confirm(guess, actor=pat).first_page is None


def test_they_are_violet_numbered_and_have_keys(ready, pats):
    says(ready, 1, MARRIED)
    suggesting.suggest(ready)
    page = pats.get(reverse("document", args=[ready.pk])).content.decode()
    assert 'data-tone="guess"' in page
    assert 'data-key="1 y"' in page
    assert 'data-key="x"' in page


def test_the_database_keeps_one_a_factor_and_decided_by_somebody(ready):
    factor = Factor.objects.get(pk=FAMILY)
    Suggestion.objects.create(document=ready, factor=factor, source="text")
    for wrong in (
        {"factor": factor},
        {"factor_id": CRIME, "decision": "rejected"},
        {"factor_id": CRIME, "first_page": 2},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Suggestion.objects.create(document=ready, source="text", **wrong)
