"""The Spanish is whole and current, and nothing a client reads frightens, blames or tells on them."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import override

from documents.forms.review import REASONS
from documents.words import REFUSALS
from tests.catalogue import ROOT, TEMPLATES, Entry, client_templates, read, spoken, titles

CATALOGUE = ROOT / "locale/es/LC_MESSAGES/django.po"
SOURCES = ["accounts", "documents", "portal", "templates"]
MAKE = "manage.py makemessages -l es --no-location --no-wrap --no-obsolete -i tests"

CLIENT_PYTHON: Final = {
    "accounts/adapter.py", "accounts/forms.py", "accounts/views/sign_in.py", "documents/forms/sending.py",
    "documents/views/client.py", "documents/views/standing.py", "documents/words.py",
}  # fmt: skip
# English of the modules above that no client reads: the administrator's form.
NOT_FOR_CLIENTS: Final = {
    "Authenticator apps are allowed through", "Minutes a second factor stays fresh", "Minutes without use, clients",
    "Minutes without use, staff", "Hours until everybody signs in again", "Empty: staff sign in with passkeys only.",
}  # fmt: skip
# Said to a client from a module that mostly speaks to the legal team.
ALSO_FOR_CLIENTS: Final = {"The office is already working with this one. Ask the office to take it out."}

FRIGHTENING: Final = re.compile(
    r"\b(positiv\w*|negativ\w*|factors?|factores|harm\w*|virus\w*|infect\w*|malware|reject\w*|refus\w*|denied|guilt\w*"
    r"|crim\w+|illegal\w*|quarantin\w*|suspicio\w*|dañ\w+|rechaz\w*|negad[oa]s?|culp\w*|delit\w*|ilegal\w*|cuarentena"
    r"|sospech\w*)\b",
    re.IGNORECASE,
)
TELLING: Final = re.compile(
    r"\b((?:in|im)?migra\w*|visas?|asylum|asilo|deport\w*|removal|undocumented|indocumentad\w*|ICE|DHS|USCIS|EOIR|OPLA"
    r"|ERO|court|corte|judge|juez\w*|hearing|audiencia|detain\w*|detenid\w*|custod\w*|lawyer\w*|attorney\w*|abogad\w*"
    r"|discretion\w*|discreci\w*|legal)\b",
    re.IGNORECASE,
)
LONGEST_SENTENCE = 14  # words; the look's rule for clients
MESSAGE: Final = re.compile(r'{% translate "([^"]+)" %}')
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|</?\w+>|https?://\S+")


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> list[Entry]:
    """What the sources say now with the catalogue's Spanish, each message with the files it comes from.

    `makemessages` writes beside the templates while it works, so it works on a copy, and needs no settings there.
    """
    copy = tmp_path_factory.mktemp("sources")
    for folder in [*SOURCES, "locale"]:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo"))
    settings = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "makemessages", "--locale=es", "--add-location=file", "--no-obsolete"]
    subprocess.run(command, cwd=copy, env=settings, check=True, capture_output=True)
    return read(copy / CATALOGUE.relative_to(ROOT))


@pytest.fixture(scope="module")
def for_clients(current: list[Entry]) -> list[Entry]:
    """Every message a client may read."""
    files = {f"templates/{name}" for name in client_templates()} | CLIENT_PYTHON
    with override("en"):
        said = {str(text) for text in [*REASONS.values(), *REFUSALS.values()]} | ALSO_FOR_CLIENTS
    return [
        entry
        for entry in current
        if (entry.places & files or entry.english[0] in said) and entry.english[0] not in NOT_FOR_CLIENTS
    ]


def sentences(text: str) -> Iterator[str]:
    yield from (sentence for sentence in re.split(r"(?<=[.!?:])\s+|\n+", text) if sentence.strip())


def long(text: str) -> list[str]:
    return [sentence for sentence in sentences(text) if len(sentence.split()) > LONGEST_SENTENCE]


def test_the_spanish_is_whole() -> None:
    entries = read(CATALOGUE)
    assert len(entries) > 100
    assert [e.english for e in entries if "fuzzy" in e.flags or not e.spanish or not all(e.spanish)] == []


def test_the_spanish_says_what_the_sources_say(current: list[Entry]) -> None:
    assert {e.english for e in read(CATALOGUE)} == {e.english for e in current}, f"Run {MAKE}, then translate."


def test_placeholders_are_the_same_in_both_languages() -> None:
    wrong = [
        (entry.english, text)
        for entry in read(CATALOGUE)
        for text in entry.spanish
        if Counter(PLACEHOLDER.findall(text)) != Counter(PLACEHOLDER.findall(entry.english[-1]))
    ]
    assert wrong == []


def test_plurals_have_all_their_forms() -> None:
    assert {len(entry.spanish) for entry in read(CATALOGUE) if len(entry.english) == 2} == {3}


def test_nothing_a_client_reads_frightens(for_clients: list[Entry]) -> None:
    assert len(for_clients) > 100
    said = [text for e in for_clients for text in (*e.english, *e.spanish)]
    assert [text for text in said if FRIGHTENING.search(text)] == []


def test_no_template_of_a_client_frightens() -> None:
    said = {name: spoken(TEMPLATES / name) for name in client_templates()}
    found = [(name, word[0]) for name, text in said.items() for word in FRIGHTENING.finditer(text)]
    assert found == []


def test_titles_are_fixed_words() -> None:
    """A client's name in a title stays in the browser's history: only `Amparo` or a message, never a variable."""
    assert len(titles()) > 20
    assert [title for title in titles() if title != "Amparo" and not MESSAGE.fullmatch(title)] == []


def test_titles_tell_nobody_what_it_is_about() -> None:
    spanish = {entry.english[0]: entry.spanish[0] for entry in read(CATALOGUE)}
    said = [found[1] for title in titles() if (found := MESSAGE.fullmatch(title))]
    assert [title for title in said if TELLING.search(f"{title} {spanish[title]}")] == []


def test_mails_tell_nobody_what_it_is_about(current: list[Entry]) -> None:
    mailed = [entry for entry in current if any(place.startswith("templates/mail/") for place in entry.places)]
    assert len(mailed) > 10
    assert [e.english for e in mailed for text in (*e.english, *e.spanish) if TELLING.search(text)] == []


def test_clients_read_short_sentences_in_spanish(for_clients: list[Entry]) -> None:
    read_by_them = {text for entry in for_clients for text in entry.spanish}
    assert [sentence for text in read_by_them for sentence in long(text)] == []


def test_clients_are_addressed_as_usted(for_clients: list[Entry]) -> None:
    familiar = re.compile(r"\b(tú|tu|tus|ti|contigo|puedes|tienes|quieres|eres|vosotros|vuestr\w+)\b", re.I)
    assert [text for entry in for_clients for text in entry.spanish if familiar.search(text)] == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        (forms.CharField(), "", "Este campo es obligatorio."),
        (forms.EmailField(), "maria", "Introduzca una dirección de correo electrónico válida."),
        (forms.ChoiceField(), "x", "Escoja una opción válida. x no es una de las opciones disponibles."),
    ],
)
def test_the_framework_answers_in_spanish(field: forms.Field, typed: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    with override("es"):
        assert refused.value.messages == [said]


def test_the_rules_for_passwords_are_in_spanish() -> None:
    with override("es"):
        assert MinimumLengthValidator(12).get_help_text() == "Su contraseña debe contener al menos 12 caracteres."
