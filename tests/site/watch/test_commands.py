"""`mahalleh watch` and what the loop and the doctor do of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from mahalleh import cli
from mahalleh_site.releases.models import Release
from mahalleh_site.watch import doctor
from mahalleh_site.watch.models import Method, Run, Sighting, Signal
from tests.site.watch.conftest import events, fill


def run(*line: str) -> int:
    return cli.run(line)


@pytest.fixture
def rising(store):
    fill(store, events())
    return store


def test_run__looks_at_the_newest_week_once(rising, capsys):
    assert run("watch", "run") == 0
    told = capsys.readouterr().err
    assert "up to 2026-11-01" in told
    assert "New signals: 1." in told
    assert run("watch", "run") == 0
    assert "nothing new" in capsys.readouterr().err
    assert Run.objects.count() == 1


def test_run__over_weeks_tells_each_look_as_json(rising, capsys):
    assert run("watch", "run", "--weeks", "3", "--json") == 0
    looks = json.loads(capsys.readouterr().out)
    assert [look["start"] for look in looks] == ["2026-10-12", "2026-10-19", "2026-10-26"]
    assert [look["live"] for look in looks] == [False, False, True]
    assert looks[0]["topics"].keys() == {"noise", "family"}


def test_run__speaks_persian(rising, capsys, monkeypatch):
    monkeypatch.setenv("MAHALLEH_LANGUAGE", "fa")
    assert run("watch", "run") == 0
    told = capsys.readouterr().err
    assert "هشدارهای تازه" in told
    assert "تا ۲۰۲۶/۱۱/۰۱" in told  # the Sunday, and not the Monday after it


def test_run__without_events_says_what_to_do(store, capsys):
    assert run("watch", "run") == 3
    assert "mahalleh load" in capsys.readouterr().err


def test_run__that_the_register_forbids_ends_with_4(rising, capsys):
    assert run("watch", "switch", "off") == 0
    assert run("watch", "run") == 4
    assert "switched off" in capsys.readouterr().err
    assert run("watch", "switch", "on") == 0
    assert Method.objects.get().switched_on
    assert run("watch", "run") == 0


def test_switch__knows_on_and_off(store, capsys):
    assert run("watch", "switch", "perhaps") == 3
    assert "perhaps" in capsys.readouterr().err


def test_replay__is_the_same_to_the_digit(rising, capsys):
    run("watch", "run")
    signal = Signal.objects.get()
    capsys.readouterr()
    assert run("watch", "replay", signal.id) == 0
    assert "same to the digit" in capsys.readouterr().err
    assert run("watch", "replay", signal.id, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["same"] is True
    assert told["stored"]["observed"] == told["now"]["observed"] == signal.observed


def test_replay__that_differs_ends_with_6_and_says_why(rising, capsys):
    run("watch", "run")
    Sighting.objects.update(ratio=1.5)
    assert run("watch", "replay", Signal.objects.get().id) == 6
    assert "although" in capsys.readouterr().err
    Run.objects.update(model_version="0.0.1+00000000")
    assert run("watch", "replay", Signal.objects.get().id) == 6
    assert "0.0.1+00000000" in capsys.readouterr().err


def test_replay__of_what_is_not_there_says_so(rising, capsys):
    assert run("watch", "replay", "nothing") == 3
    assert "nothing" in capsys.readouterr().err


def test_status__says_how_each_topic_is_watched_and_what_waits(rising, capsys):
    assert run("watch", "status") == 0
    assert "Nothing has been watched yet" in capsys.readouterr().err
    run("watch", "run")
    capsys.readouterr()
    assert run("watch", "status") == 0
    told = capsys.readouterr()
    assert "noise: watched, with trend, season and feasts" in told.err
    assert run("watch", "status", "--json") == 0
    assert json.loads(capsys.readouterr().out)["looks"] == 1


def test_days__are_said_to_the_last_one_and_not_to_the_day_after_it(rising, capsys):
    assert run("loop") == 0
    told = capsys.readouterr().err
    release = Release.objects.get()
    assert f"from {release.first} to {release.last - timedelta(days=1)}" in told
    assert "Periods looked at: 1, up to 2026-11-01." in told
    assert run("watch", "status") == 0
    assert "2026-10-26 to 2026-11-01" in capsys.readouterr().err


def test_loop__publishes_and_then_watches(rising, capsys):
    assert run("loop", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["release"]["number"] == 1
    assert [look["start"] for look in told["looks"]] == ["2026-10-26"]


def test_loop__goes_on_where_the_watch_may_not(rising, capsys):
    run("watch", "switch", "off")
    assert run("loop") == 0
    told = capsys.readouterr().err
    assert "switched off" in told
    assert "Published release 1" in told


def test_doctor__sees_a_watch_that_is_behind(rising):
    assert [(one.ok, one.code) for one in doctor.looked()] == [(False, "watching.doctor-never")]
    run("watch", "run")
    assert [(one.ok, one.code) for one in doctor.looked()] == [(True, "watching.doctor-good")]
    Run.objects.update(start="2026-10-12", end="2026-10-19")
    (found,) = doctor.looked()
    assert (found.ok, found.code, found.facts["count"]) == (False, "watching.doctor-behind", 2)
