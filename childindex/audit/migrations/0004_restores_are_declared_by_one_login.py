"""That entries were lost in a restore is said by whoever reads the ledger, through the audit login, and by no process that serves pages."""

from django.db import migrations

_UP = """
    CREATE FUNCTION audit_who_declares() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
        RAISE EXCEPTION 'a restore is declared through the audit login' USING ERRCODE = 'insufficient_privilege';
    END
    $$;
    CREATE TRIGGER audit_who_declares BEFORE INSERT ON audit_ledgerentry
        FOR EACH ROW WHEN (NEW.event = 'ledger:restore:declared' AND current_user IN
            ('childindex_web', 'childindex_family', 'childindex_worker'))
        EXECUTE FUNCTION audit_who_declares();
"""
_DOWN = """
    DROP TRIGGER audit_who_declares ON audit_ledgerentry;
    DROP FUNCTION audit_who_declares();
"""


class Migration(migrations.Migration):
    """A trigger on the ledger's entries."""

    dependencies = [("audit", "0003_sealing")]

    operations = [migrations.RunSQL(_UP, _DOWN)]
