"""What came in, as facts to keep: beside each paper the figures that prove it, and the same as a page to print."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User, policy
from documents import access
from documents.models import Document, Matter, Upload
from documents.packets.typeset import typeset

GONE = (Document.State.WITHDRAWN, Document.State.PURGED)
FIGURES, GROUP = 16, 4  # of a SHA-256, as people compare it


@dataclass(frozen=True, slots=True)
class Line:
    """One paper. `files`: how many came for it."""

    document: Document
    files: int

    @property
    def pages(self) -> int:
        """0 until they can be seen."""
        return self.document.pages if self.document.state == Document.State.READY else 0

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.document)


def fingerprint(document: Document) -> str:
    """The first figures of the SHA-256 of what was received, in groups."""
    figures = document.sha256[:FIGURES].upper()
    return " ".join(figures[at : at + GROUP] for at in range(0, FIGURES, GROUP))


def lines(documents: Iterable[Document], batch: UUID | None = None) -> list[Line]:
    """The same papers with what is known of their files; in a batch, a file that came twice counts twice."""
    listed = list(documents)
    uploads = Upload.objects.filter(document__in=listed, state=Upload.State.RECEIVED)
    uploads = uploads.filter(batch=batch) if batch else uploads.filter(duplicate=False)
    sent = Counter(uploads.order_by().values_list("document", flat=True))
    return [Line(one, max(1, one.photos, sent[one.pk])) for one in listed]


def sent(user: User, matter: Matter, batch: UUID | None) -> list[Line]:
    """What this person sent into the matter, in its order: together as `batch`, or (None) ever. Not what was taken out."""
    theirs = access.documents(user).filter(matter=matter).exclude(state__in=GONE).order_by("number")
    if batch is None:
        return lines(theirs.filter(sender=user))
    came = Upload.objects.filter(matter=matter, sender=user, batch=batch, state=Upload.State.RECEIVED)
    return lines(theirs.filter(pk__in=came.values("document")), batch)


def pdf(listed: list[Line]) -> bytes:
    """A Letter page or more in the language of now; the same facts are the same bytes. Only what stands in `listed`,
    and the firm's name and telephone: nothing of what the papers are for."""
    firm = policy()
    data = {
        "lang": (translation.get_language() or settings.LANGUAGE_CODE).partition("-")[0],
        "title": _("Receipt"),
        "firm": [words for words in (firm.firm_name, firm.phone) if words],
        "sums": _sums(listed),
        "proof": _("Each paper has a fingerprint: this number proves what we received."),
        "papers": [_paper(line) for line in listed],
    }
    return typeset("receipt.typ", data).pdf


def filename(listed: list[Line]) -> str:
    """With the day on which the last of it came. It says nothing about whom or what."""
    last = max(line.document.received_at for line in listed)
    return f"receipt-{timezone.localtime(last, settings.FIRM_TIME_ZONE):%Y-%m-%d}.pdf"


def _sums(listed: list[Line]) -> str:
    """The pages only once all of them are known: a sum is not guessed."""
    files, pages = sum(line.files for line in listed), sum(line.pages for line in listed)
    words = [ngettext("%(n)s paper", "%(n)s papers", len(listed)) % {"n": len(listed)}, _files(files)]
    return " · ".join([*words, _pages(pages)] if all(line.pages for line in listed) else words)


def _paper(line: Line) -> dict[str, Any]:
    at = timezone.localtime(line.document.received_at, settings.FIRM_TIME_ZONE)
    facts = [_files(line.files), *([_pages(line.pages)] if line.pages else []), filesizeformat(line.document.size)]
    return {
        "name": line.document.name,
        "when": _("Received: %(when)s") % {"when": f"{date_format(at, 'DATETIME_FORMAT')} {at:%Z}"},
        "facts": " · ".join(facts),
        "label": _("Fingerprint"),
        "fingerprint": line.fingerprint,
    }


def _files(count: int) -> str:
    return ngettext("%(n)s file", "%(n)s files", count) % {"n": count}


def _pages(count: int) -> str:
    return ngettext("%(n)s page", "%(n)s pages", count) % {"n": count}
