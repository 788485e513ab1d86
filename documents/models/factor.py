from django.db import models
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


class Factor(models.Model):
    """What a document supports: one of the 53 factors of the balance, one of 13 procedural tags, or the firm's own.

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

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return spoken(self, "name")

    @property
    def holds(self) -> bool:
        """Whether a document tagged so waits for an attorney: it speaks, or hints, of something harmful."""
        return self.polarity == self.Polarity.NEGATIVE or self.code in self.REVEALS_AN_OFFENCE

    @property
    def audit_chain(self) -> str:
        return "accounts"
