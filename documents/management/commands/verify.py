from argparse import ArgumentParser
from itertools import chain

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.audit import record
from accounts.models import AuditEvent
from documents import alarms, verifying
from documents.management.commands._work import say
from documents.models import Alarm


class Command(BaseCommand):
    help = "Prove the promises: audit chains, every stored byte against its row, verdicts, ledgers, orphans."

    def add_arguments(self, parser: ArgumentParser) -> None:
        more = "also read every packet again, open every kept key, and miss no object however young"
        parser.add_argument("--deep", action="store_true", help=more)

    def handle(self, *, deep: bool, **options: object) -> None:
        wrong = 0
        for sentence in chain(verifying.verify(), verifying.deep() if deep else ()):
            wrong += 1
            say(wrong=sentence)
        with transaction.atomic():
            record(AuditEvent.Kind.VERIFIED, None, actor=None, outcome="failed" if wrong else "done", count=wrong)
        say(verified=not wrong, wrong=wrong)
        if wrong:
            raise SystemExit(1)
        alarms.end(Alarm.Kind.BYTES_CHANGED)
