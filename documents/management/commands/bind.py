from argparse import ArgumentParser
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from documents.management.commands._out import write_packet
from documents.management.commands._work import BINDS, say, work_until
from documents.models import Packet, Request
from documents.packets import order

State = Packet.State


class Command(BaseCommand):
    help = "Order and bind a request now, and write the parts, manifest.json and ledger.csv into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--request", required=True, metavar="ID")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument("--wait", type=float, default=600, metavar="SECONDS")

    def handle(self, *, out: Path, wait: float, **options: object) -> None:
        request = _request(str(options["request"]))
        try:
            packet = order.order(request, actor=None)
        except order.CannotOrder as problem:
            for result in problem.results:
                say(**result.as_json())
            raise SystemExit(1) from problem
        work_until(packet, BINDS, seconds=wait)
        if packet.state != State.BOUND:
            say(packet=str(packet.pk), state=packet.state, why=packet.failure)
            raise SystemExit(1)
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_packet(packet, out)
        say(packet=str(packet.pk), state=packet.state, pages=packet.total_pages, parts=packet.parts.count())


def _request(pk: str) -> Request:
    try:
        return Request.objects.select_related("matter").get(pk=pk)
    except (Request.DoesNotExist, ValidationError):
        raise CommandError(f"There is no request {pk}.") from None
