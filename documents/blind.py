"""Words that can be sought by who has the key, and read by nobody: an index of keyed hashes for PostgreSQL's full text.

Each word of a page stands in its tsvector as the hashes of its English and its Spanish stem, at its place among the other
words, so that phrases can be sought too. What is sought is hashed in the same way before it goes to the database: no word
of a page or of a query is ever in it, nor in its log. What such an index still tells is in docs/decisions/010-blind-index.md.
Imports nothing of ours but languages.
"""

import hmac
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import snowballstemmer

from documents.languages import COMMON

type Span = tuple[int, int]  # where in a text, as a slice

LONGEST = 40  # letters of a word; what is longer is a string of signs
LAST_PLACE = 16_383  # that a tsvector tells apart
_LETTERS: Final = str.maketrans(
    "0123456789abcdef", "abcdefghijklmnop"
)  # a hash of letters alone is one word to PostgreSQL
_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[-\u2010\u2011\u2013]\d+)*")  # letters; or a number, also in groups: 123-45-6789
_BROKEN = re.compile(r"[-\u00ad]\s*\n\s*")  # a word that goes on in the next line
_PHRASE = re.compile(r'"([^"]*)"?|(\S+)')
_SPANISH_ENDING = re.compile(r"([cs])ion$")  # as it is typed, and as it is often read off a photo: without its accent
_stemmers = {language: snowballstemmer.stemmer(language) for language in ("english", "spanish")}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a text. `place`: which of them, from 1. `word`: without capitals."""

    place: int
    span: Span
    word: str


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must follow one another: of each how far after the first, and every form it may have."""

    words: tuple[tuple[int, frozenset[str]], ...]


def tokens(text: str) -> Iterator[Token]:
    """The words and numbers of a text, in order."""
    found, at, place = list(_TOKEN.finditer(text)), 0, 0
    while at < len(found):
        parts = found[at : at + (2 if _goes_on(text, found[at : at + 2]) else 1)]
        at, place = at + len(parts), place + 1
        word = "".join(part[0] for part in parts)
        yield Token(place, (parts[0].start(), parts[-1].end()), word.casefold()[:LONGEST])


def _goes_on(text: str, parts: list[re.Match[str]]) -> bool:
    """Whether the second is the rest of the first, broken at the end of a line."""
    if len(parts) < 2 or not parts[0][0].isalpha() or not parts[1][0].islower():
        return False
    return _BROKEN.fullmatch(text, parts[0].end(), parts[1].start()) is not None


def vector(text: str, key: bytes) -> str:
    """The text as a tsvector literal of hashes under `key`. Words that stand on every page are left out."""
    places: dict[str, list[str]] = defaultdict(list)
    for token in tokens(text):
        if token.place <= LAST_PLACE:
            for form in _written(token.word):
                places[_hash(form, key)].append(str(token.place))
    return " ".join(f"{word}:{','.join(found)}" for word, found in places.items())


def terms(sought: str) -> list[Term]:
    """What has to be on a page: each word, and what stands between quotes one after the other. Empty: nothing was left
    to seek, because such words stand everywhere."""
    chunks = (quoted or single for quoted, single in _PHRASE.findall(sought))
    return [term for chunk in chunks if (term := _term(chunk)).words]


def _term(chunk: str) -> Term:
    wanted = [(token.place, forms) for token in tokens(chunk) if (forms := _asked(token.word))]
    first = wanted[0][0] if wanted else 0
    return Term(tuple((place - first, forms) for place, forms in wanted))


def query(wanted: list[Term], key: bytes) -> str:
    """The same as a tsquery: all of the terms on one page."""
    return " & ".join(f"({_phrase(term, key)})" for term in wanted)


def _phrase(term: Term, key: bytes) -> str:
    said, before = "", 0
    for place, forms in term.words:
        either = " | ".join(sorted(_hash(form, key) for form in forms))
        said += f" <{place - before}> ({either})" if said else f"({either})"
        before = place
    return said


def found(text: str, wanted: list[Term]) -> list[Span]:
    """Where in the text the words of the terms stand, in order."""
    written = {token.place: (token.span, _written(token.word)) for token in tokens(text)}
    hits = {
        written[start + place][0]
        for term in wanted
        for start in written
        if all(start + place in written and forms & written[start + place][1] for place, forms in term.words)
        for place, _forms in term.words
    }
    return sorted(hits)


@lru_cache(maxsize=50_000)
def _written(word: str) -> frozenset[str]:
    """The forms under which a word of a text can be found."""
    if word[0].isdigit():
        groups = re.findall(r"\d+", word)
        return frozenset({"".join(groups), *groups})
    return _asked(word)


@lru_cache(maxsize=50_000)
def _asked(word: str) -> frozenset[str]:
    """The forms under which a word that is sought may be found; none where it stands on every page."""
    if word[0].isdigit():
        return frozenset({"".join(re.findall(r"\d+", word))})
    bare = _bare(word)
    if bare in _EVERYWHERE:
        return frozenset()
    accented = _SPANISH_ENDING.sub(r"\1ión", word)
    stems = (_stemmers["english"].stemWord(bare), _stemmers["spanish"].stemWord(accented))
    return frozenset(map(_bare, (*stems, _stemmers["spanish"].stemWord(bare))))


def _bare(word: str) -> str:
    """Without accents: “rodriguez” finds “Rodríguez”."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _hash(form: str, key: bytes) -> str:
    """64 bits are enough to tell apart the words of one matter."""
    return hmac.digest(key, form.encode(), "sha256")[:8].hex().translate(_LETTERS)


_EVERYWHERE = frozenset(_bare(word) for common in COMMON.values() for word in common) | frozenset("aeouy")
