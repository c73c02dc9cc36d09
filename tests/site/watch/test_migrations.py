"""Signals of a city founded before their ids were called so keep them, with all that hangs on them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connections

from tests.site.migrating import migrated

BEFORE, AFTER = [("watch", "0001_initial")], [("watch", "0002_names")]
DAY, MOMENT = date(2026, 10, 19), datetime(2026, 11, 1, 3, tzinfo=UTC)
WINDOW = {"start": DAY, "end": date(2026, 11, 2)}
FIGURES = {"observed": 102, "expected": 41.2, "ratio": 33.5, "p_value": 0.001, "recurrence": 991.0}
NAME = "روشنایی-m01-2026-10-19"


def filled(apps, database):
    """A signal in one area, seen once and decided on."""

    def made(app, model, **fields):
        return apps.get_model(app, model).objects.using(database).create(**fields)

    area = made("places", "Area", id="m01", name_fa="م", name_en="M", outline="", boundary={}, lon=0, lat=0)
    topic = made("places", "Topic", id="lighting", name_fa="ر", name_en="L")
    run = made(
        "watch", "Run", method=made("watch", "Method", id="watch"), freq="W", as_of=DAY, started_at=MOMENT,
        finished_at=MOMENT, **WINDOW,
    )  # fmt: skip
    signal = made(
        "watch", "Signal", key=NAME, topic=topic, freq="W", first_start=DAY, opened_on=DAY, expires_on=DAY,
        **WINDOW, **FIGURES,
    )  # fmt: skip
    signal.areas.add(area)
    made("watch", "Sighting", signal=signal, run=run, areas=["m01"], seed=1, **WINDOW, **FIGURES)
    by = made("people", "User", email="a@b.c", name="Nasrin")
    home = made("people", "Organisation", name_fa="ش", name_en="City")
    made("watch", "Decision", signal=signal, verb="watch", before="open", by=by, organisation=home)


def test_signals__keep_their_names_and_all_that_hangs_on_them(aside):
    filled(migrated(aside, BEFORE), aside)
    new = migrated(aside, AFTER)
    signal = new.get_model("watch", "Signal").objects.using(aside).get()
    assert signal.id == signal.pk == NAME
    assert [area.pk for area in signal.areas.all()] == ["m01"]
    assert [each.signal_id for each in signal.sightings.all()] == [NAME]
    assert [each.signal_id for each in signal.decisions.all()] == [NAME]
    assert migrated(aside, BEFORE).get_model("watch", "Signal").objects.using(aside).get().key == NAME


def test_signals__still_cannot_go_while_something_hangs_on_them(aside):
    filled(migrated(aside, BEFORE), aside)
    migrated(aside, AFTER)
    with connections[aside].cursor() as cursor, pytest.raises(IntegrityError):
        cursor.execute("DELETE FROM watch_signal")
