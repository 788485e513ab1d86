import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from documents.models.factor import Factor
from documents.models.matter import Request
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class LetterVersion(models.Model):
    """The letter as somebody saved it. Never changed."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="letter_versions")
    number = models.PositiveIntegerField()
    text = SealedTextField(purpose="documents.letter_version.text", blank=True)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["request", "number"], name="letter_versions_are_numbered_once")]

    def __str__(self) -> str:
        return f"version {self.number}"

    @property
    def matter_id(self) -> uuid.UUID:
        return self.request.matter_id

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class Snippet(models.Model):
    """A paragraph of the firm's for letters that argue a factor. Of no client; kept after it is put away."""

    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, related_name="snippets")
    title = models.CharField(max_length=120)
    text = models.TextField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    put_away_at = models.DateTimeField(null=True)

    audit_chain = "accounts"

    class Meta:
        ordering = ["factor__position", "title", "pk"]

    def __str__(self) -> str:
        return self.title
