"""The resident's leave is a sealed, signed statement, and public words and their copies bear the city's mark."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('listen', '0004_shown_reports'),
    ]

    operations = [
        migrations.AddField(model_name='report', name='leave', field=models.BinaryField(default=b'')),
        migrations.AddField(
            model_name='report', name='leave_version', field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(model_name='report', name='public_mark', field=models.BinaryField(default=b'')),
        migrations.AddField(
            model_name='shownreport', name='leave_version', field=models.PositiveIntegerField(default=0)
        ),
        migrations.AddField(
            model_name='shownreport', name='public_mark', field=models.BinaryField(default=b'')
        ),
    ]
