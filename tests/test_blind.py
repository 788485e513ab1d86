"""The index of words: found by whoever has the key, however they are written; and nothing in it that can be read."""

import pytest
from django.db import connection

from documents import blind, languages, vault

KEY, OTHER = b"k" * 32, b"o" * 32
PAGE = """La Partida de Nacimiento de Óscar Rodríguez, certi-
ficada. His brothers were
born in 1985. SSN 123-45-6789, A012345678"""


def matches(sought: str, text: str = PAGE, key: bytes = KEY) -> bool:
    """As PostgreSQL finds it."""
    with connection.cursor() as cursor:
        question = [blind.vector(text, KEY), blind.query(blind.terms(sought), key)]
        cursor.execute("SELECT %s::tsvector @@ %s::tsquery", question)
        return bool(cursor.fetchone()[0])


FINDS = [
    "partida", "PARTIDAS", "rodriguez", "Rodríguez", "oscar nacimiento", "brother", "born brothers", "certificado",
    '"partida de nacimiento"', '"oscar rodriguez"', "1985", "123-45-6789", "123456789", "6789", "A012345678", "012-345-678",
    '"nacimiento de oscar"', "oscar, rodriguez!", '"partida',
]  # fmt: skip
MISSES = ['"nacimiento partida"', "partida defunción", "12345", "rod", '"oscar nacimiento"', "ficada"]


@pytest.mark.django_db
@pytest.mark.parametrize("sought", FINDS)
def test_what_stands_on_a_page_is_found(sought: str) -> None:
    assert matches(sought)
    assert blind.found(PAGE, blind.terms(sought))


@pytest.mark.django_db
@pytest.mark.parametrize("sought", MISSES)
def test_what_does_not_stand_there_is_not(sought: str) -> None:
    assert not matches(sought)


@pytest.mark.django_db
def test_another_key_finds_nothing() -> None:
    assert not matches("partida", key=OTHER)


def test_no_word_of_the_page_is_in_the_index() -> None:
    index = blind.vector(PAGE, KEY)
    assert not [token.word for token in blind.tokens(PAGE) if len(token.word) > 2 and token.word in index]
    assert set(blind.vector(PAGE, KEY).split()).isdisjoint(blind.vector(PAGE, OTHER).split())


def test_words_that_stand_everywhere_are_neither_kept_nor_sought() -> None:
    assert blind.vector("the of de la", KEY) == ""
    assert blind.terms("de la the") == []


@pytest.mark.parametrize(
    "text", ["", "\x00", "'\\:*&|!()<->", "ﬁﬃ ½ ²", "١٢٣", "a" * 5000, '"""', "-\n-\n", "🙂 e\u0301"]
)
@pytest.mark.django_db
def test_nothing_that_can_be_typed_breaks_the_query(text: str) -> None:
    wanted = blind.terms(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsvector, %s::tsquery", [blind.vector(text, KEY), blind.query(wanted, KEY)])
    assert all(end <= len(text) for _start, end in blind.found(text, wanted))


def test_where_a_phrase_stands() -> None:
    spans = blind.found(PAGE, blind.terms('"oscar rodriguez" certificado'))
    assert [PAGE[start:end] for start, end in spans] == ["Óscar", "Rodríguez", "certi-\nficada"]


def test_the_key_of_the_index_outlives_every_rotation() -> None:
    wrapped = vault.new_key()
    key = vault.index_key(wrapped)
    assert vault.index_key(vault.rewrap(wrapped)) == key
    assert vault.index_key(vault.rotate(vault.rotate(wrapped))) == key
    assert vault.index_key(vault.new_key()) != key


SPANISH = "Yo declaro que conozco a la familia de la señora desde el año 2009, y que los hijos son muy buenos."
ENGLISH = "I certify that this is a true translation of the birth certificate and that it was made for the court."


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (SPANISH, "es"),
        (ENGLISH, "en"),
        (SPANISH + ENGLISH, ""),
        ("A012345678 Rodríguez, Óscar", ""),
        ("", ""),
        ("de la", ""),
    ],
)
def test_a_language_is_told_only_where_it_is_plain(text: str, language: str) -> None:
    assert languages.of(text) == language
