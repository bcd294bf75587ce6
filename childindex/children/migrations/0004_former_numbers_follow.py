"""A former number leads to a child that is here, and goes with one that is sealed."""

from django.db import migrations

_LEADS = """
    ALTER TABLE children_formernumber ADD CONSTRAINT former_number_leads_to_a_child
    FOREIGN KEY (child_id) REFERENCES children_child (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    """The foreign key."""

    dependencies = [("children", "0003_entries_merged")]

    operations = [
        migrations.RunSQL(_LEADS, "ALTER TABLE children_formernumber DROP CONSTRAINT former_number_leads_to_a_child"),
    ]
