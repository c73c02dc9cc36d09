"""The audit log's chain is keyed, and the database refuses to empty it or to take its head away.

A chain that held is written anew under the key; one that was broken already is left as it is, and stays broken.
"""

import hashlib
import json
from datetime import UTC
from typing import Any

from django.db import migrations, models

NEVER = "the audit log is append-only"
SQLITE = [
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON people_audithead "
    f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END",
    "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON people_audithead WHEN NEW.number <> OLD.number + 1 "
    f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END",
]
POSTGRESQL = [
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON people_auditentry "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON people_audithead "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON people_audithead "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE TRIGGER audit_head_forward BEFORE UPDATE ON people_audithead "
    "FOR EACH ROW WHEN (NEW.number <> OLD.number + 1) EXECUTE FUNCTION audit_refuse()",
]
NAMES = {
    "sqlite": ["audit_head_no_delete", "audit_head_forward"],
    "postgresql": [
        "audit_no_truncate ON people_auditentry",
        "audit_head_no_truncate ON people_audithead",
        "audit_head_no_delete ON people_audithead",
        "audit_head_forward ON people_audithead",
    ],
}


def add(apps: Any, schema_editor: Any) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement.replace("%", "%%"))


def remove(apps: Any, schema_editor: Any) -> None:
    for name in NAMES[schema_editor.connection.vendor]:
        schema_editor.execute(f"DROP TRIGGER {name}")


def rekey(apps: Any, schema_editor: Any) -> None:
    from importlib import import_module

    from mahalleh_site.people import audit

    before = import_module("mahalleh_site.people.migrations.0002_audit_triggers")
    entries = apps.get_model("people", "AuditEntry")._base_manager.using(schema_editor.connection.alias)
    heads = apps.get_model("people", "AuditHead").objects.using(schema_editor.connection.alias)
    log = list(entries.order_by("number"))
    if not log or not _held(log, heads.filter(id=1).first()):
        return
    before.remove(apps, schema_editor)
    previous = audit.GENESIS
    for entry in log:
        entry.previous = previous
        previous = entry.hash = audit._hash(entry)
        entries.filter(number=entry.number).update(previous=entry.previous, hash=entry.hash)
    heads.filter(id=1).update(hash=previous)
    before.add(apps, schema_editor)
    from mahalleh_site.people import outside

    outside.write(outside.Head(log[-1].number, previous, audit._name()))


def _held(log: list[Any], head: Any) -> bool:
    """Whether the chain held as it was before: SHA-256 without a key."""
    previous = "0" * 64
    for number, entry in enumerate(log, 1):
        content = [
            entry.number, entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.by, entry.verb,
            entry.object, entry.facts, entry.previous,
        ]  # fmt: skip
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        if (entry.number, entry.previous, entry.hash) != (number, previous, digest):
            return False
        previous = digest
    return head is not None and (head.number, head.hash) == (len(log), previous)


class Migration(migrations.Migration):
    dependencies = [("people", "0004_keys")]
    operations = [
        # an index, and not `db_index`: for that SQLite's table would be made anew, without its triggers
        migrations.AddIndex(
            model_name="auditentry", index=models.Index(fields=["hash"], name="audit_hash")
        ),
        migrations.RunPython(rekey, migrations.RunPython.noop),
        migrations.RunPython(add, remove),
    ]
