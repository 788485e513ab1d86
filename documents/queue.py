"""Putting work on the queue, by the task's name and with the caller's transaction. Imports nothing of ours."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

ALIVE = timedelta(seconds=60)
# Each worker looks after both with hands of their own: however much is to be read, no file waits for its check behind it.
FILES, READING = QUEUES = ("default", "reading")
LATER = -10  # a priority


def defer(task: str, thing: Model, *, priority: int = 0) -> None:
    """Queue `task` for `thing`. No job is there before what it is about.

    Of a web process, with the transaction it is made in the job comes true or never was. Within a worker's task the queue
    has a connection of its own: there the job follows the transaction. One that is lost between the two, with its worker, is
    queued by what its row says (custody.recover, and the tasks that come round). So every job may be there twice.
    """
    job = app.configure_task(f"documents.tasks.{task}", priority=priority)
    if isinstance(app.connector, DjangoConnector):
        job.defer(pk=str(thing.pk))
    else:
        transaction.on_commit(lambda: job.defer(pk=str(thing.pk)), robust=True)


def waiting(task: str) -> set[str]:
    """The primary keys that already have a job of this task which no worker has begun."""
    jobs = ProcrastinateJob.objects.filter(task_name=f"documents.tasks.{task}", status="todo")
    return set(jobs.values_list("args__pk", flat=True))


def workers() -> int:
    """How many workers gave a sign of life lately (each gives one every ten seconds, for each queue)."""
    signs = ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - ALIVE).count()
    return -(-signs // len(QUEUES))
