"""Loads and releases of a city founded before the room of releases are there after its migrations."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connections

from tests.site.migrating import migrated

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


def stored(apps, app, database):
    """All loads and releases, field by field."""
    models = [apps.get_model(app, name) for name in ("Load", "Release")]
    return [list(model.objects.using(database).order_by("pk").values()) for model in models]


def test_rows__of_places_are_those_of_releases_afterwards_and_back_again(aside):
    old = migrated(aside, BEFORE)
    old.get_model("places", "Load").objects.using(aside).create(**LOAD)
    old.get_model("places", "Load").objects.using(aside).update(loaded_at=LOADED)
    for number in (1, 2):
        old.get_model("places", "Release").objects.using(aside).create(number=number, **RELEASE)
    rows = stored(old, "places", aside)
    assert [len(each) for each in rows] == [1, 2]
    assert stored(migrated(aside, AFTER), "releases", aside) == rows
    tables = connections[aside].introspection.table_names()
    assert {"releases_load", "releases_release"} <= set(tables)
    assert not {"places_load", "places_release"} & set(tables)
    assert stored(migrated(aside, BEFORE), "places", aside) == rows


def test_rows__keep_what_the_tables_refuse(aside):
    """A batch is loaded once, and a number is one release's: the constraints moved with the tables."""
    from django.db import IntegrityError

    new = migrated(aside, AFTER)
    load, release = new.get_model("releases", "Load"), new.get_model("releases", "Release")
    load.objects.using(aside).create(**LOAD)
    release.objects.using(aside).create(number=1, **RELEASE)
    for again in (
        lambda: load.objects.using(aside).create(**LOAD),
        lambda: release.objects.using(aside).create(number=1, **RELEASE),
    ):
        with pytest.raises(IntegrityError):
            again()
