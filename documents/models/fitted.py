from django.db import models
from django.db.models.functions import Now

from documents.models.document import Document


class FittedPrint(models.Model):
    """The print-ready pages of a document with coarser pictures, or with the words read off them under them, or both; made
    once. Without a key: nothing was to be gained. At 0 dots an inch and without words: the pages as they were filed, where
    the document has others by now (packets.asfiled)."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="fitted")
    of_sha256 = models.CharField(max_length=64)  # of the print-ready PDF it was made from
    dpi = models.PositiveSmallIntegerField()  # of its pictures, at most; 0: as they came
    words = models.BooleanField(default=False)  # that were read off its pictures stand under them
    key = models.CharField(max_length=120, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    changes = models.JSONField(default=list)  # what was done to which page (preparing.Change)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["document", "dpi", "words"]
        constraints = [
            models.UniqueConstraint(fields=["document", "of_sha256", "dpi", "words"], name="pages_are_fitted_once"),
            models.CheckConstraint(
                condition=models.Q(key="", sha256="", size=0)
                | (~models.Q(key="") & ~models.Q(sha256="") & models.Q(size__gt=0)),
                name="fitted_pages_have_their_bytes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} at {self.dpi} dpi"
