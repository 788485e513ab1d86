import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from documents.models.document import Document
from documents.models.matter import Request
from documents.models.packet import Packet
from portal.crypto import SealedTextField

PERSON = settings.AUTH_USER_MODEL


class Filing(models.Model):
    """How and when a released packet went out, and what the office answered."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("E-mail to the office")
        PORTAL = "portal", _("The office's own portal")
        ECAS = "ecas", _("ECAS (the court's system)")
        IN_PERSON = "in_person", _("In person")
        POST = "post", _("Post or courier")

    packet = models.OneToOneField(Packet, on_delete=models.PROTECT, related_name="filing")
    channel = models.CharField(_("channel"), max_length=12, choices=Channel)
    filed_at = models.DateTimeField(_("when it was filed"))
    words = SealedTextField(_("note"), purpose="documents.filing.words", blank=True)  # receipt number, who took it
    filed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    reply = SealedTextField(_("the office's reply"), purpose="documents.filing.reply", blank=True)
    replied_on = models.DateField(_("date of the reply"), null=True, blank=True)
    pages_confirmed = models.PositiveIntegerField(_("pages the office counted"), null=True, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"filing of packet {self.packet_id}"

    @property
    def matter_id(self) -> uuid.UUID:
        return self.packet.matter_id

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"


class Circumstance(models.Model):
    """What changed since a denied request, for the one that follows it, with the paper that shows it."""

    class Kind(models.TextChoices):
        BIRTH = "birth", _("A child was born")
        MARRIAGE = "marriage", _("A marriage")
        PETITION = "petition", _("A petition was filed or approved")
        VACATED = "vacated", _("A conviction was vacated or changed")
        HEALTH = "health", _("Health changed")
        HEARING = "hearing", _("A hearing was set")
        COOPERATION = "cooperation", _("Help to law enforcement")
        POLICY = "policy", _("The office's policy changed")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="circumstances")
    kind = models.CharField(_("what changed"), max_length=12, choices=Kind)
    words = SealedTextField(_("in a sentence"), purpose="documents.circumstance.words")
    happened_on = models.DateField(_("when"))
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="+")
    added_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["happened_on", "pk"]

    def __str__(self) -> str:
        return f"circumstance {self.pk}"

    @property
    def matter_id(self) -> uuid.UUID:
        return self.request.matter_id

    @property
    def audit_chain(self) -> str:
        return f"matter:{self.matter_id}"
