"""The sample city's first release, and turns after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from mahalleh_site.places import files
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.releases import frozen, tasks, turn, verifying
from mahalleh_site.releases.models import Load, Release
from tests import city as cities
from tests.site.commands.test_load import run, street, table, weeks


def test_sample__is_a_whole_city_with_people_topics_and_a_release(city, settings):
    from mahalleh_site.people.models import Membership

    assert Area.objects.count() == cities.AREAS
    assert {topic.sensitivity for topic in Topic.objects.all()} == {"open", "careful", "sealed"}
    assert {topic.kind for topic in Topic.objects.all()} == {"need", "activity"}
    load, release = Load.objects.get(), Release.objects.get()
    assert load.rows_read == load.rows_kept > 10_000
    assert (release.freq, release.last) == ("W", cities.END)
    cells = frozen.cells(settings.VAR, release.number)
    assert len(cells) == release.rows
    sealed = set(Topic.objects.filter(sensitivity="sealed").values_list("id", flat=True))
    assert sealed
    assert not sealed & set(cells["topic"])
    assert Membership.objects.values("role").distinct().count() == 7
    assert verifying.verify(release.number) == []


def test_sample__release_lists_every_topic_as_pages_name_it(city, settings):
    listed = pl.read_csv(files.release_path(settings.VAR, Release.objects.get().number) / "topics.csv")
    shown = Topic.objects.exclude(sensitivity="sealed").order_by("pk")
    assert listed.sort("id").rows() == list(shown.values_list(*listed.columns))


def test_sample__leaves_an_audit_log_that_holds(city):
    from mahalleh_site.people import audit

    told = audit.verify()
    assert told.broken_at is None
    assert told.entries >= 5


def test_turn__with_the_same_events_says_nothing_new(city):
    assert turn.publish(by="system:test") is None


def test_turn_loop__as_a_task_publishes_and_draws(squares, monkeypatch):
    from types import SimpleNamespace

    drawn = []
    monkeypatch.setattr(tasks, "draw_charts", lambda: drawn.append(1) or 3)
    turns = iter([SimpleNamespace(number=4, rows=9), None])
    monkeypatch.setattr(turn, "publish", lambda **facts: next(turns))
    assert tasks.turn_loop.enqueue().return_value == 4
    assert tasks.turn_loop.enqueue().return_value is None
    assert len(drawn) == 1
    assert tasks.prewarm.enqueue().return_value == 3


def test_draw_charts__says_how_many_it_drew(monkeypatch):
    from mahalleh_site.releases import charts

    monkeypatch.setattr(charts, "prewarm", lambda: 5)
    assert tasks.draw_charts() == 5


def test_publish__beside_another_turn_is_refused(noisy, settings):
    with files.alone(settings.VAR), pytest.raises(files.BusyError):
        turn.publish(by="system:test")


def test_publish__that_cannot_be_written_leaves_no_half_of_a_release(tmp_path, monkeypatch):
    target = tmp_path / "releases" / "1"

    def fill(path, data, **_mode):
        if path.name == "b.csv":
            raise OSError("the disk is full")
        path.write_bytes(data)

    monkeypatch.setattr(files, "write_whole", fill)
    with pytest.raises(OSError, match="full"):
        turn._write_public(target, {"a.csv": b"a", "b.csv": b"b"})
    assert list(target.parent.iterdir()) == []


def test_publish__keeps_the_tables_of_the_newest_releases_alone(squares, settings):
    for number in range(1, 5):
        path = files.private_path(settings.VAR) / f"cells-{number}.parquet"
        path.write_bytes(b"x")
        Release.objects.create(
            number=number, epsilon=1, threshold=5, freq="W", first=date(2024, 1, 1), last=date(2024, 1, 8),
            rows=1, hidden=0, digest="x",
        )  # fmt: skip
    turn._forget_old(settings.VAR)
    assert sorted(path.name for path in files.private_path(settings.VAR).glob("cells-*")) == [
        "cells-3.parquet", "cells-4.parquet",
    ]  # fmt: skip


# --- what was published, and what is published from here on


def noise(settings):
    """The newest release's cells of the topic `noise`."""
    return frozen.cells(settings.VAR, Release.objects.first().number).filter(pl.col("topic") == "noise")


@pytest.fixture
def noisy(squares, tmp_path, settings):
    """Eight weeks of noise, published once, by week."""
    assert run(*table(tmp_path, weeks(8, each=6))) == 0
    release = turn.publish(by="system:test")
    assert turn.publish(by="system:test") is None
    return release


def test_turn__with_a_stricter_threshold_hides_what_was_shown(noisy, settings):
    assert (noisy.threshold, noisy.hidden < noisy.rows) == (5, True)
    settings.CITY = replace(settings.CITY, threshold=10_000)
    stricter = turn.publish(by="system:test")
    assert stricter is not None
    assert (stricter.threshold, stricter.hidden) == (10_000, stricter.rows)


def test_turn__from_weeks_to_months_counts_no_event_twice(noisy, tmp_path, settings):
    """A file by month arrives: from the first whole month after the last published week all is by month."""
    until = noise(settings)["end"].max()
    assert (set(noise(settings)["freq"]), until) == ({"W"}, date(2024, 2, 26))
    more = weeks(10, each=6, first=date(2024, 2, 26))
    assert run(*table(tmp_path, more, name="more.csv")) == 0
    assert run("load", "police_uk", str(street(tmp_path, ["a Burglary"] * 9, month="2024-03"))) == 0
    release = turn.publish(by="system:test")
    assert release.freq == "M"
    assert set(noise(settings)["freq"]) == {"M"}
    assert noise(settings)["start"].min() == date(2024, 3, 1)


LEDGER = pl.DataFrame(
    {
        "topic": ["noise", "noise", "theft"],
        "level": ["area", "district", "district"],
        "freq": ["W", "M", "M"],
        "end": [date(2024, 2, 26), date(2024, 2, 1), date(2025, 1, 1)],
    }
)


@pytest.mark.parametrize(
    ("level", "freq", "ledger", "first", "free"),
    [
        ("area", "W", LEDGER.clear(), date(2024, 1, 1), date(2024, 1, 1)),  # nothing was published yet
        ("area", "W", LEDGER.head(1), date(2024, 1, 1), date(2024, 1, 1)),  # the same way goes on
        ("area", "M", LEDGER.head(1), date(2024, 1, 1), date(2024, 2, 26)),  # another period
        ("district", "M", LEDGER.head(1), date(2024, 1, 1), date(2024, 2, 26)),  # another care
        ("area", "M", LEDGER, date(2024, 3, 4), date(2024, 3, 4)),  # it is reported on from later on
        ("area", "W", LEDGER, date(2024, 1, 1), date(2024, 2, 1)),  # the other way's end, not this one's
    ],
)
def test_first_free_day__is_where_another_way_of_publishing_ended(level, freq, ledger, first, free):
    assert turn._first_free(ledger, "noise", level=level, freq=freq, first=first) == free
