from django.conf import settings
from django.db import models
from django.db.models.functions import Now

PERSON = settings.AUTH_USER_MODEL


class OfficeProfile(models.Model):
    """The firm's own copy of what an office expects: one row each time somebody changed or checked it. The last counts."""

    code = models.CharField(max_length=20)  # OPLA, or the firm's own: OPLA-CHI
    number = models.PositiveIntegerField()  # of its versions
    data = models.JSONField()  # as in packets/profiles/*.toml
    version = models.CharField(max_length=12)  # the first digits of the SHA-256 of the data
    source = models.TextField()  # where the firm has it from
    last_checked = models.DateField()
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    audit_chain = "accounts"

    class Meta:
        ordering = ["code", "-number"]
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="profile_versions_are_numbered_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.number}"
