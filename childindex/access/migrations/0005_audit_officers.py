"""Audit officers are one more role that may be granted."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0004_a_way_in'),
        ('directory', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='grant',
            name='grant_role_known',
        ),
        migrations.RemoveConstraint(
            model_name='nomination',
            name='nomination_role_known',
        ),
        migrations.RemoveConstraint(
            model_name='rolequota',
            name='quota_role_known',
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['access_manager', 'audit_officer', 'data_steward', 'emergency_practitioner', 'health_visitor', 'index_administrator', 'school_nurse', 'school_safeguarding_lead', 'social_worker', 'voluntary_practitioner', 'youth_justice_worker'])), name='grant_role_known'),
        ),
        migrations.AddConstraint(
            model_name='nomination',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['access_manager', 'audit_officer', 'data_steward', 'emergency_practitioner', 'health_visitor', 'index_administrator', 'school_nurse', 'school_safeguarding_lead', 'social_worker', 'voluntary_practitioner', 'youth_justice_worker'])), name='nomination_role_known'),
        ),
        migrations.AddConstraint(
            model_name='rolequota',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['access_manager', 'audit_officer', 'data_steward', 'emergency_practitioner', 'health_visitor', 'index_administrator', 'school_nurse', 'school_safeguarding_lead', 'social_worker', 'voluntary_practitioner', 'youth_justice_worker'])), name='quota_role_known'),
        ),
    ]
