"""How many counts of a release are unknown, since no file told of their period."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("releases", "0002_tallies")]

    operations = [
        migrations.AddField(
            model_name="release", name="unknown", field=models.PositiveBigIntegerField(default=0)
        ),
    ]
