from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Alarm(models.Model):
    """Something of the portal's own work is not as it should be. Open until the portal finds it well again."""

    class Kind(models.TextChoices):
        SCANNER_AWAY = "scanner_away", _("Files wait: the scanner gives no verdict")
        SIGNATURES_STALE = "signatures_stale", _("The scanner's signatures are too old")
        SCANNER_LETS_THROUGH = "scanner_lets_through", _("The scanner failed its test")
        STORE_AWAY = "store_away", _("The store does not answer")
        STORE_LETS_THROUGH = "store_lets_through", _("The store failed its test")
        WAITING = "waiting", _("A file has been waiting too long")
        WORK_FAILED = "work_failed", _("Work failed and waits for a person")
        WORKER_DIES = "worker_dies", _("A worker died several times over one file")
        BYTES_CHANGED = "bytes_changed", _("Stored bytes are not what was received")
        SWEPT = "swept", _("Something was stored that nothing refers to")
        TOO_MANY = "too_many", _("Too much is stored that nothing refers to")
        ANCHOR_AHEAD = "anchor_ahead", _("The database is older than its anchor")

    kind = models.CharField(max_length=24, choices=Kind)
    detail = models.TextField(blank=True)  # a sentence of ours: no name, nothing a person typed
    since = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())  # found still so
    told_at = models.DateTimeField(null=True)  # the administrators were written to
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(ended_at__isnull=True), name="one_open_alarm_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} since {self.since:%Y-%m-%d %H:%M}"
