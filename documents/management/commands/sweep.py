from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from documents import custody, purging
from documents.management.commands._work import say


class Command(BaseCommand):
    help = "What the periodic tasks do, now: take up work, end purges, delete what nothing refers to, anchor the audit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--many", action="store_true", help="delete however many objects nothing refers to")

    def handle(self, *, many: bool, **options: object) -> None:
        say(taken_up=custody.recover())
        say(purged=purging.finish())
        say(kept_keys=custody.keep_keys())
        try:
            say(swept=custody.sweep_store(many=many))
            say(anchored=custody.anchor())
        except (custody.OlderThanItsAnchor, custody.TooMany) as problem:
            raise CommandError(str(problem)) from problem
