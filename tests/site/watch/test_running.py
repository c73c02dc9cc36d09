"""The loop over periods: what it finds, that it can be repeated and broken off, and what it never reads."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from mahalleh.errors import EventsError
from mahalleh.events import SCHEMA
from mahalleh_site.people.models import AuditEntry
from mahalleh_site.places.files import BusyError, alone
from mahalleh_site.places.models import Topic
from mahalleh_site.releases.models import RESIDENTS, Load
from mahalleh_site.watch import actions, evidence, looking, register, running
from mahalleh_site.watch.models import Method, Run, Sighting, Signal
from mahalleh_site.watch.replay import replay
from tests.site.watch.conftest import LONG, NEWEST, RISE, WATCHED, WEEKS, events, fill, frame

WEEK = timedelta(weeks=1)


def watch(periods=1, today=WATCHED, **options):
    return running.watch(by="system:test", periods=periods, today=today, **options)


def stored():
    """All that looks have left, without times of the clock."""
    runs = Run.objects.order_by("start").values("start", "data_version", "parameters", "state", "topics")
    seen = Sighting.objects.order_by("run__start", "signal_id").values(
        "signal_id", "start", "areas", "observed", "expected", "ratio", "p_value", "seed", "sources", "burst"
    )
    signals = Signal.objects.order_by("id").values("id", "status", "opened_on", "lead", "curve", "nearby")
    return list(runs), list(seen), list(signals)


@pytest.fixture
def rising(store):
    """The city in which noise has risen in two neighbourhoods for three weeks."""
    fill(store, events())
    return store


def test_watch__finds_the_rise_where_and_since_when_it_is(rising):
    (run,) = watch()
    assert (run.start, run.end, run.as_of) == (NEWEST, NEWEST + WEEK, NEWEST + WEEK)
    signal = Signal.objects.get()
    assert signal.topic_id == "noise"
    assert {area.pk for area in signal.areas.all()} == set(RISE)
    assert (signal.start, signal.end) == (NEWEST - (LONG - 1) * WEEK, NEWEST + WEEK)
    counted = events().filter(
        (pl.col("topic") == "noise") & pl.col("area").is_in(RISE) & (pl.col("time") >= signal.start)
    )["n"]
    assert signal.observed == counted.sum()
    assert 20 < signal.expected < 45  # two places, three weeks, about five each
    assert signal.recurrence == 1 / signal.p_value == 200
    assert (run.opened, run.seen) == (1, 1)


def test_watch__asks_about_the_newest_for_28_days_from_when_it_looked(rising):
    watch()
    signal = Signal.objects.get()
    assert (signal.status, signal.live) == ("open", True)
    assert (signal.opened_on, signal.expires_on) == (WATCHED, WATCHED + timedelta(days=28))


def test_watch__twice_finds_nothing_to_do(rising):
    watch()
    before, entries = stored(), AuditEntry.objects.count()
    assert watch() == []
    assert (stored(), AuditEntry.objects.count()) == (before, entries)


def test_watch__sees_one_rise_as_one_signal_week_after_week(rising):
    watch(periods=3)
    signal = Signal.objects.get()
    assert signal.sightings.count() > 1
    assert [run.seen for run in Run.objects.order_by("start")][-1] == 1


def test_watch__broken_off_goes_on_where_it_stopped(rising, monkeypatch):
    watch(periods=4)
    whole = stored()
    forget()
    real, calls = actions.record_look, []

    def breaks(**given):
        calls.append(given["facts"]["start"])
        if len(calls) == 3:
            real(**given)
            raise OSError("the disk is full")
        return real(**given)

    monkeypatch.setattr(actions, "record_look", breaks)
    with pytest.raises(OSError, match="disk is full"):
        watch(periods=4)
    assert Run.objects.count() == 2  # the third look was rolled back whole
    monkeypatch.setattr(actions, "record_look", real)
    assert len(watch(periods=4)) == 2
    assert stored() == whole


def test_watch__catches_up_on_weeks_that_nobody_looked_at(rising, monkeypatch):
    with monkeypatch.context() as patch:
        known = looking.newest_periods
        patch.setattr(looking, "newest_periods", lambda events, whole: known(events, whole)[:-3])
        watch()
    assert [run.start for run in watch()] == [NEWEST - 2 * WEEK, NEWEST - WEEK, NEWEST]


def test_watch__says_how_far_it_is(rising):
    told = []
    watch(periods=2, told=lambda done, total, start: told.append((done, total, start)))
    assert told == [(0, 2, NEWEST - WEEK), (1, 2, NEWEST)]


def test_looks_over_the_past__see_only_what_was_known_then(rising):
    late = frame([(NEWEST - 10 * WEEK, "r0c0", "noise", "web", "need", 60)]).with_columns(
        recorded=pl.lit(NEWEST - 2 * WEEK).cast(pl.Date)
    )
    watch(periods=12)
    before = {run.start: run.data_version for run in Run.objects.all()}
    forget()
    fill(rising, late, "late")
    watch(periods=12)
    after = {run.start: run.data_version for run in Run.objects.all()}
    changed = sorted(start for start in before if before[start] != after[start])
    # the look at a week knows what was recorded by the day after its end
    assert changed == [NEWEST - back * WEEK for back in (3, 2, 1, 0)]


def test_looks_over_the_past__make_one_signal_of_a_rise_that_was_known(rising):
    watch()
    signal = Signal.objects.get()
    watch(periods=3)
    assert Signal.objects.get().id == signal.id
    assert Signal.objects.get().sightings.count() > 1
    assert Run.objects.count() == 3


def test_activity__changes_no_signal_however_much_there_is(rising):
    """Guard-rail 2: 10,000 events of police going out, in those very places and weeks and topic."""
    watch(periods=3)
    before = stored()
    forget()
    went = [
        (NEWEST - timedelta(days=day % 60), f"r{day % 3}c{day % 4}", topic, "patrol", "activity", 1)
        for day in range(5000)
        for topic in ("noise", "stops")
    ]
    assert len(went) == 10_000
    fill(rising, frame(went), "patrols")
    watch(periods=3)
    assert stored() == before


def test_clumping__is_estimated_once_a_year_and_lets_more_be_spent(rising, monkeypatch):
    fewer = running.scheme_for
    monkeypatch.setattr(
        running, "scheme_for", lambda *given, **named: replace(fewer(*given, **named), courses=60)
    )
    watch(periods=2)
    first, second = [run.parameters for run in Run.objects.order_by("start")]
    assert 0.1 < first["clumping"] < 1
    assert (second["clumping"], second["clumping_since"]) == (first["clumping"], first["clumping_since"])
    assert first["clumping_since"] == (NEWEST - WEEK).isoformat()


def test_months__are_watched_where_no_more_is_known(store):
    """As data.police.uk's: events know their month alone."""
    monthly = events(rise=1.0).with_columns(
        pl.col("time").dt.truncate("1mo"),
        pl.lit("month").cast(SCHEMA["resolution"]).alias("resolution"),
        pl.col("time").dt.month_end().dt.date().alias("recorded"),
    )
    burst = frame([(date(2026, 9, 1), "r1c1", "noise", "web", "need", 80)]).with_columns(
        pl.lit("month").cast(SCHEMA["resolution"]).alias("resolution"),
        recorded=pl.lit(date(2026, 9, 30)).cast(pl.Date),
    )
    known = monthly.filter(pl.col("time") < datetime(2026, 10, 1))
    fill(store, pl.concat([known, burst]))
    (run,) = watch()
    assert (run.freq, run.start, run.end) == ("M", date(2026, 9, 1), date(2026, 10, 1))
    assert {facts["how"] for facts in run.topics.values()} == {"regression"}
    signal = Signal.objects.get()
    assert [area.pk for area in signal.areas.all()] == ["r1c1"]
    assert (signal.start, signal.freq) == (date(2026, 9, 1), "M")
    assert len(signal.curve) == evidence.DRAWN["M"]
    assert signal.recurrence == 200  # months
    assert replay(signal.id).same


def test_corrections__that_leave_less_than_nothing_count_as_nothing(rising):
    watch()
    before = Signal.objects.get().observed
    forget()
    fill(rising, frame([(NEWEST - 30 * WEEK, "r2c2", "noise", "web", "need", -50)]), "corrected")
    watch()
    assert Signal.objects.get().observed == before


def test_topics__that_are_sealed_or_activity_are_never_watched(rising):
    fill(rising, frame([(NEWEST, "r0c0", "stops", "patrol", "activity", 400)]), "patrols")
    (run,) = watch()
    assert set(run.topics) == {"noise", "family"}
    assert Topic.objects.filter(id__in=("secret", "stops")).count() == 2
    shown = Signal.objects.get().nearby
    assert {each["topic"] for each in shown} == {"family"}


def test_history__that_is_too_short_is_said_and_stops_nothing(store):
    fill(store, events(weeks=15))
    (run,) = watch()
    assert {facts["how"] for facts in run.topics.values()} == {looking.SHORT}
    assert Signal.objects.count() == 0


def test_history__of_a_year_is_watched_without_a_season(store):
    fill(store, events(weeks=60))
    (run,) = watch()
    assert {facts["how"] for facts in run.topics.values()} == {"short-history"}


def test_history__further_back_than_a_look_goes_changes_nothing(rising, monkeypatch):
    fewer = running.scheme_for
    monkeypatch.setattr(
        running, "scheme_for", lambda *given, **named: replace(fewer(*given, **named), history=80)
    )
    watch()
    before = stored()
    forget()
    old = [(NEWEST - (95 + n % 10) * WEEK, "r1c0", "noise", "web", "need", 40) for n in range(30)]
    fill(rising, frame(old), "old")
    watch()
    assert stored() == before
    assert replay(Signal.objects.get().id).same


def test_no_periods__are_refused_by_name(store):
    with pytest.raises(EventsError) as refused:
        watch()
    assert refused.value.faults[0].code == "watching.no-periods"


def test_register__that_has_run_out_stops_the_watch_before_it_computes(rising, monkeypatch):
    entries = register.entries()
    entries["watch"]["expires_on"] = WATCHED - timedelta(days=400)
    monkeypatch.setattr(register, "entries", lambda folder=None: entries)
    with pytest.raises(actions.NotInUseError) as refused:
        watch()
    assert refused.value.faults[0].code in ("watching.expired", "watching.off")
    assert Run.objects.count() == 0


def test_register__switched_off_stops_the_watch(rising):
    watch()
    actions.switch_method(by="system:test", id="watch", on=False)
    with pytest.raises(actions.NotInUseError, match="switched off"):
        watch(periods=3)
    assert Method.objects.get().switched_on is False


def test_cluster__does_the_draws_elsewhere_with_the_same_result(rising, monkeypatch):
    watch(periods=2)
    here = stored()
    forget()
    blocks = []

    @contextmanager
    def elsewhere():
        yield lambda work, parts: [blocks.append(part) or work(part) for part in parts]

    monkeypatch.setattr(running, "cluster", elsewhere)
    watch(periods=2)
    assert stored() == here
    assert len(blocks) > 2 * 2  # more than one a topic and week


def test_two_at_once__are_refused(rising, settings):
    with alone(settings.VAR, "watching.busy", name=running.LOCK), pytest.raises(BusyError):
        watch()


def test_expiry__comes_with_the_loop(rising):
    watch()
    watch(today=WATCHED + timedelta(days=27))
    assert Signal.objects.get().status == "open"
    watch(today=WATCHED + timedelta(days=28))
    assert Signal.objects.get().status == "expired"


def test_replay__gives_every_figure_to_the_digit(rising):
    watch(periods=3)
    told = replay(Signal.objects.get().id)
    assert told.same
    assert told.stored["observed"] == Signal.objects.get().observed


def test_replay__after_later_events_is_still_the_same(rising):
    watch()
    fill(rising, frame([(NEWEST + WEEK, "r1c1", "noise", "web", "need", 9)]), "later")
    assert replay(Signal.objects.get().id).same


def test_replay__after_a_load_of_the_same_days_is_still_the_same(rising):
    watch()
    fill(rising, frame([(NEWEST - WEEK, "r1c1", "noise", "web", "need", 3)]), "more")
    assert replay(Signal.objects.get().id).same


def reports(store, days):
    """Residents' reports of the newest week counted anew, one batch: three recorded on each of the days."""
    rows = frame([(NEWEST, "r1c1", "noise", "reports:web", "need", 3) for _ in days])
    rows = rows.with_columns(recorded=pl.Series(days, dtype=pl.Date))
    digest = hashlib.sha256(repr(days).encode()).hexdigest()
    month = {
        "name": "reports 2026-11",
        "format": RESIDENTS,
        "rows_read": rows.height,
        "rows_kept": rows.height,
    }
    Load.objects.filter(name=month["name"]).delete()
    Load.objects.create(digest=digest, **month)
    store.append([rows], digest=digest, name=month["name"], replace=True)


def test_replay__is_the_same_when_reports_are_counted_on_the_day_of_the_look_and_after_it(rising):
    monday = NEWEST + WEEK
    reports(rising, [NEWEST, monday])
    (run,) = watch(today=monday)
    assert [until for _, name, until in run.loads if name == "reports 2026-11"] == [
        (monday - timedelta(days=1)).isoformat()
    ]
    reports(rising, [NEWEST, monday, monday])  # more came that day, and the month's batch is another
    told = replay(Signal.objects.get().id)
    assert told.same
    Run.objects.update(loads=[])  # as before loads were noted
    assert not replay(Signal.objects.get().id).same


def test_replay__says_that_the_data_have_changed(rising):
    watch()
    rows = pl.concat([events(), frame([(NEWEST - WEEK, "r1c1", "noise", "web", "need", 3)])])
    rising.append([rows], digest="c" * 64, name="events", replace=True)
    told = replay(Signal.objects.get().id)
    assert (told.same, told.because) == (False, "other-data")


def test_replay__says_that_the_code_has_changed(rising):
    watch()
    Run.objects.update(model_version="0.0.1+00000000")
    Sighting.objects.update(ratio=1.0)
    told = replay(Signal.objects.get().id)
    assert (told.same, told.because) == (False, "other-model")


def test_curve__is_what_was_counted_with_a_band_that_holds_most_usual_weeks(rising):
    watch()
    curve = Signal.objects.get().curve
    assert len(curve) == evidence.DRAWN["W"]
    before = curve[: -LONG - 8]
    inside = [point["low"] <= point["observed"] <= point["high"] for point in before]
    assert 0.9 <= sum(inside) / len(inside) <= 1.0
    assert all(point["observed"] > point["high"] for point in curve[-LONG:])
    assert curve[-1]["end"] == (NEWEST + WEEK).isoformat()


def test_sources__add_up_and_none_of_two_alike_carries_the_rise_alone(rising):
    watch()
    signal = Signal.objects.get()
    assert sum(one["observed"] for one in signal.sources) == signal.observed
    assert {one["source"] for one in signal.sources} == {"web", "phone"}
    assert all(one["left_recurrence"] > 20 for one in signal.sources)
    assert signal.burst is False


@pytest.mark.parametrize("spots", [1, 50])
def test_burst__from_one_spot_opens_no_signal_and_from_many_does(store, spots):
    """Guard-rail 3: 150 reports of one day, all from one place and source, or by many."""
    loud = [(NEWEST, "r2c2", "noise", f"web-{number % spots}", "need", 1) for number in range(150)]
    fill(store, pl.concat([events(rise=1.0), frame(loud)]))
    watch()
    assert Signal.objects.exists() is (spots > 1)


def test_plain__is_a_week_that_a_bound_on_one_place_alone_would_notice(rising):
    watch(periods=LONG)
    signal = Signal.objects.get()
    assert signal.lead is not None
    assert -LONG < signal.lead < LONG


def test_events_of_the_sample__are_as_many_as_meant():
    counted = events(rise=1.0).group_by("topic").agg(pl.col("n").sum())
    for _topic, n in counted.iter_rows():
        assert n == pytest.approx(5 * 12 * WEEKS, rel=0.05)


def forget():
    """As if nobody had looked."""
    for signal in Signal.objects.all():
        signal.areas.clear()
    Sighting.objects.all().delete()
    Signal.objects.all().delete()
    Run.objects.all().delete()
