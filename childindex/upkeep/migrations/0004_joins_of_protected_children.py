"""Merges, splits and what follows from them name children: the site reads of them only what names open children alone (T06, T09, T12).

See docs/adr/0021. The rows must stay, so that the worker can undo what was done. What waits for an answer is over when a child it names is
protected: an open proposal would answer a second one with a conflict that no other entry gives. What is confirmed the worker drops.
"""

from django.db import migrations

_OPEN = "EXISTS (SELECT FROM public.children_child c WHERE c.id = {id} AND c.tier = 'open')"
_SHOWN = {
    # The entry that was merged into another is no more; every other one is.
    "upkeep_merge": f"{_OPEN.format(id='kept_id')} AND (state = 'done' OR {_OPEN.format(id='merged_id')})",
    # The entry that a split makes or restores is there when it is done.
    "upkeep_split": f"{_OPEN.format(id='mixed_id')} AND (state <> 'done' OR {_OPEN.format(id='restored_id')})",
    "upkeep_moved": "EXISTS (SELECT FROM public.upkeep_merge m WHERE m.id = merge_id)",
    "upkeep_sighting": "EXISTS (SELECT FROM public.upkeep_split s WHERE s.id = split_id)",
    "upkeep_notice": "EXISTS (SELECT FROM public.upkeep_split s WHERE s.id = split_id)"
    f" AND (child_id IS NULL OR {_OPEN.format(id='child_id')})",
}
_POLICY = """
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    CREATE POLICY open_children_alone ON {table} USING (current_user <> 'childindex_web' OR ({shown})) WITH CHECK (true);
"""
_NO_POLICY = """
    DROP POLICY open_children_alone ON {table};
    ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""
_OVER = """
    CREATE FUNCTION upkeep_over_when_protected() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    BEGIN
        UPDATE public.upkeep_merge SET state = 'declined' WHERE state = 'proposed' AND NEW.child_id IN (kept_id, merged_id);
        UPDATE public.upkeep_split SET state = 'declined' WHERE state = 'proposed' AND NEW.child_id = mixed_id;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER over_when_protected AFTER INSERT OR UPDATE ON guard.protected_child
        FOR EACH ROW EXECUTE FUNCTION upkeep_over_when_protected();
"""
_NEVER_OVER = """
    DROP TRIGGER over_when_protected ON guard.protected_child;
    DROP FUNCTION upkeep_over_when_protected();
"""


class Migration(migrations.Migration):
    """Policies for the site's login, and a trigger where children are protected."""

    dependencies = [
        ("upkeep", "0003_who_saw_a_mixed_entry"),
        ("children", "0004_former_numbers_follow"),
        ("shielding", "0002_near_entry"),
    ]

    operations = [
        *[
            migrations.RunSQL(_POLICY.format(table=table, shown=shown), _NO_POLICY.format(table=table))
            for table, shown in _SHOWN.items()
        ],
        migrations.RunSQL(_OVER, _NEVER_OVER),
    ]
