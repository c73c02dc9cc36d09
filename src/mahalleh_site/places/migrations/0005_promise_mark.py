"""Public answers in the promise ledger, and their copies, bear the city's mark."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0004_standing_of_the_day'),
    ]

    operations = [
        migrations.AddField(model_name='promise', name='mark', field=models.BinaryField(default=b'')),
        migrations.AddField(model_name='shownpromise', name='mark', field=models.BinaryField(default=b'')),
    ]
