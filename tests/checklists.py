"""The list of a matter, for the tests of its rules and of its pages."""

import re
from datetime import date

import pytest

from accounts import audit
from accounts.models import AuditEvent
from documents import checklist
from documents.intake.checking import check
from documents.models import ChecklistItem, Document, DocumentType
from portal import hours
from tests.conftest import sent

pytestmark = pytest.mark.django_db
HIDDEN = re.compile(r"positive|negative|factor|harm|polarity|FAMILY_USC_LPR|CRIMINAL_HISTORY|\bcode\b", re.IGNORECASE)


def kind(code: str) -> DocumentType:
    return DocumentType.objects.get(pk=code)


@pytest.fixture
def lease(matter, pat) -> ChecklistItem:
    return checklist.add(matter, kind("lease"), actor=pat)


@pytest.fixture
def today() -> date:
    return hours.today()


def bind(document, **columns) -> Document:
    """As the door leaves it: sent for an item, or as a kind of paper."""
    Document.objects.filter(pk=document.pk).update(**columns)
    document.refresh_from_db()
    return document


def events(matter, event=AuditEvent.Kind.ASKED) -> list[dict[str, object]]:
    return [one.facts for one in audit.trail(matter.audit_chain, kinds=[event])]


def refused(content, name, matter, maria) -> Document:
    document = sent(content, name, matter, maria)
    check(document)
    return document
