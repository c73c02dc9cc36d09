"""A role says whether its organisation was police while it ran; who was police before is found in the audit log."""

from typing import Any

from django.db import migrations, models

SAVED = ("make-organisation", "change-organisation")


def mark(apps: Any, schema_editor: Any) -> None:
    """An organisation that was police once and has keys is police again; its roles are roles in the police."""
    organisations = apps.get_model("people", "Organisation").objects.using(schema_editor.connection.alias)
    entries = apps.get_model("people", "AuditEntry")._base_manager.using(schema_editor.connection.alias)
    saved = entries.filter(verb__in=SAVED).values_list("object", "facts")
    once = {label for label, facts in saved if facts.get("kind") == "police"}
    for organisation in organisations.all():
        if organisation.kind == "police" or f"organisation:{organisation.pk}" in once:
            organisation.memberships.update(in_police=True)
            if organisation.keys.exists():
                organisations.filter(pk=organisation.pk).update(kind="police")


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_audit_keyed'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='in_police',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
