from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.preparing import Box
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Redaction(models.Model):
    """A black box on a print-ready page: drawn by one person, approved by another, and then burnt in. Kept when taken off.

    Whole points from the left and from the top of the Letter page. `of_sha256`: the pages, without any box, that it was
    drawn on; on others it would cover something else.
    """

    class Why(models.TextChoices):
        SSN = "ssn", _("Social Security number")
        ITIN = "itin", _("Taxpayer number (ITIN)")
        ACCOUNT = "account", _("Bank or card number")
        THIRD_PARTY = "third_party", _("About another person")
        MEDICAL = "medical", _("About somebody's health")
        OTHER = "other", _("Another reason")

    PROPOSED: Final = Q(approved_at=None, removed_at=None)
    BURNT_IN: Final = Q(approved_at__isnull=False, removed_at=None)

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="redactions")
    page = models.PositiveIntegerField()
    left = models.PositiveSmallIntegerField()
    top = models.PositiveSmallIntegerField()
    right = models.PositiveSmallIntegerField()
    bottom = models.PositiveSmallIntegerField()
    of_sha256 = models.CharField(max_length=64)
    why = models.CharField(max_length=12, choices=Why)
    words = SealedTextField(purpose="documents.redaction.words", blank=True)
    drawn_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField(db_default=Now())
    approved_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["page", "top", "left", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "page", "left", "top", "right", "bottom"],
                condition=Q(removed_at=None),
                name="boxes_are_drawn_once",
            ),
            models.CheckConstraint(
                condition=Q(page__gte=1, left__lt=F("right"), top__lt=F("bottom"), right__lte=612, bottom__lte=792),
                name="boxes_are_on_their_page",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="boxes_are_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True)
                | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="boxes_are_taken_off_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"box on page {self.page} of document {self.document_id}"

    @property
    def box(self) -> Box:
        return Box(self.page, self.left, self.top, self.right, self.bottom)

    @property
    def is_proposed(self) -> bool:
        return self.approved_at is None and self.removed_at is None

    @property
    def width(self) -> int:
        """Points."""
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top
