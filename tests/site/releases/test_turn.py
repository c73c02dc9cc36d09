"""The sample city's first release, and turns after it."""

from __future__ import annotations

from datetime import date

from mahalleh_site.places import files
from mahalleh_site.places.models import Area, Topic
from mahalleh_site.releases import frozen, tasks, turn, verifying
from mahalleh_site.releases.models import Load, Release
from tests import city as cities


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
