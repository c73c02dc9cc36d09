"""Published reports are read from copies, drawn once a day: nothing shows when a resident did something."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('listen', '0003_names'),
        ('people', '0004_keys'),
        ('places', '0004_standing_of_the_day'),
    ]

    operations = [
        migrations.CreateModel(
            name='ShownReport',
            fields=[
                ('id', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ('number', models.SlugField(max_length=12, unique=True)),
                ('cell', models.PositiveBigIntegerField(null=True)),
                ('day', models.DateField()),
                ('status', models.CharField(choices=[('held', 'is being checked'), ('new', 'has arrived'), ('open', 'is being looked at'), ('promised', 'something was promised'), ('closed', 'was answered as done'), ('declined', 'was answered: nothing will be done'), ('reopened', 'is open again: it is not better'), ('merged', 'is followed together with another report'), ('withdrawn', 'was withdrawn'), ('refused', 'was set aside as no report')], max_length=9)),
                ('changed_on', models.DateField()),
                ('moved_on', models.DateField()),
                ('due_on', models.DateField()),
                ('better', models.CharField(blank=True, choices=[('yes', 'yes, it is better'), ('somewhat', 'somewhat better'), ('no', 'no, it is the same'), ('worse', 'it is worse')], max_length=8)),
                ('public_text', models.TextField(max_length=1000)),
                ('public_edited', models.BooleanField(default=False)),
                ('steps', models.JSONField(default=list)),
                ('area', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.area')),
                ('lead', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation')),
                ('topic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.topic')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
    ]
