"""Public answers in the promise ledger bear the city's mark."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0003_releases'),
    ]

    operations = [
        migrations.AddField(model_name='promise', name='mark', field=models.BinaryField(default=b'')),
    ]
