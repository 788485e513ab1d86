import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.models.matter import Request
from portal.crypto import SealedJSONField, SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Packet(models.Model):
    """A frozen order of exhibits and the files bound from it. Bound once, unmarked; what changes makes a new packet."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ORDERED = "ordered", _("Ordered")
        BINDING = "binding", _("Being bound")
        BOUND = "bound", _("Bound")
        FAILED = "failed", _("Could not be bound")
        RETURNED = "returned", _("Returned")
        RELEASED = "released", _("Released")
        FILED = "filed", _("Filed")
        SUPERSEDED = "superseded", _("Superseded")
        INVALIDATED = "invalidated", _("No longer valid")

    OPEN = frozenset({State.ORDERED, State.BINDING, State.BOUND, State.FAILED})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="packets")
    number = models.PositiveIntegerField()  # within its request: "Packet 2"
    # Of a supplement: the filed packet behind whose last page its own pages stand
    adds_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="supplements")
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    state_since = models.DateTimeField(db_default=Now())
    order = SealedJSONField(purpose="documents.packet.order", default=dict)  # names, numbers and the letter, frozen
    order_sha256 = models.CharField(max_length=64, blank=True)
    ordered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    ordered_at = models.DateTimeField(null=True)
    progress = models.PositiveIntegerField(default=0)  # pages bound so far
    total_pages = models.PositiveIntegerField(default=0)
    failure = SealedTextField(purpose="documents.packet.failure", blank=True)  # what an attorney typed, or names papers
    crashes = models.PositiveIntegerField(default=0)
    manifest = SealedJSONField(purpose="documents.packet.manifest", default=dict)
    released_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="packet_numbers_are_unique_in_a_request"),
            models.CheckConstraint(
                condition=~Q(state__in=["bound", "released", "filed"]) | Q(total_pages__gt=0),
                name="bound_packets_have_pages",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["released", "filed"]) | Q(released_by__isnull=False, released_at__isnull=False),
                name="released_packets_name_who_released_them",
            ),
            models.CheckConstraint(condition=~Q(adds_to=F("id")), name="no_packet_adds_to_itself"),
        ]

    def __str__(self) -> str:
        return f"Packet {self.number}"

    def label(self, page: int) -> str:
        """What one of its pages is called: 7; in a supplement to 41 pages 41.7."""
        onto = self.order.get("onto")
        return f"{onto['pages']}.{onto['added'] + page}" if onto else str(page)

    @property
    def matter_id(self) -> uuid.UUID:
        return self.request.matter_id

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class PacketPart(models.Model):
    """One PDF of a packet, at rest."""

    packet = models.ForeignKey(Packet, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveIntegerField()
    filename = SealedTextField(purpose="documents.packet_part.filename")  # a name and a number are in it
    key = models.CharField(max_length=120)
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    first_page = models.PositiveIntegerField()
    last_page = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["packet", "number"], name="parts_are_numbered_once")]

    def __str__(self) -> str:
        return self.filename

    @property
    def span(self) -> str:
        """Its pages as they are called."""
        return f"{self.packet.label(self.first_page)}–{self.packet.label(self.last_page)}"


class PacketPage(models.Model):
    """The ledger: one row a packet page. The database itself refuses a page that is there twice."""

    class Kind(models.TextChoices):
        APPEARANCE = "appearance", _("Appearance form")
        COVER = "cover", _("Cover page")
        LETTER = "letter", _("Request letter")
        INDEX = "index", _("Index of exhibits")
        TAB = "tab", _("Tab sheet")
        EXHIBIT = "exhibit", _("Exhibit")

    packet = models.ForeignKey(Packet, on_delete=models.PROTECT, related_name="ledger")
    number = models.PositiveIntegerField()
    part = models.PositiveIntegerField()
    part_page = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    tab = models.CharField(max_length=200, blank=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="packet_pages")
    source_page = models.PositiveIntegerField(null=True)
    source_sha256 = models.CharField(max_length=64, blank=True)
    draft_key = models.CharField(max_length=120)  # its watermarked image
    draft_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["packet", "number"], name="packet_pages_are_numbered_once"),
            models.UniqueConstraint(
                fields=["packet", "document", "source_page"], name="every_page_is_in_the_packet_once"
            ),
            models.CheckConstraint(
                condition=Q(document__isnull=True, source_page__isnull=True)
                | Q(document__isnull=False, source_page__gte=1),
                name="evidence_pages_name_their_source",
            ),
        ]

    def __str__(self) -> str:
        return f"packet page {self.number}"
