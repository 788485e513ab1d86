from django.core.management.base import BaseCommand

from documents import scanning, vault
from documents.management.commands._work import say


class Command(BaseCommand):
    help = "Probe the scanner and the store as they are configured. Non-zero when the gate must stay shut."

    def handle(self, *args: object, **options: object) -> None:
        probes = [*scanning.probe(), *vault.selftest_store()]
        for probe in probes:
            say(probe=probe.name, ok=probe.ok, detail=probe.detail)
        if not all(probe.ok for probe in probes):
            raise SystemExit(1)
