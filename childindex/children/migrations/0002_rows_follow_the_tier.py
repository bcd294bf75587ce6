"""Foreign keys over (child, tier), which Django's models cannot say.

A search key follows its child's tier, so that a check can refuse a key of a hidden field below open. A source record cannot
follow: a child becomes shielded only when no open record of theirs is left at the end of the transaction.
"""

from django.db import migrations

_KEYS = """
    ALTER TABLE children_searchkey ADD CONSTRAINT search_key_follows_tier
    FOREIGN KEY (child_id, tier) REFERENCES children_child (id, tier) ON UPDATE CASCADE ON DELETE CASCADE
"""
_RECORDS = """
    ALTER TABLE children_sourcerecord ADD CONSTRAINT source_record_keeps_child_open
    FOREIGN KEY (child_id, tier) REFERENCES children_child (id, tier) DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    """The two foreign keys."""

    dependencies = [("children", "0001_initial")]

    operations = [
        migrations.RunSQL(_KEYS, "ALTER TABLE children_searchkey DROP CONSTRAINT search_key_follows_tier"),
        migrations.RunSQL(_RECORDS, "ALTER TABLE children_sourcerecord DROP CONSTRAINT source_record_keeps_child_open"),
    ]
