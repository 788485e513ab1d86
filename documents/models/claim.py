from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.factor import Factor
from documents.models.matter import Matter
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Claim(models.Model):
    """What the team says of a factor in a matter: that it counts, or that it does not apply and why. The latter an
    attorney decides. Kept after it is taken back."""

    class Said(models.TextChoices):
        CLAIMED = "claimed", _("Claimed")
        NOT_APPLICABLE = "not_applicable", _("Not applicable")

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="claims")
    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, related_name="+")
    said = models.CharField(max_length=16, choices=Said)
    why = SealedTextField(purpose="documents.claim.why", blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    taken_back_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "factor"],
                condition=Q(taken_back_at__isnull=True),
                name="one_claim_stands_for_a_factor",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False, said="not_applicable"),
                name="what_does_not_apply_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="claims_are_taken_back_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.said} {self.factor_id}"

    @property
    def set_aside(self) -> bool:
        """Whether an attorney decided that the factor does not apply."""
        return self.decided_at is not None

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"
