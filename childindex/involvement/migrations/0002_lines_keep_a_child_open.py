"""What Django's models cannot say: no child is shielded while a line of theirs is open, and a page can only declare."""

from django.db import migrations

_LINES = """
    ALTER TABLE involvement_involvement ADD CONSTRAINT involvement_keeps_child_open
    FOREIGN KEY (child_id, tier) REFERENCES children_child (id, tier) DEFERRABLE INITIALLY DEFERRED
"""
_CONSENT = """
    ALTER TABLE involvement_involvement ADD CONSTRAINT involvement_consent_is_kept
    FOREIGN KEY (consent_id) REFERENCES consent_decision (id) DEFERRABLE INITIALLY DEFERRED
"""
# A page declares; what a supplier says comes in by the worker alone, and a sensitive service never from a page (R 1.24).
_DECLARED = """
    CREATE FUNCTION involvement_from_a_page() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.source <> 'practitioner' OR NEW.sensitive OR NEW.recorded_by IS NULL OR NEW.consent_id IS NOT NULL THEN
            RAISE EXCEPTION 'a page can only declare' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END
    $$;
    CREATE TRIGGER involvement_from_a_page BEFORE INSERT ON involvement_involvement
    FOR EACH ROW WHEN (current_user = 'childindex_web') EXECUTE FUNCTION involvement_from_a_page()
"""
_NOT_DECLARED = """
    DROP TRIGGER involvement_from_a_page ON involvement_involvement;
    DROP FUNCTION involvement_from_a_page()
"""


class Migration(migrations.Migration):
    """The foreign keys to the child and to the decision that allows a sensitive line; what the web's login may insert."""

    dependencies = [("involvement", "0001_initial"), ("children", "0002_rows_follow_the_tier"), ("consent", "0001_initial")]

    operations = [
        migrations.RunSQL(_LINES, "ALTER TABLE involvement_involvement DROP CONSTRAINT involvement_keeps_child_open"),
        migrations.RunSQL(_CONSENT, "ALTER TABLE involvement_involvement DROP CONSTRAINT involvement_consent_is_kept"),
        migrations.RunSQL(_DECLARED, _NOT_DECLARED),
    ]
