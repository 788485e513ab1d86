"""The firm's one row of rules, changed on the record."""

from django.db import transaction

from accounts import audit
from accounts.forms import FirmForm
from accounts.models import AuditEvent, FirmPolicy, User, policy


def rules() -> FirmPolicy:
    return policy()


def change(form: FirmForm, *, actor: User) -> None:
    """Keep a valid form; the record names what changed, not the values."""
    with transaction.atomic():
        saved = form.save()
        if form.changed_data:
            audit.record(AuditEvent.Kind.POLICY_CHANGED, saved, actor=actor, fields=sorted(form.changed_data))
