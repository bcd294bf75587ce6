"""What the site's own login could still have got round: tables of its own making before ours, and steps taken back or made twice."""

from django.db import migrations, models

# A login that may make temporary tables could put one of its own before ours: a name without a schema is looked for there first.
PATHS = """
ALTER FUNCTION access_role_times(text, text, date) SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION access_check_grant() SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION access_check_suspension() SET search_path = pg_catalog, public, pg_temp;
ALTER FUNCTION access_keep_mover() SET search_path = pg_catalog, public, pg_temp;
"""

# A page moves an organisation in somebody's name, from the first step on; one that a command made goes on from there.
STANDINGS = """
CREATE FUNCTION access_check_standing() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF current_user = 'childindex_web' AND (
        (TG_OP = 'INSERT' AND (NEW.state <> 'applied' OR NEW.moved_by_id IS NULL))
        OR (TG_OP = 'UPDATE' AND NEW.state IS DISTINCT FROM OLD.state AND NEW.moved_by_id IS NULL)
    ) THEN
        RAISE EXCEPTION 'nobody has made this step' USING ERRCODE = 'check_violation', CONSTRAINT = 'standing_moved_by_somebody';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_check_standing BEFORE INSERT OR UPDATE ON access_standing
    FOR EACH ROW EXECUTE FUNCTION access_check_standing();
"""

# What has ended, or been decided, stays so; and an approved nomination gives one grant, not another after that one has ended.
FINAL = """
CREATE FUNCTION access_stays_ended() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF OLD.ended_at IS NOT NULL THEN
        RAISE EXCEPTION 'the grant has ended' USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_stays_ended';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_stays_ended BEFORE UPDATE ON access_grant FOR EACH ROW EXECUTE FUNCTION access_stays_ended();

CREATE FUNCTION access_stays_decided() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF (TG_OP = 'UPDATE' AND OLD.decided_at IS NOT NULL)
        OR (TG_OP = 'INSERT' AND current_user = 'childindex_web' AND NEW.decided_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the nomination has been decided' USING ERRCODE = 'check_violation', CONSTRAINT = 'nomination_stays_decided';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_stays_decided BEFORE INSERT OR UPDATE ON access_nomination
    FOR EACH ROW EXECUTE FUNCTION access_stays_decided();

CREATE FUNCTION access_given_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF current_user = 'childindex_web' AND EXISTS (
        SELECT 1 FROM access_grant g
         WHERE g.account_id = NEW.account_id AND g.role = NEW.role AND g.organisation_id = NEW.organisation_id
           AND g.valid_from = NEW.valid_from AND g.valid_to = NEW.valid_to
           AND g.nominated_by_id = NEW.nominated_by_id AND g.approved_by_id = NEW.approved_by_id
    ) THEN
        RAISE EXCEPTION 'this nomination has given its grant' USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_given_once';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_given_once BEFORE INSERT ON access_grant FOR EACH ROW EXECUTE FUNCTION access_given_once();
"""

UNDO = """
DROP FUNCTION access_check_standing() CASCADE;
DROP FUNCTION access_stays_ended() CASCADE;
DROP FUNCTION access_stays_decided() CASCADE;
DROP FUNCTION access_given_once() CASCADE;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0007_brokers'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='suspension',
            constraint=models.CheckConstraint(condition=models.Q(('by__isnull', True), ('lifted_by__isnull', True), models.Q(('lifted_by', models.F('by')), _negated=True), _connector='OR'), name='suspension_not_lifted_by_who_made_it'),
        ),
        migrations.RunSQL(PATHS + STANDINGS + FINAL, UNDO),
    ]
