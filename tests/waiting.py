"""What waits for somebody, made by rows alone, and where it stands in the inbox."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from documents import inbox
from documents.inbox import Group
from documents.models import (
    Document,
    Matter,
    Packet,
    Request,
)
from tests.papers import paper, shut

# The groups in which a document of this state stands for a paralegal and for an attorney, and why.
DOCUMENTS = {
    "ready": ({"new": {"review"}}, {"new": {"review"}}),
    "held": ({"me": {"held"}, "held": {"held"}}, {"me": {"held"}, "held": {"held"}}),
    "refused": ({"failed": {"refused"}}, {"failed": {"refused"}}),
    "quarantined": ({"failed": {"quarantined"}}, {"me": {"disposition"}, "failed": {"quarantined"}}),
    "received": ({"failed": {"stuck"}}, {"failed": {"stuck"}}),
    "checking": ({"failed": {"stuck"}}, {"failed": {"stuck"}}),
    "clean": ({"failed": {"stuck"}}, {"failed": {"stuck"}}),
    "preparing": ({"failed": {"stuck"}}, {"failed": {"stuck"}}),
    "withdrawn": ({}, {}),
    "purged": ({}, {}),
}


def at(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def stands(user: User, matter: Matter | None = None) -> dict[str, set[str]]:
    """What stands in each group, by the group; each thing once."""
    found = {}
    for group in Group:
        rows = list(inbox.listed(user, group, matter))
        assert len({row["thing"] for row in rows}) == len(rows), group
        found[group.value] = {row["what"].partition(":")[2] for row in rows}
    return {group: what for group, what in found.items() if what}


def made(matter: Matter, maria: User, state: str, **columns: Any) -> Document:
    """A document in this state, by its row alone."""
    document = paper(matter, maria)
    shut(document, **{"state": state, "intake_key": "none", "state_since": at(2), "received_at": at(2), **columns})
    document.refresh_from_db()
    return document


def packet(request: Request, state: str, number: int = 1, **columns: Any) -> Packet:
    released = {"released_by": request.matter.memberships.earliest("pk").user, "released_at": at(1), "total_pages": 3}
    return Packet.objects.create(request=request, number=number, state=state, state_since=at(1), **released, **columns)
