from django.core.management.base import BaseCommand, CommandError

from documents.intake.rescanning import NO_ANSWER, rescan_all
from documents.management.commands._work import say
from documents.models import Document
from documents.scanning import Outcome


class Command(BaseCommand):
    help = (
        "Look again, now, at everything that was let in under older signatures. A line for what is not clean any more."
    )

    def handle(self, *args: object, **options: object) -> None:
        seen: list[Outcome] = []

        def tell(document: Document, outcome: Outcome) -> None:
            seen.append(outcome)
            if outcome != Outcome.CLEAN:
                say(document=str(document.pk), outcome=outcome.value, state=document.state)

        try:
            rescan_all(tell=tell)
        except NO_ANSWER as problem:
            raise CommandError(f"{problem} {len(seen)} documents were looked at, the others wait.") from problem
        say(looked_at=len(seen), not_clean=sum(outcome != Outcome.CLEAN for outcome in seen))
