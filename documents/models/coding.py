from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.models.factor import Factor
from portal.crypto import SealedJSONField

PERSON = settings.AUTH_USER_MODEL


class Source(models.TextChoices):
    """Why a factor is suggested, the best ground first."""

    CHECKLIST = "checklist", _("It was asked for")
    TYPE = "type", _("Its kind of paper")
    TEXT = "text", _("Words on it")
    NAME = "name", _("Its file name")


class Decision(models.TextChoices):
    """What a person made of a suggestion."""

    PROPOSED = "proposed", _("Suggested")
    CONFIRMED = "confirmed", _("Confirmed")
    REJECTED = "rejected", _("Not so")


class Suggestion(models.Model):
    """The machine's guess that a document supports a factor. No tag: nothing is built on it until a person confirms it."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="guesses")
    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, related_name="+")
    first_page = models.PositiveIntegerField(null=True, blank=True)  # 1-based, inclusive; null: the whole document
    last_page = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=9, choices=Source)  # the best of its grounds
    grounds = models.PositiveSmallIntegerField(default=1)  # how many sources say the same
    decision = models.CharField(max_length=9, choices=Decision, default=Decision.PROPOSED)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-grounds", "factor__position"]
        constraints = [
            models.UniqueConstraint(fields=["document", "factor"], name="one_suggestion_per_factor"),
            models.CheckConstraint(
                condition=Q(first_page__isnull=True, last_page__isnull=True)
                | Q(first_page__gte=1, last_page__isnull=False, last_page__gte=models.F("first_page")),
                name="suggested_ranges_run_forwards",
            ),
            models.CheckConstraint(
                condition=Q(decision="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(decision="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="suggestions_are_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor_id} for document {self.document_id}?"


class Presence(models.Model):
    """Which document a person of the team has before them, and when that was last seen. Forgotten after a minute."""

    person = models.OneToOneField(PERSON, on_delete=models.CASCADE, primary_key=True, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="lookers")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["document", "at"], name="who_looks_at_a_document")]

    def __str__(self) -> str:
        return f"somebody at document {self.document_id}"


class LastDeed(models.Model):
    """What a person did last while reviewing, so that one key takes it back, also from the next document."""

    class What(models.TextChoices):
        ACCEPTED = "accepted", _("acceptance")
        ASKED_AGAIN = "ask_again", _("request to send again")
        TAGGED = "tagged", _("tag")
        UNTAGGED = "untagged", _("removed tag")
        LIKEWISE = "likewise", _("tags as before")
        REJECTED = "rejected", _("rejected suggestion")

    person = models.OneToOneField(PERSON, on_delete=models.CASCADE, primary_key=True, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=10, choices=What)
    # By factor: what the tag said before, or null where there was none. It may hold a note somebody typed.
    before = SealedJSONField(purpose="documents.last_deed.before", default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.what} document {self.document_id}"
