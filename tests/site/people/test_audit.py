"""The audit log: chained, append-only, inside its action's transaction."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, date

import pytest
from django.db import DatabaseError, connection, transaction

from mahalleh_site.people import actions, audit, outside, queries
from mahalleh_site.people.models import AuditEntry, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    """Five entries more than there were."""
    for number in range(5):
        with transaction.atomic():
            audit.record(by="system:test", verb="test", object=f"thing:{number}", facts={"number": number})
    audit.follow()  # this test's transaction never ends
    return audit.verify()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    """The head outside the database stands in a folder of the test's own."""
    settings.VAR = tmp_path


GUARDS = {
    "sqlite": ["audit_no_update", "audit_no_delete", "audit_head_no_delete", "audit_head_forward"],
    "postgresql": [
        "audit_no_change ON people_auditentry",
        "audit_no_truncate ON people_auditentry",
        "audit_head_no_truncate ON people_audithead",
        "audit_head_no_delete ON people_audithead",
        "audit_head_forward ON people_audithead",
    ],
}


def raw(statement: str, *parameters: object) -> None:
    """Somebody with the database who first takes its guards away."""
    with connection.cursor() as cursor:
        for guard in GUARDS[connection.vendor]:
            cursor.execute(f"DROP TRIGGER IF EXISTS {guard}")
        cursor.execute(statement, parameters)


def emptied() -> list[str]:
    """How a table is emptied on this database."""
    word = "TRUNCATE" if connection.vendor == "postgresql" else "DELETE FROM"
    return [f"{word} people_auditentry", f"{word} people_audithead"]


def forge(number):
    """Change an entry and compute every hash from there on anew, and the head, with the key at hand."""
    raw("UPDATE people_auditentry SET verb = %s WHERE number = %s", "forged", number)
    before = AuditEntry.objects.filter(number=number - 1).first()
    previous = before.hash if before else audit.GENESIS
    for entry in list(AuditEntry.objects.filter(number__gte=number).order_by("number")):
        entry.previous = previous
        previous = audit._hash(entry)
        raw(
            "UPDATE people_auditentry SET previous = %s, hash = %s WHERE number = %s",
            entry.previous,
            previous,
            entry.number,
        )
    raw("UPDATE people_audithead SET hash = %s", previous)


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


def test_chain__is_keyed_so_that_nobody_forges_it_with_the_database_alone(chain, settings):
    """The attack: change an entry, and compute every hash from there on anew, and the head."""
    key, settings.AUDIT_KEY = settings.AUDIT_KEY, "a guess"
    forge(chain.entries - 2)
    settings.AUDIT_KEY = key
    told = audit.verify()
    assert (told.broken_at, told.reason) == (chain.entries - 2, "broken")


def test_chain__is_no_hash_that_can_be_computed_without_the_key(chain):
    entry = AuditEntry.objects.first()
    content = [
        entry.number, entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.by, entry.verb,
        entry.object, entry.facts, entry.previous,
    ]  # fmt: skip
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert entry.hash != hashlib.sha256(text.encode()).hexdigest()


def test_chain__says_that_the_key_is_another_one(chain, settings):
    settings.AUDIT_KEY = "another"
    assert audit.verify().reason == "other-key"


def test_chain__notices_that_its_head_is_gone(chain):
    raw("DELETE FROM people_audithead")
    told = audit.verify()
    assert (told.broken_at, told.reason) == (1, "head")


def test_chain__notices_that_the_log_was_emptied(chain):
    raw(emptied()[0])
    assert audit.verify().reason == "head"


def test_chain__notices_that_the_log_was_emptied_with_its_head(chain):
    for statement in emptied():
        raw(statement)
    told = audit.verify()
    assert (told.entries, told.broken_at, told.reason) == (0, 1, "cut")


def test_chain__notices_a_tail_that_was_cut_off_with_the_head_moved_back(chain):
    cut = chain.entries - 2
    raw("DELETE FROM people_auditentry WHERE number > %s", cut)
    raw("UPDATE people_audithead SET number = %s, hash = %s", cut, AuditEntry.objects.get(number=cut).hash)
    told = audit.verify()
    assert (told.entries, told.broken_at, told.reason) == (cut, cut + 1, "cut")


def write(count: int) -> None:
    """So many deeds, each with what follows its transaction."""
    for _number in range(count):
        with transaction.atomic():
            audit.record(by="system:test", verb="test", object="later")
        audit._lead_on(first=AuditEntry.objects.count())


def test_chain__notices_an_emptied_log_that_was_written_on_past_its_old_end(chain):
    for statement in emptied():
        raw(statement)
    write(chain.entries + 3)
    assert audit.verify().reason == "replaced"


def test_head_outside__follows_every_deed(chain):
    write(3)
    told = audit.verify()
    assert (told.entries, told.broken_at) == (chain.entries + 3, None)
    known = outside.read()
    assert (known.number, known.hash) == (told.entries, told.head)
    assert outside.path().stat().st_mode & 0o777 == 0o600


def test_head_outside__of_a_new_city_begins_with_its_first_entry(settings, tmp_path):
    for statement in emptied():
        raw(statement)
    settings.VAR = tmp_path / "new"
    settings.VAR.mkdir()
    assert audit.verify() == audit.Verified(0, audit.GENESIS, None)
    write(2)
    assert outside.read().number == 2
    assert audit.verify().broken_at is None


@pytest.mark.parametrize("spoil", [lambda path: path.unlink(), lambda path: path.write_text("{")])
def test_head_outside__that_is_gone_or_spoilt_is_told_and_not_made_anew(chain, spoil):
    spoil(outside.path())
    assert audit.verify().reason == "outside"
    write(2)
    assert audit.verify().reason == "outside"


def test_restored__log_goes_on_and_says_so(chain, django_capture_on_commit_callbacks):
    cut = chain.entries - 2
    raw("DELETE FROM people_auditentry WHERE number > %s", cut)
    raw("UPDATE people_audithead SET number = %s, hash = %s", cut, AuditEntry.objects.get(number=cut).hash)
    with django_capture_on_commit_callbacks(execute=True):
        assert actions.tell_restored(by="system:audit") == chain.entries
    assert audit.verify().broken_at is None
    newest = AuditEntry.objects.first()
    assert (newest.verb, newest.facts) == ("restore-log", {"before": chain.entries, "head": chain.head})
    assert not audit.holds(chain.head)  # who kept the head of then sees that it is gone
    assert audit.holds(newest.hash)


def test_published_head__is_drawn_once_a_day_and_tells_no_number(chain):
    for day in (date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 28)):
        actions.publish_head(by="system:daily", today=day)
    heads = queries.published_heads(most=9)
    assert [head.day.day for head in heads] == [28, 27]
    assert len({head.hash for head in heads}) == 2  # another one each day, though nothing was done
    assert all(audit.holds(head.hash) for head in heads)
    assert audit.verify().entries == chain.entries + 2


def test_published_head__shows_a_log_that_was_rewritten_with_the_key(chain):
    """Whoever has the machine forges everything in it, but not what others kept."""
    actions.publish_head(by="system:daily", today=date(2026, 11, 28))
    kept = queries.published_heads(most=1)[0].hash
    forge(1)
    audit.follow()
    assert audit.verify().broken_at is None
    assert not audit.holds(kept)


HEAD = "UPDATE people_audithead SET number = 1"


@pytest.mark.parametrize("statement", ["DELETE FROM people_audithead", HEAD, "empty"])
def test_database__refuses_to_empty_the_log_or_to_move_its_head_back(chain, statement):
    asked = emptied()[0] if statement == "empty" else statement
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(asked)
    assert audit.verify() == chain


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
from mahalleh_site.people import audit, outside
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
print([os.waitpid(child, 0)[1] for child in children], audit.verify(), outside.read().number)
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
    assert done.stdout.split()[-1] == "100"  # the head outside was led on by each deed
