import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.models.matter import Matter
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Note(models.Model):
    """What somebody of the firm wrote about a matter or one of its documents, for those of one layer. Never removed: one
    that was struck out is kept with its versions."""

    class Layer(models.TextChoices):
        """From the widest to the narrowest. Who sees which: documents.access."""

        CLIENT = "client", _("The client reads it too")
        TEAM = "team", _("Legal team")
        ATTORNEY = "attorney", _("Attorneys only")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="notes")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="notes")
    layer = models.CharField(max_length=8, choices=Layer, default=Layer.TEAM)  # of its newest version
    at = models.DateTimeField(db_default=Now())
    struck_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    struck_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(layer__in=["client", "team", "attorney"]), name="layers_of_notes_are_known"
            ),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True, struck_by__isnull=True)
                | Q(struck_at__isnull=False, struck_by__isnull=False),
                name="notes_are_struck_out_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class NoteVersion(models.Model):
    """A note as somebody saved it, and for whom. Rows are only added; a purge empties them."""

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    layer = models.CharField(max_length=8, choices=Note.Layer)
    text = SealedTextField(purpose="documents.note_version.text", blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["note", "number"], name="versions_of_notes_are_numbered_once"),
            models.CheckConstraint(
                condition=Q(layer__in=["client", "team", "attorney"]), name="layers_of_versions_are_known"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
