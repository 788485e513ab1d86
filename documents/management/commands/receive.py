from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from documents import access
from documents.access import To
from documents.management.commands._arriving import STEPS, take_in
from documents.management.commands._work import matter, person, say
from documents.models import DocumentType, Matter


class Command(BaseCommand):
    help = "Bring files in through the same door as a client, and wait for what becomes of each."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--matter", required=True, metavar="REF")
        parser.add_argument("--as", required=True, metavar="EMAIL", dest="email")
        parser.add_argument("--item", metavar="CODE")
        parser.add_argument("--wait", type=float, default=60, metavar="SECONDS", help="for each file (default 60)")
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")

    def handle(self, *, email: str, item: str | None, wait: float, paths: list[Path], **options: object) -> None:
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
    arrival = take_in(path, into, item=item, on_behalf=not user.is_client, actor=user)
    arrival.work(STEPS, wait=wait)
    say(**arrival.line())
    return arrival.outcome != "waiting"
