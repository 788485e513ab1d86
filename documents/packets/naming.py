"""What an exhibit is called in the packet."""

from collections.abc import Iterable

from documents.models import Document
from documents.packets.arranging import factors


def titles(exhibits: Iterable[Document]) -> list[tuple[Document, str]]:
    """Each exhibit, in the order of the tabs, with its own title or its type; else the factor it is filed behind,
    numbered where several have no other name."""
    exhibits = list(exhibits)
    nameless: dict[str, list[Document]] = {}
    for document in exhibits:
        if not _own(document):
            nameless.setdefault(factors(document)[0].name_en, []).append(document)
    called = {
        document.pk: f"{name} {number}" if len(documents) > 1 else name
        for name, documents in nameless.items()
        for number, document in enumerate(documents, 1)
    }
    return [(document, _own(document) or called[document.pk]) for document in exhibits]


def _own(document: Document) -> str:
    return document.title or (document.item.label_en if document.item else "")
