import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from portal.crypto import SealedJSONField, SealedTextField


class Matter(models.Model):
    """One client's case: the wall inside the firm. Whoever is not a member does not know that it exists."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True, null=True, editable=False)  # null: a throwaway one
    respondent = SealedTextField(_("full name of the client"), purpose="documents.matter.respondent")
    a_number = SealedTextField(_("A-number"), purpose="documents.matter.a_number", blank=True)
    key = models.BinaryField(editable=False)  # the keyset that seals its bytes, wrapped by the key-encryption key
    legal_hold = models.BooleanField(default=False)
    throwaway = models.BooleanField(default=False, editable=False)  # one command's: see documents.purging
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    purged_at = models.DateTimeField(null=True, editable=False)  # begun then; finished when `key` is empty

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(throwaway=True, number__isnull=True)
                | models.Q(throwaway=False, number__isnull=False),
                name="all_but_throwaway_matters_have_a_number",
            ),
            models.CheckConstraint(
                condition=models.Q(purged_at__isnull=True) | models.Q(legal_hold=False),
                name="a_matter_under_legal_hold_is_not_purged",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"AMP-{self.number:04}" if self.number else f"throwaway {self.pk}"

    @property
    def masked_a_number(self) -> str:
        return f"A••• ••• {self.a_number[-3:]}" if self.a_number else ""

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.pk}"

    @property
    def matter_id(self) -> uuid.UUID:
        return self.pk


class Membership(models.Model):
    """A person on a matter. Removing it takes effect on the next request; who was a member when is in the audit."""

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "user"], name="one_membership_per_person")]
        ordering = ["added_at", "pk"]

    def __str__(self) -> str:
        return f"{self.user} on {self.matter}"

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class Request(models.Model):
    """A request for prosecutorial discretion in a matter: what is asked, of whom, at which stage of the case."""

    class State(models.TextChoices):
        GATHERING = "gathering", _("Gathering")
        IN_REVIEW = "in_review", _("In review")
        READY = "ready", _("Ready")
        FILED = "filed", _("Filed")
        GRANTED = "granted", _("Granted")
        DENIED = "denied", _("Denied")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Stage(models.TextChoices):
        NOT_IN_PROCEEDINGS = "not_in_proceedings", _("Not yet in proceedings")
        BEFORE_COURT = "before_court", _("Before the court")
        ON_APPEAL = "on_appeal", _("On appeal")
        FINAL_ORDER = "final_order", _("Final order")

    class Form(models.TextChoices):
        NO_NTA = "no_nta", _("Not filing a Notice to Appear")
        DISMISSAL = "dismissal", _("Dismissal without prejudice")
        ADMINISTRATIVE_CLOSURE = "administrative_closure", _("Administrative closure")
        TERMINATION = "termination", _("Termination")
        JOINT_REOPEN = "joint_reopen", _("Joint motion to reopen")
        STIPULATION = "stipulation", _("Stipulation or continuance")
        RELEASE = "release", _("Release from custody")
        STAY = "stay", _("Stay of removal")
        DEFERRED_ACTION = "deferred_action", _("Deferred action")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="requests")
    number = models.PositiveIntegerField(editable=False)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="re_requests")
    state = models.CharField(max_length=12, choices=State, default=State.GATHERING, editable=False)
    state_since = models.DateTimeField(db_default=Now(), editable=False)
    stage = models.CharField(_("stage of the case"), max_length=20, choices=Stage)
    form = models.CharField(_("what we ask for"), max_length=24, choices=Form)
    profile = models.CharField(_("office profile"), max_length=20)
    office = models.CharField(_("office"), max_length=120)
    judge = models.CharField(_("judge"), max_length=120, blank=True)
    next_hearing = models.DateTimeField(_("next hearing"), null=True, blank=True)
    detained = models.BooleanField(_("the client is detained"), default=False)
    tab_order = models.JSONField(default=list, blank=True, editable=False)  # ids of documents; empty: the usual order
    factor_order = models.JSONField(default=list, blank=True, editable=False)  # codes; empty: the usual order
    fit = models.PositiveSmallIntegerField(default=0, editable=False)  # dots an inch of its pictures; 0: as they came
    fitting = models.BooleanField(default=False, editable=False)  # the portal is at it
    searchable = models.BooleanField(default=False, editable=False)  # the words read off its pictures stand under them
    underlaying = models.BooleanField(default=False, editable=False)  # the portal is at it
    letter = SealedTextField(_("request letter"), purpose="documents.request.letter", blank=True)
    letter_signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False)
    letter_signed_at = models.DateTimeField(null=True, editable=False)

    transmittal = SealedTextField(_("text of the mail"), purpose="documents.request.transmittal", blank=True)
    # Other ways to stay that were looked at before asking, as an attorney answered (documents.options)
    options = SealedJSONField(purpose="documents.request.options", default=dict, blank=True)
    options_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    options_at = models.DateTimeField(null=True, editable=False)
    decided_on = models.DateField(_("date of the decision"), null=True, blank=True)
    decision = SealedTextField(_("what the office decided"), purpose="documents.request.decision", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "number"], name="request_numbers_are_unique_in_a_matter"),
            models.CheckConstraint(
                condition=models.Q(letter_signed_by__isnull=True, letter_signed_at__isnull=True)
                | models.Q(letter_signed_by__isnull=False, letter_signed_at__isnull=False),
                name="a_signature_has_a_person_and_a_time",
            ),
        ]
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"{self.matter.reference} request {self.number}"

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"
