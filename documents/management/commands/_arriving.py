"""Bringing a file in from the command line: through the one door, by the same steps as the worker's."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from accounts.models import User
from documents import vault, words
from documents.intake import NotKept, NotTaken, receive
from documents.intake.checking import check
from documents.intake.readying import prepare
from documents.intake.workspace import seal_file
from documents.management.commands._folder import shown
from documents.management.commands._work import work_until
from documents.models import Document, DocumentType, Matter
from documents.preparing import Reason

State = Document.State
Steps = Mapping[Any, Callable[[Any], None]]
CHECKS = {State.RECEIVED: check, State.CHECKING: check}
PREPARES = {State.CLEAN: prepare, State.PREPARING: prepare}
STEPS = {**CHECKS, **PREPARES}
OUTCOMES = {State.REFUSED: "refused", State.QUARANTINED: "quarantined", State.HELD: "held"}


@dataclass(slots=True)
class Arrival:
    """A file and what became of it. `document` is None where it was not even taken; `reason` says why then."""

    path: Path
    sha256: str
    document: Document | None = None
    duplicate: bool = False
    reason: str = ""
    seconds: float = 0  # of work on it

    @property
    def outcome(self) -> str:
        """A word of the contract: ready, ready_with_warning, refused, quarantined, held, waiting."""
        if self.document is None:
            return "refused"
        if self.document.state == State.READY:
            return "ready_with_warning" if self.document.warnings else "ready"
        return OUTCOMES.get(State(self.document.state), "waiting")

    @property
    def ready(self) -> bool:
        return self.document is not None and self.document.state == State.READY

    def work(self, steps: Steps, *, wait: float) -> None:
        """Do these steps, or wait for the worker that was first, at most `wait` seconds."""
        began = time.monotonic()
        if self.document:
            work_until(self.document, steps, seconds=wait)
        self.seconds += time.monotonic() - began

    def line(self) -> dict[str, object]:
        """One line of the contract, as it stands now."""
        document, reason = self.document, self._reason()
        return {
            "file": shown(self.path),
            "document": str(document.pk) if document else None,
            "sha256": self.sha256,
            "warnings": document.warnings if document else [],
            "pages": document.pages if document else 0,
            "outcome": self.outcome,
            "reason": reason,
            "message": words.both(reason),
            "seconds": round(self.seconds, 3),
        }

    def _reason(self) -> str:
        if self.duplicate:
            return Reason.DUPLICATE.value
        if self.document is None:
            return self.reason
        waits = self.document.state in STEPS
        return self.document.reason or (Reason.SCANNER_UNAVAILABLE.value if waits else "")


def take_in(
    path: Path, into: Matter, *, item: DocumentType | None = None, on_behalf: bool = False, actor: User
) -> Arrival:
    """Seal and receive one file. CommandError where it cannot be read or the store did not keep it."""
    began = time.monotonic()
    try:
        sealed = seal_file(path, vault.Area.INTAKE, matter=into)
        receipt = receive(sealed, matter=into, name=shown(path), item=item, on_behalf=on_behalf, actor=actor)
    except OSError as problem:
        raise CommandError(f"{shown(path)} cannot be read: {problem.strerror}.") from problem
    except NotTaken as problem:
        vault.shred(vault.Area.INTAKE, sealed.key)
        return Arrival(path, sealed.sha256, reason=problem.reason.value, seconds=time.monotonic() - began)
    except (NotKept, vault.StoreUnavailable) as problem:
        raise CommandError(f"{shown(path)} was not received: {problem}.") from problem
    if receipt.duplicate and not Document.objects.filter(intake_key=sealed.key).exists():
        vault.shred(vault.Area.INTAKE, sealed.key)  # unless these bytes replace a first copy that was lost
    spent = time.monotonic() - began
    return Arrival(path, sealed.sha256, receipt.document, receipt.duplicate, seconds=spent)
