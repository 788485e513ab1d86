import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.factor import DocumentType
from documents.models.matter import Matter
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class ChecklistItem(models.Model):
    """One paper the firm asks the client of a matter for. Whether it came is read from the documents sent for it."""

    class Answer(models.TextChoices):
        NONE = "", _("No answer yet")
        CANT_FIND = "cant_find", _("I can’t find it")
        CANT_GET = "cant_get", _("I can’t get it")
        NOT_MINE = "not_mine", _("This is not about me")
        LATER = "later", _("Remind me later")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="checklist")
    item = models.ForeignKey(DocumentType, on_delete=models.PROTECT, null=True, blank=True)  # null: in own words
    words = SealedTextField(purpose="documents.checklistitem.words", blank=True)  # the firm's, for this client
    position = models.PositiveIntegerField()
    due = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=12, choices=Answer, blank=True, default=Answer.NONE)
    answered_at = models.DateTimeField(null=True)
    remind_on = models.DateField(null=True)  # the day the client chose
    waived_at = models.DateTimeField(null=True)  # not needed, from then on
    waived_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    added_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="checklist_answers_have_a_time",
            ),
            models.CheckConstraint(
                condition=Q(waived_at__isnull=True, waived_by__isnull=True)
                | Q(waived_at__isnull=False, waived_by__isnull=False),
                name="checklist_items_are_waived_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["due"], name="checklist_due")]

    def __str__(self) -> str:
        return f"checklist item {self.pk}"

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class Reminder(models.Model):
    """A reminder that went out: one a day and person at most. What it was about is in the portal and not in it."""

    class Kind(models.TextChoices):
        ALMOST_DUE = "almost_due", _("Almost due")
        DUE = "due", _("Due")
        OVERDUE = "overdue", _("Overdue")
        CHOSEN = "chosen", _("On the day the client chose")

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="reminders")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    day = models.DateField()
    channel = models.CharField(max_length=8)  # mail or text
    sent_at = models.DateTimeField(null=True)  # null: to be sent, or it could not be

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [models.UniqueConstraint(fields=["matter", "person", "day"], name="one_reminder_a_day")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.day}"

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"
