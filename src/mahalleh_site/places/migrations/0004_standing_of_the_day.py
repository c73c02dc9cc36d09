"""The standing of the day: which promises are late, and copies of those that are shown one by one."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0004_keys'),
        ('places', '0003_releases'),
    ]

    operations = [
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(null=True)),
                ('late', models.JSONField(default=dict)),
                ('deeds', models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='ShownPromise',
            fields=[
                ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ('subject', models.CharField(db_index=True, max_length=60)),
                ('what', models.CharField(choices=[('answer', 'an answer'), ('act', 'something to be done')], max_length=6)),
                ('made_on', models.DateField()),
                ('due_on', models.DateField()),
                ('ended_on', models.DateField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('done', 'done'), ('declined', 'nothing will be done'), ('promised', 'promised for a day'), ('dropped', 'not needed any more')], max_length=8)),
                ('words', models.TextField(blank=True, max_length=1000)),
                ('late', models.BooleanField(default=False)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='places.area')),
                ('organisation', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('topic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.topic')),
            ],
            options={
                'ordering': ['due_on', 'number'],
            },
        ),
    ]
