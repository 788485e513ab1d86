from argparse import ArgumentParser
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from documents import vault
from documents.management.commands._work import say, work_until
from documents.models import Packet, Request
from documents.packets import order
from documents.packets.binding import bind_packet
from documents.packets.export import ledger_of, manifest_of

State = Packet.State
STEPS = {State.ORDERED: bind_packet, State.BINDING: bind_packet}


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
        work_until(packet, STEPS, seconds=wait)
        if packet.state != State.BOUND:
            say(packet=str(packet.pk), state=packet.state, why=packet.failure)
            raise SystemExit(1)
        _write(packet, out)
        say(packet=str(packet.pk), state=packet.state, pages=packet.total_pages, parts=packet.parts.count())


def _request(pk: str) -> Request:
    try:
        return Request.objects.select_related("matter").get(pk=pk)
    except (Request.DoesNotExist, ValidationError):
        raise CommandError(f"There is no request {pk}.") from None


def _write(packet: Packet, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for part in packet.parts.all():
        vault.copy_to_file(vault.Area.VAULT, part.key, out / part.filename, under=bytes(packet.request.matter.key))
    (out / "manifest.json").write_bytes(manifest_of(packet))
    (out / "ledger.csv").write_bytes(ledger_of(packet))
