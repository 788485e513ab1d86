"""Documents that are ready by their rows alone: for rules and pages that never open a byte. They are quick to make."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from django.db import connection
from django.utils import timezone

from accounts.models import User
from documents.models import Document, Matter, Page, Verdict


def paper(matter: Matter, sender: User, *, pages: int = 2, **columns: object) -> Document:
    """A document with a clean verdict and `pages` pages, whose bytes are nowhere."""
    number = matter.documents.count() + 1
    digest = sha256(f"{matter.pk} {number}".encode()).hexdigest()
    name = f"papel {number}.pdf"
    made = Document.objects.create(
        matter=matter, sender=sender, number=number, name=name, size=9, sha256=digest, intake_key="none"
    )
    judged(made, "clean")
    kept = {
        "intake_key": "",
        "vault_key": "none",
        "print_key": "none",
        "print_sha256": _hash(digest, 0),
        "pages": pages,
    }
    Document.objects.filter(pk=made.pk).update(state=Document.State.READY, **(kept | columns))
    Page.objects.bulk_create(
        Page(document=made, number=page, preview_key="none", preview_sha256=_hash(digest, page))
        for page in range(1, pages + 1)
    )
    made.refresh_from_db()
    return made


def _hash(digest: str, page: int) -> str:
    return sha256(f"{digest} {page}".encode()).hexdigest()


def judged(document: Document, outcome: str) -> Verdict:
    """A verdict on the document's very bytes."""
    return Verdict.objects.create(
        document=document, sha256=document.sha256, outcome=outcome, engine="test", signature_version=1,
        signatures_at=timezone.now(),
    )  # fmt: skip


def shut(document: Document, **columns: object) -> None:
    """Change the row as no code of ours could."""
    with unguarded():
        Document.objects.filter(pk=document.pk).update(**columns)


@contextmanager
def unguarded() -> Iterator[None]:
    """Past the database's own guards."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield
        cursor.execute("SET session_replication_role = origin")
