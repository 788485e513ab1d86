"""The worker's tasks: thin, by primary key, and each may run twice."""

from procrastinate.contrib.django import app

from accounts import sessions
from documents import custody, vault
from documents.intake import checking, readying
from documents.intake.workspace import clear_workspaces
from documents.models import Document, Matter, Packet
from documents.packets import binding


@app.task
def check(pk: str) -> None:
    checking.check(Document.objects.select_related("matter").get(pk=pk))


@app.task
def prepare(pk: str) -> None:
    readying.prepare(Document.objects.select_related("matter").get(pk=pk))


@app.task
def bind(pk: str) -> None:
    binding.bind_packet(Packet.objects.select_related("request__matter").get(pk=pk))


@app.task
def keep_key(pk: str) -> None:
    """The wrapped key is a row and a vault object, so that a restored bucket can be read."""
    vault.keep_key(pk, bytes(Matter.objects.get(pk=pk).key))


@app.periodic(cron="* * * * * */15")
@app.task(queueing_lock="recover", pass_context=False)
def recover(timestamp: int) -> None:
    custody.recover()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="look_at_scanner")
def look_at_scanner(timestamp: int) -> None:
    custody.look_at_scanner()


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="keep_house")
def keep_house(timestamp: int) -> None:
    """Hourly: what nobody refers to goes, and the heads of the audit chains are anchored outside the database."""
    clear_workspaces()
    sessions.sweep()
    custody.sweep_store()
    custody.anchor()
