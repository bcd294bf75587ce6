from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('shielding', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='NearEntry',
            fields=[
                ('pk', models.CompositePrimaryKey('child_id', 'open_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('child_id', models.UUIDField()),
                ('open_id', models.UUIDField()),
                ('noticed_at', models.DateTimeField()),
            ],
            options={
                'db_table': '"guard"."near_entry"',
            },
        ),
    ]
