"""The notes on the page of a document or of a matter, and the form for another."""

from typing import Any
from uuid import uuid4

from django.urls import reverse

from accounts.models import User
from documents import noting
from documents.forms.notes import NoteForm
from documents.models import Document, Matter


def beside(user: User, matter: Matter, document: Document | None = None) -> dict[str, Any]:
    where = reverse("document_notes", args=[document.pk]) if document else reverse("matter_notes", args=[matter.pk])
    return {
        "notes": noting.listed(user, matter, document),
        "note_form": NoteForm(user=user, initial={"token": uuid4()}),
        "notes_at": where,
    }
