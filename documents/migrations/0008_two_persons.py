"""Out of quarantine only by two persons, and to be clean again only under signatures newer than those that doubted."""

from django.db import migrations

GUARD = """
CREATE FUNCTION documents_require_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'quarantined' AND NEW.state NOT IN ('quarantined', 'purged') AND NOT EXISTS (
        SELECT 1 FROM documents_disposition
        WHERE document_id = OLD.id AND kind = 'release' AND decision = 'approved'
            AND proposed_by_id <> decided_by_id AND decided_at >= OLD.state_since
    ) THEN
        RAISE EXCEPTION 'document % was not released from quarantine', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quarantine_is_left_by_two_persons BEFORE UPDATE OF state ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_require_release();

CREATE FUNCTION documents_require_undoubted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('clean', 'preparing', 'ready') AND EXISTS (
        SELECT 1 FROM documents_verdict AS doubt
        WHERE doubt.document_id = NEW.id AND doubt.outcome = 'infected' AND NOT EXISTS (
            SELECT 1 FROM documents_verdict AS newer
            WHERE newer.document_id = NEW.id AND newer.outcome = 'clean' AND newer.id > doubt.id
                AND newer.signature_version > doubt.signature_version
        )
    ) THEN
        RAISE EXCEPTION 'document % has a verdict against it', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER doubt_ends_by_newer_signatures BEFORE INSERT OR UPDATE OF state ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_require_undoubted();
"""
UNDO = """
DROP TRIGGER doubt_ends_by_newer_signatures ON documents_document;
DROP TRIGGER quarantine_is_left_by_two_persons ON documents_document;
DROP FUNCTION documents_require_undoubted;
DROP FUNCTION documents_require_release;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0007_quarantine")]
    operations = [migrations.RunSQL(GUARD, UNDO)]
