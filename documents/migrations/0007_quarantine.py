"""Quarantine that people decide on, files that came locked, and alarms. A verdict may be about the unlocked bytes."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import portal.crypto

GATE = """
CREATE OR REPLACE FUNCTION documents_require_clean_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('clean', 'preparing', 'ready') AND NOT EXISTS (
        SELECT 1 FROM documents_verdict
        WHERE document_id = NEW.id AND outcome = 'clean' AND sha256 = {judged}
    ) THEN
        RAISE EXCEPTION 'document % has no clean verdict on its bytes', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER nothing_is_clean_without_a_verdict ON documents_document;
CREATE TRIGGER nothing_is_clean_without_a_verdict BEFORE INSERT OR UPDATE OF state, sha256{more} ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_require_clean_verdict();
"""
NEW = GATE.replace("{judged}", "coalesce(nullif(NEW.unlocked_sha256, ''), NEW.sha256)")
NEW = NEW.replace("{more}", ", unlocked_sha256")
OLD = GATE.replace("{judged}", "NEW.sha256").replace("{more}", "")


FORGET = """
ALTER TABLE documents_document ADD CONSTRAINT passwords_are_forgotten
    CHECK (password = '' OR state IN ('received', 'checking', 'clean', 'preparing'));
"""
REMEMBER = "ALTER TABLE documents_document DROP CONSTRAINT passwords_are_forgotten;"


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0006_long_tabs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("scanner_away", "Files wait: the scanner gives no verdict"),
                            ("signatures_stale", "The scanner's signatures are too old"),
                            ("scanner_lets_through", "The scanner failed its test"),
                            ("store_away", "The store does not answer"),
                            ("store_lets_through", "The store failed its test"),
                            ("waiting", "A file has been waiting too long"),
                            ("work_failed", "Work failed and waits for a person"),
                            ("worker_dies", "A worker died several times over one file"),
                            ("bytes_changed", "Stored bytes are not what was received"),
                            ("swept", "Something was stored that nothing refers to"),
                            ("too_many", "Too much is stored that nothing refers to"),
                            ("anchor_ahead", "The database is older than its anchor"),
                        ],
                        max_length=24,
                    ),
                ),
                ("detail", models.TextField(blank=True)),
                ("since", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("seen_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("told_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-since", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Disposition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("release", "Release from quarantine"), ("destroy", "Destroy")], max_length=8)),
                ("why", models.TextField()),
                ("proposed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("signature_version", models.PositiveIntegerField()),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("", "Not decided"), ("approved", "Approved"), ("declined", "Declined")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["-proposed_at", "-pk"],
            },
        ),
        migrations.AddField(
            model_name="document",
            name="password",
            field=portal.crypto.SealedTextField(blank=True, purpose="documents.document.password"),
        ),
        migrations.AddField(
            model_name="document",
            name="unlocked_key",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="document",
            name="unlocked_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="document",
            name="unlocked_size",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)), fields=("kind",), name="one_open_alarm_a_kind"
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="dispositions", to="documents.document"
            ),
        ),
        migrations.AddField(
            model_name="disposition",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", "")), fields=("document",), name="one_open_disposition"
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.CheckConstraint(
                condition=models.Q(("why", ""), _negated=True), name="dispositions_have_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")),
                    models.Q(
                        models.Q(("decision", ""), _negated=True),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="dispositions_are_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="disposition",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", "approved"), _negated=True),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="nobody_approves_alone",
            ),
        ),
        migrations.RunSQL(NEW, OLD),
        migrations.RunSQL(FORGET, REMEMBER),
    ]
