"""Every entry waits for the sealer from the moment it is there, and has one position in the tree afterwards.

The queue is filled by the database, in the transaction of the entry, whoever writes it and in whatever way: what is not
queued would never be sealed. Positions are only ever added, like entries.
"""

from django.db import migrations, models

_UP = """
    CREATE FUNCTION audit_awaits_sealing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
    BEGIN
        INSERT INTO public.audit_waitingentry (entry_id, queued_at) SELECT id, clock_timestamp() FROM fresh;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER audit_awaits_sealing AFTER INSERT ON audit_ledgerentry
        REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit_awaits_sealing();
    ALTER TABLE audit_ledgerentry ENABLE ALWAYS TRIGGER audit_awaits_sealing;
    CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_sealedentry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
    ALTER TABLE audit_sealedentry ENABLE ALWAYS TRIGGER audit_is_append_only;
    -- Entries of before there was a tree.
    INSERT INTO audit_waitingentry (entry_id, queued_at) SELECT id, clock_timestamp() FROM audit_ledgerentry ORDER BY at, id;
"""
_DOWN = """
    DROP TRIGGER audit_is_append_only ON audit_sealedentry;
    DROP TRIGGER audit_awaits_sealing ON audit_ledgerentry;
    DROP FUNCTION audit_awaits_sealing();
"""


class Migration(migrations.Migration):
    """The queue, the positions, and the triggers that keep both honest."""

    dependencies = [("audit", "0002_nobody_changes_an_entry")]

    operations = [
        migrations.CreateModel(
            name="WaitingEntry",
            fields=[
                ("arrival", models.BigAutoField(primary_key=True, serialize=False)),
                ("entry_id", models.UUIDField()),
                ("queued_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SealedEntry",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.UUIDField(unique=True)),
                ("leaf_hash", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("position__gte", 0)), name="sealed_position_counts_from_zero"
                    )
                ],
            },
        ),
        migrations.RunSQL(_UP, _DOWN),
    ]
