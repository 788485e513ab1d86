from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document, Hold
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Finding(models.Model):
    """Something that ought not to stand on this page seems to: what kind of thing, never the thing itself."""

    class Kind(models.TextChoices):
        SSN = "ssn", _("A Social Security number")
        ITIN = "itin", _("A taxpayer number (ITIN)")
        CARD = "card", _("A bank card number")
        BANK = "bank", _("A bank account or routing number")
        A_NUMBER = "a_number", _("An A-number that is not this client's")
        CLIENT = "client", _("Another client's name")

    class As(models.TextChoices):
        OWN = "own", _("It is the client's own, and needed")
        REDACTED = "redacted", _("It is blacked out")
        NOT_ONE = "not_one", _("It is none: it only looks like one")
        OTHER = "other", _("Something else")

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="findings")
    page = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    kind = models.CharField(max_length=8, choices=Kind)
    mark = models.CharField(max_length=64)  # of the words of the page it was found on: others, and it is open again
    found_at = models.DateTimeField(db_default=Now())
    settled_as = models.CharField(max_length=8, choices=As, blank=True)
    settled_why = SealedTextField(purpose="documents.finding.settled_why", blank=True)
    settled_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["page", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["document", "page", "kind"], name="one_finding_of_a_kind_on_a_page"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settled_as="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settled_as="")),
                name="findings_are_settled_by_somebody_as_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on page {self.page} of document {self.document_id}"

    @property
    def is_open(self) -> bool:
        return self.settled_at is None


class LiftedPages(models.Model):
    """Pages that an attorney let go forward out of a hold, which stands until all that it covers are. Never changed."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="lifted_pages")
    first_page = models.PositiveIntegerField()  # 1-based, inclusive
    last_page = models.PositiveIntegerField()
    why = SealedTextField(purpose="documents.lifted_pages.why")
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_page__gte=1, last_page__gte=F("first_page")), name="lifted_pages_run_forwards"
            ),
        ]

    def __str__(self) -> str:
        return f"pages {self.first_page} to {self.last_page} of {self.hold_id}"


class Compartment(models.TextChoices):
    """What is told only by an attorney's decision."""

    S1367 = "1367", _("Abuse, trafficking, crime victims (8 USC 1367)")
    ASYLUM = "asylum", _("Asylum (8 CFR 208.6)")
    MEDICAL = "medical", _("Health")


class OfCompartment(models.Model):
    """Something somebody said of a document and a compartment. Rows are only ever added; the newest counts."""

    compartment = models.CharField(max_length=8, choices=Compartment)
    why = SealedTextField(purpose="documents.of_compartment.why", blank=True)
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True
        ordering = ["pk"]


class Placement(OfCompartment):
    """Somebody of the team put a document into a compartment, or an attorney took it out with a reason. Taken out, it
    stays out as long as nothing new speaks for it: `grounds` are what did then (documents.compartments)."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="placements")
    inside = models.BooleanField()
    grounds = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return f"document {self.document_id} {'into' if self.inside else 'out of'} {self.compartment}"


class Disclosure(OfCompartment):
    """An attorney decided whether a document of a compartment is disclosed, and why: these pages, and no others."""

    class Decision(models.TextChoices):
        DISCLOSE = "disclose", _("Disclose it")
        WITHHOLD = "withhold", _("Withhold it")

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="disclosures")
    decision = models.CharField(max_length=8, choices=Decision)
    print_sha256 = models.CharField(max_length=64)  # of the pages it was decided about

    class Meta(OfCompartment.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["disclose", "withhold"], print_sha256__regex="^[0-9a-f]{64}$"),
                name="decisions_are_about_pages",
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision} document {self.document_id}: {self.compartment}"


class LookedAt(models.Model):
    """Somebody looked at one of the points that this kind of paper is checked for before filing."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="looked_at")
    prompt = models.CharField(max_length=200)  # as the taxonomy words it
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["document", "prompt"], name="each_point_is_ticked_once")]

    def __str__(self) -> str:
        return f"{self.prompt}: document {self.document_id}"
