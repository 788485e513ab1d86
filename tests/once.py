"""A matter made once for a whole file of tests, because binding takes a second: each test works in a savepoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from accounts.models import Role
from documents import matters, tagging
from documents.models import Document, Factor, Matter, Packet, Request
from documents.packets.binding import bind_packet
from tests.conftest import made_ready, simple_pdf
from tests.people import person
from tests.releasable import represented


@contextmanager
def once(blocker: Any, folders: pytest.TempPathFactory) -> Iterator[None]:
    """What is made in here is there for every test of the file, and then never was."""
    with blocker.unblock(), transaction.atomic(), override_settings(WORK_DIR=folders.mktemp("work")):
        yield
        transaction.set_rollback(True)


def opened() -> Request:
    """A request of Maria's with its appearance form. Ana is its attorney."""
    ana, maria = person("Ana", Role.ATTORNEY), person("Maria", Role.CLIENT)
    matter = matters.open_matter("Rodríguez, Maria", "123456789", actor=ana)
    matters.add_member(matter, maria, actor=ana)
    request = matters.open_request(
        matter, stage="before_court", form="administrative_closure", profile="OPLA", office="OPLA Chicago", actor=ana
    )
    represented(matter, ana)
    return request


def another(matter: Matter, name: str, factor: str = "FAMILY_USC_LPR", pages: int = 1) -> Document:
    """One more accepted paper of this title, which stands on its pages too."""
    people = {member.user.role: member.user for member in matter.memberships.all()}
    paper = made_ready(simple_pdf(pages, text=name), f"{name}.pdf", matter, people[Role.CLIENT])
    tagging.tag(paper, Factor.objects.get(code=factor), actor=people[Role.ATTORNEY])
    tagging.name_exhibit(paper, name, actor=people[Role.ATTORNEY])
    tagging.accept(paper, actor=people[Role.ATTORNEY])
    return paper


def bound(packet: Packet) -> Packet:
    """Bound now."""
    bind_packet(packet)
    assert packet.state == "bound", packet.failure
    return packet
