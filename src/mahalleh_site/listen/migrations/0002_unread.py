"""A report counts what its resident wrote that nobody who answers has read."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('listen', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='unread',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
