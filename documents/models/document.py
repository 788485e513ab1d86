import uuid

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from documents.models.checklist import ChecklistItem
from documents.models.factor import DocumentType, Factor
from documents.models.matter import Matter
from documents.preparing import Reason
from documents.scanning import Outcome
from portal.crypto import SealedJSONField, SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Document(models.Model):
    """A file somebody sent. Its bytes are never altered; everything else about it is on the record."""

    class State(models.TextChoices):
        RECEIVED = "received", _("Received")
        CHECKING = "checking", _("Being checked")
        CLEAN = "clean", _("Checked")
        PREPARING = "preparing", _("Being prepared")
        READY = "ready", _("Ready")
        REFUSED = "refused", _("Refused")
        QUARANTINED = "quarantined", _("Quarantined")
        HELD = "held", _("Held")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        PURGED = "purged", _("Purged")

    class Review(models.TextChoices):
        PENDING = "pending", _("To review")
        ACCEPTED = "accepted", _("Accepted")
        ASK_AGAIN = "ask_again", _("Asked again")

    OVER = frozenset({State.REFUSED, State.WITHDRAWN, State.PURGED})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveIntegerField()  # within its matter: "Document 7"
    state = models.CharField(max_length=12, choices=State, default=State.RECEIVED)
    state_since = models.DateTimeField(db_default=Now())
    was = models.CharField(max_length=12, choices=State, blank=True)  # where a withdrawn one goes back to

    # Custody
    sender = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="sent")
    on_behalf = models.BooleanField(default=False)  # staff sent it for the client
    received_at = models.DateTimeField(db_default=Now())
    name = SealedTextField(purpose="documents.document.name")
    item = models.ForeignKey(DocumentType, on_delete=models.PROTECT, null=True, blank=True)
    asked = models.ForeignKey(  # what of the checklist it was sent for
        ChecklistItem, on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    replaces = models.ForeignKey(  # the paper that was sent again as this one
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    size = models.PositiveBigIntegerField()  # bytes, as received
    sha256 = models.CharField(max_length=64)  # hexadecimal, as received
    intake_key = models.CharField(max_length=120, blank=True)
    vault_key = models.CharField(max_length=120, blank=True)
    # Of a file that came locked: the password until it is prepared, and the same file without its lock. What is scanned,
    # prepared and handed out is then the latter.
    password = SealedTextField(purpose="documents.document.password", blank=True)
    unlocked_key = models.CharField(max_length=120, blank=True)
    unlocked_sha256 = models.CharField(max_length=64, blank=True)
    unlocked_size = models.PositiveBigIntegerField(default=0)  # bytes

    # Outcome of check and prepare
    reason = models.CharField(max_length=24, choices=[(r.value, r.value) for r in Reason], blank=True)
    warnings = models.JSONField(default=list, blank=True)
    mime = models.CharField(max_length=80, blank=True)
    print_key = models.CharField(max_length=120, blank=True)
    print_sha256 = models.CharField(max_length=64, blank=True)
    print_size = models.PositiveBigIntegerField(default=0)  # bytes; 0: prepared before this was noted
    pages = models.PositiveIntegerField(default=0)
    # How many pages the file has as it came, 0: prepared before this was noted; and in which order they are printed, turned
    # how (preparing.Placed, as JSON; empty: all, as they are). None is left out: the database refuses that.
    # Of photos: how many the file holds, of which some may be left out or cropped; and what we would suggest, which nobody
    # has to follow.
    leaves = models.PositiveIntegerField(default=0)
    photos = models.PositiveIntegerField(default=0)
    arrangement = models.JSONField(default=list, blank=True)
    suggestions = models.JSONField(default=list, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)  # when the words of its pages were read; null: not yet
    compared_at = models.DateTimeField(null=True, blank=True)  # with what looks like it; null: not since it was last read
    crashes = models.PositiveIntegerField(default=0)
    waits = models.PositiveIntegerField(default=0)  # how often there was no verdict; sets the back-off, never a limit
    retry_at = models.DateTimeField(db_default=Now())

    # Review
    review = models.CharField(max_length=12, choices=Review, default=Review.PENDING)
    review_reason = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, blank=True, related_name="reviewed")
    title = models.CharField(max_length=200, blank=True)  # exhibit title
    # What somebody of the team read on it: its date, language, signatures (documents.particulars)
    particulars = SealedJSONField(purpose="documents.document.particulars", default=dict, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "number"], name="document_numbers_are_unique_in_a_matter"),
            models.UniqueConstraint(
                fields=["matter", "sha256"],
                condition=~Q(state__in=["refused", "withdrawn", "purged"]),
                name="the_same_bytes_are_one_document",
            ),
            models.CheckConstraint(condition=~Q(state="ready", pages=0), name="ready_documents_have_pages"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(photos__gt=0) | Q(pages__gte=models.F("leaves")),
                name="ready_documents_have_every_page",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | (~Q(vault_key="") & ~Q(print_key="") & ~Q(print_sha256="")),
                name="ready_documents_have_their_bytes",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["received", "checking"]) | ~Q(intake_key="") | ~Q(vault_key=""),
                name="received_documents_have_their_bytes",
            ),
            models.CheckConstraint(
                condition=~Q(review="accepted") | Q(state__in=["ready", "quarantined", "withdrawn", "purged"]),
                name="only_ready_documents_are_accepted",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "retry_at"], name="document_work"),
            models.Index(fields=["matter", "state"], name="document_of_matter"),
        ]

    def __str__(self) -> str:
        return gettext("Document %(number)d") % {"number": self.number}

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"

    @property
    def judged_sha256(self) -> str:
        """Of the bytes that verdicts are about, and that alone may leave."""
        return self.unlocked_sha256 or self.sha256

    @property
    def judged_key(self) -> str:
        """Where those bytes lie in the vault."""
        return self.unlocked_key or self.vault_key

    @property
    def judged_size(self) -> int:
        """Of those bytes."""
        return self.unlocked_size if self.unlocked_key else self.size

    @property
    def on_hold(self) -> bool:
        return any(hold.lifted_at is None for hold in self.holds.all())

    @property
    def exhibit_title(self) -> str:
        return self.title or (self.item.label_en if self.item else str(self))


class Verdict(models.Model):
    """What the scanner said of these very bytes. Rows are only ever added."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="verdicts")
    sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=12, choices=[(o.value, o.value) for o in Outcome])
    engine = models.CharField(max_length=200)
    signature_version = models.PositiveIntegerField()
    signatures_at = models.DateTimeField()
    scanned_at = models.DateTimeField(db_default=Now())
    found = models.CharField(max_length=200, blank=True)  # the signature's name, for staff
    parts = models.PositiveIntegerField(default=1)  # the file and what was inside it

    class Meta:
        ordering = ["-scanned_at", "-pk"]
        indexes = [models.Index(fields=["document", "outcome", "sha256"], name="verdict_gate")]

    def __str__(self) -> str:
        return f"{self.outcome} on {self.scanned_at:%Y-%m-%d %H:%M}"


class Page(models.Model):
    """One print-ready page and the raster that people look at."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="page_set")
    number = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    leaf = models.PositiveIntegerField(default=0)  # the place in the file of what it shows, from 1; 0: not noted yet
    blank = models.BooleanField(default=False)
    noticed = models.JSONField(default=list, blank=True)  # warnings about this page: blurred, dark
    preview_key = models.CharField(max_length=120)
    preview_sha256 = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)  # to read its words (documents.reading)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["document", "number"], name="pages_are_numbered_once")]

    def __str__(self) -> str:
        return f"page {self.number}"


class Tag(models.Model):
    """A document, or a range of its pages, supports a factor."""

    class Strength(models.TextChoices):
        DIRECT = "direct", _("Direct")
        SUPPORTING = "supporting", _("Supporting")

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="tags")
    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, related_name="tags")
    first_page = models.PositiveIntegerField(null=True, blank=True)  # 1-based, inclusive; null: the whole document
    last_page = models.PositiveIntegerField(null=True, blank=True)
    strength = models.CharField(max_length=12, choices=Strength, default=Strength.DIRECT)
    note = models.TextField(blank=True)
    tagged_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    tagged_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["factor__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["document", "factor"], name="one_tag_per_factor"),
            models.CheckConstraint(
                condition=Q(first_page__isnull=True, last_page__isnull=True)
                | Q(first_page__gte=1, last_page__gte=models.F("first_page")),
                name="page_ranges_run_forwards",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.factor_id} on document {self.document_id}"


class Hold(models.Model):
    """An attorney hold: the document waits until an attorney lifts it with a reason. Kept after it is lifted.

    It comes with a tag, for that factor, or from a person of the team, with a reason.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="holds")
    factor = models.ForeignKey(Factor, on_delete=models.PROTECT, null=True, related_name="+")
    reason = SealedTextField(purpose="documents.hold.reason", blank=True)
    placed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(db_default=Now())
    first_page = models.PositiveIntegerField(null=True)  # what it covers, as of a tag; null: the whole document
    last_page = models.PositiveIntegerField(null=True)
    lifted_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.TextField(blank=True)

    class Meta:
        ordering = ["placed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "factor"], condition=Q(lifted_at__isnull=True), name="one_open_hold_per_factor"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_why="")),
                name="holds_are_lifted_by_somebody_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(first_page__isnull=True, last_page__isnull=True)
                | Q(first_page__gte=1, last_page__gte=models.F("first_page")),
                name="held_pages_run_forwards",
            ),
            models.CheckConstraint(
                condition=Q(factor__isnull=False) | Q(GreaterThan(Length("reason"), 0)),  # sealed, and empty if empty
                name="holds_have_a_factor_or_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"hold for {self.factor_id}"

    @property
    def about(self) -> str:
        """Its factor, or the words of whoever asked for it."""
        return str(self.factor) if self.factor else self.reason

    @property
    def covered(self) -> range:
        """The pages its tag had when it was widest; one more than the document has is none."""
        pages = self.document.pages
        return range(self.first_page or 1, 1 + min(self.last_page or pages, pages))

    @property
    def left(self) -> list[int]:
        """The pages that still wait for an attorney (documents.lifting)."""
        lifted = {page for each in self.lifted_pages.all() for page in range(each.first_page, each.last_page + 1)}
        return [page for page in self.covered if page not in lifted]


class Disposition(models.Model):
    """What is to become of a quarantined document: one person proposes it with a reason, another decides. Kept."""

    class Kind(models.TextChoices):
        RELEASE = "release", _("Release from quarantine")
        DESTROY = "destroy", _("Destroy")

    class Decision(models.TextChoices):
        OPEN = "", _("Not decided")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="dispositions")
    kind = models.CharField(max_length=8, choices=Kind)
    why = models.TextField()
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=Now())
    signature_version = models.PositiveIntegerField()  # of the verdict that is doubted
    decision = models.CharField(max_length=8, choices=Decision, blank=True, default=Decision.OPEN)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["document"], condition=Q(decision=""), name="one_open_disposition"),
            models.CheckConstraint(condition=~Q(why=""), name="dispositions_have_a_reason"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="dispositions_are_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(decision="approved") | ~Q(decided_by=models.F("proposed_by")),
                name="nobody_approves_alone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} document {self.document_id}"
