"""The queue of audit officers, and up to when the ledger has been read for it."""

import django.contrib.postgres.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='QueueItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('account_id', models.UUIDField()),
                ('child_id', models.UUIDField(null=True)),
                ('day', models.DateField()),
                ('organisation', models.CharField(max_length=60)),
                ('role', models.CharField(max_length=40)),
                ('authority', models.CharField(max_length=9)),
                ('signals', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ('rank', models.IntegerField()),
                ('times', django.contrib.postgres.fields.ArrayField(base_field=models.DateTimeField(), size=None)),
                ('entries', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('found_at', models.DateTimeField()),
                ('state', models.CharField(default='waiting', max_length=12)),
                ('explanation', models.CharField(default='', max_length=20)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.UUIDField(null=True)),
                ('case_id', models.UUIDField(null=True)),
                ('notice_id', models.UUIDField(null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['authority', 'state', '-rank', 'found_at'], name='oversight_queue')],
                'constraints': [models.UniqueConstraint(fields=('account_id', 'child_id', 'day'), name='oversight_once_a_day', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('signals__contained_by', ['own_household', 'own_surname', 'shield_overridden', 'limit_reached', 'many_users', 'fruitless_searches', 'brief_involvement', 'returned', 'out_of_area', 'out_of_hours', 'no_involvement']), ('signals__len__gte', 1)), name='oversight_signals_known'), models.CheckConstraint(condition=models.Q(('explanation__in', ['', 'involved', 'later_involvement', 'urgent_care', 'worked_on', 'team_cover', 'duty_enquiry', 'namesake', 'support_or_training', 'agreed_by_manager'])), name='oversight_explanation_known'), models.CheckConstraint(condition=models.Q(models.Q(('case_id__isnull', True), ('decided_at__isnull', True), ('explanation', ''), ('state', 'waiting')), models.Q(('case_id__isnull', True), ('decided_at__isnull', False), ('state', 'explained'), models.Q(('explanation', ''), _negated=True)), models.Q(('case_id__isnull', False), ('decided_at__isnull', False), ('decided_by__isnull', False), ('explanation', ''), ('notice_id__isnull', False), ('state', 'investigated')), _connector='OR'), name='oversight_state_is_whole'), models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('account_id')), _negated=True), _connector='OR'), name='oversight_answered_by_another')],
            },
        ),
        migrations.CreateModel(
            name='Scan',
            fields=[
                ('id', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ('until', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='oversight_scan_is_one')],
            },
        ),
    ]
