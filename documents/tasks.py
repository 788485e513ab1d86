"""The worker's tasks: thin, by primary key, and each may run twice."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from accounts import mail, reaching, sessions
from documents import (
    alarms,
    custody,
    gate,
    likeness,
    messages,
    purging,
    quarantine,
    queue,
    reading,
    reminders,
    watching,
)  # fmt: skip
from documents.intake import arriving, checking, readying, rescanning
from documents.intake.workspace import clear_workspaces
from documents.models import Document, Matter, Packet, Reminder, Request
from documents.packets import binding, fitting

FIRST = 10
NIGHT = timedelta(hours=4)


@app.task
def check(pk: str) -> None:
    checking.check(Document.objects.select_related("matter").get(pk=pk))


@app.task
def prepare(pk: str) -> None:
    readying.prepare(Document.objects.select_related("matter").get(pk=pk))


@app.task(queue=queue.READING)
def read(pk: str) -> None:
    reading.read(Document.objects.select_related("matter").get(pk=pk))


@app.task
def find_alike(pk: str) -> None:
    likeness.find(Document.objects.get(pk=pk))


@app.task
def bind(pk: str) -> None:
    binding.bind_packet(Packet.objects.select_related("request__matter").get(pk=pk))


@app.task
def fit(pk: str) -> None:
    fitting.fit(Request.objects.select_related("matter").get(pk=pk))


@app.task
def settle(pk: str) -> None:
    quarantine.settle(Document.objects.select_related("matter").get(pk=pk))


@app.task
def keep_key(pk: str) -> None:
    custody.keep_key(pk)


@app.task
def send_reminder(pk: str) -> None:
    reminders.send(Reminder.objects.select_related("matter", "person").get(pk=pk), reaching.tell)


@app.task
def announce(pk: str) -> None:
    messages.announce(Matter.objects.get(pk=pk), reaching.tell)


# Before the files: a full queue must not look like a portal that is not well.
@app.periodic(cron="* * * * * */15")
@app.task(queueing_lock="recover", priority=FIRST)
def recover(timestamp: int) -> None:
    custody.recover()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="look_at_scanner", priority=FIRST)
def look_at_scanner(timestamp: int) -> None:
    gate.look()


@app.periodic(cron="* * * * * 20")
@app.task(queueing_lock="prove", priority=FIRST)
def prove(timestamp: int) -> None:
    gate.prove(wait=False)  # seconds of work, if it is due


@app.periodic(cron="* * * * * 40")
@app.task(queueing_lock="watch", priority=FIRST)
def watch(timestamp: int) -> None:
    try:
        watching.watch()
    finally:
        alarms.tell(mail.send)


@app.periodic(cron="* * * * * 30")
@app.task(queueing_lock="settle_all", priority=FIRST)
def settle_all(timestamp: int) -> None:
    quarantine.settle_all()


# Each person by a job of their own: one who cannot be told stops no other.
@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="remind", priority=FIRST)
def remind(timestamp: int) -> None:
    reminders.plan(reaching.channel)


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="announce_all", priority=FIRST)
def announce_all(timestamp: int) -> None:
    messages.queue_untold()


# Hourly, each by itself: one that fails stops no other.
@app.periodic(cron="3 * * * *")
@app.task(queueing_lock="tidy")
def tidy(timestamp: int) -> None:
    clear_workspaces()
    sessions.sweep()


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="keep_keys")
def keep_keys(timestamp: int) -> None:
    custody.keep_keys()


@app.periodic(cron="* * * * * 45")
@app.task(queueing_lock="expire_uploads", priority=FIRST)
def expire_uploads(timestamp: int) -> None:
    arriving.expire()


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="finish_purges")
def finish_purges(timestamp: int) -> None:
    purging.finish()


@app.periodic(cron="9 * * * *")
@app.task(queueing_lock="sweep_store")
def sweep_store(timestamp: int) -> None:
    custody.sweep_store()


# At night, when few people wait for anything. What is left is due the next night.
@app.periodic(cron="17 2 * * *")
@app.task(queueing_lock="rescan")
def rescan(timestamp: int) -> None:
    rescanning.rescan_all(until=timezone.now() + NIGHT)


@app.periodic(cron="11 * * * *")
@app.task(queueing_lock="anchor")
def anchor(timestamp: int) -> None:
    custody.anchor()
