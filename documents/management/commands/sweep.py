from django.core.management.base import BaseCommand

from documents import custody
from documents.management.commands._work import say


class Command(BaseCommand):
    help = "What the periodic tasks do, now: take up work, delete what nothing refers to, anchor the audit."

    def handle(self, *args: object, **options: object) -> None:
        say(taken_up=custody.recover())
        say(swept=custody.sweep_store())
        say(anchored=custody.anchor())
