"""What must never be true, the database refuses: to be clean without a clean verdict, to change what a verdict said."""

from django.db import migrations

GATE = """
CREATE FUNCTION documents_require_clean_verdict() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IN ('clean', 'preparing', 'ready') AND NOT EXISTS (
        SELECT 1 FROM documents_verdict
        WHERE document_id = NEW.id AND outcome = 'clean' AND sha256 = NEW.sha256
    ) THEN
        RAISE EXCEPTION 'document % has no clean verdict on its bytes', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER nothing_is_clean_without_a_verdict BEFORE INSERT OR UPDATE OF state, sha256 ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_require_clean_verdict();

CREATE FUNCTION documents_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are only ever added', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER verdicts_are_only_added BEFORE UPDATE OR DELETE ON documents_verdict
    FOR EACH ROW EXECUTE FUNCTION documents_keep();

CREATE FUNCTION documents_keep_custody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.sha256, NEW.size, NEW.sender_id, NEW.matter_id, NEW.received_at, NEW.number)
        IS DISTINCT FROM (OLD.sha256, OLD.size, OLD.sender_id, OLD.matter_id, OLD.received_at, OLD.number) THEN
        RAISE EXCEPTION 'the custody of document % cannot be changed', OLD.id USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER custody_is_never_changed BEFORE UPDATE ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_keep_custody();
CREATE TRIGGER documents_are_never_deleted BEFORE DELETE ON documents_document
    FOR EACH ROW EXECUTE FUNCTION documents_keep();
"""
UNDO = """
DROP TRIGGER documents_are_never_deleted ON documents_document;
DROP TRIGGER custody_is_never_changed ON documents_document;
DROP TRIGGER verdicts_are_only_added ON documents_verdict;
DROP TRIGGER nothing_is_clean_without_a_verdict ON documents_document;
DROP FUNCTION documents_keep_custody;
DROP FUNCTION documents_keep;
DROP FUNCTION documents_require_clean_verdict;
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_taxonomy")]
    operations = [migrations.RunSQL(GATE, UNDO)]
