"""Takes over the tables that places.0003_releases renamed: nothing is left to do in the database."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [("places", "0003_releases")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Load",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("name", models.CharField(max_length=200)),
                        ("format", models.CharField(max_length=40)),
                        ("digest", models.CharField(max_length=64, unique=True)),
                        ("loaded_at", models.DateTimeField(auto_now=True)),
                        ("rows_read", models.PositiveBigIntegerField()),
                        ("rows_kept", models.PositiveBigIntegerField()),
                        ("refused", models.JSONField(default=dict)),
                        ("first", models.DateField(null=True)),
                        ("last", models.DateField(null=True)),
                    ],
                    options={"ordering": ["-loaded_at", "-id"]},
                ),
                migrations.CreateModel(
                    name="Release",
                    fields=[
                        ("number", models.PositiveIntegerField(primary_key=True, serialize=False)),
                        ("made_at", models.DateTimeField(auto_now_add=True)),
                        ("epsilon", models.FloatField()),
                        ("threshold", models.PositiveIntegerField()),
                        ("freq", models.CharField(max_length=1)),
                        ("first", models.DateField()),
                        ("last", models.DateField()),
                        ("rows", models.PositiveBigIntegerField()),
                        ("hidden", models.PositiveBigIntegerField()),
                        ("digest", models.CharField(max_length=64)),
                    ],
                    options={"ordering": ["-number"]},
                ),
            ],
        ),
    ]
