"""The one way the worker's login may read the ledger: of a split two people have confirmed, who saw the mixed entry.

See docs/adr/0013. The function runs as its owner, so that the worker needs no SELECT on the ledger; it answers only for a row
of upkeep_split that the worker's login cannot make, and only for the entry and the time that row names.
"""

from django.db import migrations

_FUNCTION = """
    CREATE FUNCTION upkeep_disclosures(split uuid, until timestamptz)
    RETURNS TABLE (entry_id uuid, at timestamptz, event varchar, account_id uuid, role varchar, organisation varchar, reason varchar,
        children uuid[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        SELECT l.id, l.at, l.event, l.account_id, l.role, l.organisation, l.reason, l.children
        FROM public.upkeep_split s JOIN public.audit_ledgerentry l ON l.children && ARRAY[s.mixed_id]
        WHERE s.id = split AND s.state = 'confirmed' AND l.outcome = 'done' AND l.at >= s.mixed_since AND l.at <= until
        ORDER BY l.at DESC, l.id
    $$
"""


class Migration(migrations.Migration):
    """The function; deploy/grants.sql says who may call it."""

    dependencies = [("upkeep", "0002_merge_and_split"), ("audit", "0001_initial")]

    operations = [migrations.RunSQL(_FUNCTION, "DROP FUNCTION upkeep_disclosures(uuid, timestamptz)")]
