"""Putting work on the queue, by the task's name and in the caller's transaction. Imports nothing of ours."""

from datetime import timedelta

from django.db.models import Model
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

ALIVE = timedelta(seconds=60)
# Each worker looks after both with hands of their own: however much is to be read, no file waits for its check behind it.
FILES, READING = QUEUES = ("default", "reading")
LATER = -10  # a priority


def defer(task: str, thing: Model, *, priority: int = 0) -> None:
    """Queue `task` for `thing`. With the transaction it is made in, the job comes true or never was.

    Twice the same job does no harm: each task looks at the state of its row first.
    """
    app.configure_task(f"documents.tasks.{task}", priority=priority).defer(pk=str(thing.pk))


def waiting(task: str) -> set[str]:
    """The primary keys that already have a job of this task which no worker has begun."""
    jobs = ProcrastinateJob.objects.filter(task_name=f"documents.tasks.{task}", status="todo")
    return set(jobs.values_list("args__pk", flat=True))


def workers() -> int:
    """How many workers gave a sign of life lately (each gives one every ten seconds, for each queue)."""
    signs = ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - ALIVE).count()
    return -(-signs // len(QUEUES))
