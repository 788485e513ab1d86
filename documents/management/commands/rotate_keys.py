from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.audit import record
from accounts.models import AuditEvent
from documents import vault
from documents.management.commands._work import matter, say
from documents.models import Matter


class Command(BaseCommand):
    help = "Wrap all matters' keysets under the first key-encryption key; with --matter, give one a fresh data key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--matter", metavar="REF", help="whose new objects get a fresh key; old ones still open")

    def handle(self, **options: object) -> None:
        if options["matter"]:
            _change(matter(str(options["matter"])).pk, fresh=True)
        else:
            for pk in Matter.objects.filter(purged_at=None).values_list("pk", flat=True):
                _change(pk, fresh=False)


def _change(pk: UUID, *, fresh: bool) -> None:
    """The vault's copy first: a key that is only a row could be lost with the database."""
    with transaction.atomic():
        found = Matter.objects.select_for_update().get(pk=pk)
        if found.purged_at:  # since it was listed: a purged matter has no key
            return
        key = vault.rewrap(vault.rotate(bytes(found.key)) if fresh else bytes(found.key))
        if not found.throwaway:
            vault.keep_key(found.pk, key)
        Matter.objects.filter(pk=pk).update(key=key)
        record(AuditEvent.Kind.KEY_ROTATED, found, actor=None, key="data" if fresh else "wrapping")
    say(matter=found.reference, rotated="data" if fresh else "wrapping")
