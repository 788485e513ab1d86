import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from documents.models.document import Document
from documents.models.matter import Matter

PERSON = settings.AUTH_USER_MODEL


class Visit(models.Model):
    """When a person of the legal team last looked at what a client answers: the list of a matter, or what is read before
    a request is filed. What was answered since is new to that person."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="visits")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    thing = models.UUIDField()  # the matter's id for its list, a request's id for its answers
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "thing"], name="one_last_visit_a_thing")]

    def __str__(self) -> str:
        return f"visit at {self.at}"


class PutAway(models.Model):
    """Somebody of the legal team has seen that a file could not be taken and has nothing left to do about it. Counts for
    as long as the file stays refused for that time."""

    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="put_away")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"put away at {self.at}"

    @property
    def matter_id(self) -> uuid.UUID:
        return self.document.matter_id
