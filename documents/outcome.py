"""What a client reads of what a yes from the government means, word for word, in both languages.

No catalogue of translations: what somebody agreed to must be readable years later exactly as it was. Its version is the
SHA-256 of all its words, so that no change goes unnoticed. Whoever changes a word keeps the old text in EARLIER.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Final

Part = tuple[str, tuple[str, ...]]  # a heading and its sentences


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    parts: tuple[Part, ...]


TEXTS: Final[dict[str, Text]] = {
    "es": Text(
        "Qué significa un sí",
        (
            (
                "Qué pedimos",
                (
                    "Le pedimos a una oficina del gobierno que ayude en su caso.",
                    "La oficina puede decir que sí o que no. Nadie le puede prometer la respuesta.",
                ),
            ),
            (
                "Qué hace un sí",
                (
                    "Un sí cierra su caso o lo pone en pausa. O lo deja como está por ahora.",
                    "Por un tiempo, la oficina no sigue adelante con su caso.",
                ),
            ),
            (
                "Qué no hace un sí",
                (
                    "No le da un estatus legal.",
                    "No le da una visa.",
                    "No le da la residencia (tarjeta verde).",
                    "No le da un permiso de trabajo.",
                ),
            ),
            (
                "Qué puede pasar después",
                (
                    "El gobierno puede abrir su caso otra vez.",
                    "Si ya tiene permiso de trabajo, puede terminar. Pregunte qué pasa con el suyo.",
                ),
            ),
            (
                "Qué más se revisó",
                (
                    "Su abogado o abogada revisó otras maneras de quedarse antes de pedir esto.",
                    "Usted puede preguntar por cada una.",
                ),
            ),
        ),
    ),
    "en": Text(
        "What a yes means",
        (
            (
                "What we ask for",
                (
                    "We ask a government office to help in your case.",
                    "The office can say yes or no. Nobody can promise you the answer.",
                ),
            ),
            (
                "What a yes does",
                (
                    "A yes closes your case or pauses it. Or it leaves it as it is for now.",
                    "For a time, the office does not go on with your case.",
                ),
            ),
            (
                "What a yes does not do",
                (
                    "It does not give you a legal status.",
                    "It does not give you a visa.",
                    "It does not give you a green card.",
                    "It does not give you a work permit.",
                ),
            ),
            (
                "What can happen later",
                (
                    "The government can open your case again.",
                    "If you have a work permit now, it can end. Ask what happens to yours.",
                ),
            ),
            (
                "What else was checked",
                (
                    "Your lawyer checked other ways to stay before asking for this.",
                    "You can ask about each one.",
                ),
            ),
        ),
    ),
}
EARLIER: Final[dict[str, dict[str, Text]]] = {}  # by version: what somebody may have agreed to


def version_of(texts: dict[str, Text]) -> str:
    said = {language: asdict(text) for language, text in texts.items()}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


VERSION: Final = version_of(TEXTS)
