"""A letter that calls exhibits by the names of an operator's files, in the packet's own handles."""

from collections.abc import Mapping

from documents.models import Document
from documents.packets.letter import Citation, Directory, citations
from documents.packets.shape import Order

Names = Mapping[str, set[Document]]  # folded: what a letter may say, and the documents that means


class Ambiguous(Exception):
    """A citation means more than one exhibit; the message is the citation as written."""


def with_handles(markdown: str, order: Order, names: Names) -> str:
    """The letter with each citation of a file turned into one of its document: no frozen order holds a file's name.

    What names nothing stays as it is, and the binder stops at it. Raises Ambiguous.
    """
    directory = Directory(order)
    for citation in dict.fromkeys(citations(markdown)):
        cited = directory.resolve(Citation(citation.handle, None, citation.text))
        known = {order.exhibits[cited.exhibit].sources[0].document} if cited else set()
        named = {str(document.pk): document for document in names.get(citation.handle.casefold(), ())}
        if len(known | named.keys()) > 1:
            raise Ambiguous(citation.text)
        if named and not known:
            page = f" p.{citation.page}" if citation.page else ""
            (document,) = named.values()
            markdown = markdown.replace(citation.text, f"{{tab:D{document.number}{page}}}")
    return markdown


def names_in(order: Order, called: Names, documents: Mapping[str, Document]) -> Names:
    """What a letter to this order may use: names of files that are exhibits, and codes that no tab stands under first,
    each for the first exhibit that supports it too."""
    exhibits = {source.document for exhibit in order.exhibits for source in exhibit.sources}
    names = {name: {each for each in found if str(each.pk) in exhibits} for name, found in called.items()}
    primary = {exhibit.factors[0].code for exhibit in order.exhibits}
    for exhibit in reversed(order.exhibits):
        for factor in exhibit.factors[1:]:
            if factor.code not in primary:
                names[factor.code.casefold()] = {documents[exhibit.sources[0].document]}
    return names
