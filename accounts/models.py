"""People, the firm's rules for signing in, invitations, and the record of what was done."""

from typing import Any, ClassVar, NoReturn
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.validators import BaseValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.crypto import SealedTextField

NO_MAIL = "@portal.invalid"  # a domain that no mail can reach: of people without an e-mail of their own
OPERATOR = f"operator{NO_MAIL}"  # whoever works at the machine's command line


class NeverDeleted(Exception):
    """People stay: what they did must keep its author. Deactivate the person instead."""


class Role(models.TextChoices):
    CLIENT = "client", _("Client")
    PARALEGAL = "paralegal", _("Paralegal")
    ATTORNEY = "attorney", _("Attorney")
    ADMINISTRATOR = "administrator", _("Administrator")


class Language(models.TextChoices):
    ENGLISH = "en", "English"
    SPANISH = "es", "Español"


class Reminders(models.TextChoices):
    MAIL = "mail", _("By e-mail")
    TEXT = "text", _("By text message")
    NONE = "none", _("None")


class UserQuerySet(models.QuerySet["User"]):
    def delete(self) -> NoReturn:
        raise NeverDeleted("People are deactivated, never deleted.")


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # a generated base
    def create_user(self, email: str, *, password: str | None = None, **columns: Any) -> "User":
        """`password=None` stores one that can never match (clients, and staff who have not joined yet)."""
        user: User = self.model(email=email.strip().lower(), **columns)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email=(email or "").strip().lower())


class User(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, help_text="Stored in lower case.")
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(_("role"), max_length=16, choices=Role)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.ENGLISH)
    phone = SealedTextField(_("mobile phone"), purpose="accounts.user.phone", blank=True)
    reminders = models.CharField(_("reminders"), max_length=5, choices=Reminders, default=Reminders.MAIL)
    is_active = models.BooleanField(default=False)
    joined_at = models.DateTimeField(null=True, editable=False, help_text="When the invitation was accepted.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name", "role"]
    audit_chain = "accounts"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="emails_are_lower_case"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="roles_are_known"),
            models.CheckConstraint(condition=Q(language__in=Language.values), name="languages_are_known"),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(joined_at__isnull=False), name="only_who_joined_is_active"
            ),
            models.CheckConstraint(
                condition=~Q(role=Role.CLIENT) | Q(password__startswith=UNUSABLE_PASSWORD_PREFIX),
                name="clients_have_no_password",
            ),
            models.CheckConstraint(
                condition=~Q(email=OPERATOR)
                | Q(is_active=False, joined_at__isnull=True, password__startswith=UNUSABLE_PASSWORD_PREFIX),
                name="the_operator_never_signs_in",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise NeverDeleted(f"{self.pk} is deactivated, never deleted.")

    @property
    def is_client(self) -> bool:
        return self.role == Role.CLIENT

    @property
    def has_email(self) -> bool:
        """Whether mail reaches this person; the address of one without mail only fills the column."""
        return not self.email.endswith(NO_MAIL)

    @property
    def works_here(self) -> bool:
        """Paralegal, attorney or administrator: password and a second factor before any page."""
        return self.role != Role.CLIENT

    @property
    def administers(self) -> bool:
        return self.role == Role.ADMINISTRATOR


class SignedInRequest(HttpRequest):
    """What a view behind LoginRequiredMiddleware receives."""

    user: User


def between(low: int, high: int) -> list[BaseValidator]:
    return [MinValueValidator(low), MaxValueValidator(high)]


class FirmPolicy(models.Model):
    """One row: the firm, and how its people sign in. Passkeys are always allowed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    firm_name = models.CharField(max_length=150, blank=True)
    address = models.TextField(blank=True, help_text="As printed on letters, one line per line.")
    phone = models.CharField(max_length=32, blank=True)
    totp_until = models.DateField(null=True, blank=True, help_text="Last day staff may use an app.")
    client_idle_minutes = models.PositiveSmallIntegerField(default=15, validators=between(2, 120))
    staff_idle_minutes = models.PositiveSmallIntegerField(default=30, validators=between(2, 120))
    absolute_hours = models.PositiveSmallIntegerField(default=12, validators=between(1, 24))
    step_up_minutes = models.PositiveSmallIntegerField(default=10, validators=between(1, 60))

    audit_chain = "accounts"

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_firm_policy")]

    def __str__(self) -> str:
        return self.firm_name


def policy() -> FirmPolicy:
    """The one row, made with its defaults the first time it is asked for."""
    return FirmPolicy.objects.get_or_create(pk=1)[0]


def policy_of(request: HttpRequest) -> FirmPolicy:
    """The same, read once for a request, as it stood when it was first asked for."""
    if not hasattr(request, "firm_policy"):
        request.firm_policy = policy()  # type: ignore[attr-defined]  # of an HttpRequest
    return request.firm_policy  # type: ignore[attr-defined]


class Invitation(models.Model):
    """How every person begins. Only the SHA-256 of the link's token is kept; `used_at` is set once."""

    token_sha256 = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, help_text="Null: the portal.")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class HandOver(models.Model):
    """A person's way from a computer to their own phone: one use, a few minutes, and there only sending."""

    token_sha256 = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"hand-over {self.pk}"


class AuditEvent(models.Model):
    """One thing that happened. Only accounts.audit writes here, and the database lets nobody change it."""

    class Kind(models.TextChoices):
        """A closed vocabulary: one word across label, state, address and test. No column choices: no migration each."""

        # accounts
        SIGNED_IN = "signed_in", _("signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("failed to sign in")
        SIGNED_OUT = "signed_out", _("signed out")
        CONFIRMED = "confirmed", _("confirmed who they are")
        FACTOR_ADDED = "factor_added", _("added a way to sign in")
        FACTOR_REMOVED = "factor_removed", _("removed a way to sign in")
        INVITED = "invited", _("invited")
        JOINED = "joined", _("joined")
        PERSON_CHANGED = "person_changed", _("changed a person")
        SESSION_ENDED = "session_ended", _("ended a session")
        POLICY_CHANGED = "policy_changed", _("changed the firm's rules")
        HANDED_OVER = "handed_over", _("went on at a phone")
        REFUSED_ACCESS = "refused_access", _("was refused")
        # matters and requests
        MATTER_OPENED = "matter_opened", _("opened the matter")
        MATTER_CLOSED = "matter_closed", _("closed the matter")
        REQUEST_OPENED = "request_opened", _("opened a request")
        MEMBER_ADDED = "member_added", _("added a member")
        MEMBER_REMOVED = "member_removed", _("removed a member")
        FACTOR_DEFINED = "factor_defined", _("defined a factor")
        ASKED = "asked", _("asked for a document")
        ANSWERED = "answered", _("answered what was asked for")
        WAIVED = "waived", _("no longer needs a document")
        REMINDED = "reminded", _("reminded the client")
        MESSAGE_SENT = "message_sent", _("wrote a message")
        REVEALED = "revealed", _("revealed a number")
        EXPORTED = "exported", _("exported the matter")
        # evidence
        RECEIVED = "received", _("received")
        MOVED = "moved", _("moved")
        SCANNED = "scanned", _("scanned")
        ARRANGED = "arranged", _("arranged the pages")
        PREPARED = "prepared", _("prepared")
        READ = "read", _("read the words of")
        TAGGED = "tagged", _("tagged")
        UNTAGGED = "untagged", _("took a tag away")
        SUGGESTED = "suggested", _("suggested factors for")
        SUGGESTION_DECIDED = "suggestion_decided", _("decided about a suggestion for")
        REVIEWED = "reviewed", _("reviewed")
        HELD = "held", _("put on hold")
        HOLD_LIFTED = "hold_lifted", _("lifted the hold")
        VIEWED = "viewed", _("viewed")
        FETCHED = "fetched", _("fetched ahead")
        DOWNLOADED = "downloaded", _("downloaded")
        UNLOCKED = "unlocked", _("gave a password")
        PROPOSED = "proposed", _("proposed what becomes of a quarantined document")
        DECIDED = "decided", _("decided what becomes of a quarantined document")
        BOX_DRAWN = "box_drawn", _("drew a black box")
        REDACTED = "redacted", _("had black boxes burnt in")
        UNREDACTED = "unredacted", _("took a black box off")
        NOTED = "noted", _("noted what a document says")
        FOUND = "found", _("found what to look at")
        SETTLED = "settled", _("settled what was found")
        COMPARTMENT = "compartment", _("changed a compartment")
        DISCLOSED = "disclosed", _("decided on disclosure")
        LOOKED_AT = "looked_at", _("looked at a point to check")
        PAIRED = "paired", _("paired a paper with its translation")
        UNPAIRED = "unpaired", _("took a paper and its translation apart")
        COMPARED = "compared", _("compared documents that look alike")
        PUT_AWAY = "put_away", _("put a refused file away")
        # notes
        NOTE_WRITTEN = "note_written", _("wrote a note")
        NOTE_CHANGED = "note_changed", _("changed a note")
        NOTE_STRUCK = "note_struck", _("struck a note out")
        # before asking
        WEIGHED = "weighed", _("filled in the options memo")
        AGREED = "agreed", _("answered before anything is filed")
        CLAIMED = "claimed", _("said whether a factor applies")
        ARREST_NOTED = "arrest_noted", _("changed the criminal history chart")
        STATED = "stated", _("made a statement on a rule")
        TAKEN_BACK = "taken_back", _("took a statement back")
        CHANGED_SINCE = "changed_since", _("noted what changed since the denial")
        FILED = "filed", _("recorded the filing")
        REPLIED = "replied", _("recorded the office's reply")
        SNIPPET_KEPT = "snippet_kept", _("changed the firm's paragraphs")
        OFFICE_CHANGED = "office_changed", _("changed an office profile")
        # packets
        LETTER_SIGNED = "letter_signed", _("signed the letter")
        ORDERED = "ordered", _("ordered the packet")
        BOUND = "bound", _("bound the packet")
        APPROVED = "approved", _("approved the packet")
        RELEASED = "released", _("released the packet")
        # the portal's own work
        KEY_ROTATED = "key_rotated", _("rotated a key")
        SWEPT = "swept", _("swept")
        ALARM_RAISED = "alarm_raised", _("raised an alarm")
        ALARM_ENDED = "alarm_ended", _("ended an alarm")
        VERIFIED = "verified", _("verified")
        PURGED = "purged", _("purged")

    id = models.BigAutoField(primary_key=True)
    chain = models.CharField(max_length=64)
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField(help_text="The database's clock.")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, help_text="Null: the portal itself.")
    actor_role = models.CharField(max_length=16, blank=True)
    kind = models.CharField(max_length=32)
    subject_type = models.CharField(max_length=64, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=32)
    facts = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chain", "seq"], name="one_event_per_place_in_a_chain"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="chains_start_at_one"),
        ]
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_by_subject")]

    def __str__(self) -> str:
        return f"{self.chain} {self.seq} {self.kind}"

    @property
    def label(self) -> str:
        """The kind in words, in the reader's language."""
        return str(self.Kind(self.kind).label)
