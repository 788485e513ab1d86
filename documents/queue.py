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
    """Queue `task` for `thing`. Of a web process, with the transaction it is made in the job comes true or never was.

    Within a worker's task it is there at once, before that transaction ends: a task waits a moment for whoever holds its
    row, and looks at the row's state first. So the same job twice, or one too early, does no harm.
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
