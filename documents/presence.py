"""Who of the team has the same document before them right now. A row a person, forgotten after a minute."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from documents.models import Document, Presence

FORGOTTEN = timedelta(minutes=1)


def arrive(document: Document, person: User) -> None:
    """The person looks at it now, and at no other any more."""
    here = Presence(person=person, document=document, at=timezone.now())
    Presence.objects.bulk_create(
        [here], update_conflicts=True, unique_fields=["person"], update_fields=["document", "at"]
    )


def others(document: Document, person: User) -> list[str]:
    """The names of those who look at it too."""
    fresh = Presence.objects.filter(document=document, at__gt=timezone.now() - FORGOTTEN).exclude(person=person)
    return [str(each) for each in fresh.order_by("person__name").values_list("person__name", flat=True)]
