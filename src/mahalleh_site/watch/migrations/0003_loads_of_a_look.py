"""A look notes which loads it saw. Looks made before have none noted."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('watch', '0002_names'),
    ]

    operations = [
        migrations.AddField('run', 'loads', models.JSONField(default=list)),
    ]
