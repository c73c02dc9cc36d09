"""Loads and releases belong to the room `releases` from here on: their tables are renamed, with all rows."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("places", "0002_promises")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AlterModelTable("Load", "releases_load"),
                migrations.AlterModelTable("Release", "releases_release"),
            ],
            state_operations=[migrations.DeleteModel("Load"), migrations.DeleteModel("Release")],
        ),
    ]
