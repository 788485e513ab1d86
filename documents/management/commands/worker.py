import asyncio
import ctypes
from argparse import ArgumentParser
from contextlib import suppress
from threading import Thread

from django.core.management.base import BaseCommand
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app

from documents import gate, queue
from documents.intake.workspace import clear_workspaces

PR_SET_DUMPABLE = 4


class Command(BaseCommand):
    help = "Do the portal's work: check, prepare, bind, sweep. Any number of these may run, on any number of machines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4)

    def handle(self, *, concurrency: int, **options: object) -> None:
        _close_the_books()
        clear_workspaces()
        gate.look()
        Thread(target=_prove, daemon=True).start()
        connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's connector has it
        with app.replace_connector(connector) as ours:
            asyncio.run(_work(ours, concurrency))


def _prove() -> None:
    """Beside the work, so that a scanner that keeps silent keeps no packet from being bound."""
    try:
        gate.prove(anew=True)
    finally:
        connection.close()


def _close_the_books() -> None:
    """Nobody of our own user, such as a parser that was taken over, reads our memory or environment (Linux prctl)."""
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


async def _work(ours: App, concurrency: int) -> None:
    """Files, and beside them the words of pages, one document at a time. When either ends, both do."""
    async with ours.open_async():
        files = asyncio.create_task(_run(ours, queue.FILES, concurrency, install_signal_handlers=True))
        words = asyncio.create_task(_run(ours, queue.READING, 1, install_signal_handlers=False))
        await asyncio.wait({files, words}, return_when=asyncio.FIRST_COMPLETED)
        for each in (files, words):
            each.cancel()
            with suppress(asyncio.CancelledError):
                await each


async def _run(ours: App, queue_: str, concurrency: int, *, install_signal_handlers: bool) -> None:
    await ours.run_worker_async(
        queues=[queue_],
        concurrency=concurrency,
        install_signal_handlers=install_signal_handlers,
        shutdown_graceful_timeout=10,
        delete_jobs="successful",
    )
