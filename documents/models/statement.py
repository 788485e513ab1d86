import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.models.matter import Matter, Request
from portal.crypto import SealedJSONField, SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Statement(models.Model):
    """An attorney's word on a rule: what no machine can see is so, or a warning is accepted, with the reason. Kept after
    it is taken back."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="statements")
    rule = models.CharField(max_length=3)  # V06
    about = models.CharField(max_length=64, blank=True)  # a factor's code, a document's id; empty: the whole request
    mark = models.CharField(max_length=64, blank=True)  # of what it was said about; another mark, and it says nothing
    words = SealedTextField(purpose="documents.statement.words")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    taken_back_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "rule", "about"],
                condition=Q(taken_back_at__isnull=True),
                name="one_statement_stands_for_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="statements_are_taken_back_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"statement on {self.rule}"

    @property
    def matter_id(self) -> uuid.UUID:
        return self.request.matter_id

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class Agreement(models.Model):
    """What a client read and answered before anything is filed: what a grant does and does not do, or the list of
    evidence. Never changed; the last of a kind counts."""

    class Kind(models.TextChoices):
        OUTCOME = "outcome", _("What a yes from the government means")
        EVIDENCE = "evidence", _("The list of papers we send")

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="agreements")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    version = models.CharField(max_length=64)  # of the text (outcome), or the mark of the list (evidence)
    language = models.CharField(max_length=2)
    read_aloud = models.BooleanField(default=False)  # somebody of the firm read it to the client
    agreed = models.BooleanField()
    objections = models.JSONField(default=list, blank=True)  # ids of documents the client does not want sent
    words = SealedTextField(purpose="documents.agreement.words", blank=True)  # the client's question or reason
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")  # who was there
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.person_id}"

    @property
    def matter_id(self) -> uuid.UUID:
        return self.request.matter_id

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class Arrest(models.Model):
    """One line of the criminal history that is known: what happened, and the paper that says how it ended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="arrests")
    about = SealedJSONField(purpose="documents.arrest.about", default=dict)  # date, place, charge, outcome
    disposition = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    note = SealedTextField(purpose="documents.arrest.note", blank=True)  # an attorney's, where there is no paper
    note_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    added_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return f"arrest {self.pk}"

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"
