import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from documents.models.matter import Matter
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Message(models.Model):
    """A few words between the client and the legal team of a matter. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="messages")
    sender = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    text = SealedTextField(purpose="documents.message.text")
    sent_at = models.DateTimeField(db_default=Now())
    told_at = models.DateTimeField(null=True)  # when those it is for were told that there is one

    class Meta:
        ordering = ["sent_at", "pk"]
        indexes = [models.Index(fields=["matter", "sent_at"], name="messages_of_matter")]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class Read(models.Model):
    """Somebody read a message, for the first time then."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="reads")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "person"], name="a_message_is_read_once")]

    def __str__(self) -> str:
        return f"read at {self.at}"
