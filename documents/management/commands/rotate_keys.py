from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.audit import record
from accounts.models import AuditEvent
from documents import vault
from documents.management.commands._work import matter, say
from documents.models import Matter


class Command(BaseCommand):
    help = "Wrap every matter's keyset under the first key-encryption key; with --matter, also give it a fresh data key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--matter", metavar="REF", help="a matter whose new objects get a fresh key; old ones still open")

    def handle(self, **options: object) -> None:
        if options["matter"]:
            _change(matter(str(options["matter"])).pk, fresh=True)
        else:
            for pk in Matter.objects.values_list("pk", flat=True):
                _change(pk, fresh=False)


def _change(pk: object, *, fresh: bool) -> None:
    """The vault's copy first: a key that is only a row could be lost with the database."""
    with transaction.atomic():
        found = Matter.objects.select_for_update().get(pk=pk)
        key = vault.rewrap(vault.rotate(bytes(found.key)) if fresh else bytes(found.key))
        vault.keep_key(found.pk, key)
        Matter.objects.filter(pk=pk).update(key=key)
        record(AuditEvent.Kind.KEY_ROTATED, found, actor=None, key="data" if fresh else "wrapping")
    say(matter=found.reference, rotated="data" if fresh else "wrapping")
