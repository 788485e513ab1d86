"""No job is there before what it is about; and what is lost between the two is found by its row."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.testing import InMemoryConnector

from accounts.models import User
from documents import custody, likeness, queue, tagging
from documents.models import Document, Matter
from tests.papers import paper


@pytest.fixture
def document(matter: Matter, maria: User) -> Document:
    """Ready for a while, and never compared."""
    made = paper(matter, maria)
    Document.objects.filter(pk=made.pk).update(state_since=timezone.now() - timedelta(minutes=1))
    return made


def now(document: Document) -> Document:
    return Document.objects.get(pk=document.pk)


def jobs(task: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=f"documents.tasks.{task}").count()


class Stopped(Exception):
    pass


def failing(document: Document) -> None:
    with transaction.atomic():
        queue.defer("prepare", document)
        raise Stopped


def test_a_job_of_a_page_comes_true_with_its_transaction(document: Document) -> None:
    with pytest.raises(Stopped):
        failing(document)
    assert jobs("prepare") == 0
    queue.defer("prepare", document)
    assert jobs("prepare") == 1


def test_a_job_of_the_worker_follows_its_transaction(
    document: Document, django_capture_on_commit_callbacks: Any
) -> None:
    """The worker's queue has a connection of its own, which no rollback reaches."""
    own = InMemoryConnector()
    with app.replace_connector(own):
        with django_capture_on_commit_callbacks(execute=True), pytest.raises(Stopped):
            failing(document)
        assert own.jobs == {}
        with django_capture_on_commit_callbacks(execute=True):
            queue.defer("prepare", document)
            assert own.jobs == {}
    assert [job["args"] for job in own.jobs.values()] == [{"pk": str(document.pk)}]


def test_a_lost_comparison_is_found_by_its_row(document: Document) -> None:
    assert custody.recover()["find_alike"] == 1
    assert custody.recover()["find_alike"] == 0  # it waits already
    likeness.find(now(document))
    ProcrastinateJob.objects.all().delete()
    assert now(document).compared_at
    assert custody.recover()["find_alike"] == 0


def test_one_that_came_too_early_is_none(document: Document, pat: User) -> None:
    early = now(document)
    Document.objects.filter(pk=document.pk).update(read_at=timezone.now())  # its words came meanwhile
    likeness.find(early)
    assert now(document).compared_at is None
    likeness.find(now(document))
    assert now(document).compared_at
    tagging.withdraw(document, actor=pat)
    Document.objects.filter(pk=document.pk).update(compared_at=None)
    likeness.find(now(document))
    assert now(document).compared_at is None
    assert not likeness.waiting()
