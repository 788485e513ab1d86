"""What changed since a denied request: for the letter of the one that follows it."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.utils import translation
from django.utils.dateformat import format as formatted

from documents.models import Circumstance, Document, Request
from documents.packets import arranging
from documents.packets.letter import escaped
from portal import hours


def paragraphs(request: Request) -> str:
    """Markdown of a heading, what was denied, and a list of what changed, each with its citation when its paper is
    filed. Empty for a request that follows none, and while nothing is noted."""
    noted = list(request.circumstances.select_related("document"))
    if not request.parent or not noted:
        return ""
    filed = {document.pk for document in arranging.filed(request)[1]}
    with translation.override("en"):
        parts = ["# What changed since the last request", _denied(request.parent), "\n".join(_lines(noted, filed))]
        return "\n\n".join(parts) + "\n"


def later(circumstance: Circumstance, denied: date) -> bool:
    """Whether its paper came after the day of the denial, or shows what happened after it."""
    paper = circumstance.document
    return paper is not None and (received(paper) > denied or circumstance.happened_on > denied)


def received(document: Document) -> date:
    """The day it came, where the firm is."""
    return hours.day(document.received_at)


def _denied(parent: Request) -> str:
    when = f" on {formatted(parent.decided_on, 'F j, Y')}" if parent.decided_on else ""
    return f"An earlier request for {escaped(str(parent.get_form_display()).lower())} was denied{when}. Since then:"


def _lines(noted: list[Circumstance], filed: set[UUID]) -> Iterator[str]:
    for each in noted:
        paper = each.document
        cited = f" ({{tab:D{paper.number}}})" if paper and paper.pk in filed else ""
        kind, words = escaped(str(each.get_kind_display())), escaped(each.words.strip().rstrip("."))
        yield f"- **{kind}**, {formatted(each.happened_on, 'F j, Y')}: {words}{cited}."
