from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def spoken(thing: models.Model, field: str) -> str:
    """The thing's text in the reader's language; the data file has both."""
    language = "es" if (get_language() or "").startswith("es") else "en"
    return getattr(thing, f"{field}_{language}")


class DocumentType(models.Model):
    """A kind of paper the firm asks for, with its words for clients in both languages (documents/taxonomy.json)."""

    code = models.SlugField(primary_key=True, max_length=40)
    position = models.PositiveIntegerField()
    label_en = models.CharField(max_length=200)
    label_es = models.CharField(max_length=200)
    prompt_en = models.TextField()
    prompt_es = models.TextField()
    sensitivity = models.JSONField(default=list)
    check_before_filing = models.JSONField(default=list)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return spoken(self, "label")

    @property
    def prompt(self) -> str:
        return spoken(self, "prompt")


class FactorQuerySet(models.QuerySet["Factor"]):
    def of(self, matter: UUID) -> Self:
        """Those of every matter, and this matter's own."""
        return self.filter(Q(matter=None) | Q(matter=matter))

    def offered(self) -> Self:
        """Those that are not put away."""
        return self.filter(put_away_at=None)


class OfTheFirm(models.Manager["Factor"]):
    """What one matter alone has is not there: no list of another matter shows it by oversight."""

    def get_queryset(self) -> models.QuerySet["Factor"]:
        return super().get_queryset().filter(matter=None)


class Factor(models.Model):
    """What a document supports: one of the 53 factors of the balance, one of 13 procedural tags, or the firm's own, for
    all its matters or for one.

    Codes are immutable once used. Clients never see `polarity`.
    """

    class Polarity(models.TextChoices):
        POSITIVE = "positive", _("Positive")
        NEGATIVE = "negative", _("Negative")
        CONTEXT = "context", _("Context")
        PROCEDURAL = "procedural", _("Procedural")

    class Origin(models.TextChoices):
        SEED = "seed", _("Main factor")
        ADDITIONAL = "additional", _("Further factor")
        FIRM = "firm", _("Added by the firm")

    NEVER_FILED = frozenset({"ATTORNEY_WORK", "UNSORTED", "WRONG_PERSON", "DUPLICATE_OR_ILLEGIBLE"})
    SET_ASIDE = frozenset({*NEVER_FILED, "IN_THE_RECORD"}) - {"UNSORTED"}  # decided: not for a packet, nothing to wait for
    CLIENT_NEVER_SEES = frozenset({"ATTORNEY_WORK"})
    ATTORNEY_ALONE_SEES = frozenset({"WRONG_PERSON"})  # the pages of another person's paper
    REVEALS_AN_OFFENCE = frozenset({"REHABILITATION", "CONVICTION_VACATED", "OFFENSE_MITIGATION"})

    code = models.CharField(_("code"), primary_key=True, max_length=40)
    position = models.PositiveIntegerField()
    polarity = models.CharField(_("polarity"), max_length=12, choices=Polarity)
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.FIRM)
    category = models.CharField(max_length=40, blank=True)
    name_en = models.CharField(_("name in English"), max_length=200)
    name_es = models.CharField(_("name in Spanish"), max_length=200)
    attorney_note = models.TextField(blank=True)
    memo_sources = models.JSONField(default=list)
    evidence = models.ManyToManyField(DocumentType, related_name="factors")
    # Of the firm's own: what it belongs to, whether an attorney looks first, and when it was put away (kept where used)
    matter = models.ForeignKey("documents.Matter", on_delete=models.PROTECT, null=True, related_name="+")
    reveals = models.BooleanField(default=False)
    put_away_at = models.DateTimeField(null=True)

    objects: ClassVar[OfTheFirm] = OfTheFirm()
    everything: ClassVar[Any] = FactorQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(origin="firm") | Q(matter__isnull=True, put_away_at__isnull=True, reveals=False),
                name="only_the_firms_own_factors_differ",
            ),
        ]

    def __str__(self) -> str:
        return spoken(self, "name")

    @property
    def holds(self) -> bool:
        """Whether a document tagged so waits for an attorney: it speaks, or hints, of something harmful."""
        return self.polarity == self.Polarity.NEGATIVE or self.code in self.REVEALS_AN_OFFENCE or self.reveals

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}" if self.matter_id else "accounts"
