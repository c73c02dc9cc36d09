"""Small weekly tables of the rooms, with noise that is drawn once."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('releases', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.SlugField(max_length=40)),
                ('place', models.SlugField(allow_unicode=True, blank=True, max_length=60)),
                ('what', models.SlugField(blank=True, max_length=20)),
                ('start', models.DateField()),
                ('end', models.DateField()),
                ('value', models.BigIntegerField()),
                ('epsilon', models.FloatField()),
            ],
            options={
                'ordering': ['table', 'start', 'place', 'what'],
                'constraints': [models.UniqueConstraint(fields=('table', 'place', 'what', 'start'), name='one_draw_a_cell')],
            },
        ),
    ]
