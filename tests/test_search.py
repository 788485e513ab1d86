"""Search within a matter: what is found, by whom, and that nothing else is found or counted."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from documents import blind, matters, searching, tagging, vault
from documents.models import Document, Factor, Matter, Page, PageText
from tests.conftest import Browser
from tests.papers import judged, paper, shut

SPANISH = "Acta de nacimiento de Óscar Rodríguez, expedida en San Salvador."


def written(document: Document, *texts: str, language: str = "es") -> Document:
    """The document with these words on its pages, as they are kept once they were read."""
    key = vault.index_key(bytes(document.matter.key))
    pages = Page.objects.filter(document=document).order_by("number")
    PageText.objects.bulk_create(
        PageText(page=page, text=text, source="ocr", language=language, words=blind.vector(text, key))
        for page, text in zip(pages, texts, strict=False)
    )
    return document


@pytest.fixture
def birth(matter: Matter, maria: User) -> Document:
    return written(paper(matter, maria, pages=2), "Carta", SPANISH)


def sought(client: Client, matter: Matter, q: str, status: int = 200, **more: object) -> str:
    answer = client.post(f"/matters/{matter.pk}/search/", {"q": q, **more})
    assert answer.status_code == status
    return answer.content.decode()


def test_a_page_is_found_by_its_words(birth: Document, browser: Browser, pat: User) -> None:
    text = sought(browser(pat), birth.matter, '"oscar rodriguez" actas')
    assert f'/documents/{birth.pk}/#page-2"' in text
    assert "<mark>Acta</mark> de nacimiento de <mark>Óscar</mark> <mark>Rodríguez</mark>" in text
    assert "#page-1" not in text
    assert 'lang="es"' in text


def test_what_stands_nowhere_is_said_kindly(birth: Document, browser: Browser, pat: User) -> None:
    assert "No page has all of these words." in sought(browser(pat), birth.matter, "defunción")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Write a word"),
        ("  ", "Write a word"),
        ("de la", "Such words stand on every page"),
        ("...", "Such words"),
        ("a1 " * 30, "These are many words"),
        ("x" * 101, "at most 100"),
    ],
)
def test_what_cannot_be_sought_is_said_and_kept(
    birth: Document, browser: Browser, pat: User, typed: str, said: str
) -> None:
    text = sought(browser(pat), birth.matter, typed, status=422)
    assert said in text


@pytest.mark.parametrize(
    "typed", ["'; DROP TABLE", "<script>alert(1)</script>", "& | ! ()", '"" "', "\\' :* <->", "%s %(q)s"]
)
def test_nothing_that_is_typed_does_more_than_seek(birth: Document, browser: Browser, pat: User, typed: str) -> None:
    answer = browser(pat).post(f"/matters/{birth.matter_id}/search/", {"q": typed, "page": "-9x"})
    assert answer.status_code in {200, 422}
    assert b"<script>alert" not in answer.content


def test_what_stands_on_a_page_is_shown_and_not_obeyed(
    matter: Matter, maria: User, browser: Browser, pat: User
) -> None:
    written(paper(matter, maria), "acta <img src=x onerror=alert(1)> & más")
    text = sought(browser(pat), matter, "acta")
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


def test_no_word_of_a_query_reaches_the_database(birth: Document, browser: Browser, pat: User) -> None:
    client = browser(pat)
    with CaptureQueriesContext(connection) as asked:
        sought(client, birth.matter, "rodriguez nacimiento")
    said = " ".join(query["sql"] for query in asked).lower()
    assert "@@" in said
    assert "rodr" not in said
    assert "nacim" not in said


# Who finds what


def test_a_client_searches_nothing(birth: Document, browser: Browser, maria: User) -> None:
    sought(browser(maria), birth.matter, "acta", status=403)


def test_who_is_not_on_the_matter_finds_nothing_there(birth: Document, browser: Browser, max_: User) -> None:
    sought(browser(max_), birth.matter, "acta", status=404)


def test_another_matter_is_not_searched(birth: Document, browser: Browser, ana: User, maria: User) -> None:
    other = matters.open_matter("Quispe, Óscar", "", actor=ana)
    written(paper(other, maria), SPANISH)
    text = sought(browser(ana), birth.matter, "acta")
    assert text.count("#page-") == 1


@pytest.mark.parametrize("state", ["withdrawn", "quarantined", "refused", "held", "purged", "clean"])
def test_what_is_not_ready_is_neither_found_nor_counted(
    birth: Document, matter: Matter, maria: User, browser: Browser, pat: User, state: str
) -> None:
    gone = written(paper(matter, maria), SPANISH)
    PageText.objects.create(page=Page.objects.get(document=gone, number=2), source="none")
    shut(gone, state=state)
    text = sought(browser(pat), matter, "acta")
    assert "1 page<" in text
    assert str(gone.pk) not in text
    assert "1 document is still to be read." in text  # the one that is found
    assert "could not be read" not in text


def test_what_was_found_infected_since_is_not_found(birth: Document, browser: Browser, pat: User) -> None:
    judged(birth, "infected")
    assert "No page has all of these words." in sought(browser(pat), birth.matter, "acta")
    assert "still to be read" not in sought(browser(pat), birth.matter, "acta")


def test_what_somebody_may_not_see_is_neither_found_nor_counted(
    birth: Document, matter: Matter, maria: User, ana: User
) -> None:
    """Whatever narrows access.documents narrows search: here as for a client, who sees only what was sent for her."""
    written(paper(matter, ana), SPANISH)
    wanted = blind.terms("acta")
    assert searching.pages(ana, matter, wanted).count() == 2
    assert searching.unread(ana, matter) == 2
    assert searching.pages(maria, matter, wanted).count() == 1
    assert searching.unread(maria, matter) == 1


# How much


def test_further_pages_of_results_are_asked_for_without_an_address(
    matter: Matter, maria: User, browser: Browser, pat: User
) -> None:
    written(paper(matter, maria, pages=30), *[SPANISH] * 30)
    client = browser(pat)
    first = sought(client, matter, "acta")
    assert "30 pages" in first
    assert first.count("#page-") == 25
    assert 'name="q" value="acta"' in first
    assert sought(client, matter, "acta", page=2).count("#page-") == 5


def test_as_many_queries_for_a_thousand_pages_as_for_ten(
    matter: Matter, maria: User, browser: Browser, pat: User
) -> None:
    client = browser(pat)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            sought(client, matter, "acta")
        return len(queries)

    written(paper(matter, maria, pages=10), *[SPANISH] * 10)
    sought(client, matter, "acta")  # a session's first page writes that it came
    few = asked()
    for _document in range(4):
        written(paper(matter, maria, pages=250), *[SPANISH] * 250)
    assert asked() == few


def test_a_snippet_begins_and_ends_with_whole_words() -> None:
    text = "antes " * 60 + "la aguja aquí " + "después " * 60
    pieces = searching.snippet(text, blind.found(text, blind.terms("aguja")))
    assert [piece.text for piece in pieces if piece.hit] == ["aguja"]
    said = "".join(piece.text for piece in pieces)
    assert set(said.replace("…", "").split()) == {"antes", "la", "aguja", "aquí", "después"}
    assert len(said) < 220


# The words of one page


def test_the_words_of_a_page_can_be_read(birth: Document, browser: Browser, pat: User) -> None:
    text = browser(pat).get(f"/documents/{birth.pk}/pages/2/words/").content.decode()
    assert "Acta de nacimiento" in text
    assert "read off the picture" in text


def test_that_a_page_could_not_be_read_is_said_where_it_is_looked_at(
    birth: Document, browser: Browser, pat: User
) -> None:
    PageText.objects.filter(page__document=birth, page__number=1).update(source="none", text="")
    client = browser(pat)
    assert "Its words could not be read" in client.get(f"/documents/{birth.pk}/").content.decode()
    assert "could not be read" in client.get(f"/documents/{birth.pk}/pages/1/words/").content.decode()
    assert "The words of 1 page could not be read." in sought(client, birth.matter, "acta")


def test_the_words_of_what_is_not_clear_are_not_shown(birth: Document, browser: Browser, pat: User) -> None:
    judged(birth, "infected")
    assert browser(pat).get(f"/documents/{birth.pk}/pages/2/words/").status_code == 404


def test_a_client_reads_no_words_and_sees_no_way_there(birth: Document, browser: Browser, maria: User) -> None:
    assert browser(maria).get(f"/documents/{birth.pk}/pages/2/words/").status_code == 403
    assert "words/" not in browser(maria).get(f"/documents/{birth.pk}/").content.decode()


def test_another_persons_paper_is_found_and_read_by_an_attorney_alone(
    birth: Document, browser: Browser, pat: User, ana: User
) -> None:
    tagging.tag(birth, Factor.objects.get(code="WRONG_PERSON"), actor=pat)
    words = f"/documents/{birth.pk}/pages/2/words/"
    assert "No page has all of these words." in sought(browser(pat), birth.matter, "acta")
    assert browser(pat).get(words).status_code == 403
    assert "<mark>Acta</mark>" in sought(browser(ana), birth.matter, "acta")
    assert browser(ana).get(words).status_code == 200
