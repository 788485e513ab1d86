"""What happened to the requests of a matter, and what was said in it, as tables of an export."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from documents.management.commands._out import write_csv
from documents.models import Circumstance, Filing, Matter, Message, NoteVersion, Request

REQUESTS = (
    "request", "follows", "state", "stage", "form", "profile", "office", "judge", "next_hearing", "decided_on", "decision",
    "transmittal",
)  # fmt: skip
FILINGS = (
    "request", "packet", "channel", "filed_at", "filed_by", "words", "pages", "replied_on", "pages_confirmed", "reply",
)  # fmt: skip
CIRCUMSTANCES = ("request", "kind", "happened_on", "words", "document", "added_by", "added_at")
NOTES = ("about", "layer", "version", "text", "by", "at", "struck_by", "struck_at")
MESSAGES = ("sent_at", "sender", "text", "read_by")


def write_life(found: Matter, out: Path) -> None:
    """requests.csv, filings.csv, circumstances.csv, messages.csv and notes.csv, notes of every layer."""
    write_csv(out / "requests.csv", REQUESTS, _requests(found))
    write_csv(out / "filings.csv", FILINGS, _filings(found))
    write_csv(out / "circumstances.csv", CIRCUMSTANCES, _circumstances(found))
    write_csv(out / "messages.csv", MESSAGES, _messages(found))
    write_csv(out / "notes.csv", NOTES, _notes(found))


def _requests(found: Matter) -> Iterator[dict[str, object]]:
    for request in Request.objects.filter(matter=found).select_related("parent").order_by("number"):
        same = {name: getattr(request, name) for name in REQUESTS if name not in {"request", "follows"}}
        follows = request.parent.number if request.parent else ""
        yield same | {
            "request": request.number,
            "follows": follows,
            "next_hearing": _when(request.next_hearing),
            "decided_on": _when(request.decided_on),
        }


def _filings(found: Matter) -> Iterator[dict[str, object]]:
    filings = Filing.objects.filter(packet__request__matter=found).select_related("packet__request", "filed_by")
    for filing in filings.order_by("filed_at"):
        yield {
            "request": filing.packet.request.number,
            "packet": filing.packet.number,
            "channel": filing.channel,
            "filed_at": _when(filing.filed_at),
            "filed_by": filing.filed_by.name,
            "words": filing.words,
            "pages": filing.packet.total_pages,
            "replied_on": _when(filing.replied_on),
            "pages_confirmed": "" if filing.pages_confirmed is None else filing.pages_confirmed,
            "reply": filing.reply,
        }


def _circumstances(found: Matter) -> Iterator[dict[str, object]]:
    noted = Circumstance.objects.filter(request__matter=found).select_related("request", "document", "added_by")
    for each in noted.order_by("request__number", "happened_on", "pk"):
        yield {
            "request": each.request.number,
            "kind": each.kind,
            "happened_on": _when(each.happened_on),
            "words": each.words,
            "document": each.document.number if each.document else "",
            "added_by": each.added_by.name,
            "added_at": _when(each.added_at),
        }


def _messages(found: Matter) -> Iterator[dict[str, object]]:
    for message in Message.objects.filter(matter=found).select_related("sender").prefetch_related("reads__person"):
        yield {
            "sent_at": _when(message.sent_at),
            "sender": message.sender.name,
            "text": message.text,
            "read_by": "; ".join(f"{read.person.name} {_when(read.at)}" for read in message.reads.all()),
        }


def _notes(found: Matter) -> Iterator[dict[str, object]]:
    written = NoteVersion.objects.filter(note__matter=found).select_related("note__document", "note__struck_by", "by")
    for version in written.order_by("note__at", "note", "number"):
        note = version.note
        yield {
            "about": f"document {note.document.number}" if note.document else "matter",
            "layer": version.layer,
            "version": version.number,
            "text": version.text,
            "by": version.by.name,
            "at": _when(version.at),
            "struck_by": note.struck_by.name if note.struck_by else "",
            "struck_at": _when(note.struck_at),
        }


def _when(at: date | datetime | None) -> str:
    """ISO 8601, to the second."""
    if isinstance(at, datetime):
        return at.isoformat(timespec="seconds")
    return at.isoformat() if at else ""
