"""A foreign key over (child, tier), which Django's models cannot say: no child is shielded while a line of theirs is open."""

from django.db import migrations

_LINES = """
    ALTER TABLE involvement_involvement ADD CONSTRAINT involvement_keeps_child_open
    FOREIGN KEY (child_id, tier) REFERENCES children_child (id, tier) DEFERRABLE INITIALLY DEFERRED
"""
_CONSENT = """
    ALTER TABLE involvement_involvement ADD CONSTRAINT involvement_consent_is_kept
    FOREIGN KEY (consent_id) REFERENCES consent_decision (id) DEFERRABLE INITIALLY DEFERRED
"""


class Migration(migrations.Migration):
    """The foreign key to the child, and the one to the decision that allows a sensitive line."""

    dependencies = [("involvement", "0001_initial"), ("children", "0002_rows_follow_the_tier"), ("consent", "0001_initial")]

    operations = [
        migrations.RunSQL(_LINES, "ALTER TABLE involvement_involvement DROP CONSTRAINT involvement_keeps_child_open"),
        migrations.RunSQL(_CONSENT, "ALTER TABLE involvement_involvement DROP CONSTRAINT involvement_consent_is_kept"),
    ]
