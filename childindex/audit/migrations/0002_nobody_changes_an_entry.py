"""Entries are never changed, deleted or emptied, whoever asks (R 7.11, T18).

The logins of the processes have no grant for it; this stops the owner too, until it takes the trigger off. That is a speed bump and
leaves a trace in the schema; what proves that nothing was changed is the tree with its witnesses. Search terms may be deleted, for
they are kept for a shorter time than the entry, but not changed.
"""

from django.db import migrations

_UP = """
    CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
        RAISE EXCEPTION 'the ledger is only ever added to' USING ERRCODE = 'insufficient_privilege';
    END
    $$;
    -- A statement that meets no row is refused as well; ALWAYS: in a session that plays the replica too.
    CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_ledgerentry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
    ALTER TABLE audit_ledgerentry ENABLE ALWAYS TRIGGER audit_is_append_only;
    CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR TRUNCATE ON audit_sealedterms
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
    ALTER TABLE audit_sealedterms ENABLE ALWAYS TRIGGER audit_is_append_only;
"""
_DOWN = """
    DROP TRIGGER audit_is_append_only ON audit_sealedterms;
    DROP TRIGGER audit_is_append_only ON audit_ledgerentry;
    DROP FUNCTION audit_is_append_only();
"""


class Migration(migrations.Migration):
    """A trigger on each of the ledger's two tables."""

    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(_UP, _DOWN)]
