"""Counts of what is looked up, quotas of roles, suspensions; and how many times a role may look up what everybody may."""

import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


ROLE_TIMES = """
CREATE FUNCTION access_role_times(role text, organisation text, day date) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT COALESCE(max(q.times), 1)::integer FROM access_rolequota q
   WHERE q.role = $1 AND q.organisation_id = $2 AND q.approved_by_id IS NOT NULL AND q.valid_from <= $3 AND $3 < q.valid_to
$$
"""


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0002_first_agreement'),
        ('directory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Use',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('used_at', models.DateTimeField()),
                ('searched_at', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
                ('listed', django.contrib.postgres.fields.ArrayField(base_field=models.SmallIntegerField(), size=None)),
                ('listed_at', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
                ('opened', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('opened_at', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
                ('newly_opened', models.BooleanField()),
                ('reference', models.BigIntegerField()),
                ('reference_children', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('searched_at__len__lte', 150)), name='use_searches_bounded'), models.CheckConstraint(condition=models.Q(('listed__len__lte', 3000)), name='use_listings_bounded'), models.CheckConstraint(condition=models.Q(('opened__len__lte', 1000)), name='use_openings_bounded'), models.CheckConstraint(condition=models.Q(('listed__len', models.F('listed_at__len'))), name='use_listings_have_times'), models.CheckConstraint(condition=models.Q(('opened__len', models.F('opened_at__len'))), name='use_openings_have_times')],
            },
        ),
        migrations.CreateModel(
            name='OrganisationUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('opened', models.PositiveIntegerField()),
                ('most', models.PositiveIntegerField()),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'day'), name='organisation_use_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='RoleQuota',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(max_length=40)),
                ('times', models.PositiveSmallIntegerField()),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField()),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organisation')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'role'], name='quota_organisation_role')],
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['access_manager', 'data_steward', 'emergency_practitioner', 'health_visitor', 'school_nurse', 'school_safeguarding_lead', 'social_worker', 'voluntary_practitioner', 'youth_justice_worker'])), name='quota_role_known'), models.CheckConstraint(condition=models.Q(('times__gte', 2), ('times__lte', 5)), name='quota_is_bounded'), models.CheckConstraint(condition=models.Q(('valid_to__gt', models.F('valid_from')), ('valid_to__lte', django.db.models.expressions.CombinedExpression(models.F('valid_from'), '+', models.Value(datetime.timedelta(days=366))))), name='quota_ends_within_a_year'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='quota_takes_two_people')],
            },
        ),
        migrations.CreateModel(
            name='Suspension',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('because', models.CharField(max_length=20)),
                ('at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='suspensions', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('because__in', ['children_opened', 'left', 'barred', 'misuse_suspected'])), name='suspension_reason_known'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False), models.Q(('lifted_by', models.F('account')), _negated=True)), _connector='OR'), name='suspension_lifted_by_another'), models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('account',), name='suspended_once')],
            },
        ),
        # What two people have allowed a role at an organisation on a day, else once as much.
        migrations.RunSQL(ROLE_TIMES, "DROP FUNCTION access_role_times(text, text, date)"),
    ]
