"""The audit log: chained, append-only, inside its action's transaction."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.db import DatabaseError, connection, transaction

from mahalleh_site.people import actions, audit
from mahalleh_site.people.models import AuditEntry, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    """Five entries more than there were."""
    for number in range(5):
        with transaction.atomic():
            audit.record(by="system:test", verb="test", object=f"thing:{number}", facts={"number": number})
    return audit.verify()


def raw(statement: str, *parameters: object) -> None:
    """Somebody with the database who first takes its guard away."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER IF EXISTS audit_no_update")
            cursor.execute("DROP TRIGGER IF EXISTS audit_no_delete")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS audit_no_change ON people_auditentry")
        cursor.execute(statement, parameters)


def test_chain__holds_over_what_was_recorded(chain):
    assert chain.broken_at is None
    assert chain.entries == AuditEntry.objects.count() >= 5
    newest, before = AuditEntry.objects.all()[:2]
    assert newest.previous == before.hash
    assert newest.hash == chain.head


@pytest.mark.parametrize(
    ("column", "value"), [("by", "nobody"), ("verb", "other"), ("object", "x"), ("facts", '{"number": 9}')]
)
def test_chain__notices_a_changed_entry(chain, column, value):
    number = chain.entries - 2
    raw(f"UPDATE people_auditentry SET {column} = %s WHERE number = %s", value, number)
    assert audit.verify().broken_at == number


def test_chain__notices_a_removed_entry(chain):
    raw("DELETE FROM people_auditentry WHERE number = %s", chain.entries - 2)
    assert audit.verify().broken_at == chain.entries - 2


def test_chain__notices_a_tail_that_was_cut_off(chain):
    raw("DELETE FROM people_auditentry WHERE number >= %s", chain.entries - 1)
    assert audit.verify().broken_at == chain.entries - 1


def test_chain__notices_entries_that_changed_places(chain):
    last = chain.entries
    for old, new in ((last, last + 100), (last - 1, last), (last + 100, last - 1)):
        raw("UPDATE people_auditentry SET number = %s WHERE number = %s", new, old)
    assert audit.verify().broken_at == last - 1


@pytest.mark.parametrize("verb", ["UPDATE people_auditentry SET verb = 'x'", "DELETE FROM people_auditentry"])
def test_database__refuses_to_change_or_remove_an_entry(chain, verb):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb)
    assert audit.verify() == chain


@pytest.mark.parametrize(
    "change",
    [
        lambda: AuditEntry.objects.update(verb="x"),
        lambda: AuditEntry.objects.all().delete(),
        lambda: AuditEntry.objects.create(number=1),
        lambda: AuditEntry.objects.bulk_create([]),
        lambda: AuditEntry.objects.first().save(),
        lambda: AuditEntry.objects.first().delete(),
    ],
)
def test_models__refuse_to_write_the_log(chain, change):
    with pytest.raises(TypeError, match="append-only"):
        change()


@pytest.mark.django_db(transaction=True)
def test_record__refuses_to_stand_outside_a_transaction():
    with pytest.raises(RuntimeError, match="transaction"):
        audit.record(by="system:test", verb="test", object="x")


def test_action_and_entry__stand_or_fall_together(chain, monkeypatch):
    monkeypatch.setattr(audit, "_hash", lambda entry: 1 / 0)
    before = Organisation.objects.count()
    with pytest.raises(ZeroDivisionError):
        actions.save_organisation(by="system:test", name_fa="ن", name_en="N", kind="ngo")
    monkeypatch.undo()
    assert Organisation.objects.count() == before
    assert audit.verify() == chain


RACE = """
import os
import django
django.setup()
from django.core.management import call_command
from django.db import connection, transaction
from mahalleh_site.people import audit
call_command("migrate", verbosity=0)
connection.close()  # each child opens the database for itself
children = []
for name in range(4):
    children.append(os.fork())
    if children[-1] == 0:
        for number in range(25):
            with transaction.atomic():
                audit.record(by="system:test", verb="race", object=f"{name}:{number}")
        os._exit(0)
print([os.waitpid(child, 0)[1] for child in children], audit.verify())
"""


def test_chain__does_not_fork_under_concurrent_processes(tmp_path):
    """A database in a file, as a city has it, and four processes that write at once."""
    environment = {k: v for k, v in os.environ.items() if k != "MAHALLEH_DATABASE_URL"}
    environment |= {"MAHALLEH_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "mahalleh_site.settings"}
    race = [sys.executable, "-W", "ignore", "-c", RACE]
    done = subprocess.run(race, env=environment, check=True, capture_output=True, text=True, timeout=120)
    assert "[0, 0, 0, 0]" in done.stdout
    assert "entries=100," in done.stdout
    assert "broken_at=None" in done.stdout
