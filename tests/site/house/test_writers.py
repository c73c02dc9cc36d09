"""Actions are the only writers: nothing else of the site creates, changes or deletes a row."""

from __future__ import annotations

import ast

from django.apps import apps

from tests.site.house import code

# Methods of models, managers, query sets and cursors that write.
WRITES = {"save", "save_base", "delete", "raw_delete", "_raw_delete", "create", "update"}
WRITES |= {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WRITES |= {"execute", "executemany", "executescript"}
WRITES |= {f"a{name}" for name in WRITES if not name.startswith("_")}
OF_RELATIONS = {"add", "set", "remove", "clear"}  # ... and of sets of related rows

NO_ROW = "no row: "
INVENTED = "the sample city's invented past: no action may write days that are over"
# What stands elsewhere all the same: (module, what is called) -> why.
ALLOWED = {
    ("people/audit.py", "AuditHead.objects.get_or_create"): "the log's own writer",
    ("people/audit.py", "super(AuditEntry, entry).save"): "the log's own writer",
    ("people/audit.py", "AuditHead.objects.filter(id=1).update"): "the log's own writer",
    (
        "people/demo.py",
        "user.save",
    ): "an invented account, which no invitation could make: it has no password",
    (
        "people/sign_in_forms.py",
        "super().save",
    ): "allauth's own form: it writes the password; the key follows",
    ("watch/models.py", "super().save"): "a decision is written once: the model refuses a second time",
    ("listen/demo.py", "report.save"): INVENTED,
    ("listen/demo.py", "report.messages.exclude(kind='answer').update"): INVENTED,
    ("listen/demo.py", "report.messages.filter(kind='answer').update"): INVENTED,
    ("listen/demo.py", "report.steps.update"): INVENTED,
    ("listen/demo.py", "promises.exclude(ended_on=None).update"): INVENTED,
    ("listen/demo.py", "promises.filter(what='act').update"): INVENTED,
    ("listen/demo.py", "Promise.objects.filter(pk=promise.pk).update"): INVENTED,
    ("listen/telling/photos.py", "picture.save"): NO_ROW + "Pillow draws a picture into memory",
    **{
        ("people/shared_counts.py", f"{owner}.execute"): NO_ROW + "counts of tries, in no table of the house"
        for owner in ("connection", "self.connection", "self._open()")
    },
    ("house/daily.py", "cursor.execute"): NO_ROW + "SQLite's log is folded into its file",
    ("house/health.py", "cursor.execute"): NO_ROW + "asks whether the database answers",
    ("commands/checks.py", "cursor.execute"): NO_ROW + "asks SQLite about itself",
    ("commands/doctor.py", "ManagementUtility(['mahalleh manage', *context.args]).execute"): NO_ROW
    + "Django's own command",
    ("terminal.py", "progress.update"): NO_ROW + "a progress bar",
    ("watch/commands.py", "shown.update"): NO_ROW + "a progress bar",
}


def relations():
    """By which names rows lead to sets of other rows."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("mahalleh_site")]
    sets = [
        field
        for model in ours
        for field in model._meta.get_fields()
        if field.one_to_many or field.many_to_many
    ]
    return {getattr(field, "get_accessor_name", lambda field=field: field.name)() for field in sets}


def writing(tree, sets):
    """Every mention of a method that writes, called or handed on."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        digest = node.attr == "update" and ast.unparse(node.value) == "digest"  # a hash, by its usual name
        related = (
            node.attr in OF_RELATIONS and isinstance(node.value, ast.Attribute) and node.value.attr in sets
        )
        if (node.attr in WRITES and not digest) or related:
            yield ast.unparse(node)


def test_actions__are_the_only_writers():
    sets = relations()
    assert {"areas", "messages", "memberships"} <= sets
    read = [module for module in code.modules() if not module.acts]
    assert len(read) > 120
    found = {(module.name, text) for module in read for text in writing(module.tree, sets)}
    assert found - set(ALLOWED) == set()
    assert set(ALLOWED) - found == set()  # an exception that nothing needs is an open door


def test_the_audit_log__is_written_by_actions_alone():
    """... by what hears that allauth wrote (a password, a second factor), by what keeps refused deeds."""
    found = {
        module.name
        for module in code.modules()
        for _call in code.calls(module.tree, "audit.record")
        if not module.acts
    }
    assert found == {"people/receivers.py", "people/refusals.py"}


def test_reading__of_this_test_sees_every_way_to_write():
    told = """
Model.objects.create(a=1)
row.save(update_fields=["a"])
partial(Model.objects.filter(a=1).delete)
report.messages.update(day=1)
signal.areas.set([1])
names.add("a")
digest.update(b"a")
"""
    found = list(writing(ast.parse(told), {"areas", "messages"}))
    assert [text.rpartition(".")[2] for text in found] == ["create", "save", "delete", "update", "set"]
