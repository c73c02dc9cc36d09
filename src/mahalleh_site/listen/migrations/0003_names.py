"""Names that explain themselves: a report's public number is no key, and no hash is a place. No value changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('listen', '0002_unread'),
        ('people', '0004_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameField('report', 'key', 'number'),
        migrations.RenameField('report', 'once', 'form_digest'),
        migrations.RenameField('report', 'receipt', 'receipt_digest'),
        migrations.RenameField('alert', 'place', 'digest'),
        migrations.RenameField('alert', 'token', 'link_digest'),
        migrations.RenameField('apikey', 'place', 'digest'),
        # nothing looks from these back; the database knows nothing of it
        migrations.AlterField(
            'envelope',
            'key',
            models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisationkey'),
        ),
        migrations.AlterField(
            'envelope',
            'organisation',
            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation'),
        ),
        migrations.AlterField(
            'message',
            'organisation',
            models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation'),
        ),
        migrations.AlterField(
            'step',
            'by',
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            'step',
            'organisation',
            models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.organisation'),
        ),
    ]
