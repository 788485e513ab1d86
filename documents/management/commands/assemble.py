import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.people import operator
from documents import lifecycle, offices, purging, vault
from documents.intake.workspace import BytesChanged
from documents.management.commands._assembly import Assembly, Brief, Stopped
from documents.management.commands._folder import Found, read_folder, shown
from documents.management.commands._out import make_private, require_fresh, write_packet
from documents.management.commands._work import say
from documents.models import Packet, Request
from documents.packets import profiles, releasing

OFFICE = Request._meta.get_field("office").max_length or 0


class Command(BaseCommand):
    help = "A packet from a folder whose sub-folders are codes of factors. What that took is purged at the end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="FOLDER")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="a new or an empty folder")
        parser.add_argument("--profile", default="OPLA", metavar="CODE", help="of the office (default OPLA)")
        parser.add_argument("--letter", type=Path, metavar="FILE.md", help="without it, one that cites every tab")
        parser.add_argument("--strict", action="store_true", help="stop where a rule would stop the legal team")
        parser.add_argument("--respondent", default="", metavar="NAME", help="whom the request is for, as printed")
        parser.add_argument("--a-number", default="", metavar="DIGITS")
        parser.add_argument("--office", metavar="NAME", help="whom it is sent to, as printed")
        parser.add_argument("--wait", type=float, default=600, metavar="SECONDS", help="for each step (default 600)")
        parser.add_argument("--jobs", type=int, default=2, metavar="N", help="files worked on at once (default 2)")

    def handle(self, *, folder: Path, out: Path, respondent: str, a_number: str, **options: Any) -> None:
        brief, actor = _brief(**options), operator()
        require_fresh(out)
        files = _files(folder)
        with _ended_politely():
            with purging.throwaway(respondent, a_number.lstrip("Aa"), actor=actor) as matter:
                assembly = Assembly(matter, brief, actor)
                packet = assembly.packet(files)
                say(**assembly.seconds)
                _write(packet, out, strict=brief.strict)
                parts = packet.parts.count()
            say(packet=str(packet.pk), parts=parts, pages=packet.total_pages, seconds=assembly.seconds)


def _brief(
    *, profile: str, office: str | None, letter: Path | None, strict: bool, wait: float, jobs: int, **_rest: object
) -> Brief:
    try:
        found = offices.load(profile)
    except profiles.UnknownProfile as problem:
        raise CommandError(str(problem)) from None
    if office is None:  # "OPLA: Office of the Principal Legal Advisor (request letter)"
        office = found.name.removeprefix(f"{found.code}: ").partition(" (")[0]
    return Brief(found, office[:OFFICE], _markdown(letter), strict, wait, jobs)


def _markdown(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise CommandError(f"{shown(path)} cannot be read: {problem.strerror}.") from problem
    except UnicodeDecodeError:
        raise CommandError(f"{shown(path)} is not text in UTF-8.") from None


def _files(folder: Path) -> list[Found]:
    """All of them, or every problem named."""
    try:
        found = read_folder(folder)
    except OSError as problem:
        raise CommandError(f"{shown(folder)} cannot be read: {problem.strerror}.") from problem
    for path in found.ignored:
        say(file=shown(path), outcome="ignored")
    for path, why in found.problems:
        say(file=shown(path), outcome="stopped", why=why)
    if found.problems:
        raise Stopped
    return found.files


@contextmanager
def _ended_politely() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the work, and what is to be purged is purged on the way out."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None
    except (vault.StoreUnavailable, BytesChanged, OSError) as problem:
        raise CommandError(str(problem)) from problem
    except (purging.CannotPurge, lifecycle.LostRace) as problem:
        raise CommandError(f"{problem} What is left is purged by `manage.py sweep`.") from problem
    finally:
        signal.signal(signal.SIGTERM, before)


def _write(packet: Packet, out: Path, *, strict: bool) -> None:
    """Every rule's word, and the packet in its folder unless one stops it."""
    results = releasing.judged(packet)
    for result in results:
        say(**result.as_json())
    if strict and any(result.blocks for result in results):
        raise Stopped
    make_private(out)
    write_packet(packet, out, results)
