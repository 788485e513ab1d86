import time
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from documents import access, vault, words
from documents.access import To
from documents.intake import NotKept, NotTaken, receive
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.intake.workspace import seal_file
from documents.management.commands._work import matter, person, say, work_until
from documents.models import Document, DocumentType, Matter
from documents.preparing import Reason

State = Document.State
STEPS = {State.RECEIVED: check, State.CHECKING: check, State.CLEAN: prepare, State.PREPARING: prepare}


class Command(BaseCommand):
    help = "Bring files in through the same door as a client, and wait for what becomes of each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--matter", required=True, metavar="REF")
        parser.add_argument("--as", required=True, metavar="EMAIL", dest="email")
        parser.add_argument("--item", metavar="CODE")
        parser.add_argument("--wait", type=float, default=60, metavar="SECONDS", help="for each file (default 60)")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")

    def handle(
        self, *, email: str, item: str | None, wait: float, paths: list[Path], **options: object
    ) -> None:
        user = person(email)
        into = access.matters(user).filter(pk=matter(str(options["matter"])).pk).first()
        if into is None or not access.may(user, To.SEND):
            raise CommandError(f"{email} is not on matter {options['matter']}.")
        kind = _item(item)
        good = [_receive(path, into, user, kind, wait) for path in paths]
        if not all(good):
            raise SystemExit(1)


def _item(code: str | None) -> DocumentType | None:
    if code is None:
        return None
    try:
        return DocumentType.objects.get(pk=code)
    except DocumentType.DoesNotExist:
        raise CommandError(f"There is no document type {code}.") from None


def _receive(path: Path, into: Matter, user: User, item: DocumentType | None, wait: float) -> bool:
    began = time.monotonic()
    line: dict[str, object] = {"file": str(path), "document": None, "sha256": None, "warnings": [], "pages": 0}
    try:
        sealed = seal_file(path, vault.Area.INTAKE, matter=into)
        receipt = receive(
            sealed, matter=into, name=path.name, item=item, on_behalf=not user.is_client, actor=user
        )
    except OSError as problem:
        raise CommandError(f"{path} cannot be read: {problem.strerror}.") from problem
    except NotTaken as problem:
        vault.shred(vault.Area.INTAKE, sealed.key)
        line |= {"outcome": "refused", "reason": problem.reason.value, "sha256": sealed.sha256}
    except (NotKept, vault.StoreUnavailable) as problem:
        raise CommandError(f"{path} was not received: {problem}.") from problem
    else:
        work_until(receipt.document, STEPS, seconds=wait)
        line |= _told(receipt.document)
        if receipt.duplicate:
            vault.shred(vault.Area.INTAKE, sealed.key)
            line["reason"] = Reason.DUPLICATE.value
    say(**line, message=words.both(str(line["reason"])), seconds=round(time.monotonic() - began, 3))
    return line["outcome"] != "waiting"


def _told(document: Document) -> dict[str, object]:
    outcomes = {State.REFUSED: "refused", State.QUARANTINED: "quarantined", State.HELD: "held"}
    ready = "ready_with_warning" if document.warnings else "ready"
    waits = document.state in STEPS
    return {
        "document": str(document.pk),
        "sha256": document.sha256,
        "outcome": ready if document.state == State.READY else outcomes.get(State(document.state), "waiting"),
        "reason": document.reason or (Reason.SCANNER_UNAVAILABLE.value if waits else ""),
        "warnings": document.warnings,
        "pages": document.pages,
    }
