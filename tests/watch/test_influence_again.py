"""What influence says of a source left out, held against watching again without that source."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mahalleh.panel import panel
from mahalleh.simulate import simulate_city
from mahalleh.watch import damp, expected_counts, influence, scan
from mahalleh.watch.alarms import KEEP

TOPIC = "noise"
SHARES = {"phone": 0.55, "app": 0.3, "desk": 0.15}


@pytest.fixture(scope="module")
def city():
    return simulate_city(11, areas=16, weeks=104)


def risen(city, by, times):
    """The city's noise, told by three sources at random, and by some of them so many times more in one area
    of late."""
    rng = np.random.default_rng(4)
    calm = city.events.filter(pl.col("topic") == TOPIC)
    calm = calm.with_columns(source=pl.Series(rng.choice(list(SHARES), len(calm), p=list(SHARES.values()))))
    area = calm["area"].value_counts().sort("count", "area")["area"][-1]
    late = pl.col("time") >= city.end - np.timedelta64(28, "D").item()
    again = calm.filter(late & (pl.col("area") == area) & pl.col("source").is_in(by))
    return pl.concat([calm, *[again] * times]), area


def watched(city, events):
    kept, _ = damp(events)
    counts = panel(
        kept, city.places, topics=[TOPIC], week_start=city.week_start, start=city.start, end=city.end
    )
    usual = expected_counts(counts, city.places, calendar="iran").of(TOPIC)
    result = scan(
        counts.sel(topic=TOPIC),
        places=city.places,
        model="negative-binomial",
        expected=usual,
        replicates=199,
        seed=2,
    )
    edges = np.append(counts["period"].to_numpy(), counts["period_end"].to_numpy()[-1])
    return kept, counts, usual, result, edges


@pytest.mark.parametrize(("by", "times"), [(("phone", "app", "desk"), 2), (("app",), 8)])
def test_influence__what_is_left_is_what_watching_again_without_the_source_finds(city, by, times):
    events, area = risen(city, by, times)
    kept, _, usual, result, edges = watched(city, events)
    cluster = result.clusters[0]
    assert area in cluster.areas
    found = influence(kept, cluster, topic=TOPIC, edges=edges, expected=usual, chance=result.maxima)
    assert found.rests_on == (() if len(by) == 3 else ("app",))
    cells = np.ix_(cluster.index, np.arange(cluster.start, cluster.end + 1))
    for one in found.sources:
        _, counts, again, anew, _ = watched(city, events.filter(pl.col("source") != one.source))
        assert one.left_observed == int(counts.sel(topic=TOPIC).to_numpy()[cells].sum())
        assert one.left_expected == pytest.approx(again.mean[cells].sum(), rel=0.05)
        first = anew.clusters[0]
        assert one.stands == (first.p_value <= KEEP and area in first.areas)
        assert one.left_p_value >= first.p_value  # the whole's dispersion is kept: the strict side
