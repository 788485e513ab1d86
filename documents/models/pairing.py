from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document, Page
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Translation(models.Model):
    """A paper (or a range of its pages), its English translation and the certificate that names both. Kept when undone.

    Without a `certificate` of its own, it is a page of the translation.
    """

    original = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="translations")
    first_page = models.PositiveIntegerField(null=True, blank=True)  # 1-based, inclusive; null: the whole document
    last_page = models.PositiveIntegerField(null=True, blank=True)
    translation = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="translates")
    certificate = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="certifies")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    undone_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["original__number", "first_page", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["original", "first_page", "last_page"],
                condition=Q(undone_at=None),
                nulls_distinct=False,
                name="one_translation_of_a_range",
            ),
            models.CheckConstraint(
                condition=~Q(original=F("translation"))
                & (Q(certificate=None) | (~Q(certificate=F("original")) & ~Q(certificate=F("translation")))),
                name="nothing_translates_itself",
            ),
            models.CheckConstraint(
                condition=Q(first_page=None, last_page=None) | Q(first_page__gte=1, last_page__gte=F("first_page")),
                name="translated_ranges_run_forwards",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="pairs_are_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"translation {self.pk}"

    @property
    def audit_chain(self) -> str:
        return self.original.audit_chain


class PageLook(models.Model):
    """What a page looks like, coarsely, to find pages that look alike (documents.likeness). Gone with the page."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, primary_key=True, related_name="look")
    coarse = models.CharField(max_length=16)  # hexadecimal: 64 bits, of which two pages that look alike share most
    fine = SealedTextField(purpose="documents.page_look.fine")  # the page in 100 by 130 greys (preparing.looks)

    def __str__(self) -> str:
        return f"look of page {self.page_id}"


class Likeness(models.Model):
    """Two documents of a matter that look alike, and what somebody said of it. `document` came after `other`."""

    class Said(models.TextChoices):
        OPEN = "open", _("Not decided")
        SAME = "same", _("The same paper")
        DIFFERENT = "different", _("Different papers")

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="likenesses")
    other = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="likenesses_after")
    pages = models.PositiveIntegerField()  # alike
    of = models.PositiveIntegerField()  # pages of the shorter one that show something
    found_at = models.DateTimeField(db_default=Now())
    said = models.CharField(max_length=9, choices=Said, default=Said.OPEN)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["document__number", "other__number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "other"], name="two_documents_are_alike_once"),
            models.CheckConstraint(condition=~Q(document=F("other")), name="nothing_is_like_itself"),
            models.CheckConstraint(condition=Q(pages__gte=1, of__gte=F("pages")), name="alike_pages_are_pages"),
            models.CheckConstraint(
                condition=Q(said="open", decided_at=None, decided_by=None)
                | (~Q(said="open") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="likenesses_are_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"likeness {self.pk}"

    @property
    def audit_chain(self) -> str:
        return self.document.audit_chain
