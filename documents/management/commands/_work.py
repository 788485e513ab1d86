"""What several commands share: a line of JSON, a person, a matter, and doing a step here or waiting for the worker."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandError

from accounts.models import User
from documents.models import Document, Matter, Packet
from documents.packets.binding import bind_packet

BINDS = {Packet.State.ORDERED: bind_packet, Packet.State.BINDING: bind_packet}


def say(**line: object) -> None:
    """One JSON object on a line of standard output."""
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def person(email: str) -> User:
    try:
        return User.objects.get(email=email.strip().lower(), is_active=True)
    except User.DoesNotExist:
        raise CommandError(f"There is no active person with the address {email}.") from None


def matter(reference: str) -> Matter:
    prefix, _dash, number = reference.upper().partition("-")
    found = Matter.objects.filter(number=int(number)).first() if prefix == "AMP" and number.isdigit() else None
    if found is None:
        raise CommandError(f"There is no matter {reference}.")
    if found.purged_at:
        raise CommandError(f"Matter {reference} was purged on {found.purged_at:%Y-%m-%d}.")
    return found


def work_until(thing: Document | Packet, steps: Mapping[Any, Callable[[Any], None]], *, seconds: float) -> bool:
    """Do the step that the thing's state asks for, here; where a worker was first, wait for it.

    `steps` maps a state to what is done in it. True when no step is left to do, False when the time is over.
    """
    deadline = time.monotonic() + seconds
    while True:
        thing.refresh_from_db()
        step = steps.get(thing.state)
        if step is None:
            return True
        step(thing)
        thing.refresh_from_db()
        if thing.state in steps:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.1)
