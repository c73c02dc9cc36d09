"""Loads and releases of a city founded before the room of releases are there after its migrations."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("places", "0002_promises")]
AFTER = [("places", "0003_releases"), ("releases", "0001_initial")]
LOAD = {
    "name": "calls.csv", "format": "table", "digest": "1" * 64, "rows_read": 9, "rows_kept": 8,
    "refused": {"outside": {"count": 1, "lines": ["calls.csv:3"]}},
    "first": date(2024, 1, 1), "last": date(2024, 2, 1),
}  # fmt: skip
RELEASE = {
    "epsilon": 1.5, "threshold": 5, "freq": "W", "first": date(2024, 1, 1), "last": date(2024, 1, 29),
    "rows": 16, "hidden": 3, "digest": "2" * 64,
}  # fmt: skip
LOADED = datetime(2024, 2, 2, 10, 30, tzinfo=UTC)


@pytest.fixture
def database(tmp_path, django_db_blocker, monkeypatch):
    """The name of an empty database in a file of its own."""
    name = "aside"
    settings = {**connections.settings["default"], "ENGINE": "django.db.backends.sqlite3"}
    settings |= {"NAME": tmp_path / "old.sqlite3", "OPTIONS": {}, "HOST": "", "PORT": "", "USER": ""}
    monkeypatch.setitem(connections.settings, name, settings)
    with django_db_blocker.unblock():
        yield name
        connections[name].close()
        del connections[name]


def migrated(database, to):
    """The models as they are once the database stands at `to`."""
    executor = MigrationExecutor(connections[database])
    return executor.migrate(to).apps


def stored(apps, app, database):
    """All loads and releases, field by field."""
    models = [apps.get_model(app, name) for name in ("Load", "Release")]
    return [list(model.objects.using(database).order_by("pk").values()) for model in models]


def test_rows__of_places_are_those_of_releases_afterwards_and_back_again(database):
    old = migrated(database, BEFORE)
    old.get_model("places", "Load").objects.using(database).create(**LOAD)
    old.get_model("places", "Load").objects.using(database).update(loaded_at=LOADED)
    for number in (1, 2):
        old.get_model("places", "Release").objects.using(database).create(number=number, **RELEASE)
    rows = stored(old, "places", database)
    assert [len(each) for each in rows] == [1, 2]
    assert stored(migrated(database, AFTER), "releases", database) == rows
    tables = connections[database].introspection.table_names()
    assert {"releases_load", "releases_release"} <= set(tables)
    assert not {"places_load", "places_release"} & set(tables)
    assert stored(migrated(database, BEFORE), "places", database) == rows


def test_rows__keep_what_the_tables_refuse(database):
    """A batch is loaded once, and a number is one release's: the constraints moved with the tables."""
    from django.db import IntegrityError

    new = migrated(database, AFTER)
    load, release = new.get_model("releases", "Load"), new.get_model("releases", "Release")
    load.objects.using(database).create(**LOAD)
    release.objects.using(database).create(number=1, **RELEASE)
    for again in (
        lambda: load.objects.using(database).create(**LOAD),
        lambda: release.objects.using(database).create(number=1, **RELEASE),
    ):
        with pytest.raises(IntegrityError):
            again()
