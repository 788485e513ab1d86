"""Matters can be purged, and a command can have one to throw away. What is purged takes no document any more."""

from django.db import migrations, models

SHUT = """
CREATE FUNCTION documents_require_living_matter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM documents_matter WHERE id = NEW.matter_id AND purged_at IS NULL FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'matter % is purged', NEW.matter_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER purged_matters_take_no_document BEFORE INSERT ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_require_living_matter();
"""
OPEN = """
DROP TRIGGER purged_matters_take_no_document ON documents_document;
DROP FUNCTION documents_require_living_matter;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_gate")]
    operations = [
        migrations.AlterField("matter", "number", models.PositiveIntegerField(editable=False, null=True, unique=True)),
        migrations.AddField("matter", "throwaway", models.BooleanField(default=False, editable=False)),
        migrations.AddField("matter", "purged_at", models.DateTimeField(editable=False, null=True)),
        migrations.AddConstraint(
            "matter",
            models.CheckConstraint(
                condition=models.Q(throwaway=True, number__isnull=True)
                | models.Q(throwaway=False, number__isnull=False),
                name="all_but_throwaway_matters_have_a_number",
            ),
        ),
        migrations.AddConstraint(
            "matter",
            models.CheckConstraint(
                condition=models.Q(purged_at__isnull=True) | models.Q(legal_hold=False),
                name="a_matter_under_legal_hold_is_not_purged",
            ),
        ),
        migrations.RunSQL(SHUT, OPEN),
    ]
