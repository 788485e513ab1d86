"""The audit trail is append-only twice over: triggers stop everybody, grants stop the application."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail is append-only: % refused.', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_table_stays BEFORE TRUNCATE ON accounts_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
ALLOW = """
DROP TRIGGER audit_rows_stay ON accounts_auditevent;
DROP TRIGGER audit_table_stays ON accounts_auditevent;
DROP FUNCTION audit_is_append_only();
"""
# The role is made at provisioning; a database without it (a test's) has only its owner.
REVOKE = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'amparo_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON accounts_auditevent FROM amparo_app;
        REVOKE DELETE, TRUNCATE ON accounts_user FROM amparo_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_people")]

    operations = [
        migrations.RunSQL(REFUSE, ALLOW),
        migrations.RunSQL(REVOKE, migrations.RunSQL.noop),
    ]
