"""What the tests of alarms ask, and services that are away."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.audit import trail
from documents import alarms
from documents.models import Alarm
from tests.clamd_double import Clamd, says
from tests.test_custody import at_once as at_once
from tests.test_custody import only_ours as only_ours

Kind = Alarm.Kind
LONG = timedelta(minutes=16)


def opened() -> set[str]:
    return set(alarms.open_().values_list("kind", flat=True))


def recorded() -> list[str]:
    return [event.kind for event in trail("accounts").order_by("seq") if event.kind.startswith("alarm")]


def ago(time: timedelta) -> Any:
    return timezone.now() - time


@pytest.fixture
def clamd(settings: Any) -> Iterator[Callable[..., None]]:
    """A scanner that says this of everything."""
    with ExitStack() as stack:

        def start(answer: bytes, *versions: bytes) -> None:
            settings.CLAMD_ADDRESS = stack.enter_context(Clamd(says(answer), list(versions) or None)).address

        yield start


@pytest.fixture
def away(settings: Any) -> str:
    real: str = settings.CLAMD_ADDRESS
    settings.CLAMD_ADDRESS = "127.0.0.1:1"
    return real
