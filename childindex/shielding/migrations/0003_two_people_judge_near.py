from django.db import migrations, models
import uuid

# What somebody has said stays as they said it; a second person's word is added once.
_ANSWERS = """
    CREATE FUNCTION guard.answers_are_only_confirmed() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
    BEGIN
        IF OLD.confirmed_by IS NOT NULL THEN
            RAISE EXCEPTION 'what two people said is never changed' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF TG_OP = 'UPDATE' THEN
            OLD.confirmed_by := NEW.confirmed_by;
            OLD.confirmed_at := NEW.confirmed_at;
            IF NEW IS DISTINCT FROM OLD THEN
                RAISE EXCEPTION 'an answer is only ever confirmed' USING ERRCODE = 'insufficient_privilege';
            END IF;
            RETURN NEW;
        END IF;
        RETURN OLD;
    END
    $$;
    CREATE TRIGGER answers_are_only_confirmed BEFORE UPDATE OR DELETE ON guard.near_answer
        FOR EACH ROW EXECUTE FUNCTION guard.answers_are_only_confirmed();
"""
_NO_ANSWERS = """
    DROP TRIGGER answers_are_only_confirmed ON guard.near_answer;
    DROP FUNCTION guard.answers_are_only_confirmed();
"""


class Migration(migrations.Migration):
    """The answers, and the trigger that keeps them."""

    dependencies = [
        ('shielding', '0002_near_entry'),
    ]

    operations = [
        migrations.AddField(model_name='nearentry', name='asked', field=models.UUIDField(default=uuid.uuid4)),
        # Each question its own; the default of the migration is one for all that are there.
        migrations.RunSQL("UPDATE guard.near_entry SET asked = gen_random_uuid()", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='NearAnswer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('child_id', models.UUIDField()),
                ('about', models.UUIDField()),
                ('digest', models.BinaryField()),
                ('said', models.CharField(max_length=9)),
                ('evidence', models.CharField(max_length=21)),
                ('answered_by', models.UUIDField()),
                ('answered_at', models.DateTimeField()),
                ('confirmed_by', models.UUIDField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': '"guard"."near_answer"',
                'indexes': [models.Index(fields=['about', 'child_id'], name='near_answer_pair')],
                'constraints': [models.CheckConstraint(condition=models.Q(('said__in', ['same', 'different'])), name='near_answer_known'), models.CheckConstraint(condition=models.Q(('evidence__in', ['checked_with_supplier', 'checked_with_family', 'documents_seen'])), name='near_answer_evidence_known'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False)), _connector='OR'), name='near_answer_confirmed_wholly'), models.CheckConstraint(condition=models.Q(('confirmed_by__isnull', True), models.Q(('confirmed_by', models.F('answered_by')), _negated=True), _connector='OR'), name='near_answer_takes_two')],
            },
        ),
        migrations.RunSQL(_ANSWERS, _NO_ANSWERS),
    ]
