"""Nominations; grants that can be ended, standings that two people make; and what the tables themselves hold to."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


# What a page gives is what an approved nomination says, to the letter; and nobody, a command neither, goes beyond the organisation's cap.
AS_NOMINATED = """
CREATE FUNCTION access_check_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cap integer;
BEGIN
    IF current_user = 'childindex_web' THEN
        IF NOT EXISTS (
            SELECT 1 FROM access_nomination n
             WHERE n.approved AND n.account_id = NEW.account_id AND n.role = NEW.role AND n.organisation_id = NEW.organisation_id
               AND n.valid_from = NEW.valid_from AND n.valid_to = NEW.valid_to
               AND n.nominated_by_id = NEW.nominated_by_id AND n.decided_by_id = NEW.approved_by_id
        ) THEN
            RAISE EXCEPTION 'no approved nomination for this grant'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_is_as_nominated';
        END IF;
    END IF;
    -- One at a time for an organisation, so that two approvals at once do not both find the last place.
    PERFORM pg_advisory_xact_lock(hashtextextended('access_grant ' || NEW.organisation_id, 0));
    SELECT most_grants INTO cap FROM access_standing WHERE organisation_id = NEW.organisation_id;
    IF cap IS NOT NULL AND cap <= (
        SELECT count(*) FROM access_grant g
         WHERE g.organisation_id = NEW.organisation_id AND g.ended_at IS NULL AND (g.valid_to IS NULL OR g.valid_to > NEW.valid_from)
    ) THEN
        RAISE EXCEPTION 'the organisation has as many grants as it may' USING ERRCODE = 'check_violation', CONSTRAINT = 'grant_within_cap';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_check_grant BEFORE INSERT ON access_grant FOR EACH ROW EXECUTE FUNCTION access_check_grant();
"""

# Who made the step before is taken from the row itself, so that one person cannot pass for two.
BY_TWO = """
CREATE FUNCTION access_keep_mover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state THEN
        NEW.before_by_id := OLD.moved_by_id;
    ELSE
        NEW.before_by_id := OLD.before_by_id;
        NEW.moved_by_id := OLD.moved_by_id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_keep_mover BEFORE UPDATE ON access_standing FOR EACH ROW EXECUTE FUNCTION access_keep_mover();
"""

# A suspended account is let in again only when its suspension has been lifted, which its owner cannot do; nor can it be put off.
STAYS_SUSPENDED = """
CREATE FUNCTION access_check_suspension() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.suspended_at IS NOT NULL AND NEW.suspended_at IS DISTINCT FROM OLD.suspended_at AND NOT (
        NEW.suspended_at IS NULL
        AND EXISTS (SELECT 1 FROM access_suspension s WHERE s.account_id = NEW.id AND s.lifted_at >= OLD.suspended_at)
        AND NOT EXISTS (SELECT 1 FROM access_suspension s WHERE s.account_id = NEW.id AND s.lifted_at IS NULL)
    ) THEN
        RAISE EXCEPTION 'the suspension has not been lifted' USING ERRCODE = 'check_violation', CONSTRAINT = 'account_stays_suspended';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER access_check_suspension BEFORE UPDATE OF suspended_at ON access_account
    FOR EACH ROW EXECUTE FUNCTION access_check_suspension();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0003_how_much_is_looked_up'),
        ('directory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Nomination',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(max_length=40)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField()),
                ('nominated_at', models.DateTimeField()),
                ('check_issued_on', models.DateField(null=True)),
                ('barred_list_checked', models.BooleanField(default=False)),
                ('trained_on', models.DateField(null=True)),
                ('shown_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('approved', models.BooleanField(null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='grant',
            name='grant_role_known',
        ),
        migrations.RemoveConstraint(
            model_name='rolequota',
            name='quota_role_known',
        ),
        migrations.RemoveConstraint(
            model_name='use',
            name='use_searches_bounded',
        ),
        migrations.RemoveConstraint(
            model_name='use',
            name='use_listings_bounded',
        ),
        migrations.RemoveConstraint(
            model_name='use',
            name='use_openings_bounded',
        ),
        migrations.AddField(
            model_name='grant',
            name='ended_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='grant',
            name='ended_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standing',
            name='before_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standing',
            name='most_grants',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='standing',
            name='moved_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['access_manager', 'data_steward', 'emergency_practitioner', 'health_visitor', 'index_administrator', 'school_nurse', 'school_safeguarding_lead', 'social_worker', 'voluntary_practitioner', 'youth_justice_worker'])), name='grant_role_known'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='grant_ended_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='rolequota',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['access_manager', 'data_steward', 'emergency_practitioner', 'health_visitor', 'index_administrator', 'school_nurse', 'school_safeguarding_lead', 'social_worker', 'voluntary_practitioner', 'youth_justice_worker'])), name='quota_role_known'),
        ),
        migrations.AddConstraint(
            model_name='standing',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'accredited'), _negated=True), ('moved_by__isnull', True), ('before_by__isnull', True), models.Q(('moved_by', models.F('before_by')), _negated=True), _connector='OR'), name='standing_accredited_by_two'),
        ),
        migrations.AddConstraint(
            model_name='use',
            constraint=models.CheckConstraint(condition=models.Q(('searched_at__len__lte', 151)), name='use_searches_bounded'),
        ),
        migrations.AddConstraint(
            model_name='use',
            constraint=models.CheckConstraint(condition=models.Q(('listed__len__lte', 3001)), name='use_listings_bounded'),
        ),
        migrations.AddConstraint(
            model_name='use',
            constraint=models.CheckConstraint(condition=models.Q(('opened__len__lte', 1001)), name='use_openings_bounded'),
        ),
        migrations.AddField(
            model_name='nomination',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='nominations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='nomination',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='nomination',
            name='nominated_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='nomination',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organisation'),
        ),
        migrations.AddIndex(
            model_name='nomination',
            index=models.Index(fields=['organisation', 'decided_at'], name='nomination_waiting'),
        ),
        migrations.AddConstraint(
            model_name='nomination',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['access_manager', 'data_steward', 'emergency_practitioner', 'health_visitor', 'index_administrator', 'school_nurse', 'school_safeguarding_lead', 'social_worker', 'voluntary_practitioner', 'youth_justice_worker'])), name='nomination_role_known'),
        ),
        migrations.AddConstraint(
            model_name='nomination',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__gt', models.F('valid_from'))), name='nomination_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='nomination',
            constraint=models.CheckConstraint(condition=models.Q(('nominated_by', models.F('account')), _negated=True), name='nomination_not_of_oneself'),
        ),
        migrations.AddConstraint(
            model_name='nomination',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved__isnull', True), ('decided_at__isnull', True), ('decided_by__isnull', True)), models.Q(('approved__isnull', False), ('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('decided_by', models.F('nominated_by')), _negated=True), models.Q(('decided_by', models.F('account')), _negated=True)), _connector='OR'), name='nomination_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='nomination',
            constraint=models.CheckConstraint(condition=models.Q(('approved__isnull', True), ('approved', False), models.Q(('barred_list_checked', True), ('check_issued_on__isnull', False), ('shown_at__isnull', False), ('trained_on__isnull', False)), _connector='OR'), name='nomination_approved_with_evidence'),
        ),
        migrations.AddConstraint(
            model_name='nomination',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('account', 'role', 'organisation'), name='nomination_open_once'),
        ),
        migrations.RunSQL(AS_NOMINATED, "DROP TRIGGER access_check_grant ON access_grant; DROP FUNCTION access_check_grant()"),
        migrations.RunSQL(BY_TWO, "DROP TRIGGER access_keep_mover ON access_standing; DROP FUNCTION access_keep_mover()"),
        migrations.RunSQL(
            STAYS_SUSPENDED,
            "DROP TRIGGER access_check_suspension ON access_account; DROP FUNCTION access_check_suspension()",
        ),
    ]
