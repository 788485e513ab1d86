import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.checklist import ChecklistItem
from documents.models.document import Document
from documents.models.factor import DocumentType
from documents.models.matter import Matter
from portal.crypto import SealedTextField


class Upload(models.Model):
    """A file on its way in pieces. It becomes a document only when all of it lies there."""

    class State(models.TextChoices):
        ARRIVING = "arriving", _("Arriving")
        KEPT = "kept", _("Waits for the other pages")
        RECEIVED = "received", _("Received")
        ABANDONED = "abandoned", _("Abandoned")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="uploads")
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="uploads")
    file_id = models.UUIDField()  # what the sender's program calls this file
    batch = models.UUIDField(null=True)  # what was sent together has one receipt
    item = models.ForeignKey(DocumentType, on_delete=models.PROTECT, null=True)
    asked = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, null=True, related_name="uploads")
    replaces = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")  # what is sent again
    paper = models.UUIDField(null=True)  # the photos of one paper have it in common; they become one document
    page = models.PositiveIntegerField(default=0)  # its place in that paper
    for_team = models.BooleanField(default=False)  # what staff send for the legal team alone
    name = SealedTextField(purpose="documents.upload.name")
    size = models.PositiveBigIntegerField()  # bytes, as announced
    offset = models.PositiveBigIntegerField(default=0)  # bytes that lie in intake
    prefix = models.CharField(max_length=40)  # of the keys of its pieces
    state = models.CharField(max_length=12, choices=State, default=State.ARRIVING)
    state_since = models.DateTimeField(db_default=Now())
    begun_at = models.DateTimeField(db_default=Now())
    touched_at = models.DateTimeField(db_default=Now())  # the last piece
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="uploads")
    duplicate = models.BooleanField(default=False)  # the same bytes were here already

    class Meta:
        ordering = ["begun_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "sender", "file_id"],
                condition=Q(state="arriving"),
                name="one_upload_of_a_file",
            ),
            models.CheckConstraint(condition=Q(offset__lte=F("size")), name="uploads_end_at_their_size"),
            models.CheckConstraint(
                condition=~Q(state="kept") | Q(offset=F("size"), paper__isnull=False, document__isnull=True),
                name="kept_uploads_are_whole_pages",
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | Q(offset=F("size"), document__isnull=False),
                name="received_uploads_are_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "touched_at"], name="upload_work"),
            models.Index(fields=["matter", "sender", "batch"], name="upload_receipt"),
            models.Index(fields=["matter", "sender", "paper"], name="upload_paper"),
        ]

    def __str__(self) -> str:
        return f"upload {self.pk}"

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"

    @property
    def whole(self) -> bool:
        return self.offset == self.size
