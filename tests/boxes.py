"""Boxes on documents, for tests: past the rules, or by them with one person who draws and one who approves."""

from accounts.models import User
from documents import redacting
from documents.intake.readying import prepare
from documents.models import Document, Redaction
from documents.preparing import Box

LINE = (60, 120, 320, 150)  # over the one line of a page of simple_pdf


def box(document: Document, by: User, page: int = 1, **columns: object) -> Redaction:
    """A row, whatever the document is."""
    left, top, right, bottom = LINE
    place = {"page": page, "left": left, "top": top, "right": right, "bottom": bottom}
    return Redaction.objects.create(
        document=document, why="ssn", of_sha256=document.print_sha256, drawn_by=by, **(place | columns)
    )


def draw(document: Document, by: User, page: int = 1) -> Redaction:
    return redacting.draw(document, Box(page, *LINE), why="ssn", actor=by)


def burnt(document: Document, drawer: User, approver: User, *pages: int) -> Document:
    """The document with a box over the line of each of these pages, made anew by the worker."""
    boxes = [draw(document, drawer, page).pk for page in pages]
    redacting.approve(document, boxes, actor=approver)
    prepare(document)
    document.refresh_from_db()
    return document
