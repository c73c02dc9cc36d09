"""Guard-rail 2: what the police find never feeds detection, however much of it there is."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from mahalleh.events import SCHEMA, check_events
from mahalleh.panel import panel
from mahalleh.simulate import simulate_city
from mahalleh.watch import expected_counts, scan
from mahalleh.watch.alarms import Look, alarms
from mahalleh.watch.duplicates import damp
from mahalleh.watch.influence import influence

MANY = 10_000
WEEKS = 8
TOPIC = "noise"


@pytest.fixture(scope="module")
def city():
    return simulate_city(7, areas=16, weeks=60)


def injected(city, kind):
    """10,000 events of one area's newest weeks, named as need events are: same topic, sources and cells."""
    alike = city.events.filter((pl.col("kind") == "need") & (pl.col("topic") == TOPIC))
    area = alike["area"].sort()[0]
    cells = alike.filter(pl.col("area") == area)["cell"].drop_nulls().unique().sort().to_list()
    rng = np.random.default_rng(1)
    end = datetime(city.end.year, city.end.month, city.end.day)
    times = [end - timedelta(minutes=int(m)) for m in rng.integers(1, WEEKS * 7 * 24 * 60, MANY)]
    columns = {
        "time": times,
        "resolution": ["minute"] * MANY,
        "recorded": [time.date() for time in times],
        "area": [area] * MANY,
        "cell": rng.choice(np.array(cells, dtype=np.uint64), MANY),
        "topic": [TOPIC] * MANY,
        "source": [alike["source"].sort()[0]] * MANY,
        "kind": [kind] * MANY,
        "n": [1] * MANY,
    }
    return check_events(pl.DataFrame(columns, schema=SCHEMA))


def watched(city, events):
    """The whole chain, from events to signals: the damped panel, its baseline, the scan and the alarms."""
    kept, damping = damp(events)
    counts = panel(
        kept, city.places, topics=[TOPIC], week_start=city.week_start, start=city.start, end=city.end
    )
    usual = expected_counts(counts, city.places, calendar="iran")
    result = scan(
        counts.sel(topic=TOPIC),
        places=city.places,
        model="negative-binomial",
        expected=usual.of(TOPIC),
        replicates=99,
        seed=3,
    )
    periods = counts["period"].to_numpy()
    found = alarms([Look(TOPIC, periods[-1], result, periods)], rate=1, looks_a_year=52, topics=1)
    edges = np.append(periods, counts["period_end"].to_numpy()[-1])
    rests_on = influence(
        kept,
        result.clusters[0],
        topic=TOPIC,
        edges=edges,
        expected=usual.of(TOPIC),
        chance=result.maxima,
        damping=damping,
    )
    return counts, damping, usual, result, found, rests_on


def test_activity__ten_thousand_injected_events_change_no_panel_and_no_signal(city):
    before = watched(city, city.events)
    after = watched(city, pl.concat([city.events, injected(city, "activity")]))
    assert after[0].identical(before[0])
    assert after[1].rows.equals(before[1].rows)
    assert (after[1].reports, after[1].counted) == (before[1].reports, before[1].counted)
    for name in ("mean", "dispersion", "spread", "shared"):
        assert getattr(after[2], name).identical(getattr(before[2], name))
    assert after[3].maxima.tolist() == before[3].maxima.tolist()
    assert after[4] == before[4]
    assert after[5] == before[5]
    facts = [
        [(c.areas, c.start, c.end, c.observed, c.expected, c.ratio, c.p_value) for c in done[3].clusters]
        for done in (before, after)
    ]
    assert facts[0] == facts[1]


def test_need__the_same_events_would_be_seen_if_residents_had_told_them(city):
    before = watched(city, city.events)
    loud = injected(city, "need")
    after = watched(city, pl.concat([city.events, loud]))
    area = loud["area"][0]
    assert int(after[0].sum()) > int(before[0].sum())
    assert after[3].clusters[0].ratio > before[3].clusters[0].ratio
    assert any(area in signal.newest.areas for signal in after[4].signals)
    assert not any(area in signal.newest.areas for signal in before[4].signals)


def test_panel__counts_need_unless_asked_otherwise_and_never_both(city):
    whole = pl.concat([city.events, injected(city, "activity")])
    options = {"topics": [TOPIC], "start": city.start, "end": city.end, "week_start": city.week_start}
    unsaid = panel(whole, city.places, **options)
    assert unsaid.attrs["kind"] == "need"
    assert unsaid.identical(panel(city.events, city.places, kind="need", **options))
    assert int(panel(whole, city.places, kind="activity", **options).sum()) == MANY
