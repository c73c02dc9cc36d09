"""Names that explain themselves: what stands in a signal's address is its id, no key. No value changes."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('watch', '0001_initial'),
    ]

    operations = [
        migrations.RenameField('signal', 'key', 'id'),
        migrations.AlterModelOptions('signal', {'ordering': ['-end', 'p_value', '-ratio', 'id']}),
    ]
