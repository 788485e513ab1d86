from collections.abc import Iterator

from django.conf import settings
from django.core.management.base import BaseCommand

from documents import privileges, scanning, vault
from documents.management.commands._work import say
from documents.scanning import Probe


class Command(BaseCommand):
    help = (
        "Prove scanner, store, credentials and database role as they are configured, one line a promise. Non-zero when "
        "the gate must stay shut. The web's credential is tried when S3_WEB_ACCESS_KEY_ID and its secret are set."
    )

    def handle(self, *args: object, **options: object) -> None:
        kept = True
        for probe in _probes():
            say(probe=probe.name, ok=probe.ok, detail=probe.detail)
            kept &= probe.ok
        if not kept:
            raise SystemExit(1)


def _probes() -> Iterator[Probe]:
    yield from scanning.probe()
    yield from vault.selftest_store()
    yield from vault.selftest_witness()
    if settings.S3_WEB_ACCESS_KEY_ID:
        yield from vault.selftest_web(settings.S3_WEB_ACCESS_KEY_ID, settings.S3_WEB_SECRET_ACCESS_KEY)
    yield from privileges.selftest()
