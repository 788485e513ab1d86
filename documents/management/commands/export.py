import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import audit
from accounts.models import AuditEvent
from accounts.people import operator
from documents import custody, delivery, vault
from documents.intake.workspace import BytesChanged
from documents.management.commands._life import write_life
from documents.management.commands._out import copy, make_private, plain, require_fresh, write_csv, write_packet
from documents.management.commands._work import matter, say
from documents.models import Document, Matter
from documents.preparing.words import Kind

ENDINGS = {kind.mime: f".{kind}" for kind in Kind} | {Kind.JPEG.mime: ".jpg", Kind.PHOTOS.mime: ".zip"}
INDEX = (
    "number", "title", "original_name", "sha256", "size", "received_at", "sender", "state", "factors", "review",
    "file", "file_sha256", "unlocked", "print", "why_not",
)  # fmt: skip
PACKETS = ("request", "packet", "state", "pages", "folder", "why_not")


class Command(BaseCommand):
    help = "Everything of a matter that was found clean, as plain folders, with an index and the custody log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--matter", required=True, metavar="REF")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="a new or an empty folder")

    def handle(self, *, out: Path, **options: object) -> None:
        found = matter(str(options["matter"]))
        require_fresh(out)
        make_private(out)
        with transaction.atomic():  # on the record before a byte leaves
            audit.record(AuditEvent.Kind.EXPORTED, found, actor=operator(), documents=found.documents.count())
        try:
            rows = list(_documents(found, out))
            packets = list(_packets(found, out))
            write_csv(out / "index.csv", INDEX, rows)
            write_csv(out / "packets.csv", PACKETS, packets)
            write_life(found, out)
            events = _write_log(found, out / "custody.jsonl")
        except (BytesChanged, vault.StoreUnavailable, OSError) as problem:
            raise CommandError(f"The export is not whole: {problem}.") from problem
        out_of = sum(1 for row in rows if row["why_not"])
        say(matter=found.reference, documents=len(rows) - out_of, left_out=out_of, packets=len(packets), events=events)


def _documents(found: Matter, out: Path) -> Iterator[dict[str, object]]:
    """Originals and print-ready forms of what is clean now; a row of the index for every document.

    Of a file that came locked the copy without its lock is written, as a download gives it, and `unlocked` says so:
    `sha256` and `size` are of the file as it was received.
    """
    (out / "documents").mkdir()
    (out / "print").mkdir()
    clear = set(delivery.cleared(found.documents.all()).values_list("pk", flat=True))
    every = found.documents.select_related("sender", "item", "matter").prefetch_related("tags__factor")
    for document in every.order_by("number"):
        row = _row(document)
        if document.pk in clear:
            row |= _copies(document, out)
        else:
            row["why_not"] = document.reason or document.state
        yield row


def _copies(document: Document, out: Path) -> dict[str, object]:
    stem, under = f"{document.number:03}", bytes(document.matter.key)
    original = f"documents/{stem}-{plain(document.exhibit_title)}{ENDINGS.get(document.mime, '.bin')}"
    printed = f"print/{stem}.pdf"
    copy(out / original, document.judged_key, document.judged_sha256, under=under)
    copy(out / printed, document.print_key, document.print_sha256, under=under)
    unlocked = "yes" if document.unlocked_key else ""
    return {"file": original, "file_sha256": document.judged_sha256, "unlocked": unlocked, "print": printed}


def _row(document: Document) -> dict[str, object]:
    return {
        "number": document.number,
        "title": document.exhibit_title,
        "original_name": document.name,
        "sha256": document.sha256,
        "size": document.size,
        "received_at": document.received_at.isoformat(timespec="seconds"),
        "sender": f"{document.sender.name} <{document.sender.email}>",
        "state": document.state,
        "factors": " ".join(tag.factor.code for tag in document.tags.all()),
        "review": document.review,
        "file": "",
        "file_sha256": "",
        "unlocked": "",
        "print": "",
        "why_not": "",
    }


def _packets(found: Matter, out: Path) -> Iterator[dict[str, object]]:
    """A folder for each packet whose every document is clean now: parts, manifest, ledger."""
    for packet in custody.finished().filter(request__matter=found).order_by("request__number", "number"):
        name = f"{packet.request.number}-{packet.number}"
        row = {"request": packet.request.number, "packet": packet.number, "state": packet.state}
        whole = delivery.whole(packet)
        if whole:
            (out / "packets" / name).mkdir(parents=True)
            write_packet(packet, out / "packets" / name)
        yield row | {
            "pages": packet.total_pages,
            "folder": f"packets/{name}" if whole else "",
            "why_not": "" if whole else "a document in it is not clear",
        }


def _write_log(found: Matter, path: Path) -> int:
    """The matter's chain of events, oldest first, one JSON object a line, with the hashes that prove it."""
    events = audit.trail(found.audit_chain).order_by("seq")
    with path.open("w", encoding="utf-8") as file:
        for event in events.iterator():
            file.write(json.dumps(_event(event), ensure_ascii=False) + "\n")
    return events.count()


def _event(event: AuditEvent) -> dict[str, object]:
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "actor": str(event.actor_id) if event.actor_id else None,
        "actor_name": event.actor.name if event.actor else "Amparo",
        "actor_role": event.actor_role,
        "kind": event.kind,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "outcome": event.outcome,
        "facts": event.facts,
        "prev_hash": event.prev_hash,
        "hash": event.hash,
    }
