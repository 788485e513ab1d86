"""In which language a page is written, by how many of its words are among the commonest of English and of Spanish.

An honest guess and no more: it says nothing where few such words stand (a form, a card, a list of names) or where both
languages stand side by side. Imports nothing of ours.
"""

import re
from typing import Final

# Words that tell one from the other: what both have (“no”, “a”, “me”, “he”, “son”) is in neither list.
_ENGLISH = (
    "the of and to in is that for was with this she his her have from are be has not on as by at or it you your which been"
    " were they their who any all must if an we our i my than there when"
)
_SPANISH = (
    "de la que el en y los del las por un una con para su se es lo como más fue ha mi este esta yo le al sus o sin sobre"
    " ser ante desde cuando muy también pero nos fueron está esa ese entre hasta señor señora"
)
COMMON: Final[dict[str, frozenset[str]]] = {"en": frozenset(_ENGLISH.split()), "es": frozenset(_SPANISH.split())}
FEWEST = 6  # such words on a page, before anything is said of it
CLEARLY = 3  # times as many as of the other

_WORD = re.compile(r"[^\W\d_]+")


def of(text: str) -> str:
    """ "en", "es", or "" where it cannot be told."""
    words = _WORD.findall(text.casefold())
    counts = {language: sum(word in common for word in words) for language, common in COMMON.items()}
    likely, other = sorted(counts, key=counts.__getitem__, reverse=True)
    sure = counts[likely] >= FEWEST and counts[likely] >= CLEARLY * counts[other]
    return likely if sure else ""
